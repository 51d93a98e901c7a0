"""Judge what an answer claims: find the claim, evaluate it, compare, and name what is wrong with it."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import msgspec
import numpy as np

from .comparing import Comparer, Memory, tried
from .judgement import Judgement, Kind
from .links import false_link
from .matrices import same
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
    Call,
    Cases,
    Entries,
    Entry,
    Gradient,
    IndexSum,
    Node,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    shown,
)
from .primes import meanings
from .rewrite import in_argument, own_function, replaced, substitute, walk
from .scene import Scene
from .statements import Chain, Form, chains, numbered
from .tokens import Unreadable

_TOO_MUCH: Final = (RecursionError, MemoryError, ValueError, OverflowError)
"""What an answer can cause that is made to break its reader."""

_TOO_DEEP: Final = "too much stands inside each other"


@dataclass
class _Said:
    """What one answer says, as far as it is read."""

    claims: dict[str, _Claim] = field(default_factory=dict)
    earlier: dict[str, list[_Claim]] = field(default_factory=dict)
    stated: dict[str, Node] = field(default_factory=dict)
    """Gradients of the loss, by our name, of which it says rightly what they are."""
    alone: list[_Claim] = field(default_factory=list)
    offered: list[tuple[Chain, Node]] = field(default_factory=list)
    """Formulas that it offers in place of the end of a chain."""
    cases: list[Chain | None] = field(default_factory=list)
    """Conditions, such as `\\lambda = 0`, under which it says what its result comes to."""
    doubt: str = ""
    """The words that deny or doubt some formula, which is left out; empty where there are none."""
    denied: list[Node] = field(default_factory=list)
    """The formulas left out."""
    false_link: str = ""
    uses: dict[str, set[str]] = field(default_factory=dict)
    """The student's own symbols, and those that their definitions use."""
    meant: dict[str, set[str]] = field(default_factory=dict)
    """The student's own symbols, and the gradients that they are said to be."""
    contradicted: set[str] = field(default_factory=set)
    """Own symbols that are defined twice, as different things."""


@dataclass(frozen=True)
class _Claim:
    form: Form
    node: Node | None
    is_stated: bool
    """Whether the asked symbol stands before it; else it is a formula that stands alone."""


class Judge(Comparer):
    """Judges answers against one reference's `derivations` module."""

    def judge(self, answers: Mapping[str, str]) -> dict[str, tuple[Judgement, ...]]:
        """Judgements by question; `answers` are texts by question id, in the order of the notebook."""
        memory = Memory()
        read = self._read(answers)
        with suppress(*_TOO_MUCH):
            memory.turned = self._orientation(chain for found in read.values() for chain in found)
        return {
            id: _guarded(self._ref.ASKED[id], partial(self._question, id, found, memory))
            for id, found in read.items()
        }

    def _own_letters(self, texts: Iterable[str]) -> set[str]:
        """The student's own letters that take a number above them as an index."""
        with suppress(*_TOO_MUCH):
            known = {name.split(" ")[0] for name in self._ref.WRITTEN}
            return numbered(texts) - known
        return set()

    def _read(self, answers: Mapping[str, str]) -> dict[str, list[Chain]]:
        """The chains of all answers, with what they are about named as we name it."""
        letters = self.letters | self._own_letters(answers.values())
        read = {id: self._chains(text, letters) for id, text in answers.items() if id in self._ref.ASKED}
        with suppress(*_TOO_MUCH):
            read = dict(zip(read, with_plain_letters(list(read.values())), strict=True))
            for id, found in read.items():
                primed = with_primes(found, self._ref.NEXT, self._names(id).parameters)
                read[id] = with_entries(primed, self.network_of(id).name)
            for id in [id for id in read if self._ref.ASKED[id] == ("theta",)]:
                found = with_own_letters(without_counts(read[id], [answers[id]]), self.network_of(id).written)
                read[id] = of_step(found, answers.values(), self._names(id))
        return read

    def _names(self, question: str) -> Names:
        written = self.network_of(question).written
        alone = {name: ours for name, ours in written.items() if " " not in name}
        return Names(
            [name for name, ours in alone.items() if ours == "theta"],
            [name.split(" ")[0] for name, ours in written.items() if ours == "g"],
            self._ref.NEXT[0],
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
        for written in ("J", "L", *self._ref.DEFINED.get(id, {})):
            memory.symbols.pop(written, None)  # the question's own text defines these anew
        said = self._said(id, found, memory, scene)
        asked: tuple[str, ...] = self._ref.ASKED[id]
        if not said.claims and len(asked) == 1 and not said.doubt:
            said.claims = self._from_alone(asked[0], said.alone, is_only=len(found) == 1)
        judged: list[Judgement] = []
        for name in asked:
            claim = said.claims.get(name)
            one = partial(self._one, id, name, said, found, memory, scene)
            judged += _guarded((name,), one, claim.form.latex if claim else "")
        return (msgspec.structs.replace(judged[0], false_link=said.false_link), *judged[1:])

    def _said(self, id: str, found: Sequence[Chain], memory: Memory, scene: Scene) -> _Said:
        """Go through an answer in the order written."""
        said = _Said()
        memory.symbols |= self._functions(found, scene)
        for before, chain in zip((None, *found), found, strict=False):
            if chain.doubt:
                said.doubt = said.doubt or chain.doubt
                last = self._expanded(chain.forms[-1], memory, said.stated, scene)
                said.denied += [] if last is None else [last]
                if len(chain.forms) == 1 and chain.is_alternative:  # "sorry, I meant ..."
                    said.denied += [one.node for one in said.claims.values() if one.node is not None]
                continue
            nodes = [self._expanded(form, memory, said.stated, scene) for form in chain.forms]
            for asked in self._ref.ASKED[id]:
                claim = self._claim(chain, nodes, asked, id, scene)
                if claim and self._is_special_case(before, said.claims.get(asked), claim, scene):
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
                    said.alone.append(_Claim(chain.forms[0], nodes[0], is_stated=False))
                node = nodes[0]
                if (
                    before
                    and chain.is_alternative
                    and not isinstance(node, Symbol | Number | Gradient | None)
                ):
                    said.offered.append((before, node))
            said.false_link = said.false_link or self._false_link(id, chain, memory, scene)
            self._learn(id, chain, nodes, memory, said, scene)
        return said

    def _functions(self, found: Sequence[Chain], scene: Scene) -> dict[str, Node]:
        """Functions that an answer defines by cases, wherever in it: the student's own definition counts."""
        defined: dict[str, Node] = {}
        for chain in found:
            match chain.forms[0].node, chain.forms[-1].node:
                case (
                    Call(name, Symbol() as argument) | Product((Symbol(name), Symbol() as argument), ("",)),
                    Cases() as body,
                ) if not chain.doubt and scene.network.name(name) is None:
                    meaning = in_argument(body, argument, scene.network.name)
                    if defined.setdefault(own_function(name), meaning) != meaning:
                        return {}
        return defined

    def _one(
        self, id: str, asked: str, said: _Said, found: Sequence[Chain], memory: Memory, scene: Scene
    ) -> tuple[Judgement]:
        """The judgement on one claim, and what later answers may build on."""
        claim = said.claims.get(asked)
        if claim is None:
            return (self._without_claim(id, asked, found, said, memory, scene),)
        claim = self._with_later(claim, found, memory, said.stated, scene)
        judgement = self._judged(id, asked, claim, memory)
        if judgement.kind is Kind.UNREADABLE:
            return (judgement,)
        if held := self._held(id, asked, claim, judgement, said, found, memory, scene):
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
        self, id: str, asked: str, claim: _Claim, said: _Said, memory: Memory, scene: Scene
    ) -> bool:
        """Whether the rest of an answer holds what its claim leaves open: the result, or the gradient to put in."""
        if any(self._kind(id, asked, one, memory) is Kind.CORRECT for one in said.alone):
            return True
        named = scene.network.name
        known = {
            name
            for name, node in said.stated.items()
            if not any(isinstance(p, Gradient) for p in walk(substitute(node, memory.symbols, {}, named)))
        }
        left = walk(claim.node) if claim.node is not None else ()
        return any(isinstance(part, Gradient) and named(part.by.written) in known for part in left)

    def _held(
        self,
        id: str,
        asked: str,
        claim: _Claim,
        judgement: Judgement,
        said: _Said,
        found: Sequence[Chain],
        memory: Memory,
        scene: Scene,
    ) -> Judgement | None:
        """What a person is told who has to say what the answer claims; None where it says one thing."""
        others = [
            self._with_later(one, found, memory, said.stated, scene) for one in said.earlier.get(asked, ())
        ]
        is_choice = any(claim.form in chain.forms and chain.is_alternative for chain in found)
        if not is_choice and (known := self._ref.ON_THE_WAY.get(asked)):
            others = [one for one in others if not self.are_same(self.tree(known), one.node, scene)]
        if judgement.kind is Kind.INCORRECT:
            others = [one for one in others if not self._is_on_the_way(id, one, claim, scene)]
        others += [replace(claim, node=node) for chain, node in said.offered if claim.form in chain.forms]
        other = next((one for one in others if self._is_other(one.node, claim.node, scene, memory)), None)
        why = self._why_held(asked, claim, judgement, said, found, memory, scene)
        if other is not None and not why:
            why = "the answer gives two results that differ"
        if not why:
            return None
        kinds = {judgement.kind, *([] if other is None else [self._kind(id, asked, other, memory)])}
        return Judgement(
            asked,
            Kind.UNREADABLE,
            judgement.formula,
            why,
            suggests=Kind.INCORRECT if kinds == {Kind.INCORRECT} else None,
            results=() if other is None else tuple(dict.fromkeys((other.form.latex, claim.form.latex))),
        )

    def _is_on_the_way(self, id: str, one: _Claim, claim: _Claim, scene: Scene) -> bool:
        """Whether a formula before a wrong result is no result itself: a gradient or operator is still in it.

        A special case, in which something has dropped out, is not what it leads to.
        """
        if one.node is None or claim.node is None:
            return False
        if not {"derivative", "gradient"}.intersection(self._unfinished(id, one.node, ())):
            return False
        if self._ref.ASKED[id] != ("theta",):
            return True  # only of a step students write special cases
        given = set(self._given.get(id, ()))
        before, after = (
            {scene.network.name(part.written) for part in walk(node) if isinstance(part, Symbol)}
            for node in (one.node, claim.node)
        )
        return before & given <= after

    def _is_special_case(
        self, before: Chain | None, earlier: _Claim | None, claim: _Claim, scene: Scene
    ) -> bool:
        """Whether it is what was claimed before with a number put in: "for \\lambda = 0 we get ..."."""
        if before is None or earlier is None or earlier.node is None or claim.node is None:
            return False
        match [form.node for form in before.forms]:
            case [Symbol(written), Number() as number]:
                put_in = substitute(earlier.node, {written: number}, {}, scene.network.name)
                return put_in != earlier.node and self.are_same(put_in, claim.node, scene)
        return False

    def _is_other(self, one: Node | None, claimed: Node | None, scene: Scene, memory: Memory) -> bool:
        return one is not None and claimed is not None and self.differ(one, claimed, scene, memory)

    def _kind(self, id: str, asked: str, claim: _Claim, memory: Memory) -> Kind:
        """The verdict on a claim, unreadable where there is none."""
        return _guarded((asked,), lambda: (self._judged(id, asked, claim, memory),))[0].kind

    def _why_held(
        self,
        asked: str,
        claim: _Claim,
        judgement: Judgement,
        said: _Said,
        found: Sequence[Chain],
        memory: Memory,
        scene: Scene,
    ) -> str:
        """What beside other results makes it uncertain what the answer claims; empty where nothing does."""
        is_denied = any(self.are_same(node, claim.node, scene) for node in said.denied)
        if said.doubt and (is_denied or judgement.kind is not Kind.CORRECT):
            return f'words or signs beside a formula deny it, doubt it or change it: "{said.doubt}"'
        parts = () if claim.node is None else walk(claim.node)
        if any(isinstance(part, Call) and part.name == "sign" for part in parts):
            wrong = self._wrong_sign(found, scene)
            if wrong:
                return f"the sign is said to be something else: {wrong}"
        if judgement.kind is not Kind.INCORRECT and _has_odd_numbers(claim.node):
            return "it has numbers that no derivation leads to"
        if other := self._rebound(asked, [one for one in found if one not in said.cases], scene, memory):
            return f"a symbol of the question is said to be something else: {other}"
        used = self._used(claim.form.node, said)
        if double := sorted(used & said.contradicted):
            return f"{shown(Symbol(double[0]))} is said to be two different things"
        return "working it out takes too many steps" if scene.budget.steps < 0 else ""

    def _rebound(self, asked: str, found: Sequence[Chain], scene: Scene, memory: Memory) -> str:
        """What an answer says that a given symbol is and it is not, as LaTeX; empty where there is nothing.

        Losses and steps are defined by answers themselves, and parameters computed from themselves are assigned to.
        """
        given = {*self._ref.SHAPES} - {asked, "g", "theta", *(("J",) if asked == "theta" else ())}
        assigned = {name for names in self._ref.ASKED.values() for name in names}
        for chain in found:
            left, right = chain.forms[0].node, chain.forms[-1].node
            if len(chain.forms) < 2:
                continue
            is_activation = (
                isinstance(left, Symbol) and scene.network.name(left.written) in self._ref.ACTIVATIONS
            )
            if is_activation and _OTHER_ACTIVATION.search(chain.forms[-1].latex.replace(" ", "")):
                return f"{chain.forms[0].latex} = {chain.forms[-1].latex}"
            if right is None:
                continue
            if isinstance(left, Call) and left.name == "f" and isinstance(left.of, Symbol):
                left, right = (self._of_some_layer(side, left.of, scene) for side in (left, right))
            elif (
                not isinstance(left, Symbol)
                or (name := scene.network.name(left.written)) not in given
                or (name in assigned and left in walk(right))
            ):
                continue
            used = {scene.network.name(part.written) for part in walk(right) if isinstance(part, Symbol)}
            if left == Symbol("J") and not used >= {"h2", "y"}:
                continue  # no loss
            if self.differ(left, right, scene, memory):
                return f"{chain.forms[0].latex} = {chain.forms[-1].latex}"
        return ""

    def _of_some_layer(self, side: Node, letter: Symbol, scene: Scene) -> Node:
        """A formula in a letter of the student's own, `f(z)`, as one in what a layer's activation is taken of."""
        if scene.network.name(letter.written) is not None:
            return side
        layer = next(iter(self._ref.ACTIVATIONS.values()))
        written = next(text for text, name in self._ref.WRITTEN.items() if name == layer)
        return substitute(side, {letter.written: Symbol(written)}, {}, scene.network.name)

    def _wrong_sign(self, found: Sequence[Chain], scene: Scene) -> str:
        """What an answer says of the sign of something that is not so, as LaTeX; empty where there is nothing."""
        for i, chain in enumerate(found):
            left, right = chain.forms[0].node, chain.forms[-1].node
            if (
                own_function("sign") in self._functions(found, scene)
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

    def _used(self, node: Node | None, said: _Said) -> set[str]:
        """The student's own symbols that a formula uses, also through their definitions."""
        waiting = (
            [part.written for part in walk(node) if isinstance(part, Symbol)] if node is not None else []
        )
        used: set[str] = set()
        while waiting:
            if (name := waiting.pop()) not in used:
                used.add(name)
                waiting += said.uses.get(name, ())
        return used

    def _is_worth_carrying(self, question: str, asked: str, node: Node, scene: Scene) -> bool:
        """Whether a wrong answer has the right shape and depends on the point: nothing follows from a constant."""
        right = self.right(question, asked, scene)
        found = tried(node, scene)
        if not found or any(a.shape != b.shape for a, b in zip(found[0], right, strict=True)):
            return False
        entries = np.concatenate([a.ravel() for a in found[0]])
        return not np.allclose(entries, entries[0])

    def _with_later(
        self, claim: _Claim, found: Sequence[Chain], memory: Memory, stated: Mapping[str, Node], scene: Scene
    ) -> _Claim:
        """The claim with the symbols put in that its cell defines only behind it: `theta - eta g, where g = ...`."""
        if claim.form.node is None:
            return claim
        used = {part.written for part in walk(claim.form.node) if isinstance(part, Symbol)}
        for chain in found:
            if claim.form in chain.forms:
                used -= {form.node.written for form in chain.forms[:-1] if isinstance(form.node, Symbol)}
                behind = found[list(found).index(chain) + 1 :]
                before = found[: list(found).index(chain)]
                break
        else:
            return claim
        late = {name for name in used if self._defines(behind, name) and not self._defines(before, name)}
        return replace(claim, node=self._expanded(claim.form, memory, stated, scene)) if late else claim

    def _defines(self, found: Sequence[Chain], name: str) -> bool:
        """Whether a chain says what a symbol is, or its components."""
        names = {Symbol(name), *(Symbol(f"{name} {letter}") for letter in "ijk")}
        return any(len(c.forms) > 1 and any(form.node in names for form in c.forms[:-1]) for c in found)

    def _expanded(self, form: Form, memory: Memory, stated: Mapping[str, Node], scene: Scene) -> Node | None:
        if form.node is None:
            return None
        return substitute(form.node, memory.symbols, stated, scene.network.name)

    def _claim(
        self, chain: Chain, nodes: Sequence[Node | None], asked: str, question: str, scene: Scene
    ) -> _Claim | None:
        forms = chain.forms
        places = [i for i, form in enumerate(forms) if self._asks(form.node, asked, i, scene)]
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
        claim = _Claim(
            forms[last], self._entrywise(forms[places[0]].node, nodes[last], asked, scene), is_stated=True
        )
        return None if last in places or self._is_remark(claim, asked, scene) else claim

    def _entrywise(self, left: Node | None, node: Node | None, asked: str, scene: Scene) -> Node | None:
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
            return (
                Entries(by, node) if indices or any(isinstance(part, Entry) for part in walk(node)) else node
            )
        free = {index.replace("1", "") for index in indices} - bound
        if asked != "theta" and len(free) == 1 and len(letter := free.pop()) == 1:
            return Entries(Symbol(f"{by.written} {letter}"), node)
        return node

    def _asks(self, node: Node | None, asked: str, place: int, scene: Scene) -> bool:
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
        is_next = re.sub(r" [ijklmn]$", "", node.written) in self._ref.NEXT
        return is_next or (place == 0 and named(node.written) == "theta")

    def _is_remark(self, claim: _Claim, asked: str, scene: Scene) -> bool:
        """Whether it is no update but says where something holds, such as theta = 0."""
        return (
            asked == "theta"
            and claim.node is not None
            and not any(
                isinstance(part, Symbol) and scene.network.name(part.written) in ("theta", "eta")
                for part in walk(claim.node)
            )
        )

    def _from_alone(self, asked: str, alone: Sequence[_Claim], *, is_only: bool) -> dict[str, _Claim]:
        """A formula without anything before it, where it is more than a letter in a sentence."""
        whole = [claim for claim in alone if not isinstance(claim.node, Symbol | Number | Gradient)]
        return {asked: whole[-1]} if whole and (is_only or len(whole) == 1) else {}

    def _without_claim(
        self, id: str, asked: str, found: Sequence[Chain], said: _Said, memory: Memory, scene: Scene
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
            if name in self._ref.ASKED[id]:
                continue
            kind = self._kind(id, asked, _Claim(last, last.node, is_stated=True), memory)
            why = f"it says what the gradient at {name} is, and the one at {asked} is asked"
            if kind in (Kind.CORRECT, Kind.SHAPE, Kind.UNSIMPLIFIED, Kind.TURNED):
                why += "; what stands on the right would answer that, so that the left side may be copied"
            suggests = Kind.INCORRECT if kind is Kind.INCORRECT else None
            return Judgement(asked, Kind.UNREADABLE, last.latex, why, suggests=suggests)
        return None

    def _learn(
        self,
        id: str,
        chain: Chain,
        nodes: Sequence[Node | None],
        memory: Memory,
        said: _Said,
        scene: Scene,
    ) -> None:
        """Definitions of the student's own symbols, and right gradients, which later formulas may use."""
        if len(nodes) < 2 or (last := nodes[-1]) is None:
            return
        end = chain.forms[-1].node
        if isinstance(end, Symbol) and last is end and self._is_own(end, scene):
            memory.symbols[end.written] = last = nodes[-2] or last  # the result gets a name: h - y = delta
        named = scene.network.name
        meant = {form.node.by.written for form in chain.forms[:-1] if isinstance(form.node, Gradient)}
        for form in chain.forms[:-1]:
            node = form.node
            if isinstance(node, Symbol) and self._is_own(node, scene):
                written, uses = node.written, self._used(chain.forms[-1].node, _Said())
                others = (other for other in chain.forms if other is not form)
                is_update = bool(meant - said.meant.get(written, set())) or any(
                    written in self._used(other.node, _Said()) for other in others
                )
                said.meant[written] = meant
                if written in said.uses and not is_update:
                    before = memory.symbols.get(written)
                    if before is not None and self.differ(before, last, scene, memory):
                        said.contradicted.add(written)
                said.uses.setdefault(written, set()).update(uses - {written})
                memory.symbols[written] = last
            elif isinstance(node, Gradient) and isinstance(node.of, Symbol) and named(node.of.written) == "J":
                name = named(node.by.written)
                if name is not None and self.is_true(last, scene.gradient(name), scene):
                    said.stated[name] = last
                    if not self._unfinished(id, last, memory.worked_out):
                        memory.worked_out.add(name)

    def _is_own(self, node: Symbol, scene: Scene) -> bool:
        name = scene.network.name(node.written)
        if name is None and scene.network.name(node.written.rpartition(" ")[0]) is not None:
            return False  # an entry of what is known
        if name is None:
            letter = node.written.split(" ")[0]
            is_letter = not letter.startswith("\\") or _GREEK.fullmatch(letter) is not None
            return is_letter and node.written not in self._ref.NEXT
        # Where the step is asked, students call the whole objective J, and its gradient g.
        return name in ("g", "J") and "g" in scene.network.written

    def _orientation(self, found: Iterable[Chain]) -> frozenset[str]:
        """The symbols that the student's own forward pass has transposed; none where it is the usual one."""
        scene = self.scene("Q1.1")
        for form in (form for chain in found if not chain.doubt for form in chain.forms):
            for name, part in self._pre_activations(form.node, scene):
                if self.is_true(part, scene.value(name), scene):
                    continue
                for turned in map(frozenset, self._ref.TURNED.values()):
                    there = replace(scene, turned=turned)
                    if self.is_true(part, there.value(name), there):
                        return turned
        return frozenset()

    def _pre_activations(self, node: Node | None, scene: Scene) -> Iterator[tuple[str, Node]]:
        """The sums in a formula that may be a layer's pre-activation, and its name."""
        for part in walk(node) if node is not None else ():
            if isinstance(part, Sum):
                used = {scene.network.name(one.written) for one in walk(part) if isinstance(one, Symbol)}
                for name, parameters in self._ref.PRE_ACTIVATIONS.items():
                    if used.issuperset(parameters):
                        yield name, part

    def _false_link(self, id: str, chain: Chain, memory: Memory, scene: Scene) -> str:
        def is_claimed(node: Node, place: int) -> bool:
            return any(self._asks(node, asked, place, scene) for asked in self._ref.ASKED[id])

        return false_link(chain, id, self, memory, is_claimed)

    def _judged(self, question: str, asked: str, claim: _Claim, memory: Memory) -> Judgement:
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


_OTHER_ACTIVATION: Final = re.compile(r"tanh|relu|softmax|max", re.IGNORECASE)
_BEST: Final = (
    Kind.CORRECT, Kind.TURNED, Kind.UNSIMPLIFIED, Kind.UNFINISHED, Kind.CARRIED, Kind.SHAPE, Kind.UNREADABLE,
)  # fmt: skip
"""Which verdict counts where a formula may mean several things."""
_GREEK: Final = re.compile(
    r"\\(?:alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|vartheta|iota|kappa|mu|nu|xi|rho|varrho|sigma|tau|upsilon"
    r"|phi|varphi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega|ell|hat|tilde|pm)"
)
"""Commands that are letters, and so may be given a meaning."""


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
