"""Compare a formula with what is right: its value, its shape, and what a wrong one is known for."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import ModuleType
from typing import Final

import numpy as np

from .judgement import Judgement, Kind
from .rewrite import leftovers, substitute, walk
from .shapes import in_words, least_change, shown, size
from .tokens import Unreadable, tokens
from .tree import Call, Gradient, Matrix, Node, Symbol, parse
from .values import FreeReadings, Network, Scene, Value, flipped, free_readings, readings, same

WIDTHS: Final = ((4, 6),) * 3 + ((5, 3),) * 3
"""Inputs and hidden units at the random points: no two alike, so that shapes that do not fit show; three of each, over
which the signs of all entries turn."""
WRITTEN_OUT: Final = ((3, 3),) * 6
"""Those of the problem set's drawing, for answers that write matrices out entry by entry."""


Given = Mapping[str, Collection[str]]
"""Question id to what its answers may be written in: our names of symbols, and `f'`."""


@dataclass
class Memory:
    """What the student's answers so far define and claim."""

    symbols: dict[str, Node] = field(default_factory=dict)
    wrong: dict[str, Node] = field(default_factory=dict)
    worked_out: set[str] = field(default_factory=set)
    """Gradients of which earlier answers have said rightly what they are."""
    turned: frozenset[str] = frozenset()


class Comparer:
    """Compares formulas with the answers of one reference's `derivations` module."""

    def __init__(self, derivations: ModuleType, given: Given, key: str = "") -> None:
        """`given` is what answers may be written in, `key` says which random points: the same ones for the same key."""
        self._ref = derivations
        self._given = given
        self._key = key

    def tree(self, latex: str) -> Node:
        """The tree of one expression over our symbols."""
        return parse(tokens(latex), self.letters)

    def scene(self, question: str, widths: Sequence[tuple[int, int]] = WIDTHS) -> Scene:
        """Random points, the same ones at each call."""
        seed = hashlib.sha256(f"{self._key}/{question}".encode()).digest()
        return Scene(self.network_of(question), self._ref.points(np.random.default_rng(list(seed)), widths))

    def right(self, question: str, asked: str, scene: Scene) -> Value:
        """The right value of what is asked."""
        tree = self.tree(self._ref.ANSWERS[question][asked])
        plain = readings(tree, replace(scene, turned=frozenset()))[0]
        return flipped(plain) if asked in scene.turned else plain

    @cached_property
    def letters(self) -> frozenset[str]:
        """Letters that take the index of a layer."""
        return frozenset(name.split(" ")[0] for name in self._ref.WRITTEN if name[-1].isdigit())

    def network_of(self, question: str) -> Network:
        ref = self._ref
        written = {**ref.WRITTEN, **ref.DEFINED.get(question, {})}
        return Network(written, ref.COMPONENTS, ref.forward, ref.gradients, ref.sigmoid, ref.slope)

    def differ(self, one: Node, other: Node, scene: Scene, memory: Memory) -> bool:
        """Whether two formulas differ, whichever way each may be read."""
        where = scene if not memory.turned else replace(scene, turned=memory.turned)
        ones, others = freely(one, where), freely(other, where)
        if not (ones.found and others.found and ones.are_all and others.are_all):
            return False
        if not all(is_finite(reading.value) for reading in (*ones.found, *others.found)):
            return False
        return not any(
            same(a.value, b.value) or same(flipped(a.value), b.value)
            for a in ones.found
            for b in others.found
        )

    def are_same(self, one: Node, other: Node | None, scene: Scene) -> bool:
        values = tried(other, scene) if other is not None else []
        return any(same(a, b) for a in tried(one, scene) for b in values)

    def is_true(self, node: Node, value: Value | None, scene: Scene) -> bool:
        if value is None:
            return False
        return any(same(reading, value) for reading in tried(node, scene))

    def compared(self, question: str, asked: str, node: Node, memory: Memory) -> Judgement:
        written_out = any(
            isinstance(part, Matrix) or (isinstance(part, Symbol) and part.written.count(" ") == 2)
            for part in walk(node)
        )
        scene = self.scene(question, WRITTEN_OUT if written_out else WIDTHS)
        right = self.right(question, asked, scene)
        plain = readings(node, scene)
        if plain and not any(map(is_finite, plain)):
            raise Unreadable("it divides by zero or overflows")
        left = self._unfinished(question, node, memory.worked_out - {asked})
        if any(same(value, right) for value in plain):
            return self._right(asked, node, left, Kind.CORRECT)
        if memory.turned:
            there = replace(scene, turned=memory.turned)
            if any(same(value, self.right(question, asked, there)) for value in readings(node, there)):
                return self._right(asked, node, left, Kind.TURNED)
        if (changes := least_change(node, scene, right)) is not None:
            if left:
                return Judgement(asked, Kind.UNFINISHED, reason=", ".join(left))
            reason = in_words(changes, node, scene, right, scene.network.name)
            return Judgement(asked, Kind.SHAPE, reason=reason + self._widths(scene))
        if "derivative" in left or self._restates(question, asked, node):
            raise Unreadable("it leaves derivatives to be worked out")
        if self._follows(question, asked, node, scene, memory):
            return Judgement(asked, Kind.CARRIED)
        loose = plain or [reading.value for reading in freely(node, scene).found]
        mistake = self._mistake(question, asked, node, scene, right, loose)
        return Judgement(
            asked,
            Kind.INCORRECT,
            reason="" if mistake else self._shapes(plain, right, scene),
            mistake=mistake,
            values=self._example(question, asked, node),
            at=self._at(question, asked, node),
        )

    def _right(self, asked: str, node: Node, unfinished: Sequence[str], kind: Kind) -> Judgement:
        if unfinished:
            return Judgement(asked, Kind.UNFINISHED, reason=", ".join(unfinished))
        left = leftovers(node) if asked != "theta" else set()
        if left:
            return Judgement(asked, Kind.UNSIMPLIFIED, reason=", ".join(sorted(left)))
        return Judgement(asked, kind)

    def _unfinished(self, question: str, node: Node, known: Collection[str]) -> list[str]:
        """What of a formula is still to be worked out: derivatives, and gradients of the loss but for the `known` ones.

        So is whatever the question does not let an answer be written in, where it says what may stand there.
        """
        network, given = self.network_of(question), self._given.get(question, ())
        may_stand = {*known, *(["theta"] if "g" in given else [])}
        found: set[str] = set()
        for part in walk(node):
            match part:
                case Gradient(by, Symbol(of)) if network.name(of) == "J" and (
                    name := network.name(by.written)
                ):
                    found |= set() if name in may_stand else {"gradient"}
                case Gradient():
                    found.add("derivative")
                case Call("slope", _) if "f'" not in given:
                    found.add("slope")
                case Symbol(written) if (name := network.name(written)) not in (None, "J", *given):
                    found.add("symbol")
        return sorted(found)

    def _shapes(self, plain: Sequence[Value], right: Value, scene: Scene) -> str:
        """What shape came out and which one is wanted, in words; empty where they agree."""
        if not plain:
            return (
                f"as written, its shapes do not fit each other; wanted is {size(right)}{self._widths(scene)}"
            )
        if plain[0][0].shape == right[0].shape:
            return ""
        return f"as written it is {size(plain[0])}; wanted is {size(right)}{self._widths(scene)}"

    def _widths(self, scene: Scene) -> str:
        """For which widths the sizes are given."""
        inputs, hidden = (scene.points[0][name].shape[0] for name in ("x", "h1"))
        return f" (sizes for {inputs} inputs and {hidden} hidden units)"

    def _restates(self, question: str, asked: str, node: Node) -> bool:
        named = self.network_of(question).name
        return any(
            isinstance(part, Gradient) and named(part.by.written) == asked != "theta" for part in walk(node)
        )

    def _follows(self, question: str, asked: str, node: Node, scene: Scene, memory: Memory) -> bool:
        """Whether it is what follows from the student's own wrong gradients of earlier questions."""
        if asked not in self._ref.FOLLOWS or not memory.wrong:
            return False
        rule = self.tree(self._ref.FOLLOWS[asked])
        own = substitute(rule, {}, memory.wrong, scene.network.name)
        if own is rule:
            return False
        node = substitute(node, {}, memory.wrong, scene.network.name)
        wanted = freely(own, scene).found
        return any(same(a, b.value) for a in tried(node, scene) for b in wanted)

    def _mistake(
        self, question: str, asked: str, node: Node, scene: Scene, right: Value, found: Sequence[Value]
    ) -> str:
        """The name of a known mistake whose value it has; empty where there is none."""
        known: dict[str, tuple[str, ...]] = self._ref.MISTAKES[question if asked == "theta" else asked]
        small = self.scene(question, WRITTEN_OUT)
        at_small = tried(node, small) or ([] if found else [r.value for r in freely(node, small).found])
        for name, forms in known.items():
            for form in forms:
                tree = self.tree(form)
                wrong = readings(tree, scene)
                pairs = [(a, b) for a in found for b in wrong] if wrong else []
                pairs += [] if pairs else [(a, b) for a in at_small for b in readings(tree, small)]
                if any(same(a, b) or same(flipped(a), b) for a, b in pairs):
                    return name
        if asked == "theta":
            return ""
        for value in found:
            if (factor := _ratio(value, right)) is not None:
                return "sign" if abs(factor + 1) < 1e-6 else "factor"
        return self._other_gradient(asked, scene, found)

    def _other_gradient(self, asked: str, scene: Scene, found: Sequence[Value]) -> str:
        for name in self._ref.SHAPES:
            gradient = None if name == asked else scene.gradient(name)
            if gradient is not None and name != "theta" and any(same(value, gradient) for value in found):
                return "other-gradient"
        return ""

    def _example(self, question: str, asked: str, node: Node) -> tuple[str, str] | None:
        """The claim's value and the right one, at numbers that can be checked by hand."""
        scene = Scene(self.network_of(question), (self._ref.example(),))
        found = tried(node, scene)
        right = self.right(question, asked, scene)
        return (shown(found[0][0][0]), shown(right[0][0])) if found else None

    def _at(self, question: str, asked: str, node: Node) -> str:
        """The values, at the example, of the symbols in a claim and in the right answer."""
        network, values = self.network_of(question), self._ref.example()
        right = self.tree(self._ref.ANSWERS[question][asked])
        used = {
            network.name(p.written) for tree in (node, right) for p in walk(tree) if isinstance(p, Symbol)
        }
        used |= {"g"} if asked == "theta" else set()
        return ", ".join(
            f"{name} = {shown(values[name])}" for name in self._ref.SHAPES if name in used - {"J"}
        )


def tried(node: Node, scene: Scene) -> list[Value]:
    """The readings of a formula; none where it cannot be worked out."""
    try:
        return readings(node, scene)
    except (Unreadable, RecursionError):
        return []


def freely(node: Node, scene: Scene) -> FreeReadings:
    """The readings of a formula with few changes of shapes; none where it cannot be worked out."""
    try:
        return free_readings(node, scene)
    except (Unreadable, RecursionError):
        return FreeReadings((), are_all=True)


def is_finite(value: Value) -> bool:
    """Whether no entry at any point is infinite or no number."""
    return all(bool(np.isfinite(a).all()) for a in value)


def _ratio(value: Value, right: Value) -> float | None:
    """c where the value is c times the right one at every point; None where it is not, or c is 0."""
    for candidate in (value, flipped(value)):
        if all(a.shape == b.shape for a, b in zip(candidate, right, strict=True)):
            ratios = np.concatenate([(a / b).ravel() for a, b in zip(candidate, right, strict=True)])
            if (
                np.isfinite(ratios).all()
                and abs(ratios[0]) > 1e-9
                and np.allclose(ratios, ratios[0], rtol=1e-6)
            ):
                return float(ratios[0])
    return None
