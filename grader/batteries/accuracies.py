"""Accuracy of trained code, held against what the solution reaches from several starting states."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..api import Trial


def enough(
    t: Trial,
    found: float,
    of_solution: Callable[[int], float],
    seeds: Sequence[int] = range(5),
    spreads: float = 6.0,
) -> None:
    """Lost where an accuracy (0 to 1) is too far below what the solution reaches.

    `of_solution` gives its accuracy from the starting state of a seed. Too far is more than `spreads` standard
    deviations over the seeds below their mean, but at least 0.02: a right hand-in may draw its batches differently.
    """
    reached = np.array([of_solution(seed) for seed in seeds])
    least = float(reached.mean() - max(spreads * reached.std(ddof=1), 0.02))
    t.that(
        found >= least,
        f"The accuracy after training is {found:.3f}; the right code reaches {reached.mean():.3f}, and at least "
        f"{least:.3f} counts.",
    )
