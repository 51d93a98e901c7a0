"""Single precision inside a hand-in is recognised by its rounding, and a mistake of that size is not."""

from __future__ import annotations

import numpy as np
import pytest

from grader.student.child.protocol import Numbers
from tests.ps3 import kinds

RNG = np.random.default_rng(7)
CASES = [RNG.normal(size=(n, 6)) for n in (1, 5, 9, 4)]


def shown(arrays: list[np.ndarray]) -> list[tuple[Numbers, np.ndarray]]:
    return [(Numbers(a, "ndarray"), wanted) for a, wanted in zip(arrays, CASES, strict=True)]


@pytest.mark.parametrize(
    ("answers", "rounded"),
    [
        ([c.astype(np.float32).astype(np.float64) for c in CASES], True),
        ([c * (1 + 3e-7 * RNG.normal(size=c.shape)) for c in CASES], True),
        ([c.copy() for c in CASES], False),
        ([c * (1 + 1e-13 * RNG.normal(size=c.shape)) for c in CASES], False),
        ([c + 1e-7 for c in CASES], False),
        ([c * (1 + 1e-4 * RNG.normal(size=c.shape)) for c in CASES], False),
        ([CASES[0], *(c.astype(np.float32).astype(np.float64) for c in CASES[1:])], False),
        ([c * np.nan for c in CASES], False),
        ([c.T for c in CASES], False),
    ],
)
def test_rounding_is_told_from_mistakes(answers: list[np.ndarray], rounded: bool):
    assert kinds.cases._are_rounded(shown(answers)) is rounded


def test_nothing_is_no_rounding():
    assert not kinds.cases._are_rounded([])
    assert not kinds.cases._are_rounded([(None, CASES[0])])
