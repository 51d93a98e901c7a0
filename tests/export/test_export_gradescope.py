from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.export import FORMATS
from grader.export.gradescope import results
from grader.model import Entry, Lateness, Mark, Outcome, marked, question_result
from tests.export import export_samples as samples
from tests.export.export_samples import HOSTILE, SECRET, forward, head, report, written
from tests.report.report_samples import all_samples, check

FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
SCHEMA = {
    "type": "object",
    "required": ["score", "tests"],
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "integer", "minimum": 0},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "leaderboard": {"type": "array", "items": {"type": "object", "required": ["name", "value"]}},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": False,
                "dependentRequired": {"score": ["max_score"], "max_score": ["score"]},
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number", "minimum": 0},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "name_format": FORMAT,
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
    },
}
"""The documented keys of results.json, in our own words."""


def read(content: bytes) -> dict[str, Any]:
    """Parsed with exact numbers, valid, and with tests that add up."""
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(content))
    exact: dict[str, Any] = json.loads(content, parse_float=Decimal)
    assert sum(Decimal(test.get("score", 0)) for test in exact["tests"]) == exact["score"]
    return exact


def test_a_mark_of_a_person_rounding_and_lateness_add_up() -> None:
    content = results(samples.done())
    found = read(content)
    assert b'"score": 4.67,' in content
    assert [(t.get("number"), str(t["score"]), str(t["max_score"]), t["status"]) for t in found["tests"]] == [
        ("1.1", "4.5", "6", "failed"),
        ("2.1", "1.34", "4", "failed"),
        (None, "-1.17", "0", "failed"),
    ]
    assert found["execution_time"] == 13
    assert found["stdout_visibility"] == "hidden"
    assert "Marked by a person on 2026-03-20, 4.5 points: a sign is wrong" in found["tests"][0]["output"]
    assert "**Diagnosis:** The penalty is counted twice." in found["tests"][1]["output"]
    assert found["tests"][2]["output"] == "Handed in 1 day and 1 hour late."
    assert "After the deduction for being late: 4.67 points." in found["output"]


def test_what_waits_has_neither_status_nor_score() -> None:
    found = read(results(samples.waiting()))
    waits, failed, undated = found["tests"]
    assert not {"status", "score", "max_score"} & set(waits)
    assert waits["name"] == "Q1.1 Derive the gradient (6 points open)"
    assert "A person will mark 6 points of this question: they are not lost." in waits["output"]
    assert failed["status"] == "failed"
    assert "score" not in undated
    assert undated["output"] == "Nobody knows."
    assert "6 points wait for a person" in found["output"]


def test_a_question_that_waits_in_part_is_measured_by_what_is_decided() -> None:
    checks = (
        check("a", earned="2", of="2"),
        check("b", outcome=Outcome.ERROR, earned="0", of="3", message="The grader failed here."),
    )
    entry = Entry(report("ann", question_result("Q1", "Both", Decimal(5), checks)))
    found = read(results(entry))
    only = found["tests"][0]
    assert (only["score"], only["max_score"], "status" in only) == (2, 2, False)
    assert "The grader itself failed on 1 check" in found["output"]


def test_full_marks_pass_and_numbers_are_plain() -> None:
    content = results(samples.nobody())
    assert b'"score": 10,' in content
    assert {test["status"] for test in read(content)["tests"]} == {"passed"}


def test_students_see_no_hidden_value_and_no_person() -> None:
    content = results(samples.waiting()).decode()
    for kept in (SECRET, "90210", "bob@example.org", "1002", "4712"):
        assert kept not in content


def test_visibility_is_that_of_every_test() -> None:
    found = read(results(samples.done(), "after_published"))
    assert {found["visibility"], *(test["visibility"] for test in found["tests"])} == {"after_published"}


@pytest.mark.parametrize("name", all_samples())
def test_every_sample_is_valid_and_the_same_twice(name: str) -> None:
    entry = Entry(all_samples()[name])
    assert read(results(entry)) == read(results(entry))


def test_hostile_text() -> None:
    found = read(results(samples.hostile()))
    assert "<script" not in "".join([found["output"], *(test["output"] for test in found["tests"])])
    assert "\x1b" not in found["output"]


CENTS = st.integers(0, 300).map(lambda n: Decimal(n) / 100)
THIRDS = st.integers(0, 900).map(lambda n: Decimal(n) / 300)
"""With more digits than are kept."""


@pytest.mark.slow
@given(st.lists(st.lists(THIRDS, min_size=1, max_size=4), min_size=1, max_size=6), st.integers(0, 100), CENTS)
def test_tests_always_add_up(parts: list[list[Decimal]], percent: int, mark: Decimal) -> None:
    questions = [
        question_result(
            f"Q{n}",
            "Any",
            Decimal(3 * len(earned)),
            [check(str(i), outcome=Outcome.PARTIAL, earned=str(e), of="3") for i, e in enumerate(earned)],
        )
        for n, earned in enumerate(parts)
    ]
    graded = marked(report("ann", *questions), {"Q0": Mark(mark, "kim", "2026-03-20T09:00:00Z")})
    off = (graded.earned * percent / 100).quantize(Decimal("0.01"))
    content = results(Entry(graded, late=Lateness(1, off, "Late.")))
    assert read(content)["score"] == graded.earned - off
    for number in [json.loads(content)["score"], *(t.get("score", 0) for t in json.loads(content)["tests"])]:
        assert len(str(number).partition(".")[2]) <= 2


def test_a_folder_for_each(tmp_path: Path) -> None:
    write = FORMATS["gradescope"].write_folder
    assert write is not None
    said = write(head(), [*samples.small_class(), samples.hostile()], tmp_path / "out")
    files = sorted(path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*.*json*"))
    assert [str(f) for f in files if len(str(f)) < 30] == [
        f"{n}/results.json" for n in ("alice", "bob", "carol")
    ]
    assert len(files) == 4
    assert {len(f.parts) for f in files} == {2}
    assert (tmp_path / "out" / "alice" / "results.json").read_bytes() == results(samples.done())
    assert any("(bob" in sentence for sentence in said)


@pytest.mark.parametrize("id", ["../up", "/etc", ".", "..", "a/b", "a\0b", "\udcff", HOSTILE, "x" * 1000])
def test_no_id_leads_out_of_the_folder(tmp_path: Path, id: str) -> None:
    write = FORMATS["gradescope"].write_folder
    assert write is not None
    out = tmp_path / "deep" / "out"
    write(head(), [Entry(msgspec.structs.replace(report("x", forward(), written()), submission=id))], out)
    found = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(found) == 1
    assert found[0].parent.parent == out
