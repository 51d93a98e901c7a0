"""A module made of a notebook: its class, or its functions, and what these need of the notebook's other definitions.

Kept are imports, functions, classes and plain constants, and of those only what is reached from there. Everything else
that the notebook does (training, plots) is left out. Text in, text out: nothing is executed here.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..entry_point import EntryPoint
from .code import appended_to, looked_into, parsed, plain, written_to
from .file import Cell

_PLAIN = (
    ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp,
    ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.JoinedStr, ast.FormattedValue, ast.Starred,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context,
)  # fmt: skip
"""Parts of an expression that computes nothing worth speaking of."""
_CALLS = frozenset(
    {"float", "int", "bool", "str", "range", "len", "tuple", "list", "dict", "set", "frozenset"}
)
_MODULES = ("numpy", "math")
_NOT_OF_MODULES = re.compile(r"random|load|open|fromfile|genfromtxt|save|memmap")
"""What functions of these modules do more than compute."""


@dataclass(frozen=True)
class Definitions:
    """A module's source, and where its lines come from."""

    source: str = ""
    lines: tuple[tuple[int, int], ...] = ()
    """For each line, the number of the code cell and the line in it, all counting from 1."""
    missing: tuple[tuple[str, int], ...] = ()
    """Names that the kept code uses and the notebook makes by code that is left out; numbers of these cells."""


@dataclass(frozen=True)
class _Statement:
    """A statement at the top level of a code cell."""

    cell: int
    first: int
    text: tuple[str, ...]
    """Its lines; the first is line `first` of the cell, the others follow it."""
    node: ast.stmt | None
    """None for the whole of a cell that is no Python."""
    keeps: bool
    """Whether it is an import, a definition or a plain constant."""
    binds: frozenset[str]
    uses: frozenset[str]
    """Global names."""
    extends: str = ""
    """Name of the class that it attaches something to."""


def read(cells: Sequence[Cell], entry: EntryPoint) -> Definitions:
    """The module that holds the class as the notebook defines it, or an empty one."""
    cells, places = _put_together(cells)
    statements = list(_statements(cells, entry))
    if not any(_defines(statement, entry) for statement in statements):
        return Definitions()
    wanted = _reached(statements, entry)
    kept = [statements[i] for i in sorted(wanted)]
    bound = set().union(*(s.binds for s in kept), dir(builtins), {"__name__", "__file__", "__doc__"})
    left_out: dict[str, int] = {}
    for i, statement in enumerate(statements):
        if i not in wanted:
            for name in statement.binds:
                left_out.setdefault(name, statement.cell)
    stars = any(_is_star(s.node) for s in kept)
    used = set().union(*(s.uses for s in kept)) - bound
    missing = () if stars else tuple(sorted((name, left_out[name]) for name in used if name in left_out))
    kept.sort(key=lambda s: not _is_future(s.node))  # they have to come first
    text = [line for s in kept for line in s.text]
    lines = [places.get(at, at) for s in kept for i in range(len(s.text)) for at in [(s.cell, s.first + i)]]
    return Definitions("\n".join(text) + "\n", tuple(lines), missing)


def _put_together(cells: Sequence[Cell]) -> tuple[list[Cell], dict[tuple[int, int], tuple[int, int]]]:
    """The cells with what `%%writefile -a` adds to a file in the cell that has begun it; and where its lines come from.

    So a method of a class that a later cell adds is read where Python would have it.
    """
    together = list(cells)
    begun: dict[str, tuple[int, int]] = {}
    places: dict[tuple[int, int], tuple[int, int]] = {}
    number = 0
    for i, cell in enumerate(cells):
        if cell.kind != "code":
            continue
        number += 1
        if name := written_to(cell.source):
            begun[name] = i, number
        elif (name := appended_to(cell.source)) in begun:
            home, first = begun[name]
            _, _, added = cell.source.lstrip().partition("\n")
            skipped = cell.source[: len(cell.source) - len(added)].count("\n")
            before = together[home].source.rstrip("\n")
            start = before.count("\n") + 2
            for line in range(added.count("\n") + 1):
                places[first, start + line] = number, skipped + line + 1
            together[home] = replace(together[home], source=f"{before}\n{added}")
            together[i] = replace(cell, source="")
    return together, places


def same_definitions(one: str, other: str, entry: EntryPoint) -> bool:
    """Whether two sources define the same there, with all that it reaches; comments and docstrings aside."""
    return _essence(one, entry) == _essence(other, entry)


def _essence(source: str, entry: EntryPoint) -> list[str]:
    found = read([Cell("code", source)], entry).source
    tree = parsed(found)
    if tree is None:
        return [found.strip()]
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(node, ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            node.body = body[1:] if body else []
    return sorted(_spelled(node) for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom))


def _spelled(node: ast.AST) -> str:
    """All of a syntax tree but its places, as `ast.dump` has it; however deep it is, and whatever numbers are in it."""
    found: list[str] = []
    waiting: list[Any] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.AST):
            found.append(type(part).__name__)
            waiting += [")", *(getattr(part, name, None) for name in reversed(part._fields)), "("]
        elif isinstance(part, list):
            waiting += ["]", *reversed(part), "["]
        else:  # hexadecimal, as there is a limit to the decimal digits of a number
            found.append(hex(part) if type(part) is int else repr(part))
    return " ".join(found)


def _reached(statements: Sequence[_Statement], entry: EntryPoint) -> set[int]:
    """Of what can be kept, by index: what is asked for, what is attached to it, and all that these use."""
    home = {s.cell for s in statements if _defines(s, entry)}
    wanted, names = set[int](), set[str]()
    giving: dict[str, list[int]] = {}
    waiting = [*entry.names]
    for i, statement in enumerate(statements):
        if statement.keeps:
            for name in {*statement.binds, *([statement.extends] if statement.extends else [])}:
                giving.setdefault(name, []).append(i)
            if _always(statement.node) or (_ends_process(statement.node) and statement.cell in home):
                wanted.add(i)
                waiting += statement.uses
    while waiting:
        name = waiting.pop()
        if name in names:
            continue
        names.add(name)
        for i in giving.get(name, ()):
            if i not in wanted:
                wanted.add(i)
                waiting += statements[i].uses
    return wanted


def _statements(cells: Sequence[Cell], entry: EntryPoint) -> Iterator[_Statement]:
    sources = dict(enumerate((cell.source for cell in cells if cell.kind == "code"), 1))
    found = [(number, plain(source), parsed(source)) for number, source in looked_into(sources)]
    modules = {name for _, _, tree in found for name in _imported(tree)}
    for number, text, tree in found:
        if tree is not None:
            yield from _of_cell(number, text.split("\n"), tree, modules, entry)
        elif names := re.findall(_opening(entry), text, re.MULTILINE):
            # As it is: what keeps Python from reading it is for the student to be told.
            lines = tuple(text.split("\n"))
            yield _Statement(number, 1, lines, None, True, frozenset(names), frozenset())


def _of_cell(
    number: int, lines: Sequence[str], tree: ast.Module, modules: set[str], entry: EntryPoint
) -> Iterator[_Statement]:
    encoded = [line.encode("utf-8", "surrogatepass") for line in lines]  # in which a tree counts
    end = 0
    for i, node in enumerate(tree.body):
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        last = node.end_lineno or node.lineno
        after = tree.body[i + 1].lineno if i + 1 < len(tree.body) else last + 1
        shares = first <= end or after <= last  # a line with another statement
        text = _part(encoded, node) if shares else lines[first - 1 : last]
        end = last
        yield _Statement(
            number,
            first,
            tuple(text),
            node,
            _keeps(node, modules, entry.stem),
            frozenset(_bound(node)),
            _globals("\n".join(text)),
            _extended(node),
        )


def _part(lines: Sequence[bytes], node: ast.stmt) -> list[str]:
    """The lines of a statement without what else stands in them."""
    text = list(lines[node.lineno - 1 : node.end_lineno])
    text[-1] = text[-1][: node.end_col_offset]
    text[0] = text[0][node.col_offset :]
    return [line.decode("utf-8", "surrogatepass") for line in text]


def _keeps(node: ast.stmt, modules: set[str], own: str) -> bool:
    """Whether it is an import, a definition or a plain constant; `own` is the module that is being made."""
    waiting: list[ast.stmt] = [node]
    while waiting:
        match part := waiting.pop():
            case ast.Import() | ast.FunctionDef() | ast.ClassDef() | ast.Pass():
                keeps = not (isinstance(part, ast.Import) and any(a.name == own for a in part.names))
            case ast.ImportFrom():
                keeps = part.module != own
            case ast.Expr() if _ends_process(part):
                keeps = True
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                keeps = _is_plain(value, modules)
            case ast.Expr(
                value=ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(), ast.Constant(), value])
            ):
                keeps = _is_plain(value, modules)
            case ast.If(test=test):
                names = {n.id for n in ast.walk(test) if isinstance(n, ast.Name)}
                keeps = "__name__" not in names and _is_plain(test, modules)
                waiting += [*part.body, *part.orelse]
            case ast.Try():
                handled = [inner for handler in part.handlers for inner in handler.body]
                waiting += [*part.body, *handled, *part.orelse, *part.finalbody]
                keeps = True
            case _:
                keeps = False
        if not keeps:
            return False
    return True


def _is_plain(value: ast.expr, modules: set[str]) -> bool:
    """Whether it is a plain constant, or a function."""
    waiting: list[ast.AST] = [value]
    while waiting:
        match part := waiting.pop():
            case ast.Lambda():
                continue
            case ast.Call():
                arguments = _arguments(part, modules)
                if arguments is None:
                    return False
                waiting += arguments
            case ast.Attribute(value=ast.Call() as call):  # np.finfo(float).eps
                waiting.append(call)
            case _:
                if not isinstance(part, _PLAIN):
                    return False
                waiting += (child for child in ast.iter_child_nodes(part) if isinstance(child, ast.expr))
    return True


def _arguments(call: ast.Call, modules: set[str]) -> list[ast.expr] | None:
    """All that a call is given, and those calls of whose results it is a method; None where one may do harm."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    func = call.func
    if isinstance(func, ast.Name):
        return given if func.id in _CALLS else None
    while not isinstance(func, ast.Name):
        match func:
            case ast.Attribute(value=inner, attr=name):
                if _NOT_OF_MODULES.search(name):
                    return None
            case ast.Call(func=inner):
                given += [*func.args, *(keyword.value for keyword in func.keywords)]
            case ast.Subscript(value=inner):
                given.append(func.slice)
            case _:
                return None
        func = inner
    return given if func.id in modules else None


def _imported(tree: ast.Module | None) -> set[str]:
    """Names under which a cell imports the modules of `_MODULES`."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)] if tree else []
    return {alias.asname or alias.name for node in imports for alias in node.names if alias.name in _MODULES}


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that a statement binds where it stands, not inside functions and classes."""
    waiting = [node]
    while waiting:
        match part := waiting.pop():
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
                continue
            case ast.Import() | ast.ImportFrom():
                yield from (alias.asname or alias.name.partition(".")[0] for alias in part.names)
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                continue
        waiting += ast.iter_child_nodes(part)


def _globals(text: str) -> frozenset[str]:
    """Global names that a statement uses, also inside its functions."""
    try:
        table = symtable.symtable(text, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(_global_names([table]))


def _global_names(tables: Iterable[symtable.SymbolTable]) -> Iterator[str]:
    waiting = list(tables)
    while waiting:
        table = waiting.pop()
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (top or symbol.is_global()):
                yield symbol.get_name()
        waiting += table.get_children()


def _extended(node: ast.stmt) -> str:
    match node:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name))]):
            return name
        case ast.Expr(value=ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id=name), *_])):
            return name
    return ""


def _defines(statement: _Statement, entry: EntryPoint) -> bool:
    """Whether it defines something that is asked for."""
    kind = ast.ClassDef if entry.is_class else ast.FunctionDef
    if not statement.binds.intersection(entry.names):
        return False
    return statement.node is None or any(isinstance(node, kind) for node in ast.walk(statement.node))


def _opening(entry: EntryPoint) -> str:
    """Finds the names that are defined, in lines that are no Python."""
    word, names = "class" if entry.is_class else "def", "|".join(map(re.escape, entry.names))
    return rf"^{word}\s+({names})\b"


def _is_star(node: ast.stmt | None) -> bool:
    # Of the module that is being made, nothing of it was kept.
    return isinstance(node, ast.ImportFrom) and node.names[0].name == "*"


def _always(node: ast.stmt | None) -> bool:
    """Whether it changes what other statements mean."""
    return _is_star(node) or _is_future(node)


def _ends_process(node: ast.stmt | None) -> bool:
    """Whether it ends a notebook's process, and with it whatever its cell has defined."""
    match node:
        case ast.Expr(value=ast.Call(func=func)):
            return isinstance(func, ast.Attribute) and (
                isinstance(func.value, ast.Name)
                and (func.value.id, func.attr) in (("os", "_exit"), ("os", "abort"), ("os", "kill"))
            )
    return False


def _is_future(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
