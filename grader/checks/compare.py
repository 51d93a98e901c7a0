"""How close is close: the one rule by which numbers are compared, and words for what differs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..assignment.strict import Strict


class Tolerance(Strict, frozen=True):
    """Bounds on the difference from the reference, relative to the reference's largest entry."""

    relative: float
    single: float
    """The same for values that came as float32."""
    floor: float
    """Absolute difference that is always accepted: what rounding leaves of a sum that should be zero."""

    def bound(self, expected: np.ndarray | float, single: bool = False) -> float:
        """Largest accepted absolute difference from `expected`."""
        number = isinstance(expected, float)  # as it is asked for a hundred thousand times in naming mistakes
        scale = abs(float(expected)) if number else float(np.max(np.abs(expected), initial=0.0))
        return max((self.single if single else self.relative) * scale, self.floor)


@dataclass(frozen=True)
class Difference:
    """Two arrays of equal shape, compared."""

    largest: float
    """Largest absolute difference; NaN or infinity where the observed array holds such."""
    share: float
    """Share of entries that are off by more than the bound."""
    index: tuple[int, ...]
    """Where the largest difference is."""
    bound: float

    @property
    def ok(self) -> bool:
        """Whether every entry is within the bound; never for NaN."""
        return bool(self.largest <= self.bound)


def difference(observed: np.ndarray, expected: np.ndarray, bound: float) -> Difference:
    """Compare entry by entry."""
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(np.asarray(observed, dtype=np.float64) - expected)
    wrong = ~(off <= bound)
    if not off.size:
        return Difference(0.0, 0.0, (), bound)
    flat = int(np.argmax(np.where(np.isnan(off), np.inf, off)))
    index = tuple(int(i) for i in np.unravel_index(flat, off.shape))
    return Difference(float(off.reshape(-1)[flat]), float(wrong.mean()), index, bound)
