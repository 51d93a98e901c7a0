"""Compare a class: every kind of evidence, each two weighed, the most surprising first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from math import log

import msgspec
import numpy as np
from scipy import sparse

from ..handin.roster import contradicts, keys_of
from ..model import Person
from . import items, lexing, runs, surprise
from .claims import claims
from .hand_in import Work, content
from .rarity import Kind, without
from .result import SCHEMA_VERSION, Evidence, KindName, Looked, Member, Pair, Similar

BELOW = 20
"""Pairs below the line that are given, to see where it runs."""
MOST = 300
"""Pairs that are given at all."""
MOST_VERSIONS = 5
"""Hand-ins of one person; a number or login that more have stands for nobody, such as a `0` in a course system."""
MOST_SURPRISE = 50.0
"""Past it a number says nothing more."""


class Given(msgspec.Struct, frozen=True):
    """What was handed out, now and in earlier years: nobody's own."""

    code: tuple[str, ...] = ()
    prose: tuple[str, ...] = ()


NOTHING = Given()


def compare(
    title: str,
    works: Sequence[Work],
    given: Given = NOTHING,
    looked: Mapping[tuple[str, str], Looked] | None = None,
    left_out: Mapping[str, str] | None = None,
) -> Similar:
    """Compare the hand-ins of a class with each other, and with those `works` that have a `source` outside of it.

    `looked`: what persons have noted on pairs of ids, each pair sorted.
    """
    works = sorted(works, key=lambda work: (bool(work.source), work.source, work.id))
    members = sum(not work.source for work in works)
    own = _of_one_person(works[:members])
    kinds = [without(kind, own) for kind in _kinds(works, given, members)]
    weighed = [surprise.unlikely(kind, members) for kind in kinds]
    line = surprise.line(members)
    chosen = _chosen(surprise.strongest(weighed), weighed, line, members)
    pairs = [_pair(works, kinds, weighed, one, line, looked or {}) for one in chosen]
    inside = tuple(pair for pair in pairs if not pair.source)
    return Similar(
        SCHEMA_VERSION,
        title,
        round(line, 1),
        {work.id: Member(n, work.names, work.link) for n, work in enumerate(works[:members], 1)},
        inside,
        tuple(pair for pair in pairs if pair.source),
        _clusters((pair.left, pair.right) for pair in inside if pair.is_above),
        dict(left_out or {}),
    )


def _kinds(works: Sequence[Work], given: Given, members: int) -> list[Kind]:
    code = [{file: lexing.code(text) for file, text in work.code.items()} for work in works]
    answers = [{question: lexing.written(text) for question, text in work.answers.items()} for work in works]
    return [
        claims(works, (*given.code, *given.prose), members),
        items.mistakes(works, code, members),
        runs.runs(
            "code", code, [work.code for work in works], map(lexing.code, given.code), members, runs.CODE
        ),
        items.words(works, given.code, members),
        runs.runs(
            "answers",
            answers,
            [work.answers for work in works],
            map(lexing.written, given.prose),
            members,
            runs.ANSWERS,
        ),
    ]


def _of_one_person(works: Sequence[Work]) -> set[tuple[int, int]]:
    """Pairs of hand-ins that somebody had a part in both of: two versions, or one alone and one of a group."""
    having: dict[tuple[str, str], list[tuple[int, Person]]] = {}
    for i, work in enumerate(works):
        for person in work.persons:
            for key in keys_of(person):
                having.setdefault(key, []).append((i, person))
    return {
        (i, j)
        for those in having.values()
        if len(those) <= MOST_VERSIONS
        for (i, one), (j, other) in combinations(those, 2)
        if i < j and not contradicts(one, other)
    }


def _chosen(
    found: sparse.csr_matrix, weighed: Sequence[sparse.csr_matrix], line: float, members: int
) -> Iterator[tuple[int, int, float]]:
    """Which pairs are given, with their surprise: of the class, and of the class and what is outside, each so many."""
    total = sum(weighed[1:], weighed[0]).tocsr()
    found = found.tocoo()
    if not found.nnz:
        return
    beside = np.asarray(total[found.row, found.col]).ravel()
    order = np.lexsort((found.col, found.row, -beside, -found.data))
    for outside in (False, True):
        given = below = 0
        for n in order:
            i, j, said = int(found.row[n]), int(found.col[n]), float(found.data[n])
            is_below = said < line
            if (j >= members) != outside or said <= 0:
                continue
            if given >= MOST or (is_below and (below >= BELOW or outside)):
                break
            given, below = given + 1, below + is_below
            yield i, j, said


def _pair(
    works: Sequence[Work],
    kinds: Sequence[Kind],
    weighed: Sequence[sparse.csr_matrix],
    chosen: tuple[int, int, float],
    line: float,
    looked: Mapping[tuple[str, str], Looked],
) -> Pair:
    i, j, said = chosen
    amounts: dict[KindName, float] = {}
    evidence: list[Evidence] = []
    for kind, one in zip(kinds, weighed, strict=True):
        if (amount := float(one[i, j]) / log(10)) > 0:
            amounts[kind.name] = round(min(amount, MOST_SURPRISE), 1)
            evidence += kind.evidence(i, j)
    left, right = works[i], works[j]
    return Pair(
        left.id,
        right.id,
        round(min(said, MOST_SURPRISE), 1),
        said >= line,
        amounts,
        tuple(evidence),
        right.source,
        None if right.source else looked.get((left.id, right.id)),
        "" if right.source else content(left, right),
    )


def _clusters(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    """Those that are connected, three and more of them."""
    groups: dict[str, set[str]] = {}
    for left, right in pairs:
        group = groups.get(left, {left}) | groups.get(right, {right})
        groups.update(dict.fromkeys(group, group))
    found = {tuple(sorted(group)) for group in groups.values() if len(group) > 2}
    return tuple(sorted(found, key=lambda group: (-len(group), group)))
