"""Which way round a student writes the network: as given, or with its parameters transposed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .comparing import Comparer
from .nodes import Node, Sum, Symbol
from .rewrite import walk
from .scene import Scene
from .statements import Chain


def orientation(comparer: Comparer, found: Iterable[Chain]) -> frozenset[str]:
    """The symbols that the student's own forward pass has transposed; none where it is the usual one."""
    scene = comparer.scene("Q1.1")
    for form in (form for chain in found if not chain.doubt for form in chain.forms):
        for name, part in _pre_activations(comparer, form.node, scene):
            if comparer.is_true(part, scene.value(name), scene):
                continue
            for turned in map(frozenset, comparer.ref.TURNED.values()):
                there = replace(scene, turned=turned)
                if comparer.is_true(part, there.value(name), there):
                    return turned
    return frozenset()


def _pre_activations(comparer: Comparer, node: Node | None, scene: Scene) -> Iterator[tuple[str, Node]]:
    """The sums in a formula that may be a layer's pre-activation, and its name."""
    for part in walk(node) if node is not None else ():
        if isinstance(part, Sum):
            used = {scene.network.name(one.written) for one in walk(part) if isinstance(one, Symbol)}
            for name, parameters in comparer.ref.PRE_ACTIVATIONS.items():
                if used.issuperset(parameters):
                    yield name, part
