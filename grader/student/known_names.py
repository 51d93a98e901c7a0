"""Names that say nothing of what student code was given: those of Python's builtins and of NumPy, and our own.

A name that student code makes up can hold anything, a hidden input too. So of classes and types, these alone are told
to students.
"""

from __future__ import annotations

import builtins
import re

import numpy as np

OWN_EXCEPTION = "an exception of your own or of a package"
OWN_TYPE = "a type of your own or of a package"
TOO_LARGE = "TooLarge"
"""What the worker says of an answer that fits in no frame."""

_EXCEPTIONS = frozenset(
    name
    for module in (builtins, np.exceptions, np.linalg)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, BaseException)
) | {TOO_LARGE}
_TYPES = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type)) | {
    *("function", "method", "builtin_function_or_method", "module", "generator", "map", "NoneType"),
    *("ndarray", "matrix", "memmap", "MaskedArray", "recarray", "ufunc", "dtype"),
    *(kind.__name__ for kind in np.sctypeDict.values()),
}
_FORMS = re.compile(
    r"((?:ragged )?(\w+)(?: of objects| of \d dimensions|, one of too many)?"
    r"|(\w+) of (?:object|str|bytes|void|complex|datetime|timedelta))[\w\[\]]*"
)
"""What the protocol makes of a value that it has no place for: the type, and what is in it."""


def of_exception(name: str) -> str:
    """A class of exceptions, for students."""
    return name if name in _EXCEPTIONS else OWN_EXCEPTION


def of_type(name: str) -> str:
    """A type, or what the protocol says of a value of it, for students; without sizes that a dtype's name may hold."""
    found = _FORMS.fullmatch(name)
    return found[1] if found and (found[2] or found[3]) in _TYPES else OWN_TYPE
