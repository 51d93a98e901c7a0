"""What a check concluded, as the result that a report shows: its points, and words that its student may read."""

from __future__ import annotations

from decimal import Decimal

from ..assignment.rubric import CheckSpec
from ..checks import words
from ..checks.base import Verdict
from ..model import CheckResult, Outcome


def result_of(spec: CheckSpec, verdict: Verdict) -> CheckResult:
    """The result of a check with this verdict; what a student must not read of a hidden one is in its `detail`."""
    lost = verdict.outcome in (Outcome.FAILED, Outcome.PARTIAL)
    told = words.careful if spec.hidden else words.full
    said = (verdict.message, verdict.diagnosis, *verdict.notes)
    kept_back = [words.full(text) for text in said if words.full(text) != told(text)]
    return CheckResult(
        id=spec.id,
        title=spec.title,
        outcome=verdict.outcome,
        earned=verdict.fraction * spec.points,
        points=spec.points,
        message=told(verdict.message),
        # At most one thing to do: what was found out about the mistake says more than the rubric's hint.
        hint=spec.hint if lost and not (verdict.broken or verdict.diagnosis or verdict.says_all) else "",
        detail="; ".join(filter(None, [verdict.detail, *kept_back])),
        diagnosis=told(verdict.diagnosis),
        notes=tuple(map(told, verdict.notes)),
        comparisons=verdict.comparisons,
        figures=verdict.figures,
        hidden=spec.hidden,
        carried_from=verdict.carried_from,
        place=verdict.place,
        waits_for=verdict.waits_for,
    )


def failed(spec: CheckSpec) -> CheckResult:
    """The result of a check at which the grader itself failed."""
    return CheckResult(
        id=spec.id,
        title=spec.title,
        outcome=Outcome.ERROR,
        earned=Decimal(0),
        points=spec.points,
        message="The grader failed here; this costs no points.",
        hidden=spec.hidden,
    )
