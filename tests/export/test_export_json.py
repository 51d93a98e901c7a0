from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import jsonschema

from tests.export import export_samples as samples
from tests.export.export_samples import HOSTILE, text, told

POINTS = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,2})?$"}
STRING = {"type": "string"}


def closed(**properties: Any) -> dict[str, Any]:
    """An object with these keys, all of them and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def some(of: Any) -> dict[str, Any]:
    return {"type": "array", "items": of}


PERSON = closed(**dict.fromkeys(("name", "email", "number", "login", "course_id", "section"), STRING))
SCHEMA = closed(
    schema={"const": 1},
    assignment=closed(
        title=STRING, points=POINTS, questions=some(closed(id=STRING, title=STRING, points=POINTS))
    ),
    run=closed(
        number={"type": "integer"},
        graded_at=STRING,
        dataset=STRING,
        marked_on=STRING,
        provisional={"type": "boolean"},
        tier=STRING,
        fingerprints={"type": "object", "additionalProperties": STRING},
        nonces=some(STRING),
        published_secret={"type": "boolean"},
    ),
    absent=some(PERSON),
    failed=some(closed(id=STRING, problem=STRING)),
    entries=some(
        closed(
            id=STRING,
            person=PERSON,
            submitted=STRING,
            origin=STRING,
            earned=POINTS,
            points=POINTS,
            open=POINTS,
            late={
                "anyOf": [
                    {"type": "null"},
                    closed(minutes={"type": "integer"}, deduction=POINTS, why=STRING),
                ]
            },
            total=POINTS,
            provisional={"type": "boolean"},
            nonce=STRING,
            published_secret={"type": "boolean"},
            tier=STRING,
            mistakes=some(STRING),
            questions=some(
                closed(
                    id=STRING,
                    earned=POINTS,
                    points=POINTS,
                    open=POINTS,
                    outcome={
                        "enum": ["passed", "partial", "failed", "skipped", "needs_review", "error"],
                    },
                    by_person={"type": "boolean"},
                )
            ),
        )
    ),
)
"""What docs/exports.md says of the document."""


def read(content: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content)
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    return found


def test_the_class() -> None:
    found = read(text("json"))
    assert found["run"]["number"] == 7
    assert found["assignment"]["points"] == "10"
    assert [entry["id"] for entry in found["entries"]] == ["alice", "bob", "carol"]
    alice, bob, carol = found["entries"]
    assert (alice["earned"], alice["late"]["deduction"], alice["total"]) == ("5.84", "1.17", "4.67")
    assert alice["mistakes"] == ["penalty-twice"]
    assert [q["by_person"] for q in alice["questions"]] == [True, False]
    assert (bob["open"], bob["questions"][0]["outcome"]) == ("6", "needs_review")
    assert carol["late"] is None
    assert found["failed"] == [{"id": "eve", "problem": "the archive holds a path that leads out of it"}]
    assert found["absent"][0]["login"] == "dan"


def test_points_add_up_exactly() -> None:
    for entry in read(text("json"))["entries"]:
        assert sum(Decimal(q["earned"]) for q in entry["questions"]) == Decimal(entry["earned"])


def test_one_line_a_hand_in_and_no_hand_in_at_all() -> None:
    lines = text("json").splitlines()
    assert [json.loads(line.removesuffix(","))["id"] for line in lines if line.startswith('{"id"')] == [
        "alice",
        "bob",
        "carol",
    ]
    assert read(text("json", []))["entries"] == []


def test_hostile_text_is_kept_as_it_is() -> None:
    found = read(text("json", [samples.hostile()], samples.hostile_head()))
    assert found["entries"][0]["person"]["section"] == HOSTILE
    assert found["assignment"]["title"] == HOSTILE


def test_text_that_is_no_unicode_is_escaped() -> None:
    assert read(text("json", [], samples.head(title="a\udcffb")))["assignment"]["title"] == r"a\udcffb"


def test_sentences() -> None:
    assert "1 hand-in waits for a person: the total is what was earned so far (bob)." in told("json")[1]
