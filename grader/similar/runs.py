"""Runs of tokens that two hand-ins share and few others have: of code, and of written answers.

Every run of a certain length is a feature. What was handed out is taken out before, so that it neither counts nor
separates; where a run stands in the file does not matter, so functions may have moved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .lexing import Token
from .rarity import Kind, counts, matrix, most, shared, weigh
from .result import Evidence, Excerpt, KindName, excerpt

GIVEN = 12
"""Tokens in a row that also stand in what was handed out are nobody's own."""
CODE = (23, 60, 180)
"""Lengths of the runs of code that are looked for. 23 tokens are two or three statements; a long run that nothing
interrupts is rarer than its parts, and counts again."""
ANSWERS = (12, 40)
MOST_RUNS = 12
"""Runs of a pair that are shown."""
MOST_LINES = 60
"""Lines of a run that are shown."""
_TRIED = 8
"""Places of one run in a file that are tried for where it goes on longest."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class _Stream:
    """All tokens of a hand-in's own, file after file."""

    hashes: np.ndarray
    places: list[tuple[str, int]]
    """File and line of each."""


class _Run(NamedTuple):
    tokens: int
    left: int
    right: int
    have: int


def runs(
    name: KindName,
    works: Sequence[Mapping[str, Sequence[Token]]],
    texts: Sequence[Mapping[str, str]],
    given: Iterable[Sequence[Token]],
    members: int,
    lengths: tuple[int, ...],
) -> Kind:
    """The kind of evidence that runs of tokens are; `works` has the tokens of each hand-in's files, `texts` these."""
    known = _known(given)
    streams = [_stream(number, work, known) for number, work in enumerate(works)]
    owned = [np.unique(np.concatenate([_windows(one.hashes, k) for k in lengths])) for one in streams]
    has, features = matrix(owned)
    have = counts(has, members)

    def shown(i: int, j: int, run: _Run) -> Evidence:
        ours, theirs = (
            streams[i].places[run.left :][: run.tokens],
            streams[j].places[run.right :][: run.tokens],
        )
        cut = any(places[-1][1] - places[0][1] >= MOST_LINES for places in (ours, theirs))
        text = f"{run.tokens} tokens in a row" + (f", of which {MOST_LINES} lines are shown" if cut else "")
        weight = weigh(run.have, members) * run.tokens
        return Evidence(name, text, run.have, weight, _excerpt(ours, texts[i]), _excerpt(theirs, texts[j]))

    def evidence(i: int, j: int) -> list[Evidence]:
        found = _in_both(streams[i], streams[j], lengths[0], features, have, most(members))
        found.sort(key=lambda run: (-weigh(run.have, members) * run.tokens, run.left))
        return [shown(i, j, run) for run in found[:MOST_RUNS]]

    return Kind(name, shared(has, members), evidence, lengths[0])


def _known(given: Iterable[Sequence[Token]]) -> np.ndarray:
    found = [_windows(_hashes(token.word for token in tokens), GIVEN) for tokens in given]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.uint64)


def _stream(number: int, work: Mapping[str, Sequence[Token]], known: np.ndarray) -> _Stream:
    hashes, places = [], list[tuple[str, int]]()
    for file, tokens in work.items():
        own = _hashes(token.word for token in tokens)
        is_given = np.zeros(len(own), bool)
        for at in np.flatnonzero(np.isin(_windows(own, GIVEN), known)):
            is_given[at : at + GIVEN] = True
        # What separates two files is nobody else's: no run goes over it.
        hashes += [own[~is_given], _hashes([f"\0{number} {file}"])]
        places += [(file, token.line) for token, out in zip(tokens, is_given, strict=True) if not out]
        places.append((file, 0))
    return _Stream(np.concatenate(hashes) if hashes else np.zeros(0, np.uint64), places)


def _hashes(words: Iterable[str]) -> np.ndarray:
    return np.fromiter(map(_hash, words), np.uint64)


@lru_cache(1 << 16)
def _hash(word: str) -> int:
    """The same in every run of the program, which `hash` is not."""
    return int.from_bytes(
        hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )


def _windows(hashes: np.ndarray, length: int) -> np.ndarray:
    """A hash of each run of so many tokens."""
    count = max(0, len(hashes) - length + 1)
    found = np.full(count, length, np.uint64)
    for i in range(length):
        found = found * _FACTOR + hashes[i : i + count]  # wraps around, as it should
    return found


def _in_both(
    left: _Stream, right: _Stream, length: int, features: np.ndarray, have: np.ndarray, limit: int
) -> list[_Run]:
    """The longest runs from each place on, none inside another one of the left."""
    ours, theirs = _windows(left.hashes, length), _windows(right.hashes, length)
    where: dict[int, list[int]] = {}
    for at, one in enumerate(theirs.tolist()):
        where.setdefault(one, []).append(at)
    rarity = have[np.searchsorted(features, ours)] if len(ours) else np.zeros(0)
    found, i = [], 0
    while i < len(ours):
        if rarity[i] > limit or int(ours[i]) not in where:
            i += 1
            continue
        ends = [(_agree(ours, i, theirs, j), -j) for j in where[int(ours[i])][:_TRIED]]
        steps, minus_j = max(ends)
        while rarity[i + steps - 1] > limit:
            steps -= 1
        found.append(_Run(steps + length - 1, i, -minus_j, int(rarity[i : i + steps].min())))
        i += steps + length - 1
    return found


def _agree(ours: np.ndarray, i: int, theirs: np.ndarray, j: int) -> int:
    """For how many places from these on both are the same."""
    steps, size = 0, 64  # in growing parts: to compare all that is left at every place would take its square
    while True:
        one, other = ours[i + steps : i + steps + size], theirs[j + steps : j + steps + size]
        count = min(len(one), len(other))
        differ = np.flatnonzero(one[:count] != other[:count])
        if len(differ):
            return steps + int(differ[0])
        steps += count
        if count < size:
            return steps
        size *= 2


def _excerpt(places: Sequence[tuple[str, int]], texts: Mapping[str, str]) -> Excerpt:
    file, first = places[0]
    shared = {line for name, line in places if name == file}
    last = min(max(shared), first + MOST_LINES - 1)
    return excerpt(
        file, first, texts[file].split("\n")[first - 1 : last], sorted({*range(first, last + 1)} - shared)
    )
