"""A class as it stands: of each hand-in the newest grading, marked by today's rubric, with persons' marks.

Exports, the class report, feedback and marks by hand read the class from here. No student code runs for any of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import msgspec

from ..assignment.rubric import Rubric
from ..errors import GradebookError, UsageError
from ..handin.roster import Roster, Student
from ..marking import marking
from ..marking.findings import Exhibits, Findings, stored
from ..marking.late import lateness
from ..model import ClassHead, Cover, Entry, GradeReport, Misfit, NotebookResult, Person, QuestionHead
from . import Gradebook, HandIn, MarkRecord, RunRecord, standing
from .standing import Standing, standings

_ABSENT = Student(Person())


class _Executed(msgspec.Struct, frozen=True):
    """Of what reports show, the notebook alone: pictures and code of a whole class are much to read."""

    notebook: NotebookResult | None = None


@dataclass(frozen=True)
class ClassBook:
    """What the gradebook says of a class, under a rubric."""

    book: Gradebook
    rubric: Rubric
    reference: str
    """Fingerprint of the answers that the rubric names."""
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
        found = self.book.hand_ins(self.number, self.rubric.id)
        if not found:
            others = sorted({run.assignment for run in self._runs.values()})
            marks = len(self.book.all_marks())
            there = f" (it has some of {', '.join(others)}, with {marks} marks of persons)" if others else ""
            raise UsageError(f"{self.book.path}: holds no hand-in of {self.rubric.id!r}{there}; grade first")
        return found

    @property
    def hand_ins(self) -> list[HandIn]:
        """All of them, with marks or without; sorted by id."""
        return [one for _, one in self._hand_ins]

    def count(self) -> int:
        """How many hand-ins it has, with marks or without; `UsageError` where there are none."""
        return len(self._hand_ins)

    @cached_property
    def marks(self) -> dict[str, dict[str, MarkRecord]]:
        """Persons' marks, by hand-in and question."""
        return self.book.marks(self.rubric.id)

    @cached_property
    def misfits(self) -> tuple[Misfit, ...]:
        """Marks of persons that wait for a look, by hand-in: the answer or the rubric has changed since."""
        found = []
        for _, one in self._hand_ins:
            id, marks = one.submission, self._standings.get(one.submission, {})
            found += [Misfit(id, question, it.mark, it.why) for question, it in marks.items() if it.waits]
            found += [
                Misfit(id, old.question, old.mark, f"the assignment was called {old.assignment!r} then")
                for old in self._of_another_name.get(id, {}).values()
                if old.question not in marks
            ]
        return tuple(found)

    @cached_property
    def adjusted(self) -> tuple[Misfit, ...]:
        """Marks of persons that count for other points than were given, or out of others, as the rubric says."""
        return tuple(
            Misfit(id, question, it.mark, it.why)
            for id, marks in sorted(self._standings.items())
            for question, it in marks.items()
            if it.why and not it.waits
        )

    @cached_property
    def _standings(self) -> dict[str, dict[str, Standing]]:
        """Whether the marks of each hand-in stand, by question; those of one that has no results wait for nothing."""
        found = {}
        for _, one in self._hand_ins:
            if not (marks := self.marks.get(one.submission)):
                continue
            if one.submission in self.failed:
                gone = {id: record for id, record in marks.items() if id not in self._questions}
                found[one.submission] = standings({}, gone, self.rubric.given_marks)
            else:
                questions = {q.id: q for q in self.report(one, "none", marks={}).questions}
                found[one.submission] = standings(questions, marks, self.rubric.given_marks)
        return found

    @cached_property
    def _questions(self) -> frozenset[str]:
        return frozenset(question.id for question in self.rubric.questions)

    @cached_property
    def _of_another_name(self) -> dict[str, dict[str, MarkRecord]]:
        """Marks of this assignment from when its rubric had another id, by hand-in and question.

        It is this one, and not another one beside, where its rubric was the same file, or graded the same files.
        """
        own = {one.submission: one.files for _, one in self._hand_ins}
        paths = {str(self.rubric.path.resolve())} | {
            run.rubric_path for run in self._runs.values() if run.assignment == self.rubric.id
        }
        found: dict[str, dict[str, MarkRecord]] = {}
        for other in dict.fromkeys(run.assignment for run in self._runs.values()):
            if other == self.rubric.id or not (marks := self.book.marks(other)):
                continue
            renamed = any(run.rubric_path in paths for run in self._runs.values() if run.assignment == other)
            files = {one.submission: one.files for _, one in self.book.hand_ins(assignment=other)}
            for id in marks:
                if renamed or (own.get(id) and own.get(id) == files.get(id)):
                    found.setdefault(id, {}).update(marks[id])
        return found

    @cached_property
    def failed(self) -> dict[str, str]:
        """The hand-ins that have no marks under this rubric, and why, in a sentence."""
        hand_ins = self._hand_ins  # before what was found: a run at work adds to both, what was found first
        there = self.book.findings()
        return {one.submission: why for _, one in hand_ins if (why := self._trouble(one, self._runs, there))}

    def _trouble(
        self, hand_in: HandIn, runs: Mapping[int, RunRecord], there: Collection[tuple[str, int]]
    ) -> str:
        """Why a hand-in has no marks under this rubric; empty where it has."""
        if hand_in.finding is None or (hand_in.finding, hand_in.found_in) not in there:
            return hand_in.trouble or "What was found is gone: grade it again."
        if other := self._graded_by_another(runs[hand_in.found_in]):
            return f"Graded by {other}: grade it again."
        return "" if self._is_readable(hand_in) else "What was found in it is damaged: grade it again."

    def _is_readable(self, hand_in: HandIn) -> bool:
        """Whether the finding is what was written, and of a kind that this grader knows."""
        assert hand_in.finding is not None
        try:
            stored(self.book.finding(hand_in.finding, hand_in.found_in), Findings)
            self.book.exhibits(hand_in.finding, hand_in.found_in)
        except GradebookError:
            return False
        return True

    def _graded_by_another(self, run: RunRecord) -> str:
        """What was another one when a run found what it found; empty where marks can be made of that."""
        if run.asking != self.rubric.asking:
            return f"other checks than {self.rubric.path.name} has now (run {run.id})"
        if run.secret != self.rubric.secret_fingerprint:
            return f"another course secret than there is now (run {run.id})"
        return (
            f"another reference than there is now (run {run.id})" if run.reference != self.reference else ""
        )

    @property
    def graded(self) -> list[tuple[int, HandIn]]:
        """The hand-ins that have marks under this rubric, each with the number of its run; sorted by id."""
        return [(number, one) for number, one in self._hand_ins if one.submission not in self.failed]

    @cached_property
    def _known(self) -> dict[str, HandIn]:
        return {one.submission: one for _, one in self.graded}

    def anew(self) -> ClassBook:
        """The same without anything that was read before: what the gradebook says now."""
        return replace(self)

    def newest(self, id: str) -> HandIn | None:
        """A hand-in as the gradebook has it now, whatever was read before; None where it has no marks any more."""
        for _, one in self.book.hand_ins(self.number, self.rubric.id, id):
            if one == self._known.get(id):
                return one
            runs = {run.id: run for run in self.book.runs()}
            return None if self._trouble(one, runs, self.book.findings()) else one
        return None

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
                "reference": self.reference,
                "secret": self.rubric.secret_fingerprint,
            },
            absent=self._absent(),
            strangers=self._strangers(),
            failed=self.failed,
            failed_persons={
                one.submission: self._student(one, one.person)[0]
                for _, one in self._hand_ins
                if one.submission in self.failed
            },
            nonces=tuple(sorted({one.nonce for _, one in self._hand_ins} - {""})),
            published_secret=self.rubric.has_published_secret,
            misfits=self.misfits,
            adjusted=self.adjusted,
        )

    def _absent(self) -> tuple[Person, ...]:
        if self.roster is None:
            return ()
        there = [
            (one.submission, person) for _, one in self._hand_ins for person in one.persons or (Person(),)
        ]
        absent = self.roster.absent(there)
        return tuple(student.person for student in absent)

    def _strangers(self) -> dict[str, str]:
        if self.roster is None:
            return {}
        return self.roster.strangers(
            (one.submission, person) for _, one in self._hand_ins for person in one.persons or (Person(),)
        )

    def report(
        self,
        hand_in: HandIn,
        exhibits: Literal["none", "all"],
        marks: Mapping[str, MarkRecord] | None = None,
    ) -> GradeReport:
        """The report of one, for staff, with persons' marks: by default all that count.

        With all that it shows, or with nothing of it.
        """
        assert hand_in.finding is not None
        key, run = hand_in.finding, hand_in.found_in
        findings = stored(self.book.finding(key, run), Findings)
        shown = stored(self.book.exhibits(key, run), Exhibits) if exhibits == "all" else Exhibits()
        raw = marking.report(hand_in.submission, hand_in.notes, findings, shown, self.rubric, self.reference)
        given = self.marks.get(hand_in.submission, {}) if marks is None else marks
        return standing.applied(raw, given, self.rubric.given_marks)

    def notebook(self, hand_in: HandIn) -> NotebookResult | None:
        """What its notebook claims, and what came of that; None where it was not executed."""
        assert hand_in.finding is not None
        return stored(self.book.exhibits(hand_in.finding, hand_in.found_in), _Executed).notebook

    def entries(self, per_person: bool = False) -> Iterable[Entry]:
        """The hand-ins that have marks, sorted by id; can be gone through more than once, and keeps none.

        With `per_person` one for each member of a group, with that one's own due time.
        """
        return _Entries(self, per_person)

    def entry(self, report: GradeReport, hand_in: HandIn, person: Person) -> Entry:
        """A hand-in, as that of one person."""
        known, student = self._student(hand_in, person)
        submitted = student.submitted or hand_in.submitted
        rule = self.rubric.late
        late = (
            lateness(rule, report.earned, submitted, student.due, student.extension_hours) if rule else None
        )
        seconds = report.host.timings.get("total", 0.0)
        return Entry(report, known, submitted, late, hand_in.origin, seconds)

    def cover(self, hand_in: HandIn) -> Cover:
        """Whose it is, when it came in, and what being late does to the total of each of a group."""
        report = self.report(hand_in, "none")
        entries = [self.entry(report, hand_in, person) for person in hand_in.persons or (hand_in.person,)]
        late = [(entry.person.name, entry.late) for entry in entries if entry.late]
        if len({each for _, each in late}) == 1:
            late = [("", late[0][1])]
        names = tuple(dict.fromkeys(entry.person.name for entry in entries if entry.person.name))
        return Cover(names, entries[0].submitted, tuple(late))

    def persons(self) -> dict[str, tuple[Person, ...]]:
        """Whose each graded hand-in is, by its id, as far as the roster and the course system say."""
        return {one.submission: self.persons_of(one) for _, one in self.graded}

    def persons_of(self, hand_in: HandIn) -> tuple[Person, ...]:
        """Whose a hand-in is, graded or not, as far as the roster and the course system say."""
        return tuple(self._student(hand_in, person)[0] for person in hand_in.persons or (Person(),))

    def _student(self, hand_in: HandIn, person: Person) -> tuple[Person, Student]:
        """All that is known of a person, and what the roster says of deadlines."""
        student = self.roster.match(hand_in.submission, person) if self.roster else None
        student = student or _ABSENT
        return _together(student.person, person), student


class _Entries:
    def __init__(self, book: ClassBook, per_person: bool) -> None:
        self._book = book
        self._per_person = per_person

    def __iter__(self) -> Iterator[Entry]:
        for _, hand_in in self._book.graded:
            report = self._book.report(hand_in, "none")
            persons = hand_in.persons if self._per_person and hand_in.persons else (hand_in.person,)
            for person in persons:
                yield self._book.entry(report, hand_in, person)


def names_of(roster: Roster | None, id: str, persons: Iterable[Person]) -> tuple[str, ...]:
    """Of those who handed in, as the roster has them, or else the course system."""
    found = []
    for person in tuple(persons) or (Person(),):
        student = roster.match(id, person) if roster else None
        found.append(student.person.name if student and student.person.name else person.name)
    return tuple(dict.fromkeys(filter(None, found)))


def _together(first: Person, second: Person) -> Person:
    """What the roster says of somebody, and where it says nothing, the course system."""
    fields = Person.__struct_fields__
    return Person(*(getattr(first, name) or getattr(second, name) for name in fields))


def reports(book: ClassBook, only: Collection[str] = ()) -> Mapping[str, GradeReport]:
    """The reports of some hand-ins or of all, by id: for marking by hand."""
    return {
        one.submission: book.report(one, "none")
        for _, one in book.graded
        if not only or one.submission in only
    }
