"""Points for accuracy are for a training: hand-ins that have none do not get them, ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.model import Outcome
from grader.runner import Run
from grader.selftest import without
from tests.checks import local

from .accuracy import WITHOUT, Without, packed

pytestmark = pytest.mark.slow
LEFT_OUT = {
    "loss",
    "gradient",
    "large-scores",
    "histories",
    "update-step",
    "epoch",
    "decay",
    "untouched",
    "predict",
}
"""Kinds of check that these hand-ins pass, or that say nothing here."""


@pytest.fixture(scope="module")
def weights(on_digits: Run) -> dict[str, str]:
    return {a: packed(on_digits.reference, on_digits.dataset, a) for a in ("sigmoid", "relu")}


@pytest.mark.parametrize("case", WITHOUT, ids=lambda case: case.name)
def test_no_training_no_points(case: Without, weights: dict[str, str], on_digits: Run, tmp_path: Path):
    run = replace(on_digits, rubric=without(on_digits.rubric, LEFT_OUT))
    report = local.grade_source(case.source(weights), run, tmp_path / "handin")
    assert not report.host.errors
    found = local.checks(report)
    for id in ("relu-accuracy",) if case.relu_only else ("sigmoid-accuracy", "relu-accuracy"):
        assert found[id].earned == 0, found[id].message
        assert found[id].outcome in (Outcome.FAILED, Outcome.NEEDS_REVIEW)
