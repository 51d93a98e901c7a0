"""Find what an answer claims: the form that it says to be what is asked, or one that stands alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .comparing import Comparer
from .nodes import Entries, Entry, Gradient, IndexSum, Node, Number, Symbol
from .rewrite import substitute, walk
from .said import Claim
from .scene import Scene
from .statements import Chain


def claimed(
    comparer: Comparer, chain: Chain, nodes: Sequence[Node | None], asked: str, scene: Scene
) -> Claim | None:
    """What a chain says that the asked symbol is; None where it says nothing of it. `nodes` are its forms, expanded."""
    forms = chain.forms
    places = [i for i, form in enumerate(forms) if asks(comparer, form.node, asked, i, scene)]
    if not places or len(forms) < 2:
        return None
    last = len(forms) - 1
    if last in places:  # the asked symbol stands on the right, unless it goes into a symbol: g = nabla J
        last -= 1
        if isinstance(forms[last].node, Symbol):
            return None
    if last - 1 not in places and isinstance(node := forms[last].node, Symbol) and last > 1:
        name = scene.network.name(node.written)
        if name is None and nodes[last] is node:
            last -= 1  # the result gets a name: h - y = delta
    claim = Claim(forms[last], _entrywise(forms[places[0]].node, nodes[last], asked, scene), is_stated=True)
    return None if last in places or _is_remark(claim, asked, scene) else claim


def _entrywise(left: Node | None, node: Node | None, asked: str, scene: Scene) -> Node | None:
    """The whole of which a claim says each entry, by the indices on its left, or free ones on its right."""
    network = scene.network
    by = left.by if isinstance(left, Gradient) else left
    if node is None or not isinstance(by, Symbol):
        return node
    if asked == "theta":
        by = Symbol(by.written.replace(" t+1 ", " "))
    bound = {c for part in walk(node) if isinstance(part, IndexSum) for c in part.letters}
    indices = {
        symbol.written.rpartition(" ")[2]
        for symbol in walk(node)
        if isinstance(symbol, Symbol) and network.whole(symbol.written)
    }
    if network.whole(by.written):
        return Entries(by, node) if indices or any(isinstance(part, Entry) for part in walk(node)) else node
    free = {index.replace("1", "") for index in indices} - bound
    if asked != "theta" and len(free) == 1 and len(letter := free.pop()) == 1:
        return Entries(Symbol(f"{by.written} {letter}"), node)
    return node


def asks(comparer: Comparer, node: Node | None, asked: str, place: int, scene: Scene) -> bool:
    """Whether a form is what is asked; `place` is its number in the chain."""
    named = scene.network.name
    if isinstance(node, Gradient):
        return (
            asked != "theta"
            and (named(node.by.written) or scene.network.whole(node.by.written)) == asked
            and isinstance(node.of, Symbol)
            and named(node.of.written) == "J"
        )
    if asked != "theta" or not isinstance(node, Symbol):
        return False
    is_next = re.sub(r" [ijklmn]$", "", node.written) in comparer.ref.NEXT
    return is_next or (place == 0 and named(node.written) == "theta")


def _is_remark(claim: Claim, asked: str, scene: Scene) -> bool:
    """Whether it is no update but says where something holds, such as theta = 0."""
    return (
        asked == "theta"
        and claim.node is not None
        and not any(
            isinstance(part, Symbol) and scene.network.name(part.written) in ("theta", "eta")
            for part in walk(claim.node)
        )
    )


def from_alone(asked: str, alone: Sequence[Claim], *, is_only: bool) -> dict[str, Claim]:
    """A formula without anything before it, where it is more than a letter in a sentence."""
    whole = [claim for claim in alone if not isinstance(claim.node, Symbol | Number | Gradient)]
    return {asked: whole[-1]} if whole and (is_only or len(whole) == 1) else {}


def is_special_case(
    comparer: Comparer, before: Chain | None, earlier: Claim | None, claim: Claim, scene: Scene
) -> bool:
    """Whether it is what was claimed before with a number put in: "for \\lambda = 0 we get ..."."""
    if before is None or earlier is None or earlier.node is None or claim.node is None:
        return False
    match [form.node for form in before.forms]:
        case [Symbol(written), Number() as number]:
            put_in = substitute(earlier.node, {written: number}, {}, scene.network.name)
            return put_in != earlier.node and comparer.are_same(put_in, claim.node, scene)
    return False
