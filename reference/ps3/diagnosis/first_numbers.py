"""Of thousands of pairs of mistakes the few whose first number is the hand-in's: all are compared at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from .formulas import Answer

T = TypeVar("T")


@dataclass(frozen=True)
class First:
    """An answer's place, its shape (None: nothing to tell it by), its first entry, and the largest in size."""

    place: str
    shape: tuple[int, ...] | None
    entry: float = 0.0
    largest: float = 0.0


def first_of(place: str, answer: Answer) -> First:
    """What tells an answer from most others."""
    if answer is None or not answer.size or not np.isfinite(answer).all():
        return First(place, None)
    return First(place, answer.shape, float(answer.flat[0]), float(np.abs(answer).max()))


class Table(Generic[T]):
    """Some things, each with the first answer that it gives."""

    def __init__(self, things: Sequence[T], firsts: Sequence[First], bound: Callable[[float], float]) -> None:
        self._things = things
        self._places = {first.place for first in firsts}
        self._shapes = list(dict.fromkeys(first.shape for first in firsts))
        self._shape = np.array([self._shapes.index(first.shape) for first in firsts])
        self._entry = np.array([first.entry for first in firsts])
        self._bound = np.array([bound(first.largest) for first in firsts])

    def not_denied(self, answers: dict[str, Answer]) -> list[T]:
        """Those whose first answer may be the one of these, in their order."""
        if len(self._places) != 1:
            return list(self._things)
        answer = answers[next(iter(self._places))]
        near = np.zeros(len(self._entry), dtype=bool)
        if answer is not None and answer.shape in self._shapes:
            near = np.abs(float(answer.flat[0]) - self._entry) <= self._bound if answer.size else near
            near &= self._shape == self._shapes.index(answer.shape)
        if None in self._shapes:
            near |= self._shape == self._shapes.index(None)
        return [self._things[i] for i in np.flatnonzero(near).tolist()]
