"""Which two neighbours in a chain `a = b = c` are not equal: only where nobody could read them so that they are."""

from __future__ import annotations

from collections.abc import Callable, Collection

from .comparing import Comparer, Memory
from .nodes import Call, Gradient, Node, Number, Power, Symbol, Transpose
from .rewrite import walk
from .statements import Chain


def false_link(
    chain: Chain, question: str, comparer: Comparer, memory: Memory, is_claimed: Callable[[Node, int], bool]
) -> str:
    """The first such two, as LaTeX; empty where there are none. The claim itself, which is judged, is left out.

    `is_claimed` says of a form and its place whether it is what is asked.
    """
    if chain.end or any(form.node is None for form in chain.forms):
        return ""  # a condition, or a chain of which not everything is read
    last = len(chain.forms) - 2
    for i, (left, right) in enumerate(zip(chain.forms, chain.forms[1:], strict=False)):
        if left.node is None or right.node is None or _is_definition(left.node, i):
            continue
        if i == last and is_claimed(left.node, i):
            continue
        if any(_may_mean_else(node, question, comparer, memory) for node in (left.node, right.node)):
            continue
        scene = comparer.scene_for((left.node, right.node), question)
        if all(comparer.has_value(node, scene) for node in (left.node, right.node)) and comparer.differ(
            left.node, right.node, scene, memory
        ):
            return f"{left.latex} = {right.latex}"
    return ""


def _is_definition(node: Node, place: int) -> bool:
    """Whether the equals sign behind it may say what it is to be from now on."""
    if isinstance(node, Transpose):
        node = node.of
    return isinstance(node, Call | Number) or (isinstance(node, Symbol) and place == 0)


def _may_mean_else(node: Node, question: str, comparer: Comparer, memory: Memory) -> bool:
    """Whether a form holds something that the student may mean otherwise than we read it."""
    if isinstance(node, Number):
        return True
    exponents = {id(part.base) for part in walk(node) if isinstance(part, Power)}
    return any(
        _is_own(part, exponents, memory.symbols)
        if isinstance(part, Symbol)
        else isinstance(part, Gradient) and _is_open(part, part is node, question, comparer)
        for part in walk(node)
    )


def _is_own(symbol: Symbol, exponents: Collection[int], own: Collection[str]) -> bool:
    """Whether a letter has a meaning of the student's own, or one that is guessed: a count n, an error e."""
    if symbol.written == "e":
        return id(symbol) not in exponents
    return symbol.written == "n" or symbol.written in own


def _is_open(gradient: Gradient, is_whole: bool, question: str, comparer: Comparer) -> bool:
    """Whether it is not certain what a gradient is taken of: a loss with or without a penalty, or one of factors."""
    network = comparer.network_of(question)
    if isinstance(gradient.of, Symbol) and network.name(gradient.of.written) == "J":
        return network.name(gradient.by.written) == "theta"
    return not is_whole
