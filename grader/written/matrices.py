"""Values of formulas: stacks of matrices, one for each point, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from .tokens import Unreadable

Value = tuple[np.ndarray, ...]
"""For each pair of widths a stack of matrices, one for each point: (points, rows, columns); a number is 1 by 1."""


class Unknown(Unreadable):
    """A symbol or an operation whose value we do not know."""


def same(one: Value, other: Value) -> bool:
    """Whether shapes are equal and values agree to six digits."""
    with np.errstate(all="ignore"):
        return all(
            a.shape == b.shape and bool((np.abs(a - b) <= 1e-8 + 1e-6 * np.abs(b)).all())
            for a, b in zip(one, other, strict=True)
        )


def flipped(value: Value) -> Value:
    """The transposed value."""
    return tuple(np.swapaxes(a, -1, -2) for a in value)


def is_number(value: Value) -> bool:
    """Whether it is 1 by 1 at every point."""
    return all(a.shape[-2:] == (1, 1) for a in value)


def mapped(f: Callable[..., Any], value: Value) -> Value:
    """What a function makes of it at every point."""
    return tuple(np.asarray(f(a)) for a in value)


def fit(one: Value, other: Value) -> bool:
    """Whether they can be added or divided: shapes are equal, or one is a number."""
    return is_number(one) or is_number(other) or are_alike(one, other)


def are_alike(one: Value, other: Value) -> bool:
    """Whether their shapes are equal."""
    return all(a.shape == b.shape for a, b in zip(one, other, strict=True))


def are_chained(one: Value, other: Value) -> bool:
    """Whether their matrix product has a meaning."""
    return all(a.shape[-1] == b.shape[-2] for a, b in zip(one, other, strict=True))


def multiplied(one: Value, other: Value) -> Value:
    """Their matrix product."""
    return tuple(a @ b for a, b in zip(one, other, strict=True))


def elementwise(one: Value, other: Value, f: Callable[..., Any]) -> Value:
    """What a function makes of both at every point."""
    return tuple(np.asarray(f(a, b)) for a, b in zip(one, other, strict=True))


def quotient(above: Value, below: Value) -> Value | None:
    """One by the other, entry by entry; None where the shapes do not fit."""
    return elementwise(above, below, np.divide) if fit(above, below) else None


def powered(base: Value, exponent: Value) -> Value | None:
    """A power of each entry; None where the exponent is no number, `Unknown` for a power of a matrix."""
    if not is_number(exponent):
        return None
    if any(1 not in a.shape[-2:] for a in base):
        raise Unknown("a power of a matrix")
    return elementwise(base, exponent, np.power)


def norm(a: np.ndarray, order: int) -> np.ndarray:
    """The norm of order 1 or 2 of all entries, 1 by 1 at every point."""
    return total(np.abs(a)) if order == 1 else np.sqrt(total(a**2))


def total(a: np.ndarray) -> np.ndarray:
    """The sum of all entries, 1 by 1 at every point."""
    total: np.ndarray = np.sum(a, axis=(-1, -2), keepdims=True)
    return total


def diagonal(value: Value) -> Value:
    """The diagonal matrix of a vector."""
    return mapped(lambda a: spread(a.reshape(len(a), -1, 1)), value)


def spread(columns: np.ndarray) -> np.ndarray:
    """Columns as diagonal matrices."""
    return columns * np.eye(columns.shape[1])


def trace(value: Value) -> Value:
    """The trace, 1 by 1 at every point."""
    return mapped(lambda a: np.trace(a, axis1=-2, axis2=-1).reshape(-1, 1, 1), value)


FUNCTIONS: Final[dict[str, Callable[[np.ndarray], Any]]] = {
    "exp": np.exp, "ln": np.log, "sign": np.sign, "abs": np.abs, "sqrt": np.sqrt, "total": total,
}  # fmt: skip
"""Functions of a formula that work on each matrix alone, by name."""
