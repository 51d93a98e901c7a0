"""A module with the value of one line supplied: what stands behind a line that raises can be seen then."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

NAME = "__supplied_line__"


@functools.lru_cache(maxsize=1)
def patched(source: bytes, line: int) -> ast.Module:
    """The module in which the statement around a line takes its value from `NAME()`.

    That is an assignment, in place or not, or a `return`; of nested ones the innermost. `ValueError` where there is
    none.
    """
    tree = ast.parse(source)
    found: ast.stmt | None = None
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return)
            and node.value is not None
            and node.lineno <= line <= (node.end_lineno or node.lineno)
        ):
            found = node
    if found is None:
        raise ValueError(f"line {line} is no assignment and no return")
    supplied = ast.copy_location(ast.Call(ast.Name(NAME, ast.Load()), [], []), found)
    if isinstance(found, ast.AugAssign):
        return _with(tree, found, ast.copy_location(ast.Assign([found.target], supplied), found))
    assert isinstance(found, ast.Assign | ast.AnnAssign | ast.Return)
    found.value = supplied
    return ast.fix_missing_locations(tree)


def _with(tree: ast.Module, old: ast.stmt, new: ast.stmt) -> ast.Module:
    for node in ast.walk(tree):
        for body in ("body", "orelse", "finalbody"):
            statements = getattr(node, body, None)
            if isinstance(statements, list) and old in statements:
                statements[statements.index(old)] = new
    return ast.fix_missing_locations(tree)


def supplier(ask: Callable[[Any], Any], folder: str, line: dict[str, Any]) -> Callable[[], Any]:
    """The function behind `NAME`: it asks the grader, with the arguments of the method of the hand-in's that runs.

    `line` is a `Line` of the grader's (see `student.client`).
    """

    def supplied() -> Any:
        question = _question(sys._getframe(1), folder, line)
        reply = ask(question)
        if "refused" in reply:
            raise ValueError(f"the value of this line, supplied by the grader: {reply['refused']}")
        return reply["answer"]

    return supplied


def _question(frame: FrameType | None, folder: str, line: dict[str, Any]) -> dict[str, Any]:
    """`params` and the examples of the innermost method that takes such; where it is the `method`, the others, too."""
    examples, fits = line["examples"], line["fits"]
    asked: dict[str, Any] = {"params": None, examples: None}
    while frame is not None and frame.f_code.co_filename.startswith(folder):
        names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
        given = [frame.f_locals.get(name) for name in names]
        params = getattr(given[0], "params", None) if given else None
        if isinstance(params, dict) and len(given) > 1:
            are_examples = getattr(given[1], "shape", ())[1:] == params[fits].shape[:1]
            if asked[examples] is None and are_examples:
                asked |= {"params": dict(params), examples: given[1]}
            if frame.f_code.co_name == line["method"] and asked[examples] is not None:
                return asked | dict(zip(line["others"], given[2:], strict=False))
        frame = frame.f_back
    return asked
