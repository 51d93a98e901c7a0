"""Every answer of the tables gets the verdict that a person gave it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from grader.assignment.rubric import Rubric
from grader.written.judge import Judge
from grader.written.judgement import Kind

TABLES = {
    path.stem: table["group"]
    for path in sorted(Path(__file__).parent.glob("*.toml"))
    if "group" in (table := tomllib.loads(path.read_text()))  # the others are of free texts
}
GROUPS = [(name, group) for name, groups in TABLES.items() for group in groups]
STRICT = ("assertions", "beside", "broken_off", "programs")
"""Tables in which nothing else than wanted is left to a person."""
VERDICTS = {*(kind.value for kind in Kind if kind is not Kind.UNREADABLE), "review"}


def verdicts(judge: Judge, question: str, answer: str, before: dict[str, str] | None = None) -> list[str]:
    judged = judge.judge({**(before or {}), question: answer})[question]
    return ["review" if found.kind is Kind.UNREADABLE else found.kind.value for found in judged]


def wanted(group: dict[str, Any]) -> list[str]:
    verdict = group["verdict"]
    return verdict if isinstance(verdict, list) else [verdict]


def test_there_are_enough_and_none_is_there_twice():
    answers = [(g["question"], str(g.get("before")), answer) for _, g in GROUPS for answer in g["answers"]]
    assert len(answers) == len(set(answers)) >= 400
    first = sum(len(group["answers"]) for group in TABLES["first_answers"])
    assert first >= 100  # written before there was a grammar


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "group"), GROUPS, ids=lambda part: part if isinstance(part, str) else part["question"]
)
def test_verdicts(name: str, group: dict[str, Any], ps3: Rubric, judge: Judge):
    want = wanted(group)
    assert set(want) <= VERDICTS
    assert len(want) == next(len(q.claims) for q in ps3.questions if q.id == group["question"])
    for answer in group["answers"]:
        found = verdicts(judge, group["question"], answer, group.get("before"))
        # What is left to a person is counted below, but for tables whose point is what is left to one.
        if name in STRICT:
            assert (answer, found) == (answer, want)
        left = [verdict if got != "review" else got for got, verdict in zip(found, want, strict=True)]
        assert (answer, found) == (answer, left)


@pytest.mark.slow
def test_few_of_the_readable_answers_are_left_to_a_person(judge: Judge):
    groups = [g for name, g in GROUPS if name != "assertions" and "review" not in wanted(g)]
    readable = [(g, answer) for g in groups for answer in g["answers"]]
    left = [a for g, a in readable if "review" in verdicts(judge, g["question"], a, g.get("before"))]
    assert len(left) <= len(readable) / 10, left
