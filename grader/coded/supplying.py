"""The solution's own method or function, for a hand-in whose is wrong: values that the rest of its code may ask for.

They are computed in the grader's process; no code of the answer enters the student's. What a question brings is
untrusted: only plain numbers, and no more of them than checks ask about.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..api.answers import plain
from ..api.sides import Local, size_of

MOST_NUMBERS = 1 << 20
"""Entries of all arrays of one question together."""
LONGEST = 2048
"""Of any axis: what two of them make of each other in a product is then no more than 32 megabytes."""
LARGEST = 256
"""Of whole numbers: strides, paddings, rounds. The answer is computed in the grader's own process."""
_REFUSED = "it takes arguments as the assignment describes them, in arrays of numbers"


def takes(solution: Local, name: str) -> list[str]:
    """Names of the arguments of a method or function of the solution's."""
    return [p for p in inspect.signature(solution.own(name)).parameters if p != "self"]


def answers(
    solution: Local, names: tuple[str, ...]
) -> Callable[[tuple[Any, ...], dict[str, Any], Any], dict[str, Any]]:
    """Answers to questions of these: given what the asking object was made with, and the arguments by name."""

    def answer(args: tuple[Any, ...], keywords: dict[str, Any], question: Any) -> dict[str, Any]:
        given = plain(question)
        if not (isinstance(given, dict) and _fits(given) and size_of(given) <= MOST_NUMBERS):
            return {"refused": _REFUSED}
        params, name = given.pop("params", None), given.pop("method", "")
        if name not in names:
            return {"refused": _REFUSED}
        try:
            if params is None:
                return {"answer": solution.call(name, **given)}
            made = solution.new(*args, **keywords)
            if {name: np.shape(p) for name, p in params.items()} != {
                n: np.shape(p) for n, p in made.params.items()
            }:
                return {"refused": "its params are not of the shapes that the object was made with"}
            made.params = params
            return {"answer": made.call(name, **given)}
        except Exception:  # of arguments that are none: what it says may be of the solution's lines
            return {"refused": _REFUSED}

    return answer


def _fits(value: Any) -> bool:
    """Whether there are only plain numbers in it, texts and None, and none that makes the answer large."""
    if isinstance(value, dict):
        return all(map(_fits, value.values()))
    if isinstance(value, tuple | list):
        return all(map(_fits, value))
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biuf" and max(value.shape, default=0) <= LONGEST
    if isinstance(value, int):
        return abs(value) <= LARGEST
    return value is None or isinstance(value, float | str)
