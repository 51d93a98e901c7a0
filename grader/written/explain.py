"""Show how a formula was read: a tree with the shape of each part, for arguing with a student."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from .comparing import WIDTHS
from .judge import Judge
from .rewrite import children
from .statements import chains
from .tokens import Unreadable
from .tree import (
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
    Product,
    Quotient,
    Sum,
    Symbol,
    Transpose,
)
from .values import Scene, readings, shown

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
    Differential: "differential", Cases: "cases", Branch: "case",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A part of a formula: what it is, its shapes in words, and what it is made of."""

    what: str
    shapes: str
    parts: tuple[Part, ...] = ()


def explain(derivations: ModuleType, latex: str, question: str) -> Iterator[tuple[str, Part | str]]:
    """Each form in the text as LaTeX, with its tree, or with why it cannot be read."""
    judge = Judge(derivations, {})
    scene = judge.scene(question)
    for chain in chains(latex if "$" in latex else f"${latex}$", judge.letters):
        for form in chain.forms:
            yield form.latex, form.trouble if form.node is None else _part(form.node, scene)


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
