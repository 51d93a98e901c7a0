"""Whether a call leaves its arguments alone, and answers the same when it is asked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..api import Trial
from ..api.answers import plain
from ..api.sides import Remote, RemoteObject


def untouched(t: Trial, of: Remote | RemoteObject, name: str, *args: Any) -> None:
    """Lost where a function (`of` is `t.student`) or a method changes the arrays that it is given."""
    t.that(
        not of.changed(name, *args),
        f"{name} changes the arrays that it is given; it should work on copies of its own.",
    )


def repeatable(t: Trial, ask: Callable[[], Any], what: str) -> None:
    """Lost where what is asked twice is not answered the same, to the last bit."""
    first, second = plain(ask()), plain(ask())
    same = _same(first, second)
    t.that(same, f"{what[:1].upper()}{what[1:]} is another one when it is asked for again.")


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_same, one, other))
    if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)):
        return type(one) is type(other)
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f" == other.dtype.kind))
