"""Judge what an answer claims: find the claim, evaluate it, compare, and name what is wrong with it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import msgspec
import numpy as np

from .claims import asks, claimed, from_alone, is_special_case
from .comparing import Comparer, Memory, tried
from .contradictions import contradiction
from .definitions import expanded, functions_by_cases, learn, with_later
from .judgement import Judgement, Kind
from .links import false_link
from .names import (
    Names,
    of_step,
    with_entries,
    with_own_letters,
    with_plain_letters,
    with_primes,
    without_counts,
)
from .nodes import (
    Gradient,
    Node,
    Number,
    Power,
    Product,
    Symbol,
    shown,
)
from .orientation import orientation
from .primes import meanings
from .rewrite import replaced, substitute, walk
from .said import Claim, Said
from .scene import Scene
from .statements import Chain, Form, chains, numbered
from .tokens import Unreadable

_TOO_MUCH: Final = (RecursionError, MemoryError, ValueError, OverflowError)
"""What an answer can cause that is made to break its reader."""

_TOO_DEEP: Final = "too much stands inside each other"


class Judge(Comparer):
    """Judges answers against one reference's `derivations` module."""

    def judge(self, answers: Mapping[str, str]) -> dict[str, tuple[Judgement, ...]]:
        """Judgements by question; `answers` are texts by question id, in the order of the notebook."""
        memory = Memory()
        read = self._read(answers)
        with suppress(*_TOO_MUCH):
            memory.turned = orientation(self, (chain for found in read.values() for chain in found))
        return {
            id: _guarded(self.ref.ASKED[id], partial(self._question, id, found, memory))
            for id, found in read.items()
        }

    def _own_letters(self, texts: Iterable[str]) -> set[str]:
        """The student's own letters that take a number above them as an index."""
        with suppress(*_TOO_MUCH):
            known = {name.split(" ")[0] for name in self.ref.WRITTEN}
            return numbered(texts) - known
        return set()

    def _read(self, answers: Mapping[str, str]) -> dict[str, list[Chain]]:
        """The chains of all answers, with what they are about named as we name it."""
        letters = self.letters | self._own_letters(answers.values())
        read = {id: self._chains(text, letters) for id, text in answers.items() if id in self.ref.ASKED}
        with suppress(*_TOO_MUCH):
            read = dict(zip(read, with_plain_letters(list(read.values())), strict=True))
            for id, found in read.items():
                primed = with_primes(found, self.ref.NEXT, self._names(id).parameters)
                read[id] = with_entries(primed, self.network_of(id).name)
            for id in [id for id in read if self.ref.ASKED[id] == ("theta",)]:
                found = with_own_letters(without_counts(read[id], [answers[id]]), self.network_of(id).written)
                read[id] = of_step(found, answers.values(), self._names(id))
        return read

    def _names(self, question: str) -> Names:
        written = self.network_of(question).written
        alone = {name: ours for name, ours in written.items() if " " not in name}
        return Names(
            [name for name, ours in alone.items() if ours == "theta"],
            [name.split(" ")[0] for name, ours in written.items() if ours == "g"],
            self.ref.NEXT[0],
            {*alone, "e", "f"},
        )

    def _chains(self, text: str, letters: Collection[str]) -> list[Chain]:
        try:
            return chains(text, letters)
        except _TOO_MUCH:
            return [Chain((Form("", None, _TOO_DEEP),))]

    # Reading: definitions and claims.

    def _question(self, id: str, found: Sequence[Chain], memory: Memory) -> tuple[Judgement, ...]:
        scene = self.scene(id)
        for written in ("J", "L", *self.ref.DEFINED.get(id, {})):
            memory.symbols.pop(written, None)  # the question's own text defines these anew
        said = self._said(id, found, memory, scene)
        asked: tuple[str, ...] = self.ref.ASKED[id]
        if not said.claims and len(asked) == 1 and not said.doubt:
            said.claims = from_alone(asked[0], said.alone, is_only=len(found) == 1)
        judged: list[Judgement] = []
        for name in asked:
            claim = said.claims.get(name)
            one = partial(self._one, id, name, said, found, memory, scene)
            judged += _guarded((name,), one, claim.form.latex if claim else "")
        return (msgspec.structs.replace(judged[0], false_link=said.false_link), *judged[1:])

    def _said(self, id: str, found: Sequence[Chain], memory: Memory, scene: Scene) -> Said:
        """Go through an answer in the order written."""
        said = Said()
        memory.symbols |= functions_by_cases(found, scene)
        for before, chain in zip((None, *found), found, strict=False):
            if chain.doubt:
                said.doubt = said.doubt or chain.doubt
                last = expanded(chain.forms[-1], memory, said.stated, scene)
                said.denied += [] if last is None else [last]
                if len(chain.forms) == 1 and chain.is_alternative:  # "sorry, I meant ..."
                    said.denied += [one.node for one in said.claims.values() if one.node is not None]
                continue
            nodes = [expanded(form, memory, said.stated, scene) for form in chain.forms]
            for asked in self.ref.ASKED[id]:
                claim = claimed(self, chain, nodes, asked, scene)
                if claim and is_special_case(self, before, said.claims.get(asked), claim, scene):
                    said.cases.append(before)
                elif claim:
                    if chain.corrects:
                        said.earlier.pop(asked, None)
                        said.claims.pop(asked, None)
                    said.earlier.setdefault(asked, []).append(claim)
                    is_weaker = asked in said.claims and claim.form is not chain.forms[-1]
                    said.claims[asked] = said.claims[asked] if is_weaker else claim
            if len(chain.forms) == 1 and chain.corrects and said.claims:
                said.doubt = said.doubt or "edit"
                said.denied += [node for claim in said.claims.values() if (node := claim.node) is not None]
            if len(chain.forms) == 1:
                if chain.is_offered:
                    said.alone.append(Claim(chain.forms[0], nodes[0], is_stated=False))
                node = nodes[0]
                if (
                    before
                    and chain.is_alternative
                    and not isinstance(node, Symbol | Number | Gradient | None)
                ):
                    said.offered.append((before, node))
            said.false_link = said.false_link or self._false_link(id, chain, memory, scene)
            learn(self, id, chain, nodes, memory, said, scene)
        return said

    def _one(
        self, id: str, asked: str, said: Said, found: Sequence[Chain], memory: Memory, scene: Scene
    ) -> tuple[Judgement]:
        """The judgement on one claim, and what later answers may build on."""
        claim = said.claims.get(asked)
        if claim is None:
            return (self._without_claim(id, asked, found, said, memory, scene),)
        claim = with_later(claim, found, memory, said.stated, scene)
        judgement = self._judged(id, asked, claim, memory)
        if judgement.kind is Kind.UNREADABLE:
            return (judgement,)
        verdict = partial(self._kind, id, asked, memory)
        if held := contradiction(self, id, asked, claim, judgement, said, found, memory, scene, verdict):
            return (held,)
        if judgement.kind in (Kind.UNFINISHED, Kind.UNSIMPLIFIED) and self._is_finished_beside(
            id, asked, claim, said, memory, scene
        ):
            why = "what is asked stands beside it, but it is not said to be equal to that"
            return (Judgement(asked, Kind.UNREADABLE, judgement.formula, why, suggests=Kind.CORRECT),)
        node = claim.node
        if node is not None and judgement.kind in (Kind.INCORRECT, Kind.CARRIED):
            if self._is_worth_carrying(id, asked, node, scene):
                memory.wrong[asked] = node
        elif judgement.kind is not Kind.UNFINISHED:
            memory.worked_out.add(asked)
        return (judgement,)

    def _is_finished_beside(
        self, id: str, asked: str, claim: Claim, said: Said, memory: Memory, scene: Scene
    ) -> bool:
        """Whether the rest of an answer holds what its claim leaves open: the result, or the gradient to put in."""
        if any(self._kind(id, asked, memory, one) is Kind.CORRECT for one in said.alone):
            return True
        named = scene.network.name
        known = {
            name
            for name, node in said.stated.items()
            if not any(isinstance(p, Gradient) for p in walk(substitute(node, memory.symbols, {}, named)))
        }
        left = walk(claim.node) if claim.node is not None else ()
        return any(isinstance(part, Gradient) and named(part.by.written) in known for part in left)

    def _kind(self, id: str, asked: str, memory: Memory, claim: Claim) -> Kind:
        """The verdict on a claim, unreadable where there is none."""
        return _guarded((asked,), lambda: (self._judged(id, asked, claim, memory),))[0].kind

    def _is_worth_carrying(self, question: str, asked: str, node: Node, scene: Scene) -> bool:
        """Whether a wrong answer has the right shape and depends on the point: nothing follows from a constant."""
        right = self.right(question, asked, scene)
        found = tried(node, scene)
        if not found or any(a.shape != b.shape for a, b in zip(found[0], right, strict=True)):
            return False
        entries = np.concatenate([a.ravel() for a in found[0]])
        return not np.allclose(entries, entries[0])

    def _without_claim(
        self, id: str, asked: str, found: Sequence[Chain], said: Said, memory: Memory, scene: Scene
    ) -> Judgement:
        """How far an answer was read in which nothing is said to be what is asked."""
        if said.doubt:
            why = f'words or signs beside the formula deny it, doubt it or change it: "{said.doubt}"'
            return Judgement(asked, Kind.UNREADABLE, reason=why)
        trouble = next((form for chain in found for form in chain.forms if form.trouble), None)
        if trouble is not None:
            return Judgement(asked, Kind.UNREADABLE, trouble.latex, trouble.trouble)
        if copied := self._copied_left_side(id, asked, found, memory, scene):
            return copied
        if not found:
            return Judgement(asked, Kind.UNREADABLE, reason="no formula is in it")
        last = found[-1].forms[-1].latex
        return Judgement(asked, Kind.UNREADABLE, last, "no formula in it says what is asked")

    def _copied_left_side(
        self, id: str, asked: str, found: Sequence[Chain], memory: Memory, scene: Scene
    ) -> Judgement | None:
        """What to say where the gradient of another symbol stands on the left; None where none does."""
        for chain in reversed(found):
            left, last = chain.forms[0].node, chain.forms[-1]
            named = scene.network.name
            if len(chain.forms) < 2 or not isinstance(left, Gradient) or last.node is None:
                continue
            if not (isinstance(left.of, Symbol) and named(left.of.written) == "J"):
                continue
            name = named(left.by.written) or shown(left.by)
            if name in self.ref.ASKED[id]:
                continue
            kind = self._kind(id, asked, memory, Claim(last, last.node, is_stated=True))
            why = f"it says what the gradient at {name} is, and the one at {asked} is asked"
            if kind in (Kind.CORRECT, Kind.SHAPE, Kind.UNSIMPLIFIED, Kind.TURNED):
                why += "; what stands on the right would answer that, so that the left side may be copied"
            suggests = Kind.INCORRECT if kind is Kind.INCORRECT else None
            return Judgement(asked, Kind.UNREADABLE, last.latex, why, suggests=suggests)
        return None

    def _false_link(self, id: str, chain: Chain, memory: Memory, scene: Scene) -> str:
        def is_claimed(node: Node, place: int) -> bool:
            return any(asks(self, node, asked, place, scene) for asked in self.ref.ASKED[id])

        return false_link(chain, id, self, memory, is_claimed)

    def _judged(self, question: str, asked: str, claim: Claim, memory: Memory) -> Judgement:
        if claim.node is None:
            return Judgement(asked, Kind.UNREADABLE, claim.form.latex, claim.form.trouble)
        if claim.form.node is not None and (name := self._own_power(claim.form.node, question)):
            why = f"{name} has a number that may be a power or an index"
            return Judgement(asked, Kind.UNREADABLE, claim.form.latex, why)
        network = self.network_of(question)
        found = min(
            (self.compared(question, asked, node, memory) for node in meanings(claim.node, network)),
            key=lambda one: _BEST.index(one.kind) if one.kind in _BEST else len(_BEST),
        )
        if found.kind is Kind.INCORRECT and self._is_right_with_times(question, asked, claim.node, memory):
            why = "x may be an input or a sign of multiplication"
            return Judgement(asked, Kind.UNREADABLE, claim.form.latex, why)
        if found.kind in (Kind.INCORRECT, Kind.SHAPE) and not claim.is_stated and not found.mistake:
            why = "a formula stands there, but not what it is equal to"
            found = Judgement(asked, Kind.UNREADABLE, reason=why, suggests=found.kind)
        return msgspec.structs.replace(found, formula=claim.form.latex)

    def _is_right_with_times(self, question: str, asked: str, node: Node, memory: Memory) -> bool:
        """Whether it is right up to shapes without a factor x, which was meant for a sign then."""

        def put(part: Node) -> Node | None:
            if not isinstance(part, Product) or Symbol("x") not in part.factors[1:-1]:
                return None
            kept = tuple(factor for factor in part.factors if factor != Symbol("x"))
            return Product(kept, ("",) * (len(kept) - 1)) if len(kept) > 1 else kept[0]

        without = replaced(node, put)
        if without == node:
            return False
        return self.compared(question, asked, without, memory).kind in (Kind.CORRECT, Kind.SHAPE, Kind.TURNED)

    def _own_power(self, node: Node, question: str) -> str:
        """A symbol of the student's own with a number above it; empty where there is none."""
        named = self.network_of(question).name
        for part in walk(node):
            match part:
                case Power(Symbol(written), Number()) if named(written) is None and written != "e":
                    return written
        return ""


_BEST: Final = (
    Kind.CORRECT, Kind.TURNED, Kind.UNSIMPLIFIED, Kind.UNFINISHED, Kind.CARRIED, Kind.SHAPE, Kind.UNREADABLE,
)  # fmt: skip
"""Which verdict counts where a formula may mean several things."""


def _guarded(
    asked: Sequence[str], judge: Callable[[], tuple[Judgement, ...]], formula: str = ""
) -> tuple[Judgement, ...]:
    """What `judge` finds. Where it breaks off, what is asked is open: the answer is made so, or the fault is ours."""
    try:
        return judge()
    except Unreadable as error:
        found = Judgement("", Kind.UNREADABLE, formula, str(error))
    except _TOO_MUCH:
        found = Judgement("", Kind.UNREADABLE, formula, _TOO_DEEP)
    except Exception:  # one claim that we cannot judge must not cost the rest
        found = Judgement("", Kind.ERROR, formula, "the grader failed here", trace=traceback.format_exc())
    return tuple(msgspec.structs.replace(found, asked=name) for name in asked)
