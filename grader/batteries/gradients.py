"""Analytic gradients against central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

STEP = 1e-5
"""The error of a central difference is of the order of its square, and of rounding (1e-16) divided by it."""


def numerical(f: Callable[[np.ndarray], Any], x: np.ndarray, step: float = STEP) -> np.ndarray:
    """The gradient of a scalar function at x, of the shape of x; f is asked twice for each entry.

    Right analytic gradients agree to about 1e-8 of the largest entry where f is smooth: compare with
    `t.close(..., relative=1e-5)`.
    """
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        sides = []
        for sign in (1.0, -1.0):
            moved = x.copy()
            moved[i] += sign * step
            sides.append(float(f(moved)))
        gradient[i] = (sides[0] - sides[1]) / (2 * step)
    return gradient
