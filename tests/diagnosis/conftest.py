"""Known mistakes about each subject, with what they answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from tests.ps3 import diagnosis

ACTIVATIONS = ("sigmoid", "relu")
SUBJECTS = ("loss", "training", "labels")


def bound(expected: np.ndarray) -> float:
    """As close as the rubric's checks of gradients."""
    return max(1e-8 * float(np.max(np.abs(expected), initial=0.0)), 1e-10)


@pytest.fixture(scope="session")
def known(ps3: Rubric, reference: Reference) -> dict[str, list[diagnosis.fitting.Known]]:
    """For each subject the known mistakes, with each activation where it is asked for these one by one."""
    return {
        "loss": [
            diagnosis.fitting.Known(diagnosis.subjects.Loss(ps3, reference, a), reference)
            for a in ACTIVATIONS
        ],
        "training": [
            diagnosis.fitting.Known(diagnosis.subjects.Training(ps3, reference, a), reference)
            for a in ACTIVATIONS
        ],
        "labels": [
            diagnosis.fitting.Known(diagnosis.subjects.Labels(ps3, reference, ACTIVATIONS), reference)
        ],
    }


@pytest.fixture
def fit(known: dict[str, list[diagnosis.fitting.Known]]) -> Callable[..., diagnosis.fitting.Fitting]:
    """A fitting of what a hand-in with these mistakes answers; of `loss` with one activation."""

    def of(
        *forms: Any,
        activation: str = "sigmoid",
        change: Callable[[diagnosis.subjects.Answers], None] | None = None,
    ) -> diagnosis.fitting.Fitting:
        about = known["loss"][ACTIVATIONS.index(activation)]
        answers = about.subject.of_form(type("HandIn", (*forms, about.right), {}))
        if change:
            change(answers)
        return diagnosis.fitting.Fitting(about, answers, _bound)

    _bound: diagnosis.fitting.Bound = bound
    return of
