"""Evaluate a formula at several random points at once.

A formula has *readings*: students leave out brackets, transposes of numbers and the sign of a product wherever only
one way makes sense, so the shapes decide, at points of which no two widths agree. Where several ways make sense, each
is a reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from .changes import Change, How, Reading, joined
from .derivatives import gradients
from .indices import NoShape, entries, entry_named, picked, summed
from .matrices import (
    FUNCTIONS,
    Unknown,
    Value,
    diagonal,
    elementwise,
    fit,
    flipped,
    is_number,
    mapped,
    norm,
    powered,
    quotient,
    same,
    trace,
)
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
from .primes import derived
from .products import Sides, products
from .scene import Scene

MAX_READINGS: Final = 8
MAX_FREE_READINGS: Final = 24
MAX_CHANGES: Final = 4
"""Things that may be read otherwise than they are written, in one formula; more is another formula."""
MAX_FACTORS: Final = 16
_CLOSE: Final = 1e-6
"""How far numbers may be apart, absolutely and of their size, that are compared further."""


def readings(node: Node, scene: Scene) -> list[Value]:
    """All values that a formula may have as written, at most `MAX_READINGS`; none where its shapes do not fit.

    `Unreadable` for unknown symbols and where it takes too many steps.
    """
    with np.errstate(all="ignore"):
        return [reading.value for reading in _Evaluator(scene, 0).of(node)]


@dataclass(frozen=True)
class FreeReadings:
    """What a formula may mean with few changes of shapes, least changed first."""

    found: tuple[Reading, ...]
    are_all: bool
    """Whether none was left out for being one too many."""
    is_bound: bool = False
    """Whether more changes would lead to further ones."""


def free_readings(node: Node, scene: Scene, changes: int = MAX_CHANGES) -> FreeReadings:
    """The readings of a formula with at most so many changes: a transpose put in or left out, another product.

    Raises as `readings` does.
    """
    with np.errstate(all="ignore"):
        evaluator = _Evaluator(scene, changes)
        found = tuple(evaluator.of(node))
        return FreeReadings(found, not evaluator.left_out, evaluator.is_bound)


def core(node: Node, scene: Scene) -> Node:
    """What of a part has a shape: the part without its factors that are numbers, where one factor is left."""
    with np.errstate(all="ignore"):
        return _Evaluator(scene, 0).core(node)


class _Evaluator:
    def __init__(self, scene: Scene, freedom: int) -> None:
        """`freedom` is how many changes a reading may have."""
        self._scene = scene
        self._freedom = freedom
        self._most = MAX_FREE_READINGS if freedom else MAX_READINGS
        self._seen: dict[int, list[Reading]] = {}
        self.left_out = False
        self.is_bound = False
        """Whether more freedom would lead to further readings."""

    def of(self, node: Node) -> list[Reading]:
        if id(node) not in self._seen:
            self._scene.budget.spend()
            self._seen[id(node)] = self._distinct(self._new(node))
        return self._seen[id(node)]

    def _distinct(self, found: Iterable[Reading | None]) -> list[Reading]:
        """Each value once, as the reading with the fewest changes."""
        values = [one for one in found if one is not None]
        if len(values) < 2 and not (values and values[0].changes):
            return values
        allowed = [one for one in values if len(one.changes) <= self._freedom]
        self.is_bound |= len(allowed) < len(values)
        kept: list[tuple[Reading, tuple[int, ...], float]] = []
        for reading in sorted(allowed, key=lambda one: len(one.changes)):
            shape, first = reading.value[0].shape, float(reading.value[0].flat[0])
            if any(
                shape == other_shape
                and abs(first - other_first) <= _CLOSE + _CLOSE * abs(other_first)  # most differ here already
                and same(reading.value, other.value)
                for other, other_shape, other_first in kept
            ):
                continue
            if len(kept) == self._most:
                self.left_out = True
                break
            kept.append((reading, shape, first))
        return [reading for reading, _, _ in kept]

    def _new(self, node: Node) -> Iterable[Reading | None]:
        match node:
            case Number() | Symbol():
                return [Reading(value) for value in self._atom(node)]
            case Sum(terms):
                return self._sum(terms)
            case Product():
                return self._product(node)
            case Quotient(above, below):
                return self._pairs(above, below, quotient)
            case Power():
                return self._power(node)
            case Transpose(of):
                return self._each(of, flipped)
            case Call(name, of):
                return self._each(of, lambda value: self._called(name, value))
            case Norm(of, order):
                return self._each(of, lambda value: mapped(lambda a: norm(a, order), value))
            case Gradient(by, of):
                return [Reading(value) for value in gradients(by, of, self._scene, _as_written)]
            case Matrix():
                return [Reading(value) for value in self._matrix(node)]
            case Differential() | Entries() | Entry() | IndexSum() | Cases() | Branch() | Prime():
                return self._special(node)

    def _special(
        self, node: Differential | Entries | Entry | IndexSum | Cases | Branch | Prime
    ) -> Iterable[Reading | None]:
        match node:
            case Differential():
                raise Unknown("a differential that stands alone")
            case Prime(of):
                return [*self._each(of, flipped), *self._derived(of)]
            case Branch():
                raise Unknown("a case that stands alone")
            case Entries(by, of):
                return self._all_entries(node, by, of)
            case Entry(of, index):
                return self._each(of, lambda value: picked(value, index, self._scene))
            case IndexSum():
                return self._index_sum(node)
            case Cases(branches):
                return self._cases(branches)

    def _each(self, node: Node, operate: Callable[[Value], Value | None]) -> Iterable[Reading | None]:
        for one in self.of(node):
            value = operate(one.value)
            yield None if value is None else Reading(value, one.changes)

    def _pairs(
        self, one: Node, other: Node, operate: Callable[[Value, Value], Value | None]
    ) -> Iterable[Reading | None]:
        for a in self.of(one):
            for b in self.of(other):
                value = operate(a.value, b.value)
                yield None if value is None else Reading(value, joined(a.changes, b.changes))

    def _atom(self, atom: Number | Symbol) -> list[Value]:
        if isinstance(atom, Number):
            return [self._scene.constant(atom.value)]
        scene, written = self._scene, atom.written
        if scene.at and (entry := entry_named(written, scene)) is not None:
            return [entry]
        if (name := scene.network.name(written)) is not None:
            return [scene.value(name)]
        if (entry := entry_named(written, scene)) is not None:
            return [entry]
        raise Unknown(f"nothing says what {shown(atom)} is")

    def _all_entries(self, node: Node, by: Symbol, of: Node) -> list[Reading | None]:
        """As written, and with indices in the other order where that is free."""
        found: list[Reading | None] = []
        stem, _, index = by.written.rpartition(" ")
        turned = Symbol(f"{stem} {index.replace(',', '')[::-1]}")
        self.is_bound |= turned != by and not self._freedom
        for symbol, changes in ((by, ()), (turned, (Change(How.TRANSPOSED, node),))):
            if not changes or (self._freedom and turned != by):
                with suppress(NoShape):
                    found += [
                        Reading(value, changes) for value in entries(symbol, of, self._scene, _as_written)
                    ]
        return found

    def _derived(self, of: Node) -> Iterable[Reading | None]:
        """The derivative of an activation by what it is the activation of."""
        slope = derived(of, self._scene.network)
        return () if slope is None else self.of(slope)

    def _cases(self, branches: Sequence[Branch]) -> list[Reading | None]:
        """By each entry, the value of the first branch whose condition holds there."""
        values, holds = [], []
        for branch in branches:
            found = self.of(branch.value)
            subject = [] if branch.subject is None else self.of(branch.subject)
            if not found or (branch.subject is not None and not subject):
                return []
            values.append(found[0].value)
            signs = [] if branch.subject is None else [np.sign(a) for a in subject[0].value]
            holds.append([_holds(a, branch.relation) for a in signs])
        shaped = [value for value in values if not is_number(value)]
        chosen = []
        for p, like in enumerate((shaped or values)[0]):
            masks = [hold[p] if hold else np.full(like.shape, fill_value=True) for hold in holds]
            try:
                parts = np.broadcast_arrays(*masks, *(value[p] for value in values))
            except ValueError:
                return []
            where, what = parts[: len(masks)], parts[len(masks) :]
            if not np.logical_or.reduce(where).all():
                raise Unknown("cases that leave some values out")
            chosen.append(np.select(where, what))
        return [Reading(tuple(chosen))]

    def _index_sum(self, node: IndexSum) -> Iterable[Reading | None]:
        value = summed(node, self._scene, _as_written)
        if value is None:
            return self._each(node.of, lambda whole: self._called("total", whole))
        return [Reading(value)]

    def _sum(self, terms: Sequence[tuple[int, Node]]) -> list[Reading]:
        sums: list[Reading] = [
            Reading(mapped(lambda a, s=sign: s * a, one.value), one.changes)
            for sign, node in terms[:1]
            for one in self.of(node)
        ]
        for sign, node in terms[1:]:
            sums = self._distinct(
                self._added(one, other, sign, node) for one in sums for other in self.of(node)
            )
        return sums

    def _added(self, one: Reading, other: Reading, sign: int, term: Node) -> Reading | None:
        changes, value = joined(one.changes, other.changes), other.value
        if not fit(one.value, value):
            value = flipped(value)
            changes = joined(changes, (Change(How.TRANSPOSED, self.core(term)),))
        if not fit(one.value, value):
            return None
        return Reading(elementwise(one.value, value, lambda a, b: a + sign * b), changes)

    def _power(self, node: Power) -> Iterable[Reading | None]:
        if node.base == Symbol("e"):
            return self._each(node.exponent, lambda value: self._called("exp", value))
        return self._pairs(node.base, node.exponent, powered)

    def _product(self, node: Product) -> list[Reading]:
        n = len(node.factors)
        if n > MAX_FACTORS:
            raise Unknown(f"a product of more than {MAX_FACTORS} factors")
        table = {(i, i): self.of(node.factors[i]) for i in range(n)}
        parts: dict[tuple[int, int], Node] = {}
        for width in range(1, n):
            for i in range(n - width):
                j = i + width
                table[i, j] = self._distinct(
                    value
                    for k in range(i, j)
                    for a in table[i, k]
                    for b in table[k + 1, j]
                    for value in self._multiplied(a, b, node.signs[k], Sides(self.core, node, parts, i, k, j))
                )
        return table[0, n - 1]

    def _multiplied(self, a: Reading, b: Reading, sign: str, sides: Sides) -> Iterable[Reading]:
        """The products of two readings, which `sides` says how to name."""
        self._scene.budget.spend()
        changes = joined(a.changes, b.changes)
        is_free = len(changes) < self._freedom
        self.is_bound |= not is_free and not (is_number(a.value) or is_number(b.value))
        return products(a.value, b.value, changes, sign, sides, is_free=is_free)

    def core(self, node: Node) -> Node:
        """What of a part has a shape: see the function of the same name."""
        while isinstance(node, Product):
            left = [i for i, factor in enumerate(node.factors) if not self._is_number(factor)]
            if len(left) != 1:
                if len(left) in (0, len(node.factors)):
                    break
                signs = tuple(node.signs[i - 1] for i in left[1:])
                return Product(tuple(node.factors[i] for i in left), signs)
            node = node.factors[left[0]]
        return node

    def _is_number(self, node: Node) -> bool:
        return all(is_number(reading.value) for reading in self.of(node))

    def _matrix(self, node: Matrix) -> list[Value]:
        rows = [[self.of(cell) for cell in row] for row in node.rows]
        if any(len([one for one in cell if not one.changes]) != 1 for row in rows for cell in row):
            return []
        try:
            value = tuple(
                np.block([[cell[0].value[p] for cell in row] for row in rows])
                for p in range(len(self._scene.constant(0)))
            )
        except ValueError:
            return []
        return [value, flipped(value)] if node.is_list else [value]

    def _called(self, name: str, value: Value) -> Value | None:
        if name == "diag":
            return diagonal(value) if all(1 in a.shape[-2:] for a in value) else None
        if name == "tr":
            return trace(value) if all(a.shape[-2] == a.shape[-1] for a in value) else None
        network = self._scene.network
        own = {"f": network.activation, "slope": network.slope}
        return mapped(own[name] if name in own else FUNCTIONS[name], value)


def _as_written(scene: Scene) -> Callable[[Node], list[Reading]]:
    return _Evaluator(scene, 0).of


def _holds(sign: np.ndarray, relation: str) -> np.ndarray:
    """Where a condition holds for something with this sign."""
    sizes = {"GREATER": 1, "LESS": -1, "EQ": 0}
    held: np.ndarray = sign == sizes[relation]
    return held
