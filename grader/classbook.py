"""A class as it stands: of each hand-in the newest grading, marked by today's rubric, with persons' marks.

Exports, the class report, feedback and marks by hand read the class from here. No student code runs for any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from . import manual_marks, marking
from .errors import UsageError
from .findings import Exhibits, Findings, stored
from .gradebook import Gradebook, HandIn, RunRecord
from .late import lateness
from .model import ClassHead, Entry, GradeReport, Mark, Person, QuestionHead
from .roster import Roster, Student
from .rubric import Rubric

_ABSENT = Student(Person())


@dataclass(frozen=True)
class ClassBook:
    """What the gradebook says of a class, under a rubric."""

    book: Gradebook
    rubric: Rubric
    roster: Roster | None = None
    number: int | None = None
    """Of one run; else the newest of each hand-in counts."""

    @cached_property
    def _runs(self) -> dict[int, RunRecord]:
        return {run.id: run for run in self.book.runs()}

    @cached_property
    def _hand_ins(self) -> list[tuple[int, HandIn]]:
        """Those of this assignment; `UsageError` where there are none."""
        if self.number is not None:
            self.book.run(self.number)
        found = [
            (number, hand_in)
            for number, hand_in in self.book.hand_ins(self.number)
            if self._runs[number].assignment == self.rubric.id
        ]
        if not found:
            raise UsageError(f"{self.book.path}: holds no hand-in of {self.rubric.id!r}; grade first")
        return found

    @cached_property
    def marks(self) -> dict[str, dict[str, Mark]]:
        """Persons' marks, by hand-in and question."""
        return self.book.marks()

    @cached_property
    def failed(self) -> dict[str, str]:
        """The hand-ins that have no marks under this rubric, and why, in a sentence."""
        found = {}
        for number, hand_in in self._hand_ins:
            if hand_in.finding is None:
                found[hand_in.submission] = hand_in.trouble
            elif self._runs[number].asking != self.rubric.asking:
                found[hand_in.submission] = (
                    f"Graded by other checks than {self.rubric.path.name} has now (run {number}): grade it again."
                )
        return found

    @property
    def graded(self) -> list[tuple[int, HandIn]]:
        """The hand-ins that have marks under this rubric, each with the number of its run; sorted by id."""
        return [(number, one) for number, one in self._hand_ins if one.submission not in self.failed]

    def head(self) -> ClassHead:
        """What is the same for all."""
        runs = [self._runs[number] for number in sorted({number for number, _ in self._hand_ins})]
        last = runs[-1]
        return ClassHead(
            title=self.rubric.title,
            points=self.rubric.points,
            questions=tuple(QuestionHead(q.id, q.title, q.points) for q in self.rubric.questions),
            run=last.id,
            graded_at=last.ended or last.started,
            dataset=", ".join(sorted({run.dataset for run in runs})),
            marked_on=self.rubric.dataset,
            tier="; ".join(sorted({run.tier for run in runs})),
            fingerprints={
                "rubric": self.rubric.fingerprint,
                "reference": last.reference,
                "secret": last.secret,
            },
            absent=self._absent(),
            failed=self.failed,
        )

    def _absent(self) -> tuple[Person, ...]:
        if self.roster is None:
            return ()
        absent = self.roster.absent([(one.submission, one.person) for _, one in self._hand_ins])
        return tuple(student.person for student in absent)

    def report(
        self, hand_in: HandIn, run: int, exhibits: Literal["none", "pasted", "all"], marks: bool = True
    ) -> GradeReport:
        """The report of one, for staff, with persons' marks or without.

        With all that it shows, with nothing of it, or, where there are images in answers, with that.
        """
        assert hand_in.finding is not None
        findings = stored(self.book.finding(hand_in.finding), Findings)
        wanted = exhibits == "all" or (exhibits == "pasted" and findings.pasted)
        shown = stored(self.book.exhibits(hand_in.finding), Exhibits) if wanted else Exhibits()
        reference = self._runs[run].reference
        raw = marking.report(hand_in.submission, hand_in.notes, findings, shown, self.rubric, reference)
        return manual_marks.applied(raw, self.marks) if marks else raw

    def entries(self) -> Iterable[Entry]:
        """The hand-ins that have marks, sorted by id; can be gone through more than once, and keeps none."""
        return _Entries(self)

    def entry(self, hand_in: HandIn, run: int) -> Entry:
        """One of them."""
        report = self.report(hand_in, run, "none")
        student = self.roster.match(hand_in.submission, hand_in.person) if self.roster else None
        student = student or _ABSENT
        submitted = student.submitted or hand_in.submitted
        rule = self.rubric.late
        return Entry(
            report=report,
            person=_together(student.person, hand_in.person),
            submitted=submitted,
            late=lateness(rule, report.earned, submitted, student.due, student.extension_hours)
            if rule
            else None,
            origin=hand_in.origin,
            seconds=report.host.timings.get("total", 0.0),
        )


class _Entries:
    def __init__(self, book: ClassBook) -> None:
        self._book = book

    def __iter__(self) -> Iterator[Entry]:
        for number, hand_in in self._book.graded:
            yield self._book.entry(hand_in, number)


def _together(first: Person, second: Person) -> Person:
    """What the roster says of somebody, and where it says nothing, the course system."""
    fields = Person.__struct_fields__
    return Person(*(getattr(first, name) or getattr(second, name) for name in fields))


def reports(book: ClassBook) -> Mapping[str, GradeReport]:
    """All reports by id: for marking by hand."""
    return {one.submission: book.report(one, number, "pasted") for number, one in book.graded}
