"""What a student's code answered, for a check to take apart: what is not there is told, and no exception of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..checks import coerce
from ..checks.base import Malformed
from ..checks.words import count, tell
from ..student.child.protocol import Numbers

NEAR = 1e-6
"""Relative difference up to which two answers are one for naming mistakes: rounding, and float32 left aside."""
FLOOR = 1e-12
"""Absolute difference that is always accepted: what rounding leaves of a sum that should be zero."""
Path = tuple[int | str, ...]
"""The way to a part of an answer: indices and keys."""


class Answer(NDArrayOperatorsMixin):
    """A value from a hand-in's code, untrusted. Indexed as a tuple, list or dict; an array for NumPy.

    Whatever it cannot give raises `Malformed`, which is told to the student.
    """

    def __init__(self, value: Any, what: str, looked_at: set[Path] | None = None, path: Path = ()) -> None:
        self._value = value
        self.what = what
        """What it is, for a sentence: `what loss returned`."""
        self._looked_at: set[Path] = set() if looked_at is None else looked_at
        self._path = path

    @property
    def value(self) -> Any:
        """As it came over the wire; whoever asks for it has looked at this part of what the call returned."""
        self._looked_at.add(self._path)
        return self._value

    def _part(self, value: Any, what: str, key: int | str) -> Answer:
        return Answer(value, what, self._looked_at, (*self._path, key))

    def __getitem__(self, key: Any) -> Answer:
        if isinstance(key, str):
            part = coerce.entry(self._value, key, self.what)
            return self._part(part, f"{key!r} of {self.what}", key)
        found = self._value
        if isinstance(found, Numbers) and (found.form not in ("tuple", "list") or not isinstance(key, int)):
            return self._of_array(key)
        if not isinstance(found, Numbers | tuple | list):
            said = coerce.describe(found)
            raise Malformed(tell("{} is {}; wanted several values.", _capital(self.what), said))
        parts: Any = [Numbers(p, "float") for p in found.array] if isinstance(found, Numbers) else found
        if not -len(parts) <= key < len(parts):
            raise Malformed(tell("{} has {} values; wanted more.", _capital(self.what), count(len(parts))))
        return self._part(parts[key], f"{_ordinal(key)} of {self.what}", key)

    def _of_array(self, key: Any) -> Answer:
        try:
            part = np.asarray(self.value.array[key])
        except (IndexError, TypeError):
            found = coerce.describe(self.value)
            raise Malformed(tell("{} is {}; wanted more axes.", _capital(self.what), found)) from None
        return Answer(Numbers(part, "ndarray"), f"a part of {self.what}")  # the whole was looked at

    def __iter__(self) -> Iterator[Answer]:
        return (self[i] for i in range(len(self)))

    def __len__(self) -> int:
        if isinstance(self.value, Numbers) and self.value.array.ndim:
            return len(self.value.array)
        if isinstance(self.value, tuple | list | dict):
            return len(self.value)
        raise Malformed(
            tell("{} is {}; wanted several values.", _capital(self.what), coerce.describe(self.value))
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if isinstance(self.value, tuple | list) and self.value:
            parts = [np.asarray(part) for part in self]
            if len({part.shape for part in parts}) > 1:
                raise Malformed(f"{_capital(self.what)} has parts of different shapes; wanted one array.")
            return np.asarray(parts, dtype=dtype)
        if not isinstance(self.value, Numbers):
            wanted = "wanted numbers"
            raise Malformed(tell("{} is {}; {}.", _capital(self.what), coerce.describe(self.value), wanted))
        return np.asarray(self.value.array, dtype=dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        plain = [np.asarray(one) if isinstance(one, Answer) else one for one in inputs]
        return getattr(ufunc, method)(*plain, **kwargs)

    def __float__(self) -> float:
        return coerce.number(self.value, self.what, [])

    def __bool__(self) -> bool:
        return bool(np.asarray(self).all())

    def __repr__(self) -> str:
        return f"<{self.what}: {coerce.describe(self.value)}>"


def plain(value: Any) -> Any:
    """The same without what is said of it: arrays, numbers and what holds them."""
    if isinstance(value, Answer):
        return plain(value.value)
    if isinstance(value, Numbers):
        return value.array
    if isinstance(value, tuple | list):
        return type(value)(plain(part) for part in value)
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return value


def part_of(value: Any, path: Path) -> Any:
    """That part of plain values; None where there is none."""
    for key in path:
        try:
            value = value[key]
        except (IndexError, KeyError, TypeError):
            return None
    return value


def same(one: Any, other: Any, near: float = NEAR) -> bool:
    """Whether two plain values are one, up to a difference relative to the second one's largest entry.

    Axes of length one are left aside, as `Trial.close` does; NaN is like NaN.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key], near) for key in one)
    try:
        a, b = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    except (TypeError, ValueError):
        if isinstance(one, tuple | list) and isinstance(other, tuple | list):
            return len(one) == len(other) and all(same(*pair, near) for pair in zip(one, other, strict=True))
        return type(one) is type(other)
    if [n for n in a.shape if n != 1] != [n for n in b.shape if n != 1]:
        return False
    b = b.reshape(a.shape)
    with np.errstate(all="ignore"):
        bound = near * float(np.abs(b[np.isfinite(b)]).max(initial=0.0)) + (FLOOR if near else 0.0)
        return bool(np.all((np.abs(a - b) <= bound) | (a == b) | (np.isnan(a) & np.isnan(b))))


def _ordinal(key: Any) -> str:
    names = ("the first", "the second", "the third", "the fourth", "the fifth")
    return f"{names[key]} value" if isinstance(key, int) and 0 <= key < len(names) else "a value"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
