"""What a formula may mean: a value, and what has to be read otherwise in it than it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .matrices import Value
from .nodes import Node
from .scene import Scene


class How(StrEnum):
    """How a part is read otherwise than it is written."""

    TRANSPOSED = "transposed"
    ELEMENTWISE = "elementwise"
    MATRIX_PRODUCT = "matrix product"
    """Where the sign of an elementwise product stands."""
    SWAPPED = "swapped"
    """The two factors of a matrix product in the other order."""


@dataclass(frozen=True)
class Change:
    """One thing that is read otherwise than it is written: a part, or the product of `part` and `other`."""

    how: How
    part: Node
    other: Node | None = None

    def is_like(self, other: Change) -> bool:
        """Whether both change the same place."""
        return self.how is other.how and self.part is other.part and self.other is other.other


@dataclass(frozen=True)
class Reading:
    """One value that a formula may have, and what has to be changed in it to mean that."""

    value: Value
    changes: tuple[Change, ...] = ()


Evaluate = Callable[[Scene], Callable[[Node], list[Reading]]]
"""Begins to evaluate at other points: a scene to what gives the readings there of nodes as they are written."""


def joined(one: tuple[Change, ...], other: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes of two parts, each place once."""
    return (*one, *(change for change in other if not any(map(change.is_like, one))))
