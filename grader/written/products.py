"""What the product of two factors may be: by its sign, by their shapes, and with one thing read otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from .changes import Change, How, Reading, joined
from .matrices import Value, are_alike, are_chained, elementwise, flipped, is_number, multiplied
from .nodes import Node, Number, Product, Sum

_ELEMENTWISE: Final = ("ODOT", "OTIMES", "STAR", "TIMES")
"""Signs that may stand for the elementwise product."""


@dataclass(frozen=True)
class Sides:
    """The factors `first` to `middle` of a product, and those behind them to `last`."""

    core: Callable[[Node], Node]
    """What of a part has a shape."""
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
            self.parts[i, j] = self.core(part)
        return self.parts[i, j]


def products(
    one: Value, other: Value, changes: tuple[Change, ...], sign: str, sides: Sides, *, is_free: bool
) -> Iterator[Reading]:
    """The products of two values with the changes made in them, which `sides` says how to name.

    `is_free` says whether one more change is allowed.
    """
    if sign == "OTIMES" and all(a.shape[-1] == 1 == b.shape[-1] for a, b in zip(one, other, strict=True)):
        yield Reading(multiplied(one, flipped(other)), changes)
    if is_number(one) or is_number(other):
        yield Reading(elementwise(one, other, np.multiply), changes)
        return
    by_sign = sign in _ELEMENTWISE
    if are_alike(one, other):
        product = elementwise(one, other, np.multiply)
        if by_sign or sides.are_slope:
            yield Reading(product, changes)
        elif is_free:
            yield Reading(product, joined(changes, (sides.changed(How.ELEMENTWISE),)))
    if are_chained(one, other):
        product = multiplied(one, other)
        if sign != "ODOT":
            yield Reading(product, changes)
        elif is_free and all(a.shape[-1] == 1 for a in one):
            yield Reading(product, joined(changes, (sides.changed(How.MATRIX_PRODUCT),)))
    if sign == "CDOT" and are_alike(one, other) and all(a.shape[-1] == 1 for a in one):
        yield Reading(multiplied(flipped(one), other), changes)
    if is_free:
        yield from _turned(one, other, changes, sign, sides)
        if sign != "ODOT" and are_chained(other, one):
            yield Reading(multiplied(other, one), joined(changes, (sides.changed(How.SWAPPED),)))


def _turned(
    one: Value, other: Value, changes: tuple[Change, ...], sign: str, sides: Sides
) -> Iterator[Reading]:
    """The products with one of the two transposed."""
    for turns_first in (True, False):
        x, y = (flipped(one), other) if turns_first else (one, flipped(other))
        turned = joined(changes, (sides.turned(first=turns_first),))
        if sign != "ODOT" and are_chained(x, y):
            yield Reading(multiplied(x, y), turned)
        if are_alike(x, y):
            product = elementwise(x, y, np.multiply)
            if sign in _ELEMENTWISE:
                yield Reading(product, turned)
            else:
                yield Reading(product, joined(turned, (sides.changed(How.ELEMENTWISE),)))


def _are_slope(one: Node, other: Node) -> bool:
    """Whether two factors are u and 1 - u: students write the sigmoid's derivative without a sign between."""

    def is_rest(rest: Node, of: Node) -> bool:
        if not isinstance(rest, Sum) or len(rest.terms) != 2:
            return False
        one_first = rest.terms if rest.terms[0] == (1, Number(1)) else rest.terms[::-1]
        return one_first[0] == (1, Number(1)) and one_first[1] == (-1, of)

    return is_rest(other, one) or is_rest(one, other)
