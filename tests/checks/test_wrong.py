"""A wrong hand-in never gets full marks, and loses them only in the questions where its mistake belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment.rubric import Rubric
from grader.grading.runner import Run
from grader.model import Outcome
from tests.ps3 import kinds

from . import local
from .conftest import Grade
from .handins import BANK, WRONG

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
MORE = ("tanh for sigmoid", "relu mask omitted", "loss without the half, gradient doubled", "predict one-hot")
"""The selftest grades all the others of the bank, too."""


@pytest.mark.slow
@pytest.mark.parametrize("name", [*(name for name in FAILS.values() if name in WRONG), *MORE])
def test_costs_where_it_belongs(name: str, grade: Grade):
    report = grade(BANK.source(WRONG[name]))
    assert set(local.lost(report)) == set(WRONG[name].questions), local.lost(report)
    for check in local.checks(report).values():
        assert check.outcome not in (Outcome.ERROR, Outcome.NEEDS_REVIEW)
        assert (check.earned < check.points) <= bool(
            check.hint
            or check.diagnosis
            or check.outcome is Outcome.SKIPPED
            or _raised(check)
            or _says_what_is_wanted(check)
        )
    assert not report.host.errors


def _raised(check) -> bool:
    return "raise" in check.message or check.message.startswith("Ended by the same exception")


def _says_what_is_wanted(check) -> bool:
    return any(words in check.message for words in ("wanted", "should be", "?"))


@pytest.mark.parametrize("kind", FAILS)
def test_every_kind_of_check_finds_something(kind: str, grade: Grade, without_accuracy: Rubric):
    if kind == "module":
        source = BANK.source(WRONG["no update"]).replace("class TwoLayerMLP", "class Net")
    else:
        source = BANK.source(WRONG[FAILS[kind]])
    failed = {
        without_accuracy.checks[check.id].kind
        for check in local.checks(grade(source)).values()
        if check.outcome is Outcome.FAILED
    }
    assert kind in failed


def test_every_kind_of_check_is_covered():
    private = {
        name for name in kinds.KINDS if name not in {check.kind for check in kinds.public.PUBLIC}
    }  # tests/editions/test_handout.py has those of practice
    assert set(FAILS) | {"accuracy", "large-scores"} == private


@pytest.mark.slow
def test_accuracy_fails_for_a_training_that_learns_nothing(on_digits: Run, tmp_path: Path):
    found = local.checks(
        local.grade_source(BANK.source(WRONG["always the first batch"]), on_digits, tmp_path / "x")
    )
    assert found["sigmoid-accuracy"].outcome is Outcome.FAILED
    assert (
        found["relu-accuracy"].earned == found["relu-accuracy"].points
    )  # the same code, which has cost before
