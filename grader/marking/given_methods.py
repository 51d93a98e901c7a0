"""Methods that students were given whole: what nobody had to write earns nothing by itself.

A check of such a method shows that it works together with what the student wrote. So it counts with that: where some
work that it stands on (see `Check.work`) earns less than the rubric's share of its points, it earns nothing, be it that
it passed or that a mistake elsewhere was not to cost again. Whether the method was changed is of no account: a
line added to it makes it nobody's work, and one that breaks it fails its checks.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ..assignment.rubric import CheckSpec, Rubric
from ..model import ZERO, CheckResult, Outcome


def counted(results: Mapping[str, CheckResult], rubric: Rubric) -> dict[str, CheckResult]:
    """The results by check id, in which no method that was given earns anything by itself."""
    found = dict(results)
    given = rubric.handed_out
    if given is None:
        return found
    specs = [spec for question in rubric.questions for spec in question.checks]
    for spec in specs:
        method, result = rubric.checks[spec.id].method, results[spec.id]
        if method in given.methods and result.earned and (missing := _missing(spec, specs, results, rubric)):
            found[spec.id] = msgspec.structs.replace(
                result,
                outcome=Outcome.FAILED,
                earned=ZERO,
                message=f"{method} was given with the assignment: it counts once you have at least {given.least:.0%} "
                f"of the points of {missing}.",
                hint="",
                diagnosis="",
                mistakes=(),
                carried_from="",
                place=None,
            )
    return found


def _missing(
    spec: CheckSpec, specs: list[CheckSpec], results: Mapping[str, CheckResult], rubric: Rubric
) -> str:
    """What a check of a method stands on and that earns too little, in words; empty where it earns enough.

    Of a check that is about several alike, one that earns enough will do.
    """
    assert rubric.handed_out is not None
    least, checks = rubric.handed_out.least, rubric.checks
    named: list[str] = []
    for one in checks[spec.id].about:
        short = []
        for work in checks[spec.id].stands_on:
            about = [s for s in specs if checks[s.id].work == work and one in checks[s.id].about]
            whole = sum((s.points for s in about), ZERO)
            # What is open may yet be earned.
            earned = sum(
                (s.points if results[s.id].outcome.is_open else results[s.id].earned for s in about), ZERO
            )
            if earned < least * whole:
                short.append(work)
        if not short:
            return ""
        named = named or short
    return " and of ".join(named)
