"""Entries of matrices: which one an index means, the matrix of which a formula says each, and sums over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from .changes import Evaluate, Reading
from .matrices import Unknown, Value, is_number
from .nodes import Entry, IndexSum, Node, Symbol, shown
from .rewrite import walk
from .scene import Scene


class NoShape(Unknown):
    """An entry that is none: an index that goes further than what it is an index of."""


def entry_named(written: str, scene: Scene) -> Value | None:
    """An entry of a layer, such as `h 1 3` or `W 1 ij` with i and j known; None where it is none."""
    layer, _, index = written.rpartition(" ")
    if layer == r"\delta" and (places := _places(index, scene)) and len(places) == 2:
        return scene.constant(float(places[0] == places[1]))  # Kronecker's
    name = scene.network.name(layer)
    return None if name is None else picked(scene.value(name), index, scene)


def _places(index: str, scene: Scene) -> list[int] | None:
    """The numbers that an index stands for, from 0; None where something in it is not known."""
    places = [scene.at.get(c, int(c) - 1 if c.isdecimal() else -1) for c in index if c not in ", "]
    return None if not places or min(places) < 0 else places


def picked(value: Value, index: str, scene: Scene) -> Value | None:
    """The entry of a value at an index; None where there is none."""
    places = _places(index, scene)
    if places is None:
        return None
    if len(places) == 2 and 0 in places and all(1 in a.shape[-2:] for a in value):
        places = [max(places)]  # W_{1j}, of a row
    is_entry = all(1 in a.shape[-2:] for a in value) if len(places) == 1 else len(places) == 2
    if is_entry and set(index) & set(scene.at) and any(_is_outside(a, places) for a in value):
        raise NoShape("an index that goes further than what it belongs to")
    if len(places) == 1 and all(1 in a.shape[-2:] and places[0] < a[0].size for a in value):
        return tuple(a.reshape(len(a), -1)[:, places[0]].reshape(-1, 1, 1) for a in value)
    if len(places) == 2 and all(places[0] < a.shape[1] and places[1] < a.shape[2] for a in value):
        return tuple(a[:, places[0], places[1]].reshape(-1, 1, 1) for a in value)
    return None


def _is_outside(a: np.ndarray, places: Sequence[int]) -> bool:
    sizes = (a[0].size,) if len(places) == 1 else a.shape[1:]
    return any(place >= size for place, size in zip(places, sizes, strict=True))


def entries(by: Symbol, of: Node, scene: Scene, evaluate: Evaluate) -> list[Value]:
    """The matrices of which `of` says each entry; `Unknown` where it is not certain which."""
    stem, _, index = by.written.rpartition(" ")
    letters = index.replace(",", "").replace(" ", "")
    name = scene.network.name(stem)
    if name is None or len(set(letters)) < len(letters):
        raise Unknown(f"entries of {shown(by)}")
    found = []
    for part, whole in zip(scene.parts, scene.value(name), strict=True):
        ranges = _ranges(letters, whole.shape[1:])
        if ranges is None:
            raise Unknown(f"which entries of {shown(by)} are said")
        filled = np.empty(whole.shape)
        for place in np.ndindex(*ranges):
            at = {c: i for c, i in zip(letters, place, strict=True) if c.isalpha()}
            entry = _at(part, at, of, evaluate)
            where = place if len(place) == 2 else (place[0], 0) if whole.shape[2] == 1 else (0, place[0])
            filled[:, where[0], where[1]] = entry[:, 0, 0]
        found.append(filled)
    return [tuple(found)]


def _at(part: Scene, at: Mapping[str, int], of: Node, evaluate: Evaluate) -> np.ndarray:
    """The number that a node is at points of the same shapes, with indices known."""
    there = replace(part, at={**part.at, **at})
    found = evaluate(there)(of)
    if not found:
        raise NoShape("an index that goes further than what it belongs to")
    if len(found) != 1 or not is_number(found[0].value):
        raise Unknown("an entry that is no number")
    return found[0].value[0]


def summed(node: IndexSum, scene: Scene, evaluate: Evaluate) -> Value | None:
    """The sum over all values of the indices; None where there are no indices, so that all entries are summed.

    `Unknown` where it is not certain over what it goes.
    """
    indices = {c for part in walk(node.of) for c in _index_of(part) if c in node.letters or c in "ijklmn"}
    used = indices.intersection(node.letters)
    if not indices and not node.has_limits:
        return None
    if used != set(node.letters):
        raise Unknown("a sum over an index that its terms do not have")
    sums = []
    for part in scene.parts:
        there = evaluate(part)
        counts = [_count(c, node.of, part, there) for c in node.letters]
        terms = [
            _at(part, dict(zip(node.letters, place, strict=True)), node.of, evaluate)
            for place in np.ndindex(*counts)
        ]
        sums.append(np.sum(terms, axis=0))
    return tuple(sums)


def _count(letter: str, node: Node, scene: Scene, of: Callable[[Node], list[Reading]]) -> int:
    """How many values an index takes in a node, at points of the same shapes."""
    found, has_axis = set(), False
    for part in walk(node):
        index = _index_of(part)
        if letter not in index or (isinstance(part, Symbol) and part.written.startswith(r"\delta ")):
            continue
        shape = _whole(part, scene, of).shape[1:]
        places = index.replace(",", "").replace(" ", "")
        at = places.index(letter)
        is_vector = 1 in shape and len(places) == 1
        if len(places) > 2:
            raise Unknown(f"an index {index}")
        has_axis |= shape != (1, 1)
        found.add(max(shape) if is_vector else shape[at] if len(places) == 2 else 0)
    if len(found) != 1 or not has_axis or not (count := found.pop()):
        raise Unknown(f"over which values {letter} runs")
    return count


def _whole(part: Node, scene: Scene, of: Callable[[Node], list[Reading]]) -> np.ndarray:
    """That of which a part is an entry."""
    if isinstance(part, Entry):
        readings = of(part.of)
        if readings:
            return readings[0].value[0]
    elif isinstance(part, Symbol):
        name = scene.network.name(part.written.rpartition(" ")[0])
        if name is not None:
            return scene.value(name)[0]
    raise Unknown("an index of something that has none")


def _index_of(node: Node) -> str:
    """The index of an entry; empty for what is none."""
    if isinstance(node, Entry):
        return node.index
    return node.written.rpartition(" ")[2] if isinstance(node, Symbol) and " " in node.written else ""


def _ranges(letters: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """How far each index goes of entries of a matrix of a shape; None where they do not say all of it."""
    if len(letters) == 1:
        return (max(shape),) if letters.isalpha() and 1 in shape else None
    if len(letters) != 2 or any(
        c.isdecimal() and (c != "1" or n != 1) for c, n in zip(letters, shape, strict=True)
    ):
        return None
    return shape
