"""What students are given fits the solution: the template has what they are to write, the notebook asks for no more.

An instructor who renames a function renames it in three files; nobody sees the third before a student does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ..assignment.reference import Reference
from ..assignment.rubric import Rubric
from ..notebook import code, file


def misfits(rubric: Rubric, reference: Reference, solution: str) -> Iterator[str]:
    """What does not fit, a line each; `solution` is its text."""
    template = reference.handed_out / rubric.entry.module
    if template.is_file():
        yield from _template(template, rubric.entry.names)
    there = _defined(ast.parse(solution))
    for path in sorted(reference.handed_out.glob("*.ipynb")):
        yield from _notebook(path, rubric.entry.stem, there)


def _template(path: Path, wanted: tuple[str, ...]) -> Iterator[str]:
    try:
        there = _defined(ast.parse(path.read_text(encoding="utf-8")))
    except SyntaxError:
        return  # said where it is graded
    for name in wanted:
        if name not in there and "*" not in there:
            yield f"{path}: defines no {name}, which students are to write"


def _notebook(path: Path, module: str, there: set[str]) -> Iterator[str]:
    try:
        cells = file.cells(path.read_bytes())
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        yield f"{path}: cannot be read as a notebook: {error}"
        return
    for number, cell in enumerate(cells, 1):
        tree = code.parsed(cell.source) if cell.kind == "code" else None
        for name in _asked_of(module, tree) if tree else ():
            if name not in there and "*" not in there:
                yield f"{path}: cell {number} imports {name} from {module}, which solution.py does not define"


def _asked_of(module: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == module and not node.level:
            yield from (alias.name for alias in node.names if alias.name != "*")


def _defined(tree: ast.Module) -> set[str]:
    """Names that a module has once it is imported; `*` where it imports everything of another."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found
