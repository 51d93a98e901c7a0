"""Lenient on form, strict on value: turn what came over the wire into arrays of the wanted shape.

Lists, `np.matrix`, columns or rows where a vector was wanted, and one-element arrays where a number was
wanted are converted and noted. Anything else is `Malformed`, with a sentence that says what came and what
was wanted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..student import known_names
from ..student.child.protocol import Numbers, Opaque
from .base import Malformed
from .words import Words, count, tell

Notes = list[str]

_LONGEST_NAME = 40
"""Characters of a name of the student's that a message quotes."""


def number(value: Any, what: str, notes: Notes) -> float:
    """One real number."""
    found = _numbers(value, what, "a number")
    if found.array.size != 1:
        raise Malformed(tell("{} is {}; wanted one number.", what, describe(value)))
    if found.array.ndim:
        _note(notes, tell("{} was {}; its one entry was taken.", what, describe(value)))
    return float(found.array.reshape(-1)[0])


def array(value: Any, shape: tuple[int, ...], what: str, notes: Notes) -> np.ndarray:
    """A float64 array of exactly `shape`, after dropping axes of length one."""
    found = _numbers(value, what, f"an array of shape {shape}")
    given = found.array
    if given.shape != shape:
        if tuple(n for n in given.shape if n != 1) != tuple(n for n in shape if n != 1):
            hint = " It looks transposed." if given.shape == shape[::-1] else ""
            found_shape = Words(_bounded(given.shape, shape), f"has shape {given.shape}")
            raise Malformed(tell("{} {}; wanted {}.{}", what, found_shape, str(shape), hint))
        came = (
            "a row or column" if len(shape) == 1 else "an array with axes of length one to spare or missing"
        )
        _note(notes, f"{what} came as {came}; it was taken as {_dimensions(len(shape))}.")
    if found.form != "ndarray":
        form = Words(known_names.of_type(found.form), found.form)
        _note(notes, tell("{} was a {}; it was converted to an array.", what, form))
    return given.astype(np.float64).reshape(shape)


def _dimensions(count: int) -> str:
    return {1: "a vector", 2: "a matrix"}.get(count, f"an array of {count} dimensions")


def is_single_precision(*values: Any) -> bool:
    """Whether any of the values was computed in float32: by its type, or because float32 holds it exactly."""
    return any(isinstance(value, Numbers) and _fits_single(value.array) for value in values)


def _fits_single(array: np.ndarray) -> bool:
    """Whether nothing is lost in float32. Of right values in float64 one in 500 million is like that by chance."""
    if array.dtype.kind != "f":
        return False
    with np.errstate(over="ignore"):
        return bool(np.array_equal(array, array.astype(np.float32), equal_nan=True))


def entry(value: Any, key: str, what: str) -> Any:
    """One entry of a dict that the student's code returned."""
    if not isinstance(value, dict):
        raise Malformed(tell("{} is {}; wanted a dict.", what, describe(value)))
    if not value:
        raise Malformed(f"{what} is empty: this part was not written.", missing=True)
    if key not in value:
        names = ", ".join(repr(name[:_LONGEST_NAME]) for name in list(value)[:8])
        others = Words("others", names)
        raise Malformed(tell("{} has no entry {}; it has {}.", what, repr(key), others), missing=True)
    return value[key]


def describe(value: Any) -> str:
    """Say in words what kind of value this is; where that is hidden, without its own name and size."""
    match value:
        case None:
            return "None (is a gap of the template still open, or a `return` missing?)"
        case Numbers():
            if value.array.ndim == 0:
                return tell("a single {}", Words(known_names.of_type(value.form), value.form))
            return Words(_numbers_in_words(value, False), _numbers_in_words(value, True))
        case Opaque():
            return tell("of type {}", Words(known_names.of_type(value.type_name), value.type_name))
        case tuple() | list():
            return tell("a {} of {} values", type(value).__name__, count(len(value)))
        case dict():
            return "a dict"
    return "a string"


def _numbers_in_words(value: Numbers, in_full: bool) -> str:
    form = value.form if in_full else known_names.of_type(value.form)
    name = {"ndarray": "array"}.get(form, form)
    article = "" if form == known_names.OWN_TYPE else "an " if name[:1] in "aeiou" else "a "
    if in_full:
        return f"{article}{name} of shape {value.array.shape}"
    return f"{article}{name} of {value.array.ndim} dimension{'s' if value.array.ndim > 1 else ''}"


def _bounded(shape: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """What shape it has, without sizes that have nothing to do with what was wanted: these, the code can choose."""
    sizes = [str(size) if size in (1, *wanted) else "another size" for size in shape]
    if sizes == ["another size"]:
        return "is a vector of another size"
    return f"has shape ({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def _numbers(value: Any, what: str, wanted: str) -> Numbers:
    if not isinstance(value, Numbers):
        raise Malformed(tell("{} is {}; wanted {}.", what, describe(value), wanted))
    return value


def _note(notes: Notes, note: str) -> None:
    if note not in notes:
        notes.append(note)
