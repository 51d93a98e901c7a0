"""A wrong hand-in never gets full marks, and loses them only in the questions where its mistake belongs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.checks import KINDS
from grader.model import Outcome
from grader.rubric import Rubric
from grader.runner import Run

from . import local
from .conftest import Grade
from .wrong import WRONG

FAILS: dict[str, str] = {
    "module": "class under another name",
    "toy-loss": "softplus for relu",
    "scores": "b2 forgotten",
    "loss": "loss without the half",
    "gradient": "db1 from dW1",
    "toy-training": "momentum",
    "histories": "gradient magnitude of W2",
    "update-step": "biases never updated",
    "epoch": "always the first batch",
    "decay": "decay after each iteration",
    "untouched": "train changes X",
    "predict": "predict without b2",
}
"""For each kind of check, a mistake that it finds; the right hand-ins are the other side."""


@pytest.mark.parametrize("name", WRONG)
def test_costs_where_it_belongs(name: str, grade: Grade):
    report = grade(WRONG[name].source)
    assert set(local.lost(report)) == set(WRONG[name].questions), local.lost(report)
    for check in local.checks(report).values():
        assert check.outcome not in (Outcome.ERROR, Outcome.NEEDS_REVIEW)
        assert (check.earned < check.points) <= bool(
            check.hint or check.outcome is Outcome.SKIPPED or _raised(check)
        )
    assert not report.host.errors


def _raised(check) -> bool:
    return "raised" in check.message


@pytest.mark.parametrize("kind", FAILS)
def test_every_kind_of_check_finds_something(kind: str, grade: Grade, without_accuracy: Rubric):
    if kind == "module":
        source = WRONG["no update"].source.replace("class TwoLayerMLP", "class Net")
    else:
        source = WRONG[FAILS[kind]].source
    failed = {
        without_accuracy.checks[check.id].kind
        for check in local.checks(grade(source)).values()
        if check.outcome is Outcome.FAILED
    }
    assert kind in failed


def test_every_kind_of_check_is_covered():
    assert set(FAILS) | {"accuracy", "large-scores"} == set(KINDS)


@pytest.mark.slow
def test_costs_where_it_belongs_in_workers_with_digits(on_digits: Run, tmp_path: Path):
    def lost(name: str) -> dict[str, str]:
        return local.lost(
            local.grade_source(WRONG[name].source, on_digits, tmp_path / name.replace("/", " "))
        )

    listed = list({wrong.number: name for name, wrong in WRONG.items()}.values())
    with ThreadPoolExecutor(max_workers=2) as pool:
        found = dict(zip(listed, pool.map(lost, listed), strict=True))
    assert {n: f for n, f in found.items() if set(f) != set(WRONG[n].questions)} == {}


@pytest.mark.slow
def test_accuracy_fails_for_a_training_that_learns_nothing(on_digits: Run, tmp_path: Path):
    found = local.checks(
        local.grade_source(WRONG["always the first batch"].source, on_digits, tmp_path / "x")
    )
    assert found["sigmoid-accuracy"].outcome is Outcome.FAILED
    assert (
        found["relu-accuracy"].earned == found["relu-accuracy"].points
    )  # the same code, which has cost before
