"""Walk over trees: put definitions in, and look for what a simplified answer does not hold."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from .nodes import Call, Entry, Gradient, Node, Number, Power, Product, Quotient, Sum, Symbol

Named = Callable[[str], str | None]
"""A symbol as written to our name for it, None where it has none."""


ARGUMENT: Final = "argument"
"""The symbol that a definition of a function is written in."""


def own_function(name: str) -> str:
    """Under what a definition of a function is kept among those of symbols."""
    return f"{name}()"


def in_argument(body: Node, argument: Symbol, named: Named) -> Node:
    """The body of a definition, `sign(theta) = ...`, in the one symbol that stands for any argument."""
    name = named(argument.written)

    def put(symbol: Symbol) -> Symbol:
        is_it = symbol == argument or (name is not None and named(symbol.written) == name)
        return Symbol(ARGUMENT) if is_it else symbol

    return renamed(body, put)


def substitute(node: Node, symbols: Mapping[str, Node], gradients: Mapping[str, Node], named: Named) -> Node:
    """The tree with symbols (as written) and gradients of the loss (by our name) replaced.

    Parts that occur twice stay shared, so that a chain of definitions does not grow without end.
    """
    done: dict[int, Node] = {}

    def put(node: Node) -> Node:
        if id(node) not in done:
            done[id(node)] = new(node)
        return done[id(node)]

    def new(node: Node) -> Node:
        if isinstance(node, Symbol):
            return _meaning(node, symbols, named)
        if isinstance(node, Call) and (own := symbols.get(own_function(node.name))) is not None:
            return substitute(own, {ARGUMENT: put(node.of)}, {}, named)
        if isinstance(node, Product) and any(_is_function(one, symbols) for one in node.factors):
            node = _with_calls(node, symbols)
            return new(node) if not isinstance(node, Product) else replace(node, **_mapped(node, put))
        if isinstance(node, Gradient):
            of = put(node.of)
            name = named(node.by.written)
            if isinstance(of, Symbol) and named(of.written) == "J" and name is not None and name in gradients:
                return gradients[name]
            return node if of is node.of else Gradient(node.by, of)
        changed = _mapped(node, put)
        return node if changed == {} else replace(node, **changed)

    return put(node)


def _is_function(node: Node, symbols: Mapping[str, Node]) -> bool:
    return isinstance(node, Symbol) and own_function(node.written) in symbols


def _with_calls(product: Product, symbols: Mapping[str, Node]) -> Node:
    """A product in which letters that were defined as functions are applied to what stands behind them."""
    factors, signs = list(product.factors), list(product.signs)
    for i in range(len(signs) - 1, -1, -1):
        one = factors[i]
        if isinstance(one, Symbol) and _is_function(one, symbols) and not signs[i]:
            factors[i : i + 2] = [Call(one.written, factors[i + 1])]
            del signs[i]
    return factors[0] if not signs else Product(tuple(factors), tuple(signs))


def _meaning(symbol: Symbol, symbols: Mapping[str, Node], named: Named) -> Node:
    """What a symbol stands for: also where its components are said, or a component of what is said."""
    written = symbol.written
    if written in symbols or named(written) is not None:
        return symbols.get(written, symbol)
    for letter in "ijk":
        if (component := symbols.get(f"{written} {letter}")) is not None and _is_of_components(
            component, named
        ):
            return component
    stem, _, index = written.rpartition(" ")
    if not stem or not re.fullmatch(r"[ijklmn]+", index):
        return symbol
    if stem in symbols:
        return Entry(symbols[stem], index)
    for name, meaning in symbols.items():
        own, _, letters = name.rpartition(" ")
        if own == stem and len(letters) == len(index) and re.fullmatch(r"[ijklmn]+", letters):
            return renamed(meaning, lambda one, a=letters: _with_index(one, a, index))  # type: ignore[misc]
    return symbol


def _is_of_components(node: Node, named: Named) -> bool:
    """Whether components in it stand for the whole, and it for all of what it is a component of."""
    indices = (part.written for part in walk(node) if isinstance(part, Symbol) and part.written[-2:-1] == " ")
    return all(named(written) is not None for written in indices)


def _with_index(symbol: Symbol, letters: str, index: str) -> Symbol:
    """A component of a symbol with other letters for its index."""
    stem, _, own = symbol.written.rpartition(" ")
    is_component = bool(stem) and re.fullmatch(r"[ijklmn\d,]+", own)
    return Symbol(f"{stem} {own.translate(str.maketrans(letters, index))}") if is_component else symbol


def replaced(node: Node, f: Callable[[Node], Node | None]) -> Node:
    """The tree with the parts replaced for which `f` says something; what is put is not looked into."""
    done: dict[int, Node] = {}

    def put(node: Node) -> Node:
        if id(node) not in done:
            new = f(node)
            changed = _mapped(node, put) if new is None else {}
            done[id(node)] = new or (replace(node, **changed) if changed else node)
        return done[id(node)]

    return put(node)


def renamed(node: Node, f: Callable[[Symbol], Symbol]) -> Node:
    """The tree with every symbol, also those that derivatives are by, replaced by what `f` says."""
    done: dict[int, Node] = {}

    def put(node: Node) -> Node:
        if id(node) not in done:
            changed = {} if isinstance(node, Symbol) else _mapped(node, put)
            new = f(node) if isinstance(node, Symbol) else replace(node, **changed) if changed else node
            done[id(node)] = new
        return done[id(node)]

    return put(node)


def leftovers(node: Node) -> set[str]:
    """What can be simplified away: `fraction`, `exponential`, `slope`, `gradient`."""
    found: set[str] = set()
    for part in walk(node):
        match part:
            case Quotient(_, below) if _has_symbols(below):
                found.add("fraction")
            case Power(Symbol("e"), _) | Call("exp", _):
                found.add("exponential")
            case Power(base, exponent) if _is_negative(exponent) and _has_symbols(base):
                found.add("fraction")
            case Call("slope", _):
                found.add("slope")
            case Gradient():
                found.add("gradient")
    return found


def walk(node: Node) -> Iterator[Node]:
    """Every part once, but for what is inside `1 / (1 + exp(-u))`, of which only u comes."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if (inner := _in_sigmoid(part)) is not None:
            waiting.append(inner)
            continue
        yield part
        waiting += children(part)


def children(node: Node) -> Iterator[Node]:
    """The nodes that a node is made of, in the order written."""
    for name in _names(node):
        yield from _nodes(getattr(node, name))


def _names(node: Node) -> tuple[str, ...]:
    kind: Any = type(node)
    return _of_kind(kind)


@functools.cache
def _of_kind(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)


def _mapped(node: Node, f: Callable[[Node], Node]) -> dict[str, Any]:
    """The fields of a node that change under `f`."""

    def mapped(value: Any) -> Any:
        if isinstance(value, Node):
            return f(value)
        return tuple(mapped(item) for item in value) if isinstance(value, tuple) else value

    new = {name: mapped(getattr(node, name)) for name in _names(node)}
    return {name: value for name, value in new.items() if not _is_same(value, getattr(node, name))}


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return one is other or (not isinstance(one, Node) and bool(one == other))


_ONE: Final = Number(1)


def _in_sigmoid(node: Node) -> Node | None:
    """u, of `1 / (1 + exp(-u))`."""
    match node:
        case Quotient(Number(1), below):
            pass
        case Power(below, Sum(((-1, Number(1)),))):
            pass
        case _:
            return None
    if not (isinstance(below, Sum) and len(below.terms) == 2 and (1, _ONE) in below.terms):
        return None
    sign, other = below.terms[1] if below.terms[0] == (1, _ONE) else below.terms[0]
    match other:
        case Power(Symbol("e"), exponent) | Call("exp", exponent) if sign == 1:
            if isinstance(exponent, Sum) and len(exponent.terms) == 1 and exponent.terms[0][0] == -1:
                return exponent.terms[0][1]
    return None


def _has_symbols(node: Node) -> bool:
    return any(isinstance(part, Symbol) for part in walk(node))


def _is_negative(node: Node) -> bool:
    return isinstance(node, Sum) and len(node.terms) == 1 and node.terms[0][0] == -1
