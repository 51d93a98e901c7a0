"""What an answer says beside its claim, or in it, that makes it uncertain, so that a person has to say what counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from .comparing import Comparer, Memory, tried
from .definitions import functions_by_cases, symbols_used, with_later
from .judgement import Judgement, Kind
from .matrices import same
from .nodes import Call, Node, Number, Power, Sum, Symbol, shown
from .rewrite import own_function, substitute, walk
from .said import Claim, Said
from .scene import Scene
from .statements import Chain

_OTHER_ACTIVATION: Final = re.compile(r"tanh|relu|softmax|max", re.IGNORECASE)


def contradiction(
    comparer: Comparer,
    id: str,
    asked: str,
    claim: Claim,
    judgement: Judgement,
    said: Said,
    found: Sequence[Chain],
    memory: Memory,
    scene: Scene,
    verdict: Callable[[Claim], Kind],
) -> Judgement | None:
    """What a person is told who has to say what the answer claims; None where it says one thing.

    `verdict` is how another claim of the answer would be judged.
    """
    others = [with_later(one, found, memory, said.stated, scene) for one in said.earlier.get(asked, ())]
    is_choice = any(claim.form in chain.forms and chain.is_alternative for chain in found)
    if not is_choice and (known := comparer.ref.ON_THE_WAY.get(asked)):
        others = [one for one in others if not comparer.are_same(comparer.tree(known), one.node, scene)]
    if judgement.kind is Kind.INCORRECT:
        others = [one for one in others if not _is_on_the_way(comparer, id, one, claim, scene)]
    others += [replace(claim, node=node) for chain, node in said.offered if claim.form in chain.forms]
    other = next((one for one in others if _is_other(comparer, one.node, claim.node, scene, memory)), None)
    why = _why_uncertain(comparer, asked, claim, judgement, said, found, memory, scene)
    if other is not None and not why:
        why = "the answer gives two results that differ"
    if not why:
        return None
    kinds = {judgement.kind, *([] if other is None else [verdict(other)])}
    return Judgement(
        asked,
        Kind.UNREADABLE,
        judgement.formula,
        why,
        suggests=Kind.INCORRECT if kinds == {Kind.INCORRECT} else None,
        results=() if other is None else tuple(dict.fromkeys((other.form.latex, claim.form.latex))),
    )


def _is_on_the_way(comparer: Comparer, id: str, one: Claim, claim: Claim, scene: Scene) -> bool:
    """Whether a formula before a wrong result is no result itself: a gradient or operator is still in it.

    A special case, in which something has dropped out, is not what it leads to.
    """
    if one.node is None or claim.node is None:
        return False
    if not {"derivative", "gradient"}.intersection(comparer.unfinished(id, one.node, ())):
        return False
    if comparer.ref.ASKED[id] != ("theta",):
        return True  # only of a step students write special cases
    given = set(comparer.given.get(id, ()))
    before, after = (
        {scene.network.name(part.written) for part in walk(node) if isinstance(part, Symbol)}
        for node in (one.node, claim.node)
    )
    return before & given <= after


def _is_other(
    comparer: Comparer, one: Node | None, claimed: Node | None, scene: Scene, memory: Memory
) -> bool:
    return one is not None and claimed is not None and comparer.differ(one, claimed, scene, memory)


def _why_uncertain(
    comparer: Comparer,
    asked: str,
    claim: Claim,
    judgement: Judgement,
    said: Said,
    found: Sequence[Chain],
    memory: Memory,
    scene: Scene,
) -> str:
    """What beside other results makes it uncertain what the answer claims; empty where nothing does."""
    is_denied = any(comparer.are_same(node, claim.node, scene) for node in said.denied)
    if said.doubt and (is_denied or judgement.kind is not Kind.CORRECT):
        return f'words or signs beside a formula deny it, doubt it or change it: "{said.doubt}"'
    parts = () if claim.node is None else walk(claim.node)
    if any(isinstance(part, Call) and part.name == "sign" for part in parts):
        wrong = _wrong_sign(found, scene)
        if wrong:
            return f"the sign is said to be something else: {wrong}"
    if judgement.kind is not Kind.INCORRECT and _has_odd_numbers(claim.node):
        return "it has numbers that no derivation leads to"
    if other := _rebound(comparer, asked, [one for one in found if one not in said.cases], scene, memory):
        return f"a symbol of the question is said to be something else: {other}"
    used = symbols_used(claim.form.node, said)
    if double := sorted(used & said.contradicted):
        return f"{shown(Symbol(double[0]))} is said to be two different things"
    return "working it out takes too many steps" if scene.budget.steps < 0 else ""


def _rebound(comparer: Comparer, asked: str, found: Sequence[Chain], scene: Scene, memory: Memory) -> str:
    """What an answer says that a given symbol is and it is not, as LaTeX; empty where there is nothing.

    Losses and steps are defined by answers themselves, and parameters computed from themselves are assigned to.
    """
    given = {*comparer.ref.SHAPES} - {asked, "g", "theta", *(("J",) if asked == "theta" else ())}
    assigned = {name for names in comparer.ref.ASKED.values() for name in names}
    for chain in found:
        left, right = chain.forms[0].node, chain.forms[-1].node
        if len(chain.forms) < 2:
            continue
        is_activation = (
            isinstance(left, Symbol) and scene.network.name(left.written) in comparer.ref.ACTIVATIONS
        )
        if is_activation and _OTHER_ACTIVATION.search(chain.forms[-1].latex.replace(" ", "")):
            return f"{chain.forms[0].latex} = {chain.forms[-1].latex}"
        if right is None:
            continue
        if isinstance(left, Call) and left.name == "f" and isinstance(left.of, Symbol):
            left, right = (_of_some_layer(comparer, side, left.of, scene) for side in (left, right))
        elif (
            not isinstance(left, Symbol)
            or (name := scene.network.name(left.written)) not in given
            or (name in assigned and left in walk(right))
        ):
            continue
        used = {scene.network.name(part.written) for part in walk(right) if isinstance(part, Symbol)}
        if left == Symbol("J") and not used >= {"h2", "y"}:
            continue  # no loss
        if comparer.differ(left, right, scene, memory):
            return f"{chain.forms[0].latex} = {chain.forms[-1].latex}"
    return ""


def _of_some_layer(comparer: Comparer, side: Node, letter: Symbol, scene: Scene) -> Node:
    """A formula in a letter of the student's own, `f(z)`, as one in what a layer's activation is taken of."""
    if scene.network.name(letter.written) is not None:
        return side
    layer = next(iter(comparer.ref.ACTIVATIONS.values()))
    written = next(text for text, name in comparer.ref.WRITTEN.items() if name == layer)
    return substitute(side, {letter.written: Symbol(written)}, {}, scene.network.name)


def _wrong_sign(found: Sequence[Chain], scene: Scene) -> str:
    """What an answer says of the sign of something that is not so, as LaTeX; empty where there is nothing."""
    for i, chain in enumerate(found):
        left, right = chain.forms[0].node, chain.forms[-1].node
        if (
            own_function("sign") in functions_by_cases(found, scene)
            or len(chain.forms) < 2
            or not (isinstance(left, Call) and left.name == "sign")
            or right is None
        ):
            continue
        size = right.value if isinstance(right, Number) else None
        if isinstance(right, Sum) and len(right.terms) == 1 and isinstance(right.terms[0][1], Number):
            size = right.terms[0][0] * right.terms[0][1].value
        ends = [after.end for after in found[i + 1 : i + 2]]
        is_true = size == 0 or (size == 1 and ends == ["GREATER"]) or (size == -1 and ends == ["LESS"])
        values = tried(right, scene) if size is None else []
        others = tried(left, scene) if size is None else []
        differs = bool(values and others) and not any(same(a, b) for a in values for b in others)
        if differs or (size is not None and not is_true):
            return f"{chain.forms[0].latex} = {chain.forms[-1].latex}"
    return ""


def _has_odd_numbers(node: Node | None) -> bool:
    """Whether numbers in it are so large or small that what they do may be too little to be seen."""
    product = 1.0
    for part in walk(node) if node is not None else ():
        match part:
            case Number(value) if value:
                product *= max(abs(value), 1 / abs(value))
            case Power(Number(), _):
                return True
    return product > _MOST


_MOST: Final = 50
"""The product of all numbers, those below 1 turned over; right answers have a few twos."""
