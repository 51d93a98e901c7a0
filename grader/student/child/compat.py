"""Names that hand-ins of other years use and that Python or NumPy no longer has, and what replaces each.

An assignment may have them supplied (`compat` in its rubric); else the report says what to write instead.
"""

from __future__ import annotations

import builtins
import functools
import sys
import types
from collections.abc import Collection
from typing import Any

KINDS = ("numpy1", "python2-builtins")

NUMPY = {
    "float": "float",
    "int": "int",
    "bool": "bool",
    "object": "object",
    "str": "str",
    "long": "int",
    "complex": "complex",
    "unicode": "str",
    "float_": "np.float64",
    "complex_": "np.complex128",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "infty": "np.inf",
    "PINF": "np.inf",
    "NaN": "np.nan",
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "sometrue": "np.any",
    "alltrue": "np.all",
    "row_stack": "np.vstack",
    "in1d": "np.isin",
    "trapz": "np.trapezoid",
}
"""Gone from NumPy in 1.24 (the builtin types) and in 2.0 and later (the others)."""

BUILTINS = {
    "xrange": "range",
    "raw_input": "input",
    "unicode": "str",
    "basestring": "str",
    "long": "int",
    "unichr": "chr",
    "reduce": "functools.reduce",
}
"""Gone with Python 2."""


def _xrange(*bounds: Any) -> range:
    """`range` that cuts floats off: where Python 3's `/` makes one of two whole numbers, Python 2's made a whole one.

    So `xrange(max(num_train / batch_size, 1))` counts what it counted when it was written. `range` is left as it is:
    Python 3 has it, and code that uses it may have been written for either.
    """
    return range(*(int(bound) if isinstance(bound, float) else bound for bound in bounds))


def supply(kinds: Collection[str], numpy: Any) -> None:
    """Put the missing names where old code looks for them; names that exist are left alone."""
    if "numpy1" in kinds:
        for name, replacement in NUMPY.items():
            if name not in vars(numpy):  # asking NumPy for one that is gone would warn
                setattr(numpy, name, _found(replacement, numpy))
    if "python2-builtins" in kinds:
        old = types.ModuleType("past.builtins")
        for name, replacement in BUILTINS.items():
            if not hasattr(builtins, name):
                setattr(builtins, name, _found(replacement, numpy))
            setattr(old, name, getattr(builtins, name))
        package = types.ModuleType("past")
        package.builtins = old  # type: ignore[attr-defined]
        sys.modules.update({"past": package, "past.builtins": old})


def _found(name: str, numpy: Any) -> Any:
    if name == "range":
        return _xrange
    if name == "functools.reduce":
        return functools.reduce
    return getattr(numpy, name[3:]) if name.startswith("np.") else getattr(builtins, name)
