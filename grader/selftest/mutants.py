"""Every single small change of a module: an operator, a sign, an axis, an index, a constant, a line left out.

A mutant is named by its function and by the line as it was and as it is. The order is that of the source. Left alone
are docstrings, what is printed with `verbose`, errors that are raised, annotations, and the defaults of arguments:
these the handout gives, and nobody's mark hangs on them. Which names of its own an assignment's students take for each
other, its bank says.
"""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from .bank import NOTHING, Lines, MixedUp

Alternatives = Iterator[ast.AST]

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.MatMult: ast.Mult,
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.Lt, ast.GtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.Is: (ast.IsNot,),
}
CONNECTIVES: dict[type[ast.boolop], type[ast.boolop]] = {ast.And: ast.Or, ast.Or: ast.And}
CALLS = {
    "sum": "mean",
    "mean": "sum",
    "max": "min",
    "maximum": "minimum",
    "argmax": "argmin",
    "log": "log2",
    "exp": "exp2",
}
"""Functions and methods that are taken for each other."""
DROPPED = {"exp", "log", "abs", "maximum", "max"}
"""Functions that are forgotten: their first argument stands there instead."""


@dataclass(frozen=True)
class Mutant:
    """One change of a module."""

    name: str
    """`function: line as it was -> line as it is`."""
    source: str
    questions: tuple[str, ...]
    """Those that the line belongs to."""


def mutants(source: str, lines: tuple[Lines, ...], mixed_up: MixedUp = NOTHING) -> list[Mutant]:
    """All mutants of a module's functions and methods in the lines that some question asks for."""
    tree, text = ast.parse(source), written_out(source)
    # Statements as they stand in the text that a mutant is a change of: written out whole each time takes ten times
    # as long, and longer than anything else before the first hand-in is graded.
    written = dict(zip(ast.walk(tree), ast.walk(ast.parse(text)), strict=True))
    found: dict[str, Mutant] = {}
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for statement in _statements(function.body):
            if questions := questions_of(function.name, statement.lineno, source, lines):
                for name, instead in _of_statement(statement, mixed_up):
                    changed = _spliced(text, written[statement], instead)
                    found.setdefault(changed, Mutant(f"{function.name}: {name}", changed, questions))
    found.pop(text, None)
    return list(_with_names_of_their_own(found.values()))


def written_out(source: str) -> str:
    """A module in the form that its mutants have."""
    return ast.unparse(ast.parse(source))


def questions_of(function: str, line: int, source: str, lines: tuple[Lines, ...]) -> tuple[str, ...]:
    """The questions that a line of a function belongs to."""
    questions: tuple[str, ...] = ()
    best = -1
    for entry in lines:
        if entry.function == function:
            for start in starts(entry, source):
                if best < start <= line:
                    best, questions = start, entry.questions
    return questions


def starts(entry: Lines, source: str) -> list[int]:
    """Numbers of the lines where an entry begins: each with its text; 0 for the function's first."""
    if not entry.start:
        return [0] if f"def {entry.function}(" in source else []
    return [number for number, text in enumerate(source.splitlines(), 1) if text.strip() == entry.start]


def _with_names_of_their_own(found: Iterable[Mutant]) -> Iterator[Mutant]:
    """The same line can stand in a function twice: the later ones say so."""
    seen: dict[str, int] = {}
    for mutant in found:
        seen[mutant.name] = seen.get(mutant.name, 0) + 1
        count = seen[mutant.name]
        yield mutant if count == 1 else replace(mutant, name=f"{mutant.name} ({count})")


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements, the inner ones too, but for docstrings, errors and what is only said with `verbose`."""
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "verbose":
            continue
        if isinstance(statement, ast.Raise):
            continue
        yield statement
        for inner in ("body", "orelse"):
            yield from _statements(getattr(statement, inner, []))


def _spliced(text: str, old: Any, new: str) -> str:
    """A text with another statement in the place of one of its own."""
    lines = text.splitlines()
    first = min([old.lineno, *(node.lineno for node in getattr(old, "decorator_list", ()))])
    branch = "el" if lines[first - 1].lstrip().startswith("elif ") else ""
    lines[first - 1 : old.end_lineno] = textwrap.indent(branch + new, " " * old.col_offset).splitlines()
    return "\n".join(lines)


def _of_statement(statement: ast.stmt, mixed_up: MixedUp) -> Iterator[tuple[str, str]]:
    """Names and texts of what can stand in place of a statement; named by its first line."""
    heading = _heading(statement)
    changes = [(node, other) for node in _nodes(statement) for other in _alternatives(node, mixed_up)]
    if isinstance(statement, ast.AugAssign | ast.Expr | ast.Return) or _sets_a_part(statement):
        changes.append((statement, ast.Pass()))
    for node, other in changes:
        text = ast.unparse(_replaced(statement, node, other))
        yield f"{heading} -> {text.splitlines()[0]}", text


def _sets_a_part(statement: ast.stmt) -> bool:
    """Whether code after an assignment runs without it: one of a name that is left out stops every student."""
    return isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Subscript)


def _heading(statement: ast.AST) -> str:
    return ast.unparse(statement).splitlines()[0]


def _nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement's own expressions."""
    inner = [s for name in ("body", "orelse") for s in getattr(statement, name, [])]
    skipped = {id(node) for each in inner for node in ast.walk(each)}
    annotation = getattr(statement, "annotation", None)
    if annotation is not None:
        skipped |= {id(node) for node in ast.walk(annotation)}
    skipped |= {id(node.value) for node in ast.walk(statement) if _is_axis(node)}  # type: ignore[attr-defined]
    yield from (node for node in ast.walk(statement) if id(node) not in skipped)


def _replaced(tree: ast.AST, node: ast.AST, alternative: ast.AST) -> ast.AST:
    """A tree in which one node is another; what does not hold it is not copied."""
    if tree is node:
        return alternative
    fields = {name: _field(value, node, alternative) for name, value in ast.iter_fields(tree)}
    same = all(fields[name] is value for name, value in ast.iter_fields(tree))
    return tree if same else _like(tree, **fields)


def _field(value: Any, node: ast.AST, alternative: ast.AST) -> Any:
    if isinstance(value, ast.AST):
        return _replaced(value, node, alternative)
    if isinstance(value, list):
        changed = [_field(item, node, alternative) for item in value]
        return changed if any(a is not b for a, b in zip(changed, value, strict=True)) else value
    return value


def _alternatives(node: ast.AST, mixed_up: MixedUp) -> Alternatives:
    for kind, change in _CHANGES.items():
        if isinstance(node, kind):
            yield from change(node)
    yield from _mixed_up(node, mixed_up)


def _mixed_up(node: ast.AST, mixed_up: MixedUp) -> Alternatives:
    """What of the solution's own is taken for something else, or forgotten."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if name in mixed_up.names:
            yield _like(node, id=mixed_up.names[name])
        case ast.Constant(value=str(text)) if text in mixed_up.keys:
            yield ast.Constant(mixed_up.keys[text])
        case ast.Call(func=ast.Name(id=name), args=[argument, *_]) if name in mixed_up.forgotten:
            yield argument


def _like(node: ast.AST, **fields: object) -> ast.AST:
    """A copy of a node with other fields."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _binary(node: ast.BinOp) -> Alternatives:
    if type(node.op) in OPERATORS:
        yield _like(node, op=OPERATORS[type(node.op)]())
    if not isinstance(node.op, ast.MatMult | ast.FloorDiv):  # without one of them, nothing fits any more
        yield node.left
        yield node.right
    if isinstance(node.op, ast.MatMult | ast.Sub):
        yield _like(node, left=node.right, right=node.left)


def _augmented(node: ast.AugAssign) -> Alternatives:
    yield _like(node, op=OPERATORS[type(node.op)]())
    yield ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)


def _assigned(node: ast.Assign | ast.AnnAssign) -> Alternatives:
    """A sign reversed."""
    if isinstance(node.value, ast.BinOp | ast.Call):
        yield _like(node, value=ast.UnaryOp(ast.USub(), node.value))


def _unary(node: ast.UnaryOp) -> Alternatives:
    if isinstance(node.op, ast.USub):
        yield node.operand


def _comparison(node: ast.Compare) -> Alternatives:
    for other in COMPARISONS.get(type(node.ops[0]), ()):
        yield _like(node, ops=[other()])


def _connective(node: ast.BoolOp) -> Alternatives:
    yield _like(node, op=CONNECTIVES[type(node.op)]())


def _constant(node: ast.Constant) -> Alternatives:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(other) for other in (value + 1, value - 1) if other >= 0)
    elif isinstance(value, float):
        others = {0.0: (1.0,), 1.0: (0.0, 2.0, -1.0)}.get(value, (2 * value, -value))
        yield from (ast.Constant(other) for other in others)


def _attribute(node: ast.Attribute) -> Alternatives:
    if node.attr == "T":
        yield node.value


def _subscript(node: ast.Subscript) -> Alternatives:
    """All of it instead of a part; every row instead of each with its own column."""
    if not isinstance(node.slice, ast.Constant):
        yield node.value
    if isinstance(node.slice, ast.Tuple):
        yield _like(node, slice=ast.Tuple([ast.Slice(), *node.slice.elts[1:]], ast.Load()))


def _slice(node: ast.Slice) -> Alternatives:
    """A bound left out."""
    yield _like(node, lower=None)
    yield _like(node, upper=None)


def _call(node: ast.Call) -> Alternatives:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    if name in CALLS:
        yield _like(node, func=_called(node.func, CALLS[name]))
    if name in DROPPED and node.args:
        yield node.args[0]
    if name == "where":
        yield _like(node, args=[node.args[0], node.args[2], node.args[1]])
    if name == "range":
        for op in (ast.Add(), ast.Sub()):
            yield _like(node, args=[ast.BinOp(node.args[0], op, ast.Constant(1))])
    for keyword in node.keywords:
        yield _like(node, keywords=[other for other in node.keywords if other is not keyword])


def _keyword(node: ast.keyword) -> Alternatives:
    if _is_axis(node) and isinstance(node.value, ast.Constant):
        yield _like(node, value=ast.Constant(0 if node.value.value else 1))


def _is_axis(node: ast.AST) -> bool:
    """Whether a node is `axis=0` or `axis=1`: these are taken for each other, and there is no other."""
    return isinstance(node, ast.keyword) and node.arg == "axis" and isinstance(node.value, ast.Constant)


def _called(func: ast.expr, name: str) -> ast.AST:
    return _like(func, attr=name) if isinstance(func, ast.Attribute) else ast.Name(name, ast.Load())


_CHANGES: dict[type[ast.AST], Callable[..., Alternatives]] = {
    ast.BinOp: _binary,
    ast.AugAssign: _augmented,
    ast.Assign: _assigned,
    ast.AnnAssign: _assigned,
    ast.UnaryOp: _unary,
    ast.Compare: _comparison,
    ast.BoolOp: _connective,
    ast.Constant: _constant,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Call: _call,
    ast.keyword: _keyword,
}
