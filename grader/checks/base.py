"""What a check is: a frozen description made from the rubric, and `run`, which observes and judges.

A check asks the student's code through `Bench.student`, compares with `Bench.reference`, and returns a
`Verdict`. It lets `StudentFault` and `Malformed` pass: the runner puts those into words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from ..assignment.datasets import Dataset
from ..assignment.reference import Reference
from ..assignment.rubric import CheckSpec, Question, Rubric, Strict
from ..model import CheckResult, Comparison, Figure, Outcome, SourcePlace
from ..student.client import Student
from ..student.faults import StudentError, StudentFault
from . import words

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

    @property
    def activations(self) -> tuple[str, str]:
        """The activations of the earlier check of the same lines (`shared_with`) and of this one."""
        checks = self.rubric.checks
        return checks[self.spec.shared_with].activation, checks[self.spec.id].activation

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

    def lost_among(self, *kinds: str, activation: str = "") -> list[str]:
        """Ids of the earlier checks of these kinds (and this activation, if given) that cost points."""
        return [
            id
            for id in self.earlier
            if (check := self.rubric.checks[id]).kind in kinds
            and (not activation or getattr(check, "activation", "") == activation)
            and self.lost_points(id)
        ]


class Check(Strict, frozen=True):
    """Base of the kinds of check. Fields are the rubric's `params`; a subclass names its `kind`."""

    kind: ClassVar[str]
    supplied: ClassVar[bool] = False
    """Whether it may be run again with a right `loss` supplied, where the hand-in's own has cost points already."""
    opens: ClassVar[bool] = False
    """Whether it shows that the hand-in can be used at all: where it cannot, there is nothing to ask."""
    parts: ClassVar[tuple[str, ...]] = ()
    """Kinds of check that judge parts of what this one judges as a whole: they say more exactly what to do."""
    own_worker: ClassVar[bool] = False
    """Whether the check runs in a worker of its own, beside the others: for what takes long."""

    def contradiction(self, reference: Reference) -> str:
        """What in the rubric's `params` cannot be, given the reference: the field, found and wanted; else empty."""
        known = self.activations_of(reference)
        for name in ("activation", "activations"):
            named = getattr(self, name, ())
            for activation in (named,) if isinstance(named, str) else named:
                if activation not in known:
                    return f"{name}: found {activation!r}, wanted one of: {', '.join(known)}"
        return ""

    def activations_of(self, reference: Reference) -> Iterable[str]:
        """Which activations there are."""
        names: Iterable[str] = reference.layers.SLOPES
        return names

    def run(self, bench: Bench) -> Verdict:
        """Observe and judge."""
        raise NotImplementedError

    def shared(self, bench: Bench) -> Verdict | None:
        """The verdict where what is wrong is code that an earlier check (`shared_with`) has judged; None otherwise.

        The student of the bench is told the same loss of all activations.
        """
        return None


class SharedCheck(Check, frozen=True):
    """A check of lines that an earlier check (`shared_with`) has judged with another activation.

    A mistake in those lines has cost its points there. `judge` does what `run` does elsewhere; where it is
    not content and the earlier check was not either, `same_mistake` tells whether this activation's own
    lines are right.
    """

    activation: str

    def run(self, bench: Bench) -> Verdict:
        """Judge; carry a mistake that is the earlier check's."""
        source = bench.spec.shared_with
        try:
            verdict = self.judge(bench)
        except (StudentError, Malformed):
            if self._is_shared(bench):
                return carried(f"{self.shared_words()} {_SHARED}", source)
            raise
        if verdict.fraction < 1 and self._is_shared(bench):
            return carried(f"{self.shared_words()} {_SHARED}", source, comparisons=verdict.comparisons)
        return verdict

    def _is_shared(self, bench: Bench) -> bool:
        if not bench.lost_points(bench.spec.shared_with):
            return False
        try:
            return self.same_mistake(bench)
        except (StudentError, Malformed):
            return False

    def judge(self, bench: Bench) -> Verdict:
        """Observe and judge, as if there were no earlier check."""
        raise NotImplementedError

    def same_mistake(self, bench: Bench) -> bool:
        """Whether what is wrong here is wrong in the same way with the earlier check's activation."""
        raise NotImplementedError

    def shared_words(self) -> str:
        """What is wrong, as the subject of a sentence that goes on with `_SHARED`."""
        raise NotImplementedError


_SHARED = "for the same reason as with the sigmoid."
