"""What the code cells of a notebook are about, without executing them."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from .file import Cell

MAX_SOURCE = 1 << 20
"""Characters of a cell that is looked into."""
_MOST_COMMANDS = 200
"""Magics and shell commands of one cell."""
_WITH_CODE = re.compile(r"%%(?:time|timeit|capture|prun|(?:writefile|file)\s+(?:\./)?mlp\.py)\b")
"""Magics of a whole cell that holds Python code all the same."""
_COMMAND = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\?{1,2}\s*|[\w ,]+=\s*!.*)$")
_TIMED = re.compile(r"^(\s*(?:[\w ,]+=)?\s*)%(?:time|timeit)\b(?:\s+-\w+)*\s*(.*)$")


def plain(source: str) -> str:
    """The cell as Python, line for line: magics and shell commands become `pass`. Empty for a cell in another language.

    What is no Python otherwise stays.
    """
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        above = source[: len(source) - len(source.lstrip())].count("\n")
        return "\n" * (above + 1) + plain(rest) if _WITH_CODE.match(first) else ""
    lines = source.split("\n")
    for _ in range(_MOST_COMMANDS):
        # One at a time, where the parser stumbles: a line that begins with % may be the rest of a division.
        n = _stumbles_at(lines)
        if n is None or not (0 < n <= len(lines)):
            break
        line = lines[n - 1]
        replaced = _TIMED.sub(r"\1\2", line) if _TIMED.match(line) else _COMMAND.sub(r"\1pass", line)
        if replaced == line:
            break
        lines[n - 1] = replaced
    return "\n".join(lines)


def _stumbles_at(lines: Sequence[str]) -> int | None:
    try:
        ast.parse("\n".join(lines))
    except SyntaxError as error:
        return error.lineno
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of a cell, its magics and shell commands left out; None where it is no Python."""
    if len(source) > MAX_SOURCE:
        return None
    try:
        return ast.parse(plain(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def with_called(cells: Sequence[Cell]) -> dict[int, str]:
    """For each code cell, by index: its source and those of the notebook's functions that it calls, by whatever way."""
    trees = {i: parsed(cell.source) for i, cell in enumerate(cells) if cell.kind == "code"}
    functions = {
        node.name: node
        for tree in trees.values()
        if tree is not None
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    sources = {name: ast.unparse(node) for name, node in functions.items()}
    calls = {name: _called(node) for name, node in functions.items()}
    found = {}
    for i, tree in trees.items():
        own = _called_at_once(tree) if tree is not None else set()
        found[i] = "\n".join([cells[i].source, *(sources[name] for name in _closure(own, calls))])
    return found


def in_force(cells: Sequence[Cell], names: Sequence[str]) -> dict[int, str]:
    """For each code cell, by index, which of the `names` it, or the nearest cell before it, has as a string last."""
    quoted = re.compile(rf"""['"]({"|".join(map(re.escape, names))})['"]""")
    found, last = {}, ""
    for i, cell in enumerate(cells):
        if cell.kind == "code":
            mentioned = quoted.findall(cell.source)
            last = mentioned[-1] if mentioned else last
            found[i] = last
    return found


def _called_at_once(tree: ast.Module) -> set[str]:
    """Names that a cell calls where it is executed, not where it only defines functions."""
    return set().union(*(_called(node) for node in tree.body if not isinstance(node, ast.FunctionDef)))


def _called(node: ast.AST) -> set[str]:
    return {
        call.func.id
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }


def _closure(names: set[str], calls: Mapping[str, set[str]]) -> list[str]:
    """The functions among `names` and all that they call, sorted."""
    seen: set[str] = set()
    waiting = [name for name in names if name in calls]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += [called for called in calls[name] if called in calls]
    return sorted(seen)
