"""Run the checks of `loss` once more: of the same hand-in on other networks, or of a known mistake's formulas."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import msgspec

from grader.checks.base import Bench, Check, Malformed, Verdict, failed
from grader.model import CheckResult, Outcome
from grader.student.faults import StudentError

from .subjects import EQUAL_SIZES

Results = dict[str, CheckResult]


def judged(
    bench: Bench, ids: Collection[str], each_by_itself: bool = False, most_lost: int | None = None
) -> Results:
    """What these checks say, in the rubric's order.

    Each sees the results of those before it, which may excuse what is wrong in it; not so `each_by_itself`. Where more
    than `most_lost` lose points, those that follow are not run and missing.
    """
    results: Results = {}
    broken: set[str] = set()
    memo: dict[Any, Any] = {}
    for spec in (s for q in bench.rubric.questions for s in q.checks if s.id in ids):
        check: Check = bench.rubric.checks[spec.id]
        if broken.intersection(spec.needs):
            verdict = Verdict(Outcome.SKIPPED, "", broken=True)
        else:
            try:
                earlier = {} if each_by_itself else dict(results)
                verdict = check.run(replace(bench, earlier=earlier, spec=spec, memo=memo))
            except StudentError as fault:
                verdict = failed(str(fault), broken=True)
            except Malformed as answer:
                verdict = failed(str(answer))
        if verdict.broken:
            broken.add(spec.id)
        results[spec.id] = CheckResult(
            id=spec.id,
            title=spec.title,
            outcome=verdict.outcome,
            earned=verdict.fraction * spec.points,
            points=spec.points,
            message=verdict.message,
            carried_from=verdict.carried_from,
        )
        if most_lost is not None and sum(one.earned < one.points for one in results.values()) > most_lost:
            break
    return results


def with_equal_sizes(bench: Bench) -> Bench:
    """A bench whose hidden networks have all sizes equal: there also code runs whose shapes do not fit."""
    nets = tuple(msgspec.structs.replace(EQUAL_SIZES, reg=net.reg) for net in bench.rubric.nets)
    return replace(bench, rubric=msgspec.structs.replace(bench.rubric, nets=nets))
