"""A second look at what lost points, in an assignment with checks of its own.

A check is asked again with what is right of what has lost points elsewhere; mistakes are named; what one has cost in
one question, it does not cost in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from ..api import Mistake
from ..api.sides import Call
from ..assignment.reference import Reference
from ..assignment.rubric import CheckSpec, Rubric
from ..checks.base import Verdict
from ..model import CheckResult
from . import naming, supplying
from .kinds import calls_of

if TYPE_CHECKING:
    from ..student.client import Oracle


class Judging(Protocol):
    """The checks of one hand-in, as far as a second look needs them."""

    results: dict[str, CheckResult]

    def lost(self, id: str) -> bool:
        """Whether a check has lost points, and is not open."""

    def ask_again(
        self,
        spec: CheckSpec,
        nonce: str,
        memo: dict[Any, Any],
        oracle: Oracle | None,
        supplied: Mapping[str, Sequence[str]],
        instead: tuple[Mistake, ...],
    ) -> Verdict | None:
        """The verdict of another try by a worker of its own; None where the hand-in kept it from one.

        With a `nonce`, on other inputs; with mistakes `instead`, against a solution that has them.
        """

    def followed(self, spec: CheckSpec, verdict: Verdict, source: CheckSpec, what: str) -> CheckResult:
        """The result of a check after a second try with `what`; the first one's where that earned more."""

    def carried(self, spec: CheckSpec, earned: Decimal, message: str, source: str) -> CheckResult:
        """The result of a check whose mistake has cost its points in another one."""


@dataclass
class Looks:
    """What is known of one hand-in's checks beside their results."""

    rubric: Rubric
    reference: Reference
    judging: Judging
    calls: dict[str, list[Call]] = field(default_factory=dict)
    """What each check has asked, by id."""
    supplied: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The methods or functions that were supplied where these were asked, by the check's id."""

    def look(self, ids: Sequence[str], memo: dict[Any, Any]) -> None:
        """Look at the checks that share a worker; `memo` holds what they have asked."""
        self.calls |= {id: found for id in ids if (found := calls_of(memo, id)) is not None}
        for id in ids:
            self._supply(self._spec(id))
        self._name(ids, None)

    def look_at_a_slow_one(self, id: str, memo: dict[Any, Any]) -> None:
        """Look at a check that ran beside the others: it may be lost for what is named already."""
        if (calls := calls_of(memo, id)) is None:
            return
        self.calls[id] = calls
        self._supply(self._spec(id))
        quick = [result for id, result in list(self.judging.results.items()) if not self._is_slow(id)]
        self._name([id], {name for result in quick for name in result.mistakes})

    def _supply(self, spec: CheckSpec) -> None:
        """Ask a check that lost points again, with what is right of what has lost some in another check."""
        units = self.reference.coded.units
        may_be = units[spec.id].check.supply if spec.id in units else ()
        sources = {name: source for name in may_be if (source := self._wrong_in(name, spec))}
        if not sources or not self.judging.lost(spec.id):
            return
        memo: dict[Any, Any] = {}
        verdict = self._ask_again(spec, memo, tuple(sources), nonce=f" {' '.join(sources)}")
        if verdict is not None:
            what = f"a right {' and a right '.join(sources)} supplied by the grader"
            first = next(iter(sources.values()))
            self.judging.results[spec.id] = self.judging.followed(spec, verdict, first, what)
        if (calls := calls_of(memo, spec.id)) is not None:
            self.calls[spec.id] = calls
            self.supplied[spec.id] = tuple(sources)

    def _wrong_in(self, name: str, beside: CheckSpec) -> CheckSpec | None:
        """The check in which a method or function has lost points by itself."""
        units = self.reference.coded.units
        for question in self.rubric.questions:
            for spec in question.checks:
                asked = _asks(self.calls.get(spec.id, ()), name) and name not in units[spec.id].check.supply
                if spec is not beside and asked and self.judging.lost(spec.id):
                    return spec
        return None

    def _name(self, ids: Sequence[str], known: set[str] | None) -> None:
        """Name the mistakes; where some are `known`, only these are tried."""
        # Of those that run beside one another, none depends on which is done first.
        results = list(self.judging.results.items())
        done = {id: result for id, result in results if id in ids or not self._is_slow(id)}
        right = [id for id, r in done.items() if r.points and r.earned == r.points and not r.carried_from]
        named = naming.Naming(
            self.reference.variants,
            dict(self.calls),
            [id for id in ids if self.judging.lost(id)],
            [id for id in right if id in self.calls],
            self.supplied,
            known,
        ).named()
        homes = {name: id for id, result in reversed(done.items()) for name in result.mistakes}
        """The check in which a mistake has cost points, by its name."""
        for id, sets in named.items():
            names = [mistake.name for mistake in sets[0] if mistake.sentence]
            cost = [homes[name] for name in names if name in homes]
            if len(cost) == len(names) and self._is_carried(self._spec(id), sets[0], cost):
                continue
            for name in names:
                homes.setdefault(name, id)
            self.judging.results[id] = msgspec.structs.replace(
                self.judging.results[id],
                diagnosis=naming.said(sets, self.rubric.mistakes),
                mistakes=tuple(dict.fromkeys(m.name for one in sets for m in one if m.sentence)),
                hint="",
            )

    def _is_carried(self, spec: CheckSpec, mistakes: Sequence[Mistake], cost: Sequence[str]) -> bool:
        """Give back what mistakes that have `cost` points in these checks, of other questions, cost here again.

        That nothing else is wrong is shown by the whole of the check, to its end: the hand-in has to pass it where the
        solution has the same mistakes. On the way to the first wrong value, the rest was never looked at.
        """
        if any(self._question(id) == self._question(spec.id) for id in cost):
            return False
        source = self._spec(cost[0])
        verdict = self._ask_again(spec, {}, self.supplied.get(spec.id, ()), instead=tuple(mistakes))
        if verdict is None or (not verdict.outcome.is_open and verdict.fraction < 1):
            return False
        message = "This is what follows from a mistake elsewhere. Nothing else is wrong here."
        self.judging.results[spec.id] = (
            self.judging.followed(spec, verdict, source, "")
            if verdict.outcome.is_open  # what would have shown it did not come to its end
            else self.judging.carried(spec, spec.points, message, source.id)
        )
        return True

    def _ask_again(
        self,
        spec: CheckSpec,
        memo: dict[Any, Any],
        names: tuple[str, ...],
        nonce: str = "",
        instead: tuple[Mistake, ...] = (),
    ) -> Verdict | None:
        solution = self.reference.variants.solution()
        takes = {name: supplying.takes(solution, name) for name in names}
        oracle = supplying.answers(solution, names) if names else None
        return self.judging.ask_again(spec, nonce, memo, oracle, takes, instead)

    def _is_slow(self, id: str) -> bool:
        slow: bool = self.rubric.checks[id].own_worker
        return slow

    def _spec(self, id: str) -> CheckSpec:
        return next(spec for question in self.rubric.questions for spec in question.checks if spec.id == id)

    def _question(self, id: str) -> str:
        return next(q.id for q in self.rubric.questions if any(spec.id == id for spec in q.checks))


def _asks(calls: Iterable[Call], name: str) -> bool:
    return any(call.what in ("method", "function") and call.name == name for call in calls)
