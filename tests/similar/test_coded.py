"""Mistakes that an assignment's own checks have named: rare ones count, with the lines that only the two have."""

from __future__ import annotations

import msgspec
import pytest

from grader.model import GradeReport
from grader.similar import Evidence, Work, compare, of_report
from tests.coded.making import SOLUTION, Assignment, assignment

WRONG = ("return factor * (self", "return -factor * (1.0 * self")
OTHERWISE = ("return factor * (self", "return 0 - factor * (self")
TWICE = ("factor * x\n", "factor * 2 * x\n")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    return assignment(tmp_path_factory.mktemp("coded"))


def graded(made: Assignment, *edits: tuple[str, str]) -> GradeReport:
    source = SOLUTION
    for old, new in edits:
        assert source.count(old) == 1
        source = source.replace(old, new)
    return made.grade(source)


def as_of(report: GradeReport, id: str) -> Work:
    """The hand-in as somebody's."""
    return of_report(msgspec.structs.replace(report, submission=id))


def shared(works: list[Work], left: str, right: str) -> list[Evidence]:
    """What is said of the mistakes of two."""
    found = [p for p in compare("Test", works).pairs if (p.left, p.right) == (left, right)]
    return [one for p in found for one in p.evidence if one.kind == "mistakes"]


def test_a_rare_mistake_is_seen_with_its_line_and_a_common_one_is_not(made: Assignment):
    right, wrong, otherwise = graded(made), graded(made, WRONG), graded(made, OTHERWISE)
    many = [as_of(right, f"s{i:02}") for i in range(20)]
    two = [as_of(wrong, f"t{i}") for i in range(2)]
    found = shared([*many, *two], "t0", "t1")
    assert [one.text for one in found if one.weight] == ["Q1: negated"]
    assert found[0].have == 2
    lines = [one.left.lines[0].strip() for one in found if one.left]
    assert 'return -factor * (1.0 * self.params["w"] * x).sum(), factor * x' in lines
    apart = shared([*many, two[0], as_of(otherwise, "t1")], "t0", "t1")
    assert [one.text for one in apart] == ["Q1: negated"]  # and no line
    common = [as_of(wrong, f"u{i:02}") for i in range(10)]
    assert not shared([*many, *two, *common], "t0", "t1")
    other = as_of(graded(made, TWICE), "t1")
    assert not shared([*many, two[0], other], "t0", "t1")
