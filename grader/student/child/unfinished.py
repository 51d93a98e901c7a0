"""What a method would have returned, as far as it had got when it raised: one line that fails hides no others."""

from __future__ import annotations

import ast
import functools
from types import FrameType, TracebackType
from typing import Any

METHOD = "loss"
MOST_ENTRIES = 1 << 16
"""Entries of an array that is sent: hidden networks have hundreds."""
_SMALL = 1 << 16
"""Bytes of a file whose parsed code is kept: a few MB, of memory that the student's code has to do with."""


def unfinished(trace: TracebackType | None, folder: str, numpy: Any) -> tuple[Any, Any] | None:
    """Loss and gradients: what stood in the variables of the `return loss, grads` of a `loss` that raised.

    None in place of what had not been computed. Nothing where no method of that name is on the way to the exception,
    or its last `return` is none of two values.
    """
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == METHOD and code.co_filename.startswith(folder):
            values = _of_file(code.co_filename).returned(code.co_firstlineno)
            return _pair(values, trace.tb_frame, numpy) if values else None
        trace = trace.tb_next
    return None


class _Parsed:
    """A file's code, and what has been asked of it already."""

    def __init__(self, source: bytes) -> None:
        self.nodes = tuple(ast.walk(ast.parse(source)))
        self._returned: dict[int, list[ast.expr]] = {}

    def returned(self, line: int) -> list[ast.expr]:
        """The two expressions of the last `return` of two values in the method that begins in a line."""
        if line not in self._returned:
            self._returned[line] = _returned(self.nodes, line)
        return self._returned[line]


def _of_file(path: str) -> _Parsed:
    with open(path, "rb") as file:
        source = file.read()
    return _kept(source) if len(source) <= _SMALL else _Parsed(source)


_kept = functools.lru_cache(maxsize=2)(_Parsed)
"""What raises once is mostly asked again, and to parse a file takes longer than all else of a request."""


def _returned(nodes: tuple[ast.AST, ...], line: int) -> list[ast.expr]:
    functions = [
        node
        for node in nodes
        if isinstance(node, ast.FunctionDef)
        and node.name == METHOD
        and line in (node.lineno, *(d.lineno for d in node.decorator_list))
    ]
    found = [
        node.value.elts
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2
    ]
    return max(found, key=lambda values: values[0].lineno, default=[])


def _pair(values: list[ast.expr], frame: FrameType, numpy: Any) -> tuple[Any, Any]:
    def plain(value: Any) -> Any:
        if type(value) is numpy.ndarray:
            return value if value.size <= MOST_ENTRIES and value.dtype.kind in "biuf" else None
        return value if type(value) in (int, float) or isinstance(value, numpy.floating) else None

    def value(node: ast.expr | None) -> Any:
        return frame.f_locals.get(node.id) if isinstance(node, ast.Name) else None

    loss, grads = values
    entries: dict[Any, Any] = {}
    if isinstance(grads, ast.Dict):
        entries = {
            key.value: value(one)
            for key, one in zip(grads.keys, grads.values, strict=True)
            if isinstance(key, ast.Constant)
        }
    elif type(found := value(grads)) is dict:
        entries = found
    known = {key: plain(one) for key, one in entries.items() if type(key) is str}
    return plain(value(loss)), {key: one for key, one in known.items() if one is not None}


def rests_on_none(trace: TracebackType | None, folder: str) -> bool:
    """Whether the line that raised uses a variable that holds None, as a gap of a template leaves it."""
    own = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(folder):
            own = trace
        trace = trace.tb_next
    if own is None:
        return False
    here = own.tb_frame.f_locals
    empty = {name for name, value in here.items() if value is None}
    if not empty:  # as in most of what raises: there is nothing to parse the file for
        return False
    statements = [
        node
        for node in _of_file(own.tb_frame.f_code.co_filename).nodes
        if isinstance(node, ast.stmt)
        and not hasattr(node, "body")
        and node.lineno <= own.tb_lineno <= (node.end_lineno or 0)
    ]
    used = {
        node.id for one in statements for node in ast.walk(one)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }  # fmt: skip
    return not used.isdisjoint(empty)
