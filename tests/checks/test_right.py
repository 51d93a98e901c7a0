"""A right hand-in gets every point, however it is written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.model import GradeReport, Outcome
from grader.runner import Run

from . import local
from .conftest import Grade
from .right import RIGHT, right

BY_LOOPS = {"loops"}
"""Too slow for a dataset: four loops inside each other, over every pixel."""


def assert_full(report: GradeReport) -> None:
    lost = {c.id: c.message for c in local.checks(report).values() if c.outcome is not Outcome.PASSED}
    manual = {q.id for q in report.questions if q.open_points == q.points}
    assert {id: message for id, message in lost.items() if id.removesuffix("-manual") not in manual} == {}
    assert not report.host.errors


@pytest.mark.parametrize("name", RIGHT)
def test_earns_every_point_but_for_the_long_trainings(name: str, grade: Grade):
    report = grade(right(name))
    assert_full(report)
    assert report.earned == report.points
    assert not any(check.carried_from for check in local.checks(report).values())


@pytest.mark.slow
def test_earns_every_point_in_workers_with_digits(on_digits: Run, tmp_path: Path):
    names = [name for name in RIGHT if name not in BY_LOOPS]

    def lost(name: str) -> dict[str, str]:
        report = local.grade_source(right(name), on_digits, tmp_path / name.replace("/", " "))
        return {} if report.earned == 25 else local.lost(report)

    with ThreadPoolExecutor(max_workers=2) as pool:
        results = dict(zip(names, pool.map(lost, names), strict=True))
    assert {name: result for name, result in results.items() if result} == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["as it is", "unshifted softmax", "float32 parameters"])
def test_earns_every_point_on_mnist(name: str, on_mnist: Run, tmp_path: Path):
    report = local.grade_source(right(name), on_mnist, tmp_path / "handin")
    assert report.earned == 25
    assert not report.provisional
