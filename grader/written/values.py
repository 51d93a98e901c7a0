"""Evaluate a formula at several random points at once.

A formula has *readings*: students leave out brackets, transposes of numbers and the sign of a product wherever only
one way makes sense, so the shapes decide, at points of which no two widths agree. Where several ways make sense, each
is a reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from .tokens import Unreadable
from .tree import (
    Call,
    Differential,
    Gradient,
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

Value = tuple[np.ndarray, ...]
"""One matrix for each point; a number is 1 by 1."""

MAX_READINGS: Final = 8
MAX_FACTORS: Final = 16
MAX_STEPS: Final = 100_000
"""Nodes evaluated for one answer; a long correct one takes 3,000."""
_STEP: Final = 1e-5
"""Half width of a central difference: errors of about 1e-10 for values of about 1."""


class Unknown(Unreadable):
    """A symbol or an operation whose value we do not know."""


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

    def name(self, written: str) -> str | None:
        """Our name of a symbol; None where it has none. A component of a vector stands for the vector."""
        if written in self.written:
            return self.written[written]
        stem, _, index = written.rpartition(" ")
        name = self.written.get(stem)
        return name if name is not None and index in self.components.get(name, ()) else None


@dataclass(frozen=True)
class Scene:
    """Points to evaluate at, and what holds there."""

    network: Network
    points: tuple[dict[str, np.ndarray], ...]
    turned: frozenset[str] = frozenset()
    """Symbols that the student's forward pass has transposed."""
    budget: Budget = field(default_factory=Budget)

    def value(self, name: str) -> Value:
        """The value of one of our symbols."""
        return tuple(p[name].T if name in self.turned else p[name] for p in self.points)

    def gradient(self, name: str) -> Value | None:
        """The gradient of the loss, in the symbol's own shape; None where there is none."""
        found = [self.network.gradients(p).get(name) for p in self.points]
        if any(g is None for g in found):
            return None
        return tuple(g.T if name in self.turned else g for g in found if g is not None)


def readings(node: Node, scene: Scene, *, loose: bool = False) -> list[Value]:
    """All values that a formula may have, at most `MAX_READINGS`; none where its shapes do not fit.

    `loose` also takes products that mean something else than is written: an outer or elementwise product by
    juxtaposition, a forgotten transpose. `Unreadable` for unknown symbols and where it takes too many steps.
    """
    with np.errstate(all="ignore"):
        return _Evaluator(scene, loose).of(node)


def same(one: Value, other: Value) -> bool:
    """Whether shapes are equal and values agree to six digits."""
    return all(
        a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-6, atol=1e-8))
        for a, b in zip(one, other, strict=True)
    )


def flipped(value: Value) -> Value:
    """The transposed value."""
    return tuple(a.T for a in value)


def is_number(value: Value) -> bool:
    """Whether it is 1 by 1 at every point."""
    return all(a.shape == (1, 1) for a in value)


class _Evaluator:
    def __init__(self, scene: Scene, loose: bool) -> None:
        self._scene = scene
        self._loose = loose
        self._seen: dict[int, list[Value]] = {}

    def of(self, node: Node) -> list[Value]:
        if id(node) not in self._seen:
            self._scene.budget.spend()
            self._seen[id(node)] = _distinct(self._new(node))
        return self._seen[id(node)]

    def _new(self, node: Node) -> Iterable[Value]:
        match node:
            case Number(value):
                return [self._constant(value)]
            case Symbol():
                return self._symbol(node)
            case Sum(terms):
                return self._sum(terms)
            case Product():
                return self._product(node)
            case Quotient(above, below):
                return self._pairs(above, below, _quotient)
            case Power():
                return self._power(node)
            case Transpose(of):
                return [flipped(value) for value in self.of(of)]
            case Call(name, of):
                return [f for value in self.of(of) if (f := self._called(name, value))]
            case Norm(of, order):
                return [_mapped(lambda a: np.full((1, 1), _norm(a, order)), value) for value in self.of(of)]
            case Gradient(by, of):
                return self._gradient(by, of)
            case Matrix():
                return self._matrix(node)
            case Differential():
                raise Unknown("a differential that stands alone")

    def _constant(self, value: float) -> Value:
        return tuple(np.full((1, 1), value) for _ in self._scene.points)

    def _symbol(self, symbol: Symbol) -> list[Value]:
        scene, written = self._scene, symbol.written
        if (name := scene.network.name(written)) is not None:
            return [scene.value(name)]
        if written == "e":
            return [self._constant(np.e)]
        if (entry := self._entry(written)) is not None:
            return [entry]
        raise Unknown(f"nothing says what {shown(symbol)} is")

    def _entry(self, written: str) -> Value | None:
        """An entry of a layer, such as `h 1 3` or `W 1 23`; None where it is none."""
        layer, _, index = written.rpartition(" ")
        name = self._scene.network.name(layer)
        digits = [int(d) - 1 for d in index if d.isdecimal()]
        if name is None or not digits or len(digits) != len(index.replace(",", "")):
            return None
        values = self._scene.value(name)
        if len(digits) == 1 and all(1 in a.shape for a in values):
            if any(digits[0] >= a.size or digits[0] < 0 for a in values):
                return None
            return tuple(a.reshape(-1, 1)[digits[0]].reshape(1, 1) for a in values)
        if len(digits) == 2 and all(
            0 <= digits[0] < a.shape[0] and 0 <= digits[1] < a.shape[1] for a in values
        ):
            return tuple(a[digits[0], digits[1]].reshape(1, 1) for a in values)
        return None

    def _sum(self, terms: Sequence[tuple[int, Node]]) -> list[Value]:
        sums: list[Value] = [
            _mapped(lambda a, s=sign: s * a, v) for sign, node in terms[:1] for v in self.of(node)
        ]
        for sign, node in terms[1:]:
            sums = _distinct(
                total for one in sums for value in self.of(node) if (total := self._added(one, value, sign))
            )
        return sums

    def _added(self, one: Value, other: Value, sign: int) -> Value | None:
        if not _fit(one, other) and self._loose and _fit(one, flipped(other)):
            other = flipped(other)
        return _elementwise(one, other, lambda a, b: a + sign * b) if _fit(one, other) else None

    def _pairs(self, one: Node, other: Node, operate: Callable[[Value, Value], Value | None]) -> list[Value]:
        return [v for a in self.of(one) for b in self.of(other) if (v := operate(a, b))]

    def _power(self, node: Power) -> list[Value]:
        if node.base == Symbol("e"):
            return [f for value in self.of(node.exponent) if (f := self._called("exp", value))]
        return self._pairs(node.base, node.exponent, _powered)

    def _product(self, node: Product) -> list[Value]:
        n = len(node.factors)
        if n > MAX_FACTORS:
            raise Unknown(f"a product of more than {MAX_FACTORS} factors")
        table: dict[tuple[int, int], list[Value]] = {(i, i): self.of(node.factors[i]) for i in range(n)}
        for width in range(1, n):
            for i in range(n - width):
                j = i + width
                table[i, j] = _distinct(
                    value
                    for k in range(i, j)
                    for a in table[i, k]
                    for b in table[k + 1, j]
                    for value in self._multiplied(a, b, node, k, width == 1)
                )
        return table[0, n - 1]

    def _multiplied(self, a: Value, b: Value, node: Product, k: int, adjacent: bool) -> list[Value]:
        """The products of two values; `k` is the place of the sign, `adjacent` says that they are single factors."""
        self._scene.budget.spend()
        sign = node.signs[k]
        if is_number(a) or is_number(b):
            return [_elementwise(a, b, np.multiply)]
        found = []
        equal = all(x.shape == y.shape for x, y in zip(a, b, strict=True))
        by_sign = sign in ("ODOT", "STAR", "TIMES")
        own_slope = adjacent and _are_slope(node.factors[k], node.factors[k + 1])
        if equal and (by_sign or own_slope or self._loose):
            found.append(_elementwise(a, b, np.multiply))
        if sign != "ODOT" and all(x.shape[1] == y.shape[0] for x, y in zip(a, b, strict=True)):
            found.append(tuple(x @ y for x, y in zip(a, b, strict=True)))
        if sign == "CDOT" and equal and all(x.shape[1] == 1 for x in a):
            found.append(tuple(x.T @ y for x, y in zip(a, b, strict=True)))
        if (
            self._loose
            and all(x.shape[1] == 1 == y.shape[1] for x, y in zip(a, b, strict=True))
            and sign != "ODOT"
        ):
            found += [tuple(x @ y.T for x, y in zip(a, b, strict=True))]
        if self._loose and not found:
            turned = ((flipped(a), b), (a, flipped(b)))
            found += [
                tuple(x @ y for x, y in zip(c, d, strict=True))
                for c, d in turned
                if sign != "ODOT" and all(x.shape[1] == y.shape[0] for x, y in zip(c, d, strict=True))
            ]
            found += [
                _elementwise(c, d, np.multiply)
                for c, d in turned[:1]
                if all(x.shape == y.shape for x, y in zip(c, d, strict=True))
            ]
        return found

    def _matrix(self, node: Matrix) -> list[Value]:
        rows = [[self.of(cell) for cell in row] for row in node.rows]
        if any(len(cell) != 1 for row in rows for cell in row):
            return []
        try:
            value = tuple(
                np.block([[cell[0][p] for cell in row] for row in rows]) for p in range(self._count)
            )
        except ValueError:
            return []
        return [value, flipped(value)] if node.is_list else [value]

    def _called(self, name: str, value: Value) -> Value | None:
        if name == "diag":
            return tuple(np.diag(a.ravel()) for a in value) if all(1 in a.shape for a in value) else None
        network = self._scene.network
        own = {"f": network.activation, "slope": network.slope}
        return _mapped(own[name] if name in own else _FUNCTIONS[name], value)

    @property
    def _count(self) -> int:
        return len(self._scene.points)

    def _gradient(self, by: Symbol, of: Node) -> list[Value]:
        scene = self._scene
        name = scene.network.name(by.written) if by.written else None
        if name is None:
            raise Unknown(
                f"a derivative by {shown(by)}" if by.written else "a nabla without the letter it belongs to"
            )
        if is_loss(of, scene) and (gradient := scene.gradient(name)) is not None:
            return [gradient]
        jacobians = [self._jacobian(name, of, p) for p in range(self._count)]
        return _as_gradients(jacobians, scene.value(name))

    def _jacobian(self, name: str, of: Node, p: int) -> np.ndarray:
        """Central differences at one point, of shape (rows of `of`, columns of `of`, rows, columns of the symbol)."""
        scene, base = self._scene, self._scene.points[p]
        turned = name in scene.turned
        at = base[name].T if turned else base[name]
        columns = []
        for i in np.ndindex(at.shape):
            ends = []
            for step in (_STEP, -_STEP):
                moved = at.copy()
                moved[i] += step
                ends.append(scene.network.forward(base, {name: moved.T if turned else moved}))
            there = Scene(scene.network, tuple(ends), scene.turned, scene.budget)
            found = _Evaluator(there, False).of(of)
            if not found:
                raise Unknown("a derivative of something whose shapes do not fit")
            columns.append((found[0][0] - found[0][1]) / (2 * _STEP))
        return np.moveaxis(np.array(columns).reshape(*at.shape, *columns[0].shape), (0, 1), (2, 3))


def is_loss(node: Node, scene: Scene) -> bool:
    """Whether a node is the loss itself."""
    return isinstance(node, Symbol) and scene.network.name(node.written) == "J"


def shown(symbol: Symbol) -> str:
    """A symbol as LaTeX again."""
    letter, _, index = symbol.written.partition(" ")
    return f"{letter}_{{{index}}}" if index else letter


def _as_gradients(jacobians: list[np.ndarray], at: Value) -> list[Value]:
    """Derivatives as matrices: what students may mean by them."""
    of_numbers = all(j.shape[:2] == (1, 1) for j in jacobians)
    if of_numbers:
        return [tuple(j[0, 0] for j in jacobians)]
    if is_number(at):
        return [tuple(j[:, :, 0, 0] for j in jacobians)]
    if all(j.shape[1] == 1 and j.shape[3] == 1 for j in jacobians):
        flat = tuple(j[:, 0, :, 0] for j in jacobians)
        diagonal = all(
            a.shape[0] == a.shape[1] and np.allclose(a, np.diag(np.diag(a)), atol=1e-7) for a in flat
        )
        own = [tuple(np.diag(a).reshape(-1, 1) for a in flat)] if diagonal else []
        return [*own, flat, flipped(flat)]
    raise Unknown("a derivative of a vector by a matrix")


def _are_slope(one: Node, other: Node) -> bool:
    """Whether two factors are u and 1 - u: students write the sigmoid's derivative without a sign between."""

    def is_rest(rest: Node, of: Node) -> bool:
        if not isinstance(rest, Sum) or len(rest.terms) != 2:
            return False
        one_first = rest.terms if rest.terms[0] == (1, Number(1)) else rest.terms[::-1]
        return one_first[0] == (1, Number(1)) and one_first[1] == (-1, of)

    return is_rest(other, one) or is_rest(one, other)


def _distinct(values: Iterable[Value]) -> list[Value]:
    found: list[Value] = []
    for value in values:
        if not any(same(value, other) for other in found):
            found.append(value)
        if len(found) == MAX_READINGS:
            break
    return found


def _mapped(f: Callable[..., Any], value: Value) -> Value:
    return tuple(np.asarray(f(a)) for a in value)


def _fit(one: Value, other: Value) -> bool:
    if is_number(one) or is_number(other):
        return True
    return all(a.shape == b.shape for a, b in zip(one, other, strict=True))


def _elementwise(one: Value, other: Value, f: Callable[..., Any]) -> Value:
    return tuple(np.asarray(f(a, b)) for a, b in zip(one, other, strict=True))


def _quotient(above: Value, below: Value) -> Value | None:
    return _elementwise(above, below, np.divide) if _fit(above, below) else None


def _powered(base: Value, exponent: Value) -> Value | None:
    if not is_number(exponent):
        return None
    if any(1 not in a.shape for a in base):
        raise Unknown("a power of a matrix")
    return _elementwise(base, exponent, np.power)


def _norm(a: np.ndarray, order: int) -> float:
    return float(np.abs(a).sum() if order == 1 else np.sqrt((a**2).sum()))


_FUNCTIONS: Final[dict[str, Callable[[np.ndarray], Any]]] = {
    "exp": np.exp, "ln": np.log, "sign": np.sign, "abs": np.abs, "sqrt": np.sqrt,
    "tr": lambda a: np.sum(a).reshape(1, 1), "total": lambda a: np.sum(a).reshape(1, 1),
}  # fmt: skip
