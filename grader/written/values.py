"""Evaluate a formula at several random points at once.

A formula has *readings*: students leave out brackets, transposes of numbers and the sign of a product wherever only
one way makes sense, so the shapes decide, at points of which no two widths agree. Where several ways make sense, each
is a reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

import numpy as np

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
)
from .primes import derived
from .rewrite import walk
from .tokens import Unreadable

Value = tuple[np.ndarray, ...]
"""For each pair of widths a stack of matrices, one for each point: (points, rows, columns); a number is 1 by 1."""

MAX_READINGS: Final = 8
MAX_FREE_READINGS: Final = 24
MAX_CHANGES: Final = 4
"""Things that may be read otherwise than they are written, in one formula; more is another formula."""
MAX_FACTORS: Final = 16
MAX_STEPS: Final = 100_000
"""Nodes evaluated for one answer; a long correct one takes 3,000."""
_ELEMENTWISE: Final = ("ODOT", "OTIMES", "STAR", "TIMES")
"""Signs that may stand for the elementwise product."""
_STEP: Final = 1e-5
"""Half width of a central difference: errors of about 1e-10 for values of about 1."""


_CLOSE: Final = 1e-6
"""How far numbers may be apart, absolutely and of their size, that are compared further."""


class Unknown(Unreadable):
    """A symbol or an operation whose value we do not know."""


class _NoShape(Unknown):
    """An entry that is none: an index that goes further than what it is an index of."""


@dataclass
class Budget:
    """Steps left for one answer; the same on every machine."""

    steps: int = MAX_STEPS

    def spend(self) -> None:
        """Take one step; `Unreadable` where none is left."""
        self.steps -= 1
        if self.steps < 0:
            raise Unreadable("working it out takes too many steps")


@dataclass(frozen=True)
class Network:
    """What the symbols of the questions mean; see `reference/*/derivations.py`."""

    written: Mapping[str, str]
    """Symbol as written to our name for it."""
    components: Mapping[str, Sequence[str]]
    forward: Callable[..., dict[str, np.ndarray]]
    gradients: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]
    activation: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    """The derivative of `activation`."""
    activations: Mapping[str, str]
    """Activations to what they are the activations of."""

    def name(self, written: str) -> str | None:
        """Our name of a symbol; None where it has none. A component of a vector stands for the vector."""
        if written in self.written:
            return self.written[written]
        stem, _, index = written.rpartition(" ")
        name = self.written.get(stem)
        return name if name is not None and index in self.components.get(name, ()) else None

    def whole(self, written: str) -> str | None:
        """Our name of the symbol of which another one is an entry with an index of letters; None where it is none."""
        stem, _, index = written.rpartition(" ")
        is_entry = re.fullmatch(r"[ijklmnpqrs1,]+", index) and not index.isdigit()
        return self.written.get(stem) if is_entry else None


@dataclass(frozen=True)
class Scene:
    """Points to evaluate at, and what holds there."""

    network: Network
    points: tuple[dict[str, np.ndarray], ...]
    turned: frozenset[str] = frozenset()
    """Symbols that the student's forward pass has transposed."""
    at: Mapping[str, int] = field(default_factory=dict)
    """The values that indices have, from 0."""
    budget: Budget = field(default_factory=Budget)

    stacks: dict[str, Value] = field(default_factory=dict, compare=False, repr=False)
    """Values of symbols and gradients that were asked for, which scenes at the same points may share."""

    def value(self, name: str) -> Value:
        """The value of one of our symbols."""
        return self._stacked(name, name, lambda: self.alike)

    def gradient(self, name: str) -> Value | None:
        """The gradient of the loss, in the symbol's own shape; None where there is none."""
        known = self.stacks.get(f"gradient {name}")
        if known is None and name not in self._slopes[0][0]:
            return None
        return self._stacked(f"gradient {name}", name, lambda: self._slopes)

    def elsewhere(self, points: Iterable[dict[str, np.ndarray]]) -> Scene:
        """The same at other points."""
        return replace(self, points=tuple(points), stacks={})

    @cached_property
    def parts(self) -> list[Scene]:
        """A scene for the points of each shape."""
        return [self.elsewhere(points) for points in self.alike]

    def constant(self, value: float) -> Value:
        """The same number at every point."""
        return tuple(np.full((len(points), 1, 1), value) for points in self.alike)

    @cached_property
    def alike(self) -> list[list[dict[str, np.ndarray]]]:
        """The points, those with the same shapes together."""
        found: dict[tuple[tuple[int, ...], ...], list[dict[str, np.ndarray]]] = {}
        for point in self.points:
            found.setdefault(tuple(a.shape for a in point.values()), []).append(point)
        return list(found.values())

    @cached_property
    def _slopes(self) -> list[list[dict[str, np.ndarray]]]:
        return [[self.network.gradients(point) for point in points] for points in self.alike]

    def _stacked(self, key: str, name: str, groups: Callable[[], list[list[dict[str, np.ndarray]]]]) -> Value:
        if key not in self.stacks:
            self.stacks[key] = tuple(np.stack([point[name] for point in points]) for points in groups())
        value = self.stacks[key]
        return flipped(value) if name in self.turned else value


class How(StrEnum):
    """How a part is read otherwise than it is written."""

    TRANSPOSED = "transposed"
    ELEMENTWISE = "elementwise"
    MATRIX_PRODUCT = "matrix product"
    """Where the sign of an elementwise product stands."""
    SWAPPED = "swapped"
    """The two factors of a matrix product in the other order."""


@dataclass(frozen=True)
class Change:
    """One thing that is read otherwise than it is written: a part, or the product of `part` and `other`."""

    how: How
    part: Node
    other: Node | None = None

    def is_like(self, other: Change) -> bool:
        """Whether both change the same place."""
        return self.how is other.how and self.part is other.part and self.other is other.other


@dataclass(frozen=True)
class Reading:
    """One value that a formula may have, and what has to be changed in it to mean that."""

    value: Value
    changes: tuple[Change, ...] = ()


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


def same(one: Value, other: Value) -> bool:
    """Whether shapes are equal and values agree to six digits."""
    with np.errstate(all="ignore"):
        return all(
            a.shape == b.shape and bool((np.abs(a - b) <= 1e-8 + 1e-6 * np.abs(b)).all())
            for a, b in zip(one, other, strict=True)
        )


def flipped(value: Value) -> Value:
    """The transposed value."""
    return tuple(np.swapaxes(a, -1, -2) for a in value)


def is_number(value: Value) -> bool:
    """Whether it is 1 by 1 at every point."""
    return all(a.shape[-2:] == (1, 1) for a in value)


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
                return self._pairs(above, below, _quotient)
            case Power():
                return self._power(node)
            case Transpose(of):
                return self._each(of, flipped)
            case Call(name, of):
                return self._each(of, lambda value: self._called(name, value))
            case Norm(of, order):
                return self._each(of, lambda value: _mapped(lambda a: _norm(a, order), value))
            case Gradient(by, of):
                return [Reading(value) for value in self._gradient(by, of)]
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
                return self._each(of, lambda value: self._picked(value, index))
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
                yield None if value is None else Reading(value, _joined(a.changes, b.changes))

    def _atom(self, atom: Number | Symbol) -> list[Value]:
        if isinstance(atom, Number):
            return [self._scene.constant(atom.value)]
        scene, written = self._scene, atom.written
        if scene.at and (entry := self._entry(written)) is not None:
            return [entry]
        if (name := scene.network.name(written)) is not None:
            return [scene.value(name)]
        if (entry := self._entry(written)) is not None:
            return [entry]
        raise Unknown(f"nothing says what {shown(atom)} is")

    def _entry(self, written: str) -> Value | None:
        """An entry of a layer, such as `h 1 3` or `W 1 ij` with i and j known; None where it is none."""
        layer, _, index = written.rpartition(" ")
        if layer == r"\delta" and (places := self._places(index)) and len(places) == 2:
            return self._scene.constant(float(places[0] == places[1]))  # Kronecker's
        name = self._scene.network.name(layer)
        return None if name is None else self._picked(self._scene.value(name), index)

    def _places(self, index: str) -> list[int] | None:
        """The numbers that an index stands for, from 0; None where something in it is not known."""
        places = [self._scene.at.get(c, int(c) - 1 if c.isdecimal() else -1) for c in index if c not in ", "]
        return None if not places or min(places) < 0 else places

    def _picked(self, value: Value, index: str) -> Value | None:
        """The entry of a value at an index; None where there is none."""
        places = self._places(index)
        if places is None:
            return None
        if len(places) == 2 and 0 in places and all(1 in a.shape[-2:] for a in value):
            places = [max(places)]  # W_{1j}, of a row
        is_entry = all(1 in a.shape[-2:] for a in value) if len(places) == 1 else len(places) == 2
        if is_entry and set(index) & set(self._scene.at) and any(self._is_outside(a, places) for a in value):
            raise _NoShape("an index that goes further than what it belongs to")
        if len(places) == 1 and all(1 in a.shape[-2:] and places[0] < a[0].size for a in value):
            return tuple(a.reshape(len(a), -1)[:, places[0]].reshape(-1, 1, 1) for a in value)
        if len(places) == 2 and all(places[0] < a.shape[1] and places[1] < a.shape[2] for a in value):
            return tuple(a[:, places[0], places[1]].reshape(-1, 1, 1) for a in value)
        return None

    def _all_entries(self, node: Node, by: Symbol, of: Node) -> list[Reading | None]:
        """As written, and with indices in the other order where that is free."""
        found: list[Reading | None] = []
        stem, _, index = by.written.rpartition(" ")
        turned = Symbol(f"{stem} {index.replace(',', '')[::-1]}")
        self.is_bound |= turned != by and not self._freedom
        for symbol, changes in ((by, ()), (turned, (Change(How.TRANSPOSED, node),))):
            if not changes or (self._freedom and turned != by):
                with suppress(_NoShape):
                    found += [Reading(value, changes) for value in self._entries(symbol, of)]
        return found

    def _is_outside(self, a: np.ndarray, places: Sequence[int]) -> bool:
        sizes = (a[0].size,) if len(places) == 1 else a.shape[1:]
        return any(place >= size for place, size in zip(places, sizes, strict=True))

    def _entries(self, by: Symbol, of: Node) -> list[Value]:
        """The matrices of which `of` says each entry."""
        stem, _, index = by.written.rpartition(" ")
        letters = index.replace(",", "").replace(" ", "")
        name = self._scene.network.name(stem)
        if name is None or len(set(letters)) < len(letters):
            raise Unknown(f"entries of {shown(by)}")
        found = []
        for part, whole in zip(self._scene.parts, self._scene.value(name), strict=True):
            ranges = _ranges(letters, whole.shape[1:])
            if ranges is None:
                raise Unknown(f"which entries of {shown(by)} are said")
            filled = np.empty(whole.shape)
            for place in np.ndindex(*ranges):
                at = {c: i for c, i in zip(letters, place, strict=True) if c.isalpha()}
                entry = self._at(part, at, of)
                where = place if len(place) == 2 else (place[0], 0) if whole.shape[2] == 1 else (0, place[0])
                filled[:, where[0], where[1]] = entry[:, 0, 0]
            found.append(filled)
        return [tuple(found)]

    def _at(self, part: Scene, at: Mapping[str, int], of: Node) -> np.ndarray:
        """The number that a node is at points of the same shapes, with indices known."""
        there = replace(part, at={**part.at, **at})
        found = _Evaluator(there, 0).of(of)
        if not found:
            raise _NoShape("an index that goes further than what it belongs to")
        if len(found) != 1 or not is_number(found[0].value):
            raise Unknown("an entry that is no number")
        return found[0].value[0]

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
        indices = {c for part in walk(node.of) for c in _index_of(part) if c in node.letters or c in "ijklmn"}
        used = indices.intersection(node.letters)
        if not indices and not node.has_limits:
            return self._each(node.of, lambda value: self._called("total", value))
        if used != set(node.letters):
            raise Unknown("a sum over an index that its terms do not have")
        sums = []
        for part in self._scene.parts:
            there = _Evaluator(part, 0)
            counts = [there.count(c, node.of) for c in node.letters]
            terms = [
                self._at(part, dict(zip(node.letters, place, strict=True)), node.of)
                for place in np.ndindex(*counts)
            ]
            sums.append(np.sum(terms, axis=0))
        return [Reading(tuple(sums))]

    def count(self, letter: str, node: Node) -> int:
        """How many values an index takes in a node, at points of the same shapes."""
        found, has_axis = set(), False
        for part in walk(node):
            index = _index_of(part)
            if letter not in index or (isinstance(part, Symbol) and part.written.startswith(r"\delta ")):
                continue
            shape = self._whole(part).shape[1:]
            places = index.replace(",", "").replace(" ", "")
            at = places.index(letter)
            is_vector = 1 in shape and len(places) == 1
            if len(places) > 2:
                raise Unknown(f"an index {index}")
            has_axis |= shape != (1, 1)
            found.add(max(shape) if is_vector else shape[at] if len(places) == 2 else 0)
        if len(found) != 1 or not has_axis or not (count := found.pop()):
            raise Unknown(f"over which values {letter} runs")
        return count

    def _whole(self, part: Node) -> np.ndarray:
        """That of which a part is an entry."""
        if isinstance(part, Entry):
            readings = self.of(part.of)
            if readings:
                return readings[0].value[0]
        elif isinstance(part, Symbol):
            name = self._scene.network.name(part.written.rpartition(" ")[0])
            if name is not None:
                return self._scene.value(name)[0]
        raise Unknown("an index of something that has none")

    def _sum(self, terms: Sequence[tuple[int, Node]]) -> list[Reading]:
        sums: list[Reading] = [
            Reading(_mapped(lambda a, s=sign: s * a, one.value), one.changes)
            for sign, node in terms[:1]
            for one in self.of(node)
        ]
        for sign, node in terms[1:]:
            sums = self._distinct(
                self._added(one, other, sign, node) for one in sums for other in self.of(node)
            )
        return sums

    def _added(self, one: Reading, other: Reading, sign: int, term: Node) -> Reading | None:
        changes, value = _joined(one.changes, other.changes), other.value
        if not _fit(one.value, value):
            value = flipped(value)
            changes = _joined(changes, (Change(How.TRANSPOSED, self.core(term)),))
        if not _fit(one.value, value):
            return None
        return Reading(_elementwise(one.value, value, lambda a, b: a + sign * b), changes)

    def _power(self, node: Power) -> Iterable[Reading | None]:
        if node.base == Symbol("e"):
            return self._each(node.exponent, lambda value: self._called("exp", value))
        return self._pairs(node.base, node.exponent, _powered)

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
                    for value in self._multiplied(a, b, node.signs[k], _Sides(self, node, parts, i, k, j))
                )
        return table[0, n - 1]

    def _multiplied(self, a: Reading, b: Reading, sign: str, sides: _Sides) -> Iterable[Reading]:
        """The products of two readings, which `sides` says how to name."""
        self._scene.budget.spend()
        one, other, changes = a.value, b.value, _joined(a.changes, b.changes)
        if sign == "OTIMES" and all(a.shape[-1] == 1 == b.shape[-1] for a, b in zip(one, other, strict=True)):
            yield Reading(_multiplied(one, flipped(other)), changes)
        if is_number(one) or is_number(other):
            yield Reading(_elementwise(one, other, np.multiply), changes)
            return
        by_sign = sign in _ELEMENTWISE
        is_free = len(changes) < self._freedom
        if _are_alike(one, other):
            product = _elementwise(one, other, np.multiply)
            if by_sign or sides.are_slope:
                yield Reading(product, changes)
            elif is_free:
                yield Reading(product, _joined(changes, (sides.changed(How.ELEMENTWISE),)))
        if _chain(one, other):
            product = _multiplied(one, other)
            if sign != "ODOT":
                yield Reading(product, changes)
            elif is_free and all(a.shape[-1] == 1 for a in one):
                yield Reading(product, _joined(changes, (sides.changed(How.MATRIX_PRODUCT),)))
        if sign == "CDOT" and _are_alike(one, other) and all(a.shape[-1] == 1 for a in one):
            yield Reading(_multiplied(flipped(one), other), changes)
        self.is_bound |= not is_free
        if is_free:
            yield from self._turned(one, other, changes, sign, sides)
            if sign != "ODOT" and _chain(other, one):
                yield Reading(_multiplied(other, one), _joined(changes, (sides.changed(How.SWAPPED),)))

    def _turned(
        self, one: Value, other: Value, changes: tuple[Change, ...], sign: str, sides: _Sides
    ) -> Iterable[Reading]:
        """The products with one of the two transposed."""
        for turns_first in (True, False):
            x, y = (flipped(one), other) if turns_first else (one, flipped(other))
            turned = _joined(changes, (sides.turned(first=turns_first),))
            if sign != "ODOT" and _chain(x, y):
                yield Reading(_multiplied(x, y), turned)
            if _are_alike(x, y):
                product = _elementwise(x, y, np.multiply)
                if sign in _ELEMENTWISE:
                    yield Reading(product, turned)
                else:
                    yield Reading(product, _joined(turned, (sides.changed(How.ELEMENTWISE),)))

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
            return _diagonal(value) if all(1 in a.shape[-2:] for a in value) else None
        if name == "tr":
            return _trace(value) if all(a.shape[-2] == a.shape[-1] for a in value) else None
        network = self._scene.network
        own = {"f": network.activation, "slope": network.slope}
        return _mapped(own[name] if name in own else _FUNCTIONS[name], value)

    def _gradient(self, by: Symbol, of: Node) -> list[Value]:
        scene = self._scene
        name = (scene.network.name(by.written) or scene.network.whole(by.written)) if by.written else None
        if name is None:
            raise Unknown(
                f"a derivative by {shown(by)}" if by.written else "a nabla without the letter it belongs to"
            )
        if is_loss(of, scene) and (gradient := scene.gradient(name)) is not None:
            entry = self._picked(gradient, by.written.rpartition(" ")[2]) if scene.at else None
            return [gradient if entry is None else entry]
        jacobians = [np.stack([self._jacobian(name, of, p) for p in points]) for points in scene.alike]
        return _as_gradients(jacobians, scene.value(name))

    def _jacobian(self, name: str, of: Node, base: dict[str, np.ndarray]) -> np.ndarray:
        """Central differences at one point, of shape (rows of `of`, columns of `of`, rows, columns of the symbol)."""
        scene = self._scene
        turned = name in scene.turned
        at = base[name].T if turned else base[name]
        columns = []
        for i in np.ndindex(at.shape):
            ends = []
            for step in (_STEP, -_STEP):
                moved = at.copy()
                moved[i] += step
                ends.append(scene.network.forward(base, {name: moved.T if turned else moved}))
            there = scene.elsewhere(ends)
            found = _Evaluator(there, 0).of(of)
            if not found:
                raise Unknown("a derivative of something whose shapes do not fit")
            (value,) = found[0].value
            columns.append((value[0] - value[1]) / (2 * _STEP))
        return np.moveaxis(np.array(columns).reshape(*at.shape, *columns[0].shape), (0, 1), (2, 3))


@dataclass(frozen=True)
class _Sides:
    """The factors `first` to `middle` of a product, and those behind them to `last`."""

    evaluator: _Evaluator
    product: Product
    parts: dict[tuple[int, int], Node]
    """Those named before: the same part is the same object."""
    first: int
    middle: int
    last: int

    @property
    def are_slope(self) -> bool:
        """Whether they are the two factors u and 1 - u."""
        factors = self.product.factors[self.first : self.last + 1]
        return len(factors) == 2 and _are_slope(*factors)

    def changed(self, how: How) -> Change:
        """That their product is another one."""
        return Change(how, self._part(self.first, self.middle), self._part(self.middle + 1, self.last))

    def turned(self, *, first: bool) -> Change:
        """That the first, or else the second, is transposed."""
        ends = (self.first, self.middle) if first else (self.middle + 1, self.last)
        return Change(How.TRANSPOSED, self._part(*ends))

    def _part(self, i: int, j: int) -> Node:
        if (i, j) not in self.parts:
            factors = self.product.factors[i : j + 1]
            part = factors[0] if i == j else Product(factors, self.product.signs[i:j])
            self.parts[i, j] = self.evaluator.core(part)
        return self.parts[i, j]


def _holds(sign: np.ndarray, relation: str) -> np.ndarray:
    """Where a condition holds for something with this sign."""
    sizes = {"GREATER": 1, "LESS": -1, "EQ": 0}
    held: np.ndarray = sign == sizes[relation]
    return held


def _index_of(node: Node) -> str:
    """The index of an entry; empty for what is none."""
    if isinstance(node, Entry):
        return node.index
    return node.written.rpartition(" ")[2] if isinstance(node, Symbol) and " " in node.written else ""


def _ranges(letters: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """How far each index goes of entries of a matrix of a shape; None where they do not say all of it."""
    if len(letters) == 1:
        return (max(shape),) if letters.isalpha() and 1 in shape else None
    if len(letters) != 2 or any(
        c.isdecimal() and (c != "1" or n != 1) for c, n in zip(letters, shape, strict=True)
    ):
        return None
    return shape


def is_loss(node: Node, scene: Scene) -> bool:
    """Whether a node is the loss itself."""
    return isinstance(node, Symbol) and scene.network.name(node.written) == "J"


def shown(symbol: Symbol) -> str:
    """A symbol as LaTeX again."""
    letter, _, index = symbol.written.partition(" ")
    return f"{letter}_{{{index}}}" if index else letter


def _as_gradients(jacobians: list[np.ndarray], at: Value) -> list[Value]:
    """Derivatives as matrices: what students may mean by them. Jacobians are (points, rows, columns, rows, columns)."""
    if all(j.shape[1:3] == (1, 1) for j in jacobians):
        return [tuple(j[:, 0, 0] for j in jacobians)]
    if is_number(at):
        return [tuple(j[..., 0, 0] for j in jacobians)]
    if all(j.shape[2] == 1 and j.shape[4] == 1 for j in jacobians):
        flat = tuple(j[:, :, 0, :, 0] for j in jacobians)
        is_square = all(a.shape[1] == a.shape[2] for a in flat)
        own = tuple(np.diagonal(a, axis1=1, axis2=2)[..., None] for a in flat) if is_square else ()
        is_own = is_square and all(
            np.allclose(a, _spread(b), atol=1e-7) for a, b in zip(flat, own, strict=True)
        )
        return [*([own] if is_own else []), flat, flipped(flat)]
    raise Unknown("a derivative of a vector by a matrix")


def _are_slope(one: Node, other: Node) -> bool:
    """Whether two factors are u and 1 - u: students write the sigmoid's derivative without a sign between."""

    def is_rest(rest: Node, of: Node) -> bool:
        if not isinstance(rest, Sum) or len(rest.terms) != 2:
            return False
        one_first = rest.terms if rest.terms[0] == (1, Number(1)) else rest.terms[::-1]
        return one_first[0] == (1, Number(1)) and one_first[1] == (-1, of)

    return is_rest(other, one) or is_rest(one, other)


def _joined(one: tuple[Change, ...], other: tuple[Change, ...]) -> tuple[Change, ...]:
    return (*one, *(change for change in other if not any(map(change.is_like, one))))


def _mapped(f: Callable[..., Any], value: Value) -> Value:
    return tuple(np.asarray(f(a)) for a in value)


def _fit(one: Value, other: Value) -> bool:
    return is_number(one) or is_number(other) or _are_alike(one, other)


def _are_alike(one: Value, other: Value) -> bool:
    return all(a.shape == b.shape for a, b in zip(one, other, strict=True))


def _chain(one: Value, other: Value) -> bool:
    """Whether their matrix product has a meaning."""
    return all(a.shape[-1] == b.shape[-2] for a, b in zip(one, other, strict=True))


def _multiplied(one: Value, other: Value) -> Value:
    return tuple(a @ b for a, b in zip(one, other, strict=True))


def _elementwise(one: Value, other: Value, f: Callable[..., Any]) -> Value:
    return tuple(np.asarray(f(a, b)) for a, b in zip(one, other, strict=True))


def _quotient(above: Value, below: Value) -> Value | None:
    return _elementwise(above, below, np.divide) if _fit(above, below) else None


def _powered(base: Value, exponent: Value) -> Value | None:
    if not is_number(exponent):
        return None
    if any(1 not in a.shape[-2:] for a in base):
        raise Unknown("a power of a matrix")
    return _elementwise(base, exponent, np.power)


def _norm(a: np.ndarray, order: int) -> np.ndarray:
    return _total(np.abs(a)) if order == 1 else np.sqrt(_total(a**2))


def _total(a: np.ndarray) -> np.ndarray:
    total: np.ndarray = np.sum(a, axis=(-1, -2), keepdims=True)
    return total


def _diagonal(value: Value) -> Value:
    return _mapped(lambda a: _spread(a.reshape(len(a), -1, 1)), value)


def _spread(columns: np.ndarray) -> np.ndarray:
    """Columns as diagonal matrices."""
    return columns * np.eye(columns.shape[1])


def _trace(value: Value) -> Value:
    return _mapped(lambda a: np.trace(a, axis1=-2, axis2=-1).reshape(-1, 1, 1), value)


_FUNCTIONS: Final[dict[str, Callable[[np.ndarray], Any]]] = {
    "exp": np.exp, "ln": np.log, "sign": np.sign, "abs": np.abs, "sqrt": np.sqrt, "total": _total,
}  # fmt: skip
