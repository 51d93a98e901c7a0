"""Fractions of differentials as gradients, and what operators such as `d / d theta` and sums are applied to."""

from __future__ import annotations

from dataclasses import replace

from .nodes import Call, Differential, Gradient, IndexSum, Node, Product, Symbol


def derivative(above: Node, below: Node) -> Node | None:
    """A fraction of differentials as a gradient; without anything above, one that waits for what it is applied to."""
    above_of, below_of = _differential_of(above), _differential_of(below)
    if below_of is None or not isinstance(below_of, Symbol):
        return None
    above = Differential(None) if above == Symbol("d") else above
    if isinstance(above, Differential):
        return Gradient(below_of, above.of if above.of is not None else Differential(None))
    return Gradient(below_of, above_of) if above_of is not None else None


def _differential_of(node: Node) -> Node | None:
    if isinstance(node, Differential):
        return node.of
    if isinstance(node, Product) and len(node.factors) == 2 and node.factors[0] == Symbol("d"):
        return node.factors[1]
    return None


def operators_applied(factors: list[Node], signs: list[str]) -> Node:
    """Let an operator without operand, such as `d / d theta`, take the factor behind it, and a sum all of them."""
    for first, summed in enumerate(factors[:-1]):
        if isinstance(summed, IndexSum) or (isinstance(summed, Call) and summed.name == "total"):
            inside = operators_applied([summed.of, *factors[first + 1 :]], signs[first:])
            factors, signs = [*factors[:first], replace(summed, of=inside)], signs[:first]
            break
    i = 0
    while i < len(factors) - 1:
        factor = factors[i]
        if isinstance(factor, Gradient) and factor.of == Differential(None):
            factors[i : i + 2] = [Gradient(factor.by, factors[i + 1])]
            del signs[i]
        else:
            i += 1
    return factors[0] if len(factors) == 1 else Product(tuple(factors), tuple(signs))
