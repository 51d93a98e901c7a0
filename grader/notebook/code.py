"""What the code cells of a notebook are about, without executing them.

All of this is linear in the size of the cells, whatever stands in them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from .file import Cell

MAX_SOURCE = 256 << 10
"""Characters of code that are looked into, in one cell and in all cells of a notebook; no homework has a tenth of it.

A syntax tree takes some 300 bytes for each of them.
"""
MAX_CALLED = 20_000
"""Characters of the functions that one cell calls, which are looked at with it."""
_MOST_MAGICS = 20
"""Magics of a whole cell, one above the other."""
_WRITES = (
    r"(?:writefile|file)\s++(?P<append>(?:-a|--append)\s++)?[\"']?(?P<file>[^\"'\s]*+)(?<=\.py)[\"']?\s*+$"
)
_WITH_CODE = re.compile(rf"%%(?:(?:time|timeit|capture|prun)\b|{_WRITES})")
"""Magics of a whole cell that holds Python code all the same."""
_COMMAND = re.compile(r"[%!?].*|[\w.]++\?{1,2}\s*|[\w ,]++=\s*!.*")
_TIMED = re.compile(r"((?:[\w ,]++=\s*)?)%(?:time|timeit)\b(?:\s+-\w+)*\s*(.*)")
_PIECE = re.compile(
    r"(?P<comment>#[^\n]*+)"
    r"|(?P<text>'''(?:[^\\']|\\.|'(?!''))*+(?:'''|\Z)|\"\"\"(?:[^\\\"]|\\.|\"(?!\"\"))*+(?:\"\"\"|\Z)"
    r"|'(?:[^\\'\n]|\\.)*+'?|\"(?:[^\\\"\n]|\\.)*+\"?)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<joined>\\\n)|(?P<end>\n)|[^#'\"()\[\]{}\\\n]++|.",
    re.DOTALL,
)
"""A piece of Python: what may go on over the end of a line, and what may not."""


def plain(source: str) -> str:
    """The cell as Python, line for line: magics and shell commands become `pass`. Empty for a cell in another language.

    What is no Python otherwise stays.
    """
    above = 0
    for _ in range(_MOST_MAGICS):
        rest = source.lstrip()
        first, _, below = rest.partition("\n")
        if not first.startswith("%%"):
            break
        if not _WITH_CODE.match(first):
            return ""
        above += source[: len(source) - len(rest)].count("\n") + 1
        source = below
    else:
        return ""
    return "\n" * above + (source if _is_python(source) else _without_commands(source))


def appended_to(source: str) -> str:
    """The name of the file that a cell adds its text to; empty for any other cell."""
    found = _WITH_CODE.match(source.lstrip().partition("\n")[0])
    return str(found["file"]).rpartition("/")[2] if found and found["append"] else ""


def written_to(source: str) -> str:
    """The name of the file that a cell writes; empty for a cell that writes none, or only adds to it."""
    found = _WITH_CODE.match(source.lstrip().partition("\n")[0])
    return str(found["file"]).rpartition("/")[2] if found and found["file"] and not found["append"] else ""


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _without_commands(source: str) -> str:
    """The lines with which a statement begins that no Python begins with; in a division, `%` begins a line, too."""
    lines = source.split("\n")
    begins, at, depth = True, 0, 0
    number = 0
    while at < len(source):
        if begins:
            line = lines[number]
            body = line.lstrip()
            if (replaced := _replaced(body)) is not None:
                lines[number] = line[: len(line) - len(body)] + replaced
                while line.endswith("\\") and number + 1 < len(lines):  # the command goes on
                    at += len(line) + 1
                    number += 1
                    line, lines[number] = lines[number], ""
                at += len(line) + 1
                number += 1
                continue
        piece = _PIECE.match(source, at)
        assert piece is not None  # its last form takes any character
        at = piece.end()
        number += piece[0].count("\n")
        match piece.lastgroup:
            case "open":
                depth += 1
            case "close":
                depth = max(0, depth - 1)
        begins = piece.lastgroup == "end" and not depth
    return "\n".join(lines)


def _replaced(line: str) -> str | None:
    """What stands for a line that is a command; None for any other."""
    if timed := _TIMED.fullmatch(line):
        return timed[1] + timed[2]
    return "pass" if _COMMAND.fullmatch(line) else None


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of a cell, its magics and shell commands left out; None where it is no Python."""
    if len(source) > MAX_SOURCE:
        return None
    try:
        return ast.parse(plain(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def looked_into(sources: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """The sources that are looked into, up to `MAX_SOURCE` characters in all; a larger one is passed over."""
    left = MAX_SOURCE
    for i, source in sources.items():
        if len(source) <= left:
            left -= len(source)
            yield i, source


def passed_over(sources: Mapping[int, str]) -> list[int]:
    """Numbers of the code cells, counting from 1, that are not looked into."""
    looked = {i for i, _ in looked_into(sources)}
    return [number for number, i in enumerate(sources, 1) if i not in looked]


def in_force(cells: Sequence[Cell], names: Sequence[str]) -> dict[int, str]:
    """For each code cell, by index, which of the `names` it, or the nearest cell before it, has as a string last."""
    quoted = re.compile(rf"""['"]({"|".join(map(re.escape, names))})['"]""")
    found, last = {}, ""
    for i, cell in enumerate(cells):
        if cell.kind == "code":
            for mentioned in quoted.finditer(cell.source):
                last = mentioned[1]
            found[i] = last
    return found


def with_called(cells: Sequence[Cell]) -> dict[int, str]:
    """For each code cell, by index: its source and those of the notebook's functions that it calls, by whatever way."""
    sources = {i: cell.source for i, cell in enumerate(cells) if cell.kind == "code"}
    trees = {i: parsed(source) for i, source in looked_into(sources)}
    functions = {
        node.name: node
        for tree in trees.values()
        if tree is not None
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    texts = {name: _text(node) for name, node in functions.items()}
    calls = {name: _called(node) for name, node in functions.items()}
    found, left = {}, MAX_SOURCE
    for i, source in sources.items():
        tree = trees.get(i)
        own = _called_at_once(tree) if tree is not None else set()
        called = "\n".join(_closure(own, calls, texts, min(left, MAX_CALLED)))
        left -= len(called)
        found[i] = f"{source[:MAX_SOURCE]}\n{called}" if called else source[:MAX_SOURCE]
    return found


def _text(node: ast.FunctionDef) -> str:
    try:
        return ast.unparse(node)
    except (ValueError, RecursionError):  # a number of thousands of digits, or something too deep
        return ""


def _called_at_once(tree: ast.Module) -> set[str]:
    """Names that a cell calls where it is executed, not where it only defines functions."""
    return set().union(*(_called(node) for node in tree.body if not isinstance(node, ast.FunctionDef)))


def _called(node: ast.AST) -> set[str]:
    return {
        call.func.id
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }


def _closure(
    names: set[str], calls: Mapping[str, set[str]], texts: Mapping[str, str], most: int
) -> list[str]:
    """The texts of the functions among `names` and of all that they call, sorted by name, up to `most` characters."""
    seen: set[str] = set()
    waiting = sorted(name for name in names if name in calls)
    while waiting and most > 0:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            most -= len(texts[name]) + 1
            waiting += sorted(called for called in calls[name] if called in calls and called not in seen)
    return [texts[name] for name in sorted(seen)]
