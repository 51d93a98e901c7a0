"""A right hand-in gets every point, however it is written: a share of the bank. `grade selftest` grades all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.grading.runner import Run
from grader.model import GradeReport, Outcome

from . import local
from .conftest import Grade
from .handins import BANK, RIGHT


def assert_full(report: GradeReport) -> None:
    lost = {c.id: c.message for c in local.checks(report).values() if c.outcome is not Outcome.PASSED}
    manual = {q.id for q in report.questions if q.open_points == q.points}
    assert {id: message for id, message in lost.items() if id.removesuffix("-manual") not in manual} == {}
    assert not report.host.errors


SHARE = [*RIGHT][::4]


@pytest.mark.parametrize("name", SHARE)
def test_earns_every_point_but_for_the_long_trainings(name: str, grade: Grade):
    report = grade(BANK.source(RIGHT[name]))
    assert_full(report)
    assert report.earned == report.points
    assert not any(check.carried_from for check in local.checks(report).values())


@pytest.mark.slow
def test_earns_every_point_on_mnist(on_mnist: Run, tmp_path: Path):
    """In single precision, which is the nearest to being wrong."""
    report = local.grade_source(BANK.source(RIGHT["float32 parameters"]), on_mnist, tmp_path / "handin")
    assert report.earned == 25
    assert not report.provisional
