"""What a prime means: a transpose, or behind an activation its derivative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from .nodes import Call, Node, Prime, Symbol, Transpose
from .rewrite import replaced, walk

if TYPE_CHECKING:
    from .scene import Network

_MOST: Final = 8
"""Meanings of one formula that are tried."""


def derived(of: Node, network: Network) -> Node | None:
    """The derivative of an activation, as a call of the slope; None for what is none."""
    match of:
        case Call("f", argument):
            return Call("slope", argument)
        case Symbol(written):
            inner = network.activations.get(network.name(written) or "")
            symbol = next((one for one, name in network.written.items() if name == inner), None)
            return None if symbol is None else Call("slope", Symbol(symbol))
    return None


def meanings(node: Node, network: Network) -> Iterator[Node]:
    """The trees that a formula may stand for: primes behind the same thing mean the same."""
    primes = {_behind(part): part for part in walk(node) if isinstance(part, Prime)}
    choices = [
        [Transpose(prime.of), *([slope] if (slope := derived(prime.of, network)) else [])]
        for prime in primes.values()
    ]
    for chosen in islice(product(*choices), _MOST):
        yield replaced(node, partial(_meant, dict(zip(primes, chosen, strict=True))))


def _meant(meant: Mapping[str | int, Node], part: Node) -> Node | None:
    return meant.get(_behind(part)) if isinstance(part, Prime) else None


def _behind(prime: Prime) -> str | int:
    """What tells the things apart that primes stand behind."""
    return prime.of.written if isinstance(prime.of, Symbol) else id(prime.of)
