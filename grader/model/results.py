"""What came of checks and questions, and what persons make of these. Points are added up here, and nowhere else."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import msgspec

from .figures import Figure, Image

CENT = Decimal("0.01")
ZERO = Decimal(0)


class Outcome(enum.Enum):
    """How a check ended. Only PASSED, PARTIAL, FAILED and SKIPPED decide points."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    SKIPPED = "skipped"
    """A check that this one needs could not run to its end."""
    NEEDS_REVIEW = "needs_review"
    """A person has to look; the points are open, not lost."""
    ERROR = "error"
    """The grader's own fault; the points are open, and the run exits non-zero."""

    @property
    def is_open(self) -> bool:
        """Whether the points are still to be decided by a person."""
        return self in (Outcome.NEEDS_REVIEW, Outcome.ERROR)


class Comparison(msgspec.Struct, frozen=True):
    """One line of evidence: what came back, what was wanted, and how close it had to be."""

    label: str
    observed: float | str | None = None
    expected: float | str | None = None
    tolerance: float | None = None
    """Largest accepted absolute difference; None where the comparison is not numeric."""


class SourcePlace(msgspec.Struct, frozen=True):
    """A line of a file as it was handed in; untrusted."""

    file: str
    line: int


class CheckResult(msgspec.Struct, frozen=True):
    """One check of one hand-in."""

    id: str
    title: str
    outcome: Outcome
    earned: Decimal
    points: Decimal
    message: str
    """What was found, for the student; holds no hidden value."""
    hint: str = ""
    """What to do about it, from the rubric; empty where the check passed."""
    detail: str = ""
    """More for staff only: may hold hidden values or an exception's own text."""
    diagnosis: str = ""
    """The likely mistake in one sentence, safe for students; empty where none is known."""
    mistakes: tuple[str, ...] = ()
    """Names of the known mistakes that the diagnosis speaks of, for counting them over a class."""
    notes: tuple[str, ...] = ()
    """Remarks that cost nothing, such as a list that was converted to an array."""
    comparisons: tuple[Comparison, ...] = ()
    figures: tuple[Figure, ...] = ()
    hidden: bool = False
    """Whether observed and expected values are kept from students."""
    carried_from: str = ""
    """Id of the earlier check that already cost the points of the mistake seen here; empty for none."""
    formula: str = ""
    """The student's own formula that was judged, as LaTeX; untrusted. Empty for checks of code."""
    suggested: Decimal | None = None
    """Points of an open check that count once a person accepts them; for staff only."""
    waits_for: str = ""
    """Id of the check that kept this one from running; empty where none did."""
    place: SourcePlace | None = None
    """Where the student's code raised what ended the check; None where nothing did."""


class MarkItem(msgspec.Struct, frozen=True):
    """An item of the rubric that a person's mark says of the answer, as it was when the mark was given."""

    id: str
    text: str
    points: Decimal
    part: str = ""
    """Of items of the same part, the one that is worth most counts."""


class Mark(msgspec.Struct, frozen=True):
    """A person's mark for a question; it replaces what the checks earned."""

    points: Decimal
    by: str
    at: str
    """ISO 8601, UTC, to the second."""
    note: str = ""
    was: str = ""
    """What was given, in words, where the points of the question have changed since and it counts for other points."""
    items: tuple[MarkItem, ...] = ()
    """What of the rubric the points are made of; none for a mark that is a number alone."""
    adjustment: Decimal = ZERO
    """What was added to the worth of the items, or taken off."""
    since: str = ""
    """Why it was given anew where an item's points have changed since, in words, without full stop."""


class Misfit(msgspec.Struct, frozen=True):
    """A person's mark that does not count as it was given: the answer or the rubric has changed since."""

    submission: str
    question: str
    mark: Mark
    why: str
    """In words, without full stop."""


Answered = Literal["", "written", "picture", "nothing", "not found", "not read", "elsewhere"]
"""`nothing`: it is certain that nothing was written. `not found`: there is a notebook, and no answer was found in it.
`elsewhere`: the answer names another file, or one was handed in that is not read."""


class QuestionResult(msgspec.Struct, frozen=True):
    """One question: its points, rounded once, half up to 0.01, and the checks behind them."""

    id: str
    title: str
    outcome: Outcome
    earned: Decimal
    points: Decimal
    open_points: Decimal
    """Points that wait for a person."""
    checks: tuple[CheckResult, ...] = ()
    answer: str = ""
    """The student's own text for a question that a person marks; Markdown with LaTeX, untrusted."""
    images: tuple[Image, ...] = ()
    """What the student pasted into that answer."""
    mark: Mark | None = None
    answered: Answered = ""
    """How the question was answered; empty for one that code answers."""
    answer_key: str = ""
    """First 12 hex digits of a hash of all that was handed in for the question, which tells one answer from another."""


def round_points(points: Decimal) -> Decimal:
    """Round half up to hundredths, dropping trailing zeros: `2.50` is `2.5`, `80.00` is `80`."""
    rounded = points.quantize(CENT, ROUND_HALF_UP).normalize()
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral() else rounded


def question_result(
    id: str,
    title: str,
    points: Decimal,
    checks: Iterable[CheckResult],
    answer: str = "",
    images: tuple[Image, ...] = (),
) -> QuestionResult:
    """Add up the checks of a question and name its outcome."""
    checks = tuple(checks)
    outcomes = {check.outcome for check in checks}
    earned = round_points(sum((check.earned for check in checks), ZERO))
    open_points = round_points(sum((c.points for c in checks if c.outcome.is_open), ZERO))
    if Outcome.ERROR in outcomes:
        outcome = Outcome.ERROR
    elif Outcome.NEEDS_REVIEW in outcomes:
        outcome = Outcome.NEEDS_REVIEW
    else:
        outcome = _decided(earned, points)
    return QuestionResult(id, title, outcome, earned, points, open_points, checks, answer, images)


def _decided(earned: Decimal, points: Decimal) -> Outcome:
    if earned == points:
        return Outcome.PASSED
    return Outcome.PARTIAL if earned else Outcome.FAILED


def with_mark(question: QuestionResult, mark: Mark) -> QuestionResult:
    """The question with a person's mark in place of what its checks earned."""
    earned = round_points(mark.points)
    outcome = _decided(earned, question.points)
    return msgspec.structs.replace(question, outcome=outcome, earned=earned, open_points=ZERO, mark=mark)
