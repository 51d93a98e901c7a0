"""Name mistakes: what a check asked is asked of the solution with each of them; those that answer alike are named."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..api import Mistake
from ..api.answers import part_of, plain, same
from ..api.sides import Call, Local, LocalObject, size_of, times_in
from ..machine.deadline import NoEnd, within
from .variants import LONGEST, Variants

MOST_KEPT = 1 << 23
"""Numbers in the answers of solutions with mistakes that are kept for the next hand-ins: 64 megabytes."""


@dataclass(frozen=True)
class Answered:
    """What a module of ours answered to a call."""

    answer: Any = None
    raised: str = ""
    """The type and the text of the exception that it raised instead."""


_NO_END = Answered(raised=NoEnd.__name__)

Named = tuple[tuple[Mistake, ...], ...]
"""Sets of mistakes, any of which explains what was seen; each is of one or two."""


@dataclass
class Naming:
    """The checks of one hand-in with what they asked."""

    variants: Variants
    calls: Mapping[str, Sequence[Call]]
    """Of each check that ran, by id."""
    lost: Sequence[str]
    """Ids of those to explain, in order."""
    right: Sequence[str]
    """Ids of those that earned everything."""
    supplied: Mapping[str, tuple[str, ...]]
    """The methods or functions that were supplied in the place of the hand-in's own, by the check's id."""
    known: Collection[str] | None = None
    """Names of the mistakes to try; None for all."""
    _alike: dict[tuple[tuple[str, ...], str], bool] = field(default_factory=dict)
    _asked: dict[str, bytes] = field(default_factory=dict)

    def named(self) -> dict[str, Named]:
        """The mistakes that explain lost checks, by id; a check that nothing explains is not in it."""
        waiting = [id for id in self.lost if id in self.calls]
        mistakes = [m for m in self.variants.mistakes if self.known is None or m.name in self.known]
        singles = [(m,) for m in mistakes if m.sentence and not self._contradicted((m,))]
        found = self._covered(waiting, singles)
        left = [id for id in waiting if id not in found]
        if left and self.known is None:
            known = {m.name for sets in found.values() for one in sets for m in one}
            found |= self._covered(left, self._likely_pairs(left, known))
        return {id: found[id] for id in self.lost if id in found}

    def _likely_pairs(self, ids: Sequence[str], known: set[str]) -> list[tuple[Mistake, ...]]:
        """Pairs that explain one of the checks; those with a mistake that is named already, where there are such."""
        groups: tuple[list[tuple[Mistake, ...]], ...] = ([], [], [])
        matter = {id: {m.name for m in self.variants.mistakes if self._matters(m, id)} for id in ids[:2]}
        for pair in self.variants.pairs():
            alternative = not all(mistake.sentence for mistake in pair)
            groups[0 if alternative else 1 if known & {m.name for m in pair} else 2].append(pair)
        for group in groups:
            likely = [
                pair
                for pair in group
                if any({m.name for m in pair} <= matter[id] and self._explains(pair, id) for id in matter)
            ]
            if found := [pair for pair in likely if not self._contradicted(pair)]:
                return list(found)
        return []

    def _covered(self, ids: Sequence[str], candidates: Sequence[tuple[Mistake, ...]]) -> dict[str, Named]:
        """For each check the sets that explain it, of these the ones that explain most of the others, too."""
        explains = {made: [id for id in ids if self._explains(made, id)] for made in candidates}
        found: dict[str, Named] = {}
        while any(explains.values()):
            most = max(map(len, explains.values()))
            best = next(ids for ids in explains.values() if len(ids) == most)
            twins = tuple(made for made, ids in explains.items() if ids == best)
            found |= dict.fromkeys(best, twins)
            explains = {made: [id for id in ids if id not in best] for made, ids in explains.items()}
        return found

    def _matters(self, one: Mistake, id: str) -> bool:
        """Whether a mistake changes what a check looks at."""
        base, changed = self._answers((), id), self._answers((one,), id)
        return not all(
            before.raised == after.raised
            and all(
                same(part_of(before.answer, path), part_of(after.answer, path)) for path in call.looked_at
            )
            for call, before, after in zip(self.calls[id], base, changed, strict=True)
        )

    def _explains(self, made: tuple[Mistake, ...], id: str) -> bool:
        """Whether they answer as the hand-in did, and would not with one of the mistakes less."""
        return self._is_like(made, id) and not any(
            self._is_like(tuple(m for m in made if m is not one), id) for one in made if one.sentence
        )

    def _contradicted(self, made: tuple[Mistake, ...]) -> bool:
        """Whether the hand-in is right where it would not be with these mistakes."""
        # Where a right hand-in draws other random numbers than the solution, its answers say nothing here.
        right = [id for id in self.right if self._is_like((), id)]
        return any(not self._is_like(made, id) for id in right)

    def _is_like(self, made: tuple[Mistake, ...], id: str) -> bool:
        names = tuple(mistake.name for mistake in made)
        if (names, id) not in self._alike:
            answers = self._answers(made, id)
            self._alike[names, id] = all(map(alike, self.calls[id], answers))
        return self._alike[names, id]

    def _answers(self, made: tuple[Mistake, ...], id: str) -> list[Answered]:
        """What the solution with these mistakes answers to what a check has asked: for a whole class the same."""
        if id not in self._asked:
            self._asked[id] = hashlib.sha256(
                pickle.dumps([_question(call) for call in self.calls[id]])
            ).digest()
        supplied = self.supplied.get(id, ())
        known, key = self.variants.answered, (tuple(m.name for m in made), supplied, self._asked[id])
        if key not in known:
            endless = self.variants.endless.setdefault(key[1:], [])
            if any(names <= set(key[0]) for names in endless):
                answers = [_NO_END] * len(self.calls[id])
            else:
                answers = answered(self.calls[id], self.variants.with_mistakes(made, supplied))
                if any(one.raised == _NO_END.raised for one in answers):
                    endless.append(set(key[0]))
            self.variants.numbers_kept += sum(1 + size_of(one.answer) for one in answers)
            if self.variants.numbers_kept > MOST_KEPT:
                known.clear()
                self.variants.numbers_kept = 0
            known[key] = answers
        found: list[Answered] = known[key]
        return found


def _question(call: Call) -> tuple[Any, ...]:
    return call.what, call.made, call.name, call.args, call.kwargs, call.seed


def answered(calls: Sequence[Call], side: Local, seconds: float = LONGEST) -> list[Answered]:
    """What a module answers to all these calls, one after the other; as far as it gets in so many seconds."""
    objects: dict[int, LocalObject] = {}
    found: list[Answered] = []
    try:
        with within(seconds):
            for call in calls:
                try:
                    found.append(Answered(plain(_asked(call, side, objects))))
                except Exception as error:  # as the hand-in's code may do
                    found.append(Answered(raised=f"{type(error).__name__}: {error}"))
    except NoEnd:
        found += [_NO_END] * (len(calls) - len(found))
    return found


def alike(call: Call, other: Answered) -> bool:
    """Whether a hand-in answered as a module did, in all that the check has looked at."""
    if call.raised or other.raised:
        return call.raised == other.raised
    return all(same(part_of(call.answer, path), part_of(other.answer, path)) for path in call.looked_at)


def _asked(call: Call, side: Local, objects: dict[int, LocalObject]) -> Any:
    if call.what == "new":
        objects[call.made] = side.new(*call.args, seed=call.seed, **call.kwargs)
        return None
    if call.what == "function":
        return side.call(call.name, *call.args, seed=call.seed, **call.kwargs)
    if call.what == "quiet":
        side.said.seek(side.said.truncate(0))
        return None
    if call.what == "printed":
        return times_in(side.said.getvalue(), call.name)
    if call.what == "changed":
        of: Local | LocalObject = objects[call.made] if call.made >= 0 else side
        return of.changed(call.name, *call.args)
    one = objects[call.made]
    if call.what == "read":
        return one.read(call.name)
    if call.what == "set":
        one.params = call.args[0]
        return None
    return one.call(call.name, *call.args, **call.kwargs)


def said(sets: Named, sentences: Mapping[str, str]) -> str:
    """What is told of mistakes that explain a check: all that make up one set, and other sets that do as well."""
    told = [" ".join(sentences[mistake.name] for mistake in one if mistake.sentence) for one in sets]
    if len(told) == 1:
        return told[0]
    return "One of these, which look the same from outside: " + " Or: ".join(told)
