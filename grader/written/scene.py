"""The points at which formulas are evaluated: what symbols mean, what they are there, and how many steps are left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from .matrices import Value, flipped
from .nodes import Node, Symbol
from .tokens import Unreadable

MAX_STEPS: Final = 100_000
"""Nodes evaluated for one answer; a long correct one takes 3,000."""


@dataclass
class Budget:
    """Steps left for one answer; the same on every machine."""

    steps: int = MAX_STEPS

    def spend(self) -> None:
        """Take one step; `Unreadable` where none is left."""
        self.steps -= 1
        if self.steps < 0:
            raise Unreadable("working it out takes too many steps")


@dataclass(frozen=True)
class Network:
    """What the symbols of the questions mean; see `reference/*/derivations.py`."""

    written: Mapping[str, str]
    """Symbol as written to our name for it."""
    components: Mapping[str, Sequence[str]]
    forward: Callable[..., dict[str, np.ndarray]]
    gradients: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]
    activation: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    """The derivative of `activation`."""
    activations: Mapping[str, str]
    """Activations to what they are the activations of."""

    def name(self, written: str) -> str | None:
        """Our name of a symbol; None where it has none. A component of a vector stands for the vector."""
        if written in self.written:
            return self.written[written]
        stem, _, index = written.rpartition(" ")
        name = self.written.get(stem)
        return name if name is not None and index in self.components.get(name, ()) else None

    def whole(self, written: str) -> str | None:
        """Our name of the symbol of which another one is an entry with an index of letters; None where it is none."""
        stem, _, index = written.rpartition(" ")
        is_entry = re.fullmatch(r"[ijklmnpqrs1,]+", index) and not index.isdigit()
        return self.written.get(stem) if is_entry else None


@dataclass(frozen=True)
class Scene:
    """Points to evaluate at, and what holds there."""

    network: Network
    points: tuple[dict[str, np.ndarray], ...]
    turned: frozenset[str] = frozenset()
    """Symbols that the student's forward pass has transposed."""
    at: Mapping[str, int] = field(default_factory=dict)
    """The values that indices have, from 0."""
    budget: Budget = field(default_factory=Budget)

    stacks: dict[str, Value] = field(default_factory=dict, compare=False, repr=False)
    """Values of symbols and gradients that were asked for, which scenes at the same points may share."""

    def value(self, name: str) -> Value:
        """The value of one of our symbols."""
        return self._stacked(name, name, lambda: self.alike)

    def gradient(self, name: str) -> Value | None:
        """The gradient of the loss, in the symbol's own shape; None where there is none."""
        known = self.stacks.get(f"gradient {name}")
        if known is None and name not in self._slopes[0][0]:
            return None
        return self._stacked(f"gradient {name}", name, lambda: self._slopes)

    def elsewhere(self, points: Iterable[dict[str, np.ndarray]]) -> Scene:
        """The same at other points."""
        return replace(self, points=tuple(points), stacks={})

    @cached_property
    def parts(self) -> list[Scene]:
        """A scene for the points of each shape."""
        return [self.elsewhere(points) for points in self.alike]

    def constant(self, value: float) -> Value:
        """The same number at every point."""
        return tuple(np.full((len(points), 1, 1), value) for points in self.alike)

    @cached_property
    def alike(self) -> list[list[dict[str, np.ndarray]]]:
        """The points, those with the same shapes together."""
        found: dict[tuple[tuple[int, ...], ...], list[dict[str, np.ndarray]]] = {}
        for point in self.points:
            found.setdefault(tuple(a.shape for a in point.values()), []).append(point)
        return list(found.values())

    @cached_property
    def _slopes(self) -> list[list[dict[str, np.ndarray]]]:
        return [[self.network.gradients(point) for point in points] for points in self.alike]

    def _stacked(self, key: str, name: str, groups: Callable[[], list[list[dict[str, np.ndarray]]]]) -> Value:
        if key not in self.stacks:
            self.stacks[key] = tuple(np.stack([point[name] for point in points]) for points in groups())
        value = self.stacks[key]
        return flipped(value) if name in self.turned else value


def is_loss(node: Node, scene: Scene) -> bool:
    """Whether a node is the loss itself."""
    return isinstance(node, Symbol) and scene.network.name(node.written) == "J"
