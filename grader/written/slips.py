"""Single slips: what a wrong formula would be without one, and where it stands.

Each is one place of the student's formula put otherwise. The first that makes the value right is the likeliest mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from .nodes import Call, Entries, IndexSum, Node, Norm, Number, Power, Product, Quotient, Sum, Symbol
from .rewrite import substitute
from .shapes import Named, plain

Confused = Mapping[str, Sequence[tuple[str, Node]]]
"""Our name of a symbol to what belongs in its place, with what putting the one for the other is called."""
LeftOut = Mapping[str, Iterable[Node]]
"""Factors that may be missing, by what leaving them out is called."""


@dataclass(frozen=True)
class Slip:
    """A mistake by its name in the rubric, the place in words, and the formula without it."""

    name: str
    place: str
    without: Node


def slips(node: Node, named: Named, confused: Confused, left_out: LeftOut) -> Iterator[Slip]:
    """The single slips that a formula may have, likeliest first."""
    if isinstance(node, Entries):  # what each entry is said to be
        for slip in slips(node.of, named, confused, left_out):
            yield replace(slip, without=replace(node, of=slip.without))
        return
    parts = list(_parts(node, lambda new: new))
    for part, put in parts:
        yield from _wrapped(part, put, named)
    for part, put in parts:
        yield from _signs(part, put, named)
    for part, put in parts:
        yield from _too_many(part, put, named)
    yield from _other_letters(node, parts, named, confused)
    for name, factors in left_out.items():
        for factor in factors:
            for part, put in _terms(parts, node):
                place = "" if part is node else f"at {plain(part, named)}"
                yield Slip(name, place, put(Product((part, factor), ("STAR",))))
    for part, put in parts:
        yield from _numbers(part, put)


def bracketed(node: Node, named: Named) -> Iterator[Slip]:
    """The formula with brackets around a sum that a product begins or ends: `h - y x` as `(h - y) x`."""
    for part, put in _parts(node, lambda new: new):
        if not isinstance(part, Sum) or len(part.terms) < 2:
            continue
        (first_sign, first), (last_sign, last) = part.terms[0], part.terms[-1]
        if isinstance(last, Product):
            inside = Sum((*part.terms[:-1], (last_sign, last.factors[0])))
            new = Product((inside, *last.factors[1:]), last.signs)
            yield Slip("", plain(inside, named), put(new))
        if isinstance(first, Product):
            inside = Sum(((1, first.factors[-1]), *((first_sign * s, t) for s, t in part.terms[1:])))
            new = Product((*first.factors[:-1], inside), first.signs)
            yield Slip("", plain(inside, named), put(Sum(((first_sign, new),))))


Put = Callable[[Node], Node]
"""From what stands in one place to the whole formula."""


def _parts(node: Node, put: Put) -> Iterator[tuple[Node, Put]]:
    """Every part of a formula with what puts another one in its place."""
    yield node, put
    for field in (field for field in fields(node) if field.name != "by"):  # a letter, not a part
        value = getattr(node, field.name)
        for path, inner in _inside(value):
            yield from _parts(inner, _putting(node, field.name, value, path, put))


def _inside(value: object, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Node]]:
    if isinstance(value, Node):
        yield path, value
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _inside(item, (*path, i))


def _putting(node: Node, name: str, value: object, path: tuple[int, ...], put: Put) -> Put:
    def changed(old: Any, path: tuple[int, ...], new: Node) -> Any:
        if not path:
            return new
        i, *rest = path
        return (*old[:i], changed(old[i], tuple(rest), new), *old[i + 1 :])

    def put_here(new: Node) -> Node:
        return put(replace(node, **{name: changed(value, path, new)}))

    return put_here


def _wrapped(part: Node, put: Put, named: Named) -> Iterator[Slip]:
    """A sum, a norm or an absolute value around what belongs there alone."""
    match part:
        case Call("total", of) | IndexSum(_, of):
            yield Slip("sum-left-in", f"at what stands around {plain(of, named)}", put(of))
        case Norm(of, _) | Power(Norm(of, _), _):
            yield Slip("norm-itself", f"at what stands around {plain(of, named)}", put(of))
        case Call("abs", of):
            yield Slip("absolute-value", f"at what stands around {plain(of, named)}", put(of))


def _signs(part: Node, put: Put, named: Named) -> Iterator[Slip]:
    if not isinstance(part, Sum):
        return
    for i, (sign, term) in enumerate(part.terms):
        terms = (*part.terms[:i], (-sign, term), *part.terms[i + 1 :])
        name = "plus-for-minus" if sign > 0 else "minus-for-plus"
        yield Slip(name, f"at the sign before {plain(term, named)}", put(Sum(terms)))


def _other_letters(
    node: Node, parts: Sequence[tuple[Node, Put]], named: Named, confused: Confused
) -> Iterator[Slip]:
    """One letter where another belongs, wherever it stands or in one place."""
    letters = [(part.written, put) for part, put in parts if isinstance(part, Symbol)]
    for written in dict.fromkeys(written for written, _ in letters):
        ours = named(written) or ""
        for name, other in confused.get(ours, ()):
            yield Slip(name, f"at {ours}", substitute(node, {written: other}, {}, named))
            for this, put in letters:
                if this == written:
                    yield Slip(name, f"at {ours}", put(other))


def _too_many(part: Node, put: Put, named: Named) -> Iterator[Slip]:
    """A factor, a term or a divisor that does not belong there."""
    match part:
        case Product(factors, signs):
            for i, factor in enumerate(factors):
                left = factors[:i] + factors[i + 1 :]
                kept = signs[1:] if i == 0 else signs[: i - 1] + signs[i:]
                without = left[0] if len(left) == 1 else Product(left, kept)
                yield Slip("factor-too-many", f"at {plain(factor, named)}", put(without))
        case Sum(terms) if len(terms) > 1:
            for i, (_, term) in enumerate(terms):
                yield Slip("term-too-many", f"at {plain(term, named)}", put(Sum(terms[:i] + terms[i + 1 :])))
        case Quotient(above, below):
            yield Slip("divisor-too-many", f"at {plain(below, named)}", put(above))


def _numbers(part: Node, put: Put) -> Iterator[Slip]:
    if isinstance(part, Number) and part.value:
        for factor in (0.5, 2.0):
            yield Slip("wrong-number", f"at the number {part.value:g}", put(Number(part.value * factor)))


def _terms(parts: Sequence[tuple[Node, Put]], node: Node) -> list[tuple[Node, Put]]:
    """The places where a factor may be missing: the whole, and each term of a sum."""
    inside = {id(term) for part, _ in parts if isinstance(part, Sum) for _, term in part.terms}
    return [(part, put) for part, put in parts if part is node or id(part) in inside]
