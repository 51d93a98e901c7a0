"""Show how a formula was read: a tree with the shape of each part, and every reading, for arguing with a student."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from .changes import Change, How
from .comparing import WIDTHS, freely
from .judge import Judge
from .matrices import Value, flipped, same
from .nodes import (
    Branch,
    Call,
    Cases,
    Differential,
    Entries,
    Entry,
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
    shown,
)
from .rewrite import children
from .scene import Scene
from .shapes import Named, plain
from .shapes import shown as numbers
from .statements import chains
from .tokens import Unreadable
from .values import readings

_SIGNS = {
    "": "side by side",
    "CDOT": r"\cdot",
    "STAR": "*",
    "TIMES": r"\times",
    "ODOT": r"\odot",
    "OTIMES": r"\otimes",
}

_NAMES: Final[dict[type, str]] = {
    Quotient: "fraction", Power: "power", Transpose: "transpose", Gradient: "gradient by, of", Matrix: "matrix",
    Differential: "differential", Cases: "cases", Branch: "case", Prime: "transpose or derivative",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A part of a formula: what it is, its shapes in words, and what it is made of."""

    what: str
    shapes: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Tried:
    """One reading of a formula, in words."""

    how: str
    """As it is written, or what is read otherwise than it is written."""
    shape: str
    value: str
    """At the reference's first example."""
    right_for: tuple[str, ...]
    """What it is the right answer to, as `Q1.4 (h1)`, and where only its transpose is."""


@dataclass(frozen=True)
class Explained:
    """One form of a text: its tree and its readings, or what kept it from being read."""

    latex: str
    tree: Part | None = None
    tried: tuple[Tried, ...] = ()
    trouble: str = ""


def explain(derivations: ModuleType, latex: str, question: str) -> Iterator[Explained]:
    """Each form in a text, over the symbols of a question."""
    judge = Judge(derivations, {})
    scene = judge.scene(question)
    # Beside the random points one to show: its shapes differ from theirs, so its values stand last.
    shown_too = Scene(scene.network, (*scene.points, derivations.examples()[0]))
    for chain in chains(latex if "$" in latex else f"${latex}$", judge.letters):
        for form in chain.forms:
            if form.node is None:
                yield Explained(form.latex, trouble=form.trouble)
            else:
                yield Explained(
                    form.latex, _part(form.node, scene), tuple(_tried(form.node, judge, shown_too))
                )


def _tried(node: Node, judge: Judge, scene: Scene) -> Iterator[Tried]:
    right = dict(judge.all_right(scene))
    for reading in freely(node, scene).found:
        changes = "; ".join(_change(change, scene.network.name) for change in reading.changes)
        yield Tried(
            changes or "as written",
            _shape(tuple(a.shape[-2:] for a in reading.value[:-1])),
            numbers(reading.value[-1][0]),
            tuple(_right_for(reading.value, right)),
        )


def _right_for(found: Value, right: Mapping[str, Value]) -> Iterator[str]:
    for name, value in right.items():
        if same(found, value):
            yield name
        elif same(flipped(found), value):
            yield f"{name} with the whole transposed"


def _change(change: Change, named: Named) -> str:
    parts = plain(change.part, named)
    if change.other is not None:
        parts = f"{parts} and {plain(change.other, named)}"
    return {
        How.TRANSPOSED: f"{parts} transposed",
        How.ELEMENTWISE: f"{parts} multiplied elementwise",
        How.MATRIX_PRODUCT: f"{parts} multiplied as matrices",
        How.SWAPPED: f"{parts} in the other order",
    }[change.how]


def _part(node: Node, scene: Scene) -> Part:
    try:
        shapes = _shapes(node, scene)
    except Unreadable as error:
        shapes = str(error)
    return Part(_name(node, scene), shapes, tuple(_part(child, scene) for child in children(node)))


def _name(node: Node, scene: Scene) -> str:
    match node:
        case Number(value):
            return f"{value:g}"
        case Symbol(written):
            name = scene.network.name(written)
            return shown(node) + (f", our {name}" if name else "")
        case Sum(terms):
            return "sum, signs " + " ".join("+" if sign > 0 else "-" for sign, _ in terms)
        case Product(_, signs):
            return "product: " + ", ".join(dict.fromkeys(_SIGNS[sign] for sign in signs))
        case Call(name, _):
            return {"f": "sigmoid", "slope": "the sigmoid's derivative", "total": "sum of the entries"}.get(
                name, name
            )
        case Norm(_, order):
            return f"norm of order {order}"
        case Entries(by, _):
            return f"all entries of {shown(by)}"
        case Entry(_, index):
            return f"entry {index}"
        case IndexSum(letters, _):
            return f"sum over {letters}"
        case _:
            return _NAMES[type(node)]


def _shapes(node: Node, scene: Scene) -> str:
    found = dict.fromkeys(tuple(a.shape[-2:] for a in value) for value in readings(node, scene))
    if not found:
        return "its shapes do not fit each other"
    return " or ".join(_shape(shape) for shape in found)


def _shape(shape: tuple[tuple[int, ...], ...]) -> str:
    if all(one == (1, 1) for one in shape):
        return "a number"
    widths = tuple(dict.fromkeys(WIDTHS))
    names = {
        (1,) * len(widths): "1",
        tuple(inputs for inputs, _ in widths): "inputs",
        tuple(hidden for _, hidden in widths): "hidden",
        tuple(map(sum, widths)): "parameters",
    }
    return " x ".join(names.get(side, "?") for side in zip(*shape, strict=True))
