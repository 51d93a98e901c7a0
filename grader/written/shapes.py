"""The least that has to be read otherwise in a formula for its value to be right, and how to say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from .changes import Change, How
from .matrices import Value, flipped, same
from .nodes import (
    Call,
    Gradient,
    IndexSum,
    Matrix,
    Node,
    Norm,
    Number,
    Power,
    Prime,
    Product,
    Quotient,
    Sum,
    Symbol,
    Transpose,
)
from .scene import Scene
from .values import MAX_CHANGES, core, free_readings, readings

Named = Callable[[str], str | None]
"""A symbol as written to our name for it, None where it has none."""

_LONG: Final = 40
"""Letters of a part that is quoted whole."""


def least_change(node: Node, scene: Scene, right: Value) -> tuple[Change, ...] | None:
    """The fewest changes of shapes that make a formula's value the right one; None where no few do.

    Raises as `readings` does.
    """
    for most in (0, 1, 2, MAX_CHANGES):
        found: list[tuple[Change, ...]] = []
        free = free_readings(node, scene, most)
        for reading in free.found:
            if same(reading.value, right):
                found.append(reading.changes)
            elif same(flipped(reading.value), right):
                found.append((*reading.changes, Change(How.TRANSPOSED, core(node, scene))))
        if found:
            return min(found, key=_weight)
        if not free.is_bound:
            break
    return None


def _weight(changes: Sequence[Change]) -> tuple[int, int]:
    """How much is changed: so many places, and so many that are more than a letter."""
    letters = (change.part.of if isinstance(change.part, Transpose) else change.part for change in changes)
    return len(changes), sum(not isinstance(part, Symbol) for part in letters)


def in_words(changes: Sequence[Change], node: Node, scene: Scene, right: Value, named: Named) -> str:
    """What to change in a formula, and the shapes that show it."""
    todo = "; ".join(_change(change, node, scene, named) for change in changes)
    found = readings(node, scene)
    if not found:
        return f"{todo}. As written its shapes do not fit each other; wanted is {size(right)}"
    if size(found[0]) == size(right):
        return todo
    if changes[-1].part is node:
        return f"{todo}; wanted is {size(right)}"
    return f"{todo}. As written it comes out as {size(found[0])}; wanted is {size(right)}"


def _change(change: Change, node: Node, scene: Scene, named: Named) -> str:
    part = plain(change.part, named)
    if change.how is How.TRANSPOSED:
        found = readings(change.part, scene)
        shape = size(found[0]) if found else "turned round"
        if isinstance(change.part, Transpose):
            return f"{part} is {shape} here: leave the transpose out"
        return f"{'the whole' if change.part is node else part} is {shape} here: transpose it"
    other = plain(change.other, named) if change.other is not None else ""
    if change.how is How.SWAPPED:
        return f"{part} and {other} stand in the wrong order"
    if change.how is How.ELEMENTWISE:
        return f"the product of {part} and {other} is elementwise"
    return f"the product of {part} and {other} is a matrix product, not an elementwise one"


def size(value: Value) -> str:
    """The shape of a value at the first point, in words."""
    rows, columns = value[0].shape[-2:]
    if rows == columns == 1:
        return "a number"
    kind = "column" if columns == 1 else "row" if rows == 1 else "matrix"
    return f"a {rows}x{columns} {kind}"


def plain(node: Node, named: Named) -> str:
    """A part of a formula in plain letters, cut where it is long."""
    text = _plain(node, named)
    return text if len(text) <= _LONG else f"{text[:_LONG].rstrip()} ..."


def _plain(node: Node, named: Named) -> str:
    match node:
        case Number(value):
            return f"{value:g}"
        case Symbol(written):
            return named(written) or written.replace("\\", "").strip().replace(" ", "_")
        case Sum(terms):
            first = ("-" if terms[0][0] < 0 else "") + _plain(terms[0][1], named)
            rest = (f" {'-' if sign < 0 else '+'} {_plain(term, named)}" for sign, term in terms[1:])
            return first + "".join(rest)
        case Product(factors, _):
            return " ".join(_grouped(factor, named) for factor in factors)
        case Quotient(above, below):
            return f"{_grouped(above, named)} / {_grouped(below, named)}"
        case Transpose(of):
            return f"{_grouped(of, named)}^T"
        case Power(base, exponent):
            return f"{_grouped(base, named)}^{_grouped(exponent, named)}"
        case _:
            return _applied(node, named)


def _applied(node: Node, named: Named) -> str:
    """A function or an operator with what it is applied to."""
    match node:
        case Call(name, of):
            called = {"slope": "f'", "total": "the sum of "}.get(name, name)
            return f"{called}({_plain(of, named)})"
        case Norm(of, _):
            return f"||{_plain(of, named)}||"
        case Gradient(by, _):
            return f"the gradient at {_plain(by, named)}"
        case IndexSum(_, of):
            return f"the sum of {_grouped(of, named)}"
        case Prime(of):
            return f"{_grouped(of, named)}'"
        case Matrix():
            return "the matrix"
        case _:
            return "what stands there"


def _grouped(node: Node, named: Named) -> str:
    text = _plain(node, named)
    return f"({text})" if isinstance(node, Sum | Product | Quotient) else text


def shown(a: np.ndarray) -> str:
    """A matrix in numbers: rows between semicolons."""
    rows = [", ".join(f"{x:.4g}" for x in row) for row in a + 0.0]
    return rows[0] if a.shape == (1, 1) else "[" + "; ".join(rows) + "]"
