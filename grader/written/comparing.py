"""Compare a formula with what is right: its value, its shape, and what a wrong one is known for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import ModuleType
from typing import Final

import numpy as np

from .changes import How
from .judgement import Judgement, Kind
from .matrices import Value, flipped, same
from .nodes import Call, Gradient, Matrix, Node, Symbol
from .rewrite import leftovers, substitute, walk
from .scene import Budget, Network, Scene
from .shapes import in_words, least_change, shown, size
from .slips import Slip, bracketed, slips
from .tokens import Unreadable, tokens
from .tree import parse
from .values import MAX_CHANGES, FreeReadings, free_readings, readings

WIDTHS: Final = ((4, 6),) * 3 + ((5, 3),) * 3
"""Inputs and hidden units at the random points: no two alike, so that shapes that do not fit show; three of each, over
which the signs of all entries turn."""
WRITTEN_OUT: Final = ((3, 3),) * 6
"""Those of the problem set's drawing, for answers that write matrices out entry by entry."""


Widths = tuple[tuple[int, int], ...]

Given = Mapping[str, Collection[str]]
"""Question id to what its answers may be written in: our names of symbols, and `f'`."""

SLIP_STEPS: Final = 8_000
"""Steps for naming what is wrong with one claim; a long one takes 3,000."""


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
        self.ref = derivations
        """What symbols mean, what is asked, what is right, and what mistakes are known."""
        self.given = given
        self._key = key
        self._trees: dict[str, Node] = {}
        self._scenes: dict[tuple[str, Widths], Scene] = {}
        self._mistaken: dict[tuple[str, str, Widths], dict[str, list[Value]]] = {}

    def tree(self, latex: str) -> Node:
        """The tree of one expression over our symbols."""
        if latex not in self._trees:
            self._trees[latex] = parse(tokens(latex), self.letters)
        return self._trees[latex]

    def scene(self, question: str, widths: Sequence[tuple[int, int]] = WIDTHS) -> Scene:
        """Random points, the same ones at each call."""
        asked = (question, tuple(widths))
        if asked not in self._scenes:
            seed = hashlib.sha256(f"{self._key}/{question}".encode()).digest()
            points = self.ref.points(np.random.default_rng(list(seed)), widths)
            self._scenes[asked] = Scene(self.network_of(question), points)
        return replace(self._scenes[asked], budget=Budget())

    def scene_for(self, nodes: Iterable[Node], question: str) -> Scene:
        """Points at which formulas have a value: those of the drawing, where one writes vectors out entry by entry."""
        is_written_out = any(
            isinstance(part, Matrix)
            or (isinstance(part, Symbol) and re.fullmatch(r"\S+ \d \d+(?:,\d+)?", part.written))
            for node in nodes
            for part in walk(node)
        )
        return self.scene(question, WRITTEN_OUT if is_written_out else WIDTHS)

    def has_value(self, node: Node, scene: Scene) -> bool:
        """Whether a formula has a value as written."""
        return bool(tried(node, scene))

    def right(self, question: str, asked: str, scene: Scene) -> Value:
        """The right value of what is asked."""
        tree = self.tree(self.ref.ANSWERS[question][asked])
        plain = readings(tree, replace(scene, turned=frozenset()))[0]
        return flipped(plain) if asked in scene.turned else plain

    def all_right(self, scene: Scene) -> Iterator[tuple[str, Value]]:
        """Every right answer, as `Q1.4 (h1)`, with its value in a scene where it has one."""
        for question, answers in self.ref.ANSWERS.items():
            for asked, latex in answers.items():
                for value in tried(self.tree(latex), scene)[:1]:
                    yield f"{question} ({asked})", value

    @cached_property
    def letters(self) -> frozenset[str]:
        """Letters that take the index of a layer."""
        return frozenset(name.split(" ")[0] for name in self.ref.WRITTEN if name[-1].isdigit())

    def network_of(self, question: str) -> Network:
        ref = self.ref
        written = {**ref.WRITTEN, **ref.DEFINED.get(question, {})}
        return Network(
            written, ref.COMPONENTS, ref.forward, ref.gradients, ref.sigmoid, ref.slope, ref.ACTIVATIONS
        )

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
        scene = self.scene_for((node,), question)
        right = self.right(question, asked, scene)
        plain = readings(node, scene)
        if plain and not any(map(is_finite, plain)):
            raise Unreadable("it divides by zero or overflows")
        left = self.unfinished(question, node, memory.worked_out - {asked})
        if any(same(value, right) for value in plain):
            return self._right(asked, node, left, Kind.CORRECT)
        if memory.turned:
            there = replace(scene, turned=memory.turned)
            if any(same(value, self.right(question, asked, there)) for value in readings(node, there)):
                return self._right(asked, node, left, Kind.TURNED)
        if (changes := least_change(node, scene, right)) is not None:
            if left:
                return Judgement(asked, Kind.UNFINISHED, reason=", ".join(left))
            if asked == "theta" and all(change.how is How.ELEMENTWISE for change in changes):
                return Judgement(
                    asked, Kind.CORRECT
                )  # of parameters in one long column nothing else is meant
            reason = in_words(changes, node, scene, right, scene.network.name)
            return Judgement(asked, Kind.SHAPE, reason=reason + self._widths(scene))
        if "derivative" in left or self._restates(question, asked, node):
            raise Unreadable("it leaves derivatives to be worked out")
        if self._follows(question, asked, node, scene, memory):
            return Judgement(asked, Kind.CARRIED)
        loose = plain or _roughly(node, scene)
        if brackets := self._brackets(node, scene, right):
            raise Unreadable(f"it is right with brackets around {brackets}, which are not there")
        mistake, place = self._mistake(question, asked, node, scene, right, loose)
        values, at = self._example(question, asked, node)
        return Judgement(
            asked,
            Kind.INCORRECT,
            reason=place if mistake else self._shapes(plain, right, scene),
            mistake=mistake,
            values=values,
            at=at,
        )

    def _right(self, asked: str, node: Node, unfinished: Sequence[str], kind: Kind) -> Judgement:
        if unfinished:
            return Judgement(asked, Kind.UNFINISHED, reason=", ".join(unfinished))
        left = leftovers(node) if asked != "theta" else set()
        if left:
            return Judgement(asked, Kind.UNSIMPLIFIED, reason=", ".join(sorted(left)))
        return Judgement(asked, kind)

    def unfinished(self, question: str, node: Node, known: Collection[str]) -> list[str]:
        """What of a formula is still to be worked out: derivatives, and gradients of the loss but for the `known` ones.

        So is whatever the question does not let an answer be written in, where it says what may stand there.
        """
        network, given = self.network_of(question), self.given.get(question, ())
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
                case Symbol(written) if (name := network.name(written) or network.whole(written)) not in (
                    None,
                    "J",
                    *given,
                ):
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
        if asked not in self.ref.FOLLOWS or not memory.wrong:
            return False
        rule = self.tree(self.ref.FOLLOWS[asked])
        own = substitute(rule, {}, memory.wrong, scene.network.name)
        if own is rule:
            return False
        node = substitute(node, {}, memory.wrong, scene.network.name)
        wanted = freely(own, scene).found
        return any(same(a, b.value) for a in tried(node, scene) for b in wanted)

    def _mistake(
        self, question: str, asked: str, node: Node, scene: Scene, right: Value, found: Sequence[Value]
    ) -> tuple[str, str]:
        """The name of a known mistake whose value it has, and where it is made; empty where there is none."""
        small = self.scene(question, WRITTEN_OUT)
        at_small = tried(node, small) or ([] if found else _roughly(node, small))
        known = self._known(question, asked, scene)
        known_at_small = self._known(question, asked, small)
        for name, values in known.items():
            pairs = [(a, b) for a in found for b in values]
            pairs += [] if pairs else [(a, b) for a in at_small for b in known_at_small[name]]
            if any(same(a, b) or same(flipped(a), b) for a, b in pairs):
                return name, ""
        if asked != "theta":
            for value in found:
                if (factor := _ratio(value, right)) is not None:
                    return "sign" if abs(factor + 1) < 1e-6 else "factor", ""
        if slip := self._slip(question, asked, node, scene, right):
            return slip.name, f"look {slip.place}" if slip.place else ""
        return ("" if asked == "theta" else self._other_gradient(asked, scene, found)), ""

    def _known(self, question: str, asked: str, scene: Scene) -> dict[str, list[Value]]:
        """The values of the known mistakes, by name."""
        key = (question, asked, tuple((len(point["x"]), len(point["h1"])) for point in scene.points))
        if key not in self._mistaken:
            known: dict[str, tuple[str, ...]] = self.ref.MISTAKES[question if asked == "theta" else asked]
            self._mistaken[key] = {
                name: [value for form in forms for value in readings(self.tree(form), scene)]
                for name, forms in known.items()
            }
        return self._mistaken[key]

    def _slip(self, question: str, asked: str, node: Node, scene: Scene, right: Value) -> Slip | None:
        """The likeliest single slip without which a formula is right; None where there is none, or after long."""
        there = replace(scene, budget=Budget(SLIP_STEPS))
        confused = {
            ours: [(name, self.tree(other)) for name, other in others]
            for ours, others in self.ref.CONFUSED.items()
        }
        missing: dict[str, tuple[str, ...]] = self.ref.LEFT_OUT[question if asked == "theta" else asked]
        left_out = {name: [self.tree(form) for form in forms] for name, forms in missing.items()}
        fits = any(value[0].shape == right[0].shape for value in tried(node, scene))
        read = tried if fits else _roughly
        for slip in slips(node, scene.network.name, confused, left_out):
            if there.budget.steps < 0:
                return None
            if any(same(value, right) or same(flipped(value), right) for value in read(slip.without, there)):
                return slip
        return None

    def _brackets(self, node: Node, scene: Scene, right: Value) -> str:
        """Around what brackets are missing in a formula that is right with them; empty where it is not so."""
        for slip in bracketed(node, scene.network.name):
            if any(same(value, right) or same(flipped(value), right) for value in tried(slip.without, scene)):
                return slip.place
        return ""

    def _other_gradient(self, asked: str, scene: Scene, found: Sequence[Value]) -> str:
        for name in self.ref.SHAPES:
            gradient = None if name == asked else scene.gradient(name)
            if gradient is not None and name != "theta" and any(same(value, gradient) for value in found):
                return "other-gradient"
        return ""

    def _example(self, question: str, asked: str, node: Node) -> tuple[tuple[str, str] | None, str]:
        """The claim's value and the right one at numbers that can be checked by hand, and those numbers.

        None where the two do not differ at any example.
        """
        for example in self.ref.examples():
            scene = Scene(self.network_of(question), (example,))
            found = tried(node, scene)
            if not found:
                break
            values = shown(found[0][0][0]), shown(self.right(question, asked, scene)[0][0])
            if values[0] != values[1]:
                return values, self._at(question, asked, node, example)
        return None, ""

    def _at(self, question: str, asked: str, node: Node, example: Mapping[str, np.ndarray]) -> str:
        """The values, at an example, of the symbols in a claim and in the right answer."""
        network = self.network_of(question)
        right = self.tree(self.ref.ANSWERS[question][asked])
        used = {
            network.name(p.written) for tree in (node, right) for p in walk(tree) if isinstance(p, Symbol)
        }
        used |= {"g"} if asked == "theta" else set()
        return ", ".join(
            f"{name} = {shown(example[name])}" for name in self.ref.SHAPES if name in used - {"J"}
        )


def tried(node: Node, scene: Scene) -> list[Value]:
    """The readings of a formula; none where it cannot be worked out."""
    try:
        return readings(node, scene)
    except (Unreadable, RecursionError):
        return []


def freely(node: Node, scene: Scene, changes: int = MAX_CHANGES) -> FreeReadings:
    """The readings of a formula with few changes of shapes; none where it cannot be worked out."""
    try:
        return free_readings(node, scene, changes)
    except (Unreadable, RecursionError):
        return FreeReadings((), are_all=True)


def _roughly(node: Node, scene: Scene) -> list[Value]:
    """The values that a formula has with few changes of shapes."""
    return [reading.value for reading in freely(node, scene, 2).found]


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
