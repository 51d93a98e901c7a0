"""What a check is: a frozen description made from the rubric, and `run`, which observes and judges.

A check asks the student's code through `Bench.student`, compares with `Bench.reference`, and returns a
`Verdict`. It lets `StudentFault` and `Malformed` pass: the runner puts those into words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from ..assignment.datasets import Dataset
from ..assignment.reference import Reference
from ..assignment.rubric import CheckSpec, Question, Rubric
from ..assignment.strict import Strict
from ..model import CheckResult, Comparison, Figure, Outcome, SourcePlace
from ..student.faults import StudentFault
from . import words

if TYPE_CHECKING:
    from ..student.client import Student

T = TypeVar("T")


class Malformed(Exception):
    """The student's code answered, but not with what was asked for; the text is a sentence for the student.

    It says what was found and wanted, so that a hint about values would lead astray; not where something is `missing`.
    """

    def __init__(self, sentence: str, missing: bool = False) -> None:
        self.missing = missing
        self.words = (
            words.tell("T{}", words.Words(sentence[1:], words.full(sentence)[1:]))
            if (sentence.startswith("the "))
            else words.tell("{}", sentence)
        )
        super().__init__(str(self.words))


@dataclass(frozen=True)
class Verdict:
    """What a check concluded; see `model.CheckResult` for the fields."""

    outcome: Outcome
    message: str
    fraction: Decimal = Decimal(0)
    """Share of the check's points that is earned, 0 to 1."""
    detail: str = ""
    diagnosis: str = ""
    notes: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    figures: tuple[Figure, ...] = ()
    carried_from: str = ""
    broken: bool = False
    """Whether the check did not run to its end, so that checks that need it make no sense."""
    place: SourcePlace | None = None
    waits_for: str = ""
    spared: bool = False
    """Whether work was left out, because it is known what it would give."""
    says_all: bool = False
    """Whether the message says what to do, too: then the rubric's hint, which is about something else, is left out."""


def passed(message: str, **evidence: Any) -> Verdict:
    """Full points."""
    return Verdict(Outcome.PASSED, message, Decimal(1), **evidence)


def failed(message: str, **evidence: Any) -> Verdict:
    """No points."""
    return Verdict(Outcome.FAILED, message, Decimal(0), **evidence)


def carried(message: str, source: str, **evidence: Any) -> Verdict:
    """Full points in spite of a wrong value: the mistake has cost its points in check `source` already."""
    return Verdict(Outcome.PASSED, message, Decimal(1), carried_from=source, **evidence)


@dataclass
class Bench:
    """All that a check may use. One bench serves one worker and so one thread."""

    student: Student
    reference: Reference
    rubric: Rubric
    dataset: Dataset
    earlier: Mapping[str, CheckResult]
    """Results of the checks before this one, by id."""
    spec: CheckSpec
    memo: dict[Any, Any] = field(default_factory=dict)
    supplied: tuple[str, ...] = ()
    """Methods and functions that are not the hand-in's own."""
    instead: tuple[Any, ...] = ()
    """Mistakes that the solution is to have: is the hand-in right but for these?"""

    def once(self, key: Any, observe: Callable[[], T]) -> T:
        """Observe once and share with later checks: the value, or the fault or malformed answer again."""
        if key not in self.memo:
            try:
                self.memo[key] = (observe(), None)
            except (StudentFault, Malformed) as fault:
                self.memo[key] = (None, fault)
        value: T
        value, trouble = self.memo[key]
        if trouble is not None:
            raise trouble
        return value

    @property
    def question(self) -> Question:
        """The question that the check belongs to."""
        return next(q for q in self.rubric.questions if self.spec in q.checks)

    def lost_points(self, check: str) -> bool:
        """Whether an earlier check exists and earned less than its points; a skipped one has lost them too."""
        return check in self.earlier and self.earlier[check].outcome in (
            Outcome.FAILED,
            Outcome.PARTIAL,
            Outcome.SKIPPED,
        )

    def skipped_among(self, *kinds: str) -> bool:
        """Whether an earlier check of these kinds was skipped, because what it needs did not run to its end."""
        return any(
            result.outcome is Outcome.SKIPPED and self.rubric.checks[id].kind in kinds
            for id, result in self.earlier.items()
        )


class Check(Strict, frozen=True):
    """Base of the kinds of check. Fields are the rubric's `params`; a subclass names its `kind`."""

    kind: ClassVar[str]
    public: ClassVar[bool] = False
    """Whether it needs no answers, so that students may have it."""
    opens: ClassVar[bool] = False
    """Whether it shows that the hand-in can be used at all: where it cannot, there is nothing to ask."""
    parts: ClassVar[tuple[str, ...]] = ()
    """Kinds of check that judge parts of what this one judges as a whole: they say more exactly what to do."""
    own_worker: ClassVar[bool] = False
    """Whether the check runs in a worker of its own, beside the others: for what takes long."""
    work: ClassVar[str] = ""
    """What students write that it judges, in words; empty for what is not counted so."""
    method: ClassVar[str] = ""
    """The method that it is of, where that may be given to students whole (see `marking.given_methods`)."""
    stands_on: ClassVar[tuple[str, ...]] = ()
    """The work without which such a method is worth nothing."""

    @property
    def about(self) -> tuple[str, ...]:
        """Which of several alike it is about; none where there are no several."""
        return ()

    def contradiction(self, reference: Reference) -> str:
        """What in the rubric's `params` cannot be, given the reference: the field, found and wanted; else empty."""
        return ""

    def run(self, bench: Bench) -> Verdict:
        """Observe and judge."""
        raise NotImplementedError
