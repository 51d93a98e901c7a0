"""What is marked at the page: the class, who looks at which answer, and every save.

For several threads: the pages' and the one that reads the class and draws reports.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

import msgspec

from ..assignment.rubric import Item, Question
from ..errors import UsageError
from ..gradebook import Crossing, FlagRecord, ItemRecord, MarkRecord, flags, items
from ..gradebook.classbook import ClassBook
from ..gradebook.standing import applied
from ..model import ZERO, GradeReport, Mark, MarkItem, QuestionResult
from ..report.safe_text import one_line
from .places import Alike, Place, places

_OPEN_S = 120
"""How long an answer that somebody has opened is passed over by others."""
_TRIES = 20
_BUSY = "others are marking the same answers at this moment; nothing was saved, try again"
_MOST_UNDONE = 200
"""Saves that a person can take back."""


@dataclass
class Session:
    """One person at a browser."""

    name: str
    suggests: bool = False
    """Whether points that the grader suggests are shown before a decision."""
    flash: str = ""
    """What the next page says of what was done."""
    skipped: set[tuple[str, str]] = field(default_factory=set)
    saves: list[Save] = field(default_factory=list)


@dataclass(frozen=True)
class Save:
    """What one key press saved, and what was there before."""

    question: str
    handle: str
    given: tuple[MarkRecord, ...]
    before: tuple[MarkRecord | None, ...]
    """For each the mark that counted; None where there was none."""


@dataclass(frozen=True)
class Choice:
    """What a person says of an answer."""

    items: tuple[MarkItem, ...]
    adjustment: Decimal
    note: str
    group: Alike = "one"


@dataclass(frozen=True)
class Tally:
    """A question on the first page."""

    question: Question
    answers: int
    waiting: int
    groups: int
    """How many different answers wait, those of the same text counted once."""
    marked: int
    flagged: int


@dataclass(frozen=True)
class _View:
    """The answers of a question, in order, as they stand with the marks that were given."""

    key: tuple[int, int]
    """What it was made by."""
    answers: int
    waiting: list[Place]
    shown: list[Place]
    at: dict[str, int]
    """Handle to the place among those that are shown."""
    groups: dict[str, dict[str, list[Place]]]
    """Those that wait and have no mark of a person, by what is equal."""


class Changed(Exception):
    """That the answer is another one now than the page showed: it was graded again."""


class Gone(Exception):
    """That there is no such answer."""


class Desk:
    """A class at which persons mark."""

    def __init__(self, book: ClassBook, now: Callable[[], str]) -> None:
        """`now` gives the time as the gradebook has it."""
        self.book, self._now = book, now
        self._lock = threading.RLock()
        self._places: dict[str, dict[str, Place]] = {}
        self._marks: Mapping[tuple[str, str], MarkRecord] = {}
        self._marks_read = 0
        self._version = 0
        """Another number whenever the answers are others."""
        self._views: dict[str, _View] = {}
        self._opened: dict[tuple[str, str], tuple[Session, float]] = {}
        self._dirty: dict[str, None] = {}
        self._changed_at = 0.0
        self._questions = {question.id: question for question in book.rubric.questions}
        self._runs: object = None
        self.read, self.of = 0, 0
        """How many hand-ins are read, of how many."""
        self.is_read = threading.Event()

    # ---- the class ----

    def read_class(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Read which answers there are; pages are shown meanwhile, of what is read."""
        self._runs = self._state_of_runs()
        book = self.book.anew()
        hand_ins = book.graded
        self.read, self.of = 0, len(hand_ins)
        found: dict[str, dict[str, Place]] = {question: {} for question in self._questions}
        for _, one in hand_ins:
            if stop():
                return
            for place in places(book.report(one, "none", marks={})):
                found[place.question][place.handle] = place
            self.read += 1
        with self._lock:
            self.book = book
            self._places = {id: dict(sorted(own.items())) for id, own in found.items()}
            self._version += 1
        self.is_read.set()

    def is_old(self) -> bool:
        """Whether somebody has graded since the class was read."""
        return self._runs != self._state_of_runs()

    def _state_of_runs(self) -> object:
        return self.book.book.all("SELECT max(id), count(ended) FROM run")

    def question(self, id: str) -> Question:
        """A question; `Gone` where there is none."""
        if id not in self._questions:
            raise Gone
        return self._questions[id]

    def items(self, question: Question) -> tuple[Item, ...]:
        """Its items, as they count now."""
        return items.counting(question, self.book.book.edited_items(self.book.rubric.id))

    def place(self, question: str, handle: str) -> Place:
        """An answer; `Gone` where there is none."""
        with self._lock:
            found = self._places.get(question, {}).get(handle)
        if found is None:
            raise Gone
        return found

    def report(self, place: Place) -> tuple[Place, GradeReport, QuestionResult]:
        """An answer, its hand-in and its question as they are now, with marks; `Gone` where it went."""
        fresh, raw = self._fresh(place, "all")
        given = self.book.book.marks(self.book.rubric.id, place.submission).get(place.submission, {})
        whole = applied(raw, given, self.book.rubric.given_marks)
        return fresh, whole, next(one for one in whole.questions if one.id == place.question)

    def _fresh(self, place: Place, exhibits: Literal["none", "all"]) -> tuple[Place, GradeReport]:
        """An answer as it is now, and the report that it is in, without marks."""
        one = self.book.newest(place.submission)
        if one is None:
            raise Gone
        raw = self.book.report(one, exhibits, marks={})
        own = {fresh.question: fresh for fresh in places(raw)}
        if place.question not in own:
            raise Gone
        with self._lock:
            for fresh in own.values():
                if self._places[fresh.question].get(fresh.handle) != fresh:
                    self._places[fresh.question][fresh.handle] = fresh
                    self._version += 1
        return own[place.question], raw

    def mark(self, place: Place) -> MarkRecord | None:
        """The mark that was given for an answer, whether it stands or waits for a look."""
        return self._given().get((place.submission, place.question))

    def last_mark(self) -> int:
        """The number of the newest mark: what a page was made by."""
        return self.book.book.last_mark()

    def _given(self) -> Mapping[tuple[str, str], MarkRecord]:
        """All marks that count, by hand-in and question; what comes back is not changed any more."""
        with self._lock:
            if (newest := self.last_mark()) != self._marks_read:
                marks = dict(self._marks)
                for record in self.book.book.marks_since(self.book.rubric.id, self._marks_read):
                    place = (record.submission, record.question)
                    if record.withdrawn:
                        marks.pop(place, None)
                    else:
                        marks[place] = record
                self._marks, self._marks_read = marks, newest
            return self._marks

    def waits(self, place: Place) -> bool:
        """Whether a person has to decide."""
        return place.waits(self.mark(place), self.book.rubric.given_marks)

    def _view(self, question: str) -> _View:
        """The answers of a question as they stand; made anew only where something has changed."""
        with self._lock:
            given = self._given()
            key = (self._marks_read, self._version)
            found = self._views.get(question)
            if found is None or found.key != key:
                found = self._views[question] = self._made_view(question, key, given)
            return found

    def _made_view(
        self, question: str, key: tuple[int, int], given: Mapping[tuple[str, str], MarkRecord]
    ) -> _View:
        policy, waiting, shown = self.book.rubric.given_marks, [], []
        same: dict[str, list[Place]] = {}
        alike: dict[str, list[Place]] = {}
        own = self._of(question)
        for place in own:
            record = given.get((place.submission, question))
            waits = place.waits(record, policy)
            if waits:
                waiting.append(place)
            if waits or record:
                shown.append(place)
            if waits and not record:
                same.setdefault(place.same, []).append(place)
                alike.setdefault(place.alike, []).append(place)
        at = {place.handle: n for n, place in enumerate(shown)}
        return _View(key, len(own), waiting, shown, at, {"same": same, "alike": alike})

    def whose(self, submission: str) -> str:
        """Who handed something in, as far as the class list says, with the id."""
        persons = self.book.persons().get(submission, ())
        told = " and ".join(person.name for person in persons if person.name)
        return f"{told} ({submission})" if told else submission

    def hand_ins(self, text: str) -> list[tuple[str, Place]]:
        """The hand-ins with a text in a name or an id, in order, each with one of its answers."""
        with self._lock:
            by_id = {one.submission: one for own in self._places.values() for one in own.values()}
        named = ((self.whose(id), place) for id, place in sorted(by_id.items()))
        return [(who, place) for who, place in named if text.casefold() in who.casefold()]

    # ---- what is next ----

    def tallies(self) -> list[Tally]:
        """What there is to do, by question; those of which nothing waits and nothing is marked are left out."""
        flagged = self.flags()
        found = []
        for id, question in self._questions.items():
            view = self._view(id)
            if view.shown:
                groups = len({place.same or place.handle for place in view.waiting})
                up = sum((place.submission, id) in flagged for place in view.shown)
                marked = len(view.shown) - len(view.waiting)
                found.append(Tally(question, view.answers, len(view.waiting), groups, marked, up))
        return found

    def _of(self, question: str) -> list[Place]:
        with self._lock:
            return list(self._places.get(question, {}).values())

    def shown(self, question: str) -> int:
        """How many answers can be gone through: those that wait, and those that a person has marked."""
        return len(self._view(question).shown)

    def number(self, place: Place) -> int:
        """Which of these an answer is, from 1; 0 where it is none of them."""
        return self._view(place.question).at.get(place.handle, -1) + 1

    def next_waiting(self, session: Session, question: str, after: str = "") -> Place | None:
        """The next answer to decide: none that somebody else is at, and what was skipped only at the end."""
        own = [place for place in self._view(question).waiting if place.handle != after]
        own = [*(one for one in own if one.handle > after), *(one for one in own if one.handle < after)]
        free = [place for place in own if not self._is_open(place)]
        fresh = [place for place in free if (question, place.handle) not in session.skipped]
        return next(iter(fresh or free or own), None)

    def beside(self, question: str, handle: str, step: int) -> Place | None:
        """The answer before (-1) or behind (1), decided or not; None at the ends."""
        view = self._view(question)
        at = view.at.get(handle)
        return None if at is None or not 0 <= at + step < len(view.shown) else view.shown[at + step]

    def open(self, session: Session, place: Place) -> str:
        """Note that somebody looks at an answer; the name of another person who does, or nothing."""
        key, now = (place.question, place.handle), time.monotonic()
        with self._lock:
            other, since = self._opened.get(key, (session, now))
            self._opened[key] = session, now
        return other.name if other is not session and now - since < _OPEN_S else ""

    def close(self, question: str, handle: str) -> None:
        """Note that nobody does any more."""
        with self._lock:
            self._opened.pop((question, handle), None)

    def _is_open(self, place: Place) -> bool:
        with self._lock:
            found = self._opened.get((place.question, place.handle))
        return found is not None and time.monotonic() - found[1] < _OPEN_S

    def group(self, place: Place, kind: Alike) -> list[Place]:
        """Those that wait and are equal to an answer in that way, without itself."""
        if kind == "one" or not getattr(place, kind):
            return []
        found = self._view(place.question).groups[kind].get(getattr(place, kind), [])
        return [one for one in found if one.handle != place.handle]

    def notes(self, question: str) -> list[str]:
        """Notes that were written for a question, those that were used most first."""
        counts: dict[str, int] = {}
        for (_, own), record in self._given().items():
            if own == question and record.mark.note:
                counts[record.mark.note] = counts.get(record.mark.note, 0) + 1
        return sorted(counts, key=lambda note: (-counts[note], note))[:30]

    # ---- what is saved ----

    def save(
        self, session: Session, place: Place, choice: Choice, seen: int, answer_key: str
    ) -> tuple[Mark, int]:
        """Give a mark, and how many answers it was given for comes back; it is on disk then.

        `seen` is `last_mark` and `answer_key` the answer of when the page was made: `Crossing` where somebody has
        marked the answer since, `Changed` where it is another one.
        """
        place, _ = self._fresh(place, "none")
        if place.bare.answer_key != answer_key:
            raise Changed
        question = self.question(place.question)
        mark = items.made(question, choice.items, choice.adjustment, session.name, self._now(), choice.note)
        with self._lock:
            # Those of a group that somebody marks at this moment are left out: only for the answer itself it is asked.
            for _ in range(_TRIES):
                read_at = self.last_mark()
                everybody = [place, *self.group(place, choice.group)]
                records = [self._record(one, mark) for one in everybody]
                before = tuple(self.mark(one) for one in everybody)
                if self._marks_read != read_at:
                    continue
                self._refuse_crossing(place, seen)
                try:
                    self._add(records, read_at)
                except Crossing:
                    continue
                session.saves.append(Save(place.question, place.handle, tuple(records), before))
                del session.saves[:-_MOST_UNDONE]
                return mark, len(records)
        raise UsageError(_BUSY)

    def _refuse_crossing(self, place: Place, seen: int) -> None:
        """`Crossing` where somebody has marked an answer, or taken a mark back, since the mark of that number."""
        for one in self.book.book.marks_since(self.book.rubric.id, seen):
            if (one.submission, one.question) == (place.submission, place.question):
                raise Crossing(one)

    def withdraw(self, session: Session, place: Place, seen: int) -> None:
        """Take the mark of one answer back; `Crossing` where somebody has marked it since."""
        with self._lock:
            before = self.mark(place)
            if before is None:
                raise UsageError("there is no mark of a person that could be taken back")
            record = self._record(place, Mark(ZERO, session.name, self._now()), withdrawn=True)
            self._add([record], seen)
            session.saves.append(Save(place.question, place.handle, (record,), (before,)))

    def undo(self, session: Session) -> Save:
        """Take the last save of a person back, for all of its answers: what was there before is given again.

        `UsageError` where there is none, or where somebody has marked one of them since; nothing is changed then.
        """
        with self._lock:
            if not session.saves:
                raise UsageError("there is nothing of yours to take back since the page was started")
            last = session.saves[-1]
            for _ in range(_TRIES):
                read_at, there = self.last_mark(), self._given()
                if self._marks_read != read_at:
                    continue
                for record in last.given:
                    now = there.get((record.submission, record.question))
                    if now != (None if record.withdrawn else record):
                        session.saves.pop()
                        by = now.mark.by if now else "somebody"
                        raise UsageError(
                            f"it cannot be taken back: {by} has marked one of these answers since"
                        )
                back = self._back(session, last)
                try:
                    self._add(back, read_at)
                except Crossing:
                    continue
                session.saves.pop()
                _told_of(
                    session.saves,
                    dict(zip(map(_answer, back), zip(last.before, back, strict=True), strict=True)),
                )
                return last
        raise UsageError(_BUSY)

    def _back(self, session: Session, last: Save) -> list[MarkRecord]:
        """The marks that bring back what was there before a save."""
        at, found = self._now(), []
        for record, before in zip(last.given, last.before, strict=True):
            if before is None:
                gone = Mark(ZERO, session.name, at)
                found.append(msgspec.structs.replace(record, mark=gone, withdrawn=True))
            else:
                mark = msgspec.structs.replace(before.mark, by=session.name, at=at)
                found.append(msgspec.structs.replace(before, mark=mark))
        return found

    def edit(self, session: Session, question: Question, id: str, text: str, points: Decimal) -> int:
        """Change an item, or with an empty `id` add one; how many marks were given anew for it comes back."""
        book = self.book.book
        with self._lock:
            for _ in range(_TRIES):
                read_at = self.last_mark()
                edits = book.edited_items(self.book.rubric.id)
                now = self._now()
                edited = items.edited(self.book.rubric, edits, question, id, text, points, session.name, now)
                own = [one for one in edits.get(question.id, ()) if one.id != edited.id]
                known = {**edits, question.id: [*own, edited]}
                marks = book.marks(self.book.rubric.id).values()
                counting = [one for given in marks for one in given.values()]
                again = items.remarked(self.book.rubric, known, counting, session.name, now, question.id)
                try:
                    self._add(again, read_at, edited)
                except Crossing:
                    continue
                return len(again)
        raise UsageError(
            "others are marking the same question at this moment; nothing was changed, try again"
        )

    def flag(self, session: Session, place: Place, raised: bool, note: str) -> None:
        """Ask a colleague to look at an answer, or no longer."""
        record = FlagRecord(
            self.book.rubric.id,
            place.submission,
            place.question,
            raised,
            session.name,
            self._now(),
            one_line(note),
        )
        flags.add(self.book.book, record)

    def flags(self) -> Mapping[tuple[str, str], FlagRecord]:
        """What is flagged, by hand-in and question."""
        return flags.raised(self.book.book, self.book.rubric.id)

    def flagged(self) -> list[tuple[Place, FlagRecord]]:
        """The answers that are flagged."""
        up = self.flags()
        return [
            (place, up[place.submission, id])
            for id in self._questions
            for place in self._of(id)
            if (place.submission, id) in up
        ]

    def _record(self, place: Place, mark: Mark, withdrawn: bool = False) -> MarkRecord:
        bare = place.bare
        return MarkRecord(
            self.book.rubric.id,
            place.submission,
            place.question,
            mark,
            bare.answer_key,
            bare.points,
            withdrawn,
        )

    def _add(self, records: list[MarkRecord], read_at: int, edited: ItemRecord | None = None) -> None:
        self.book.book.add_marks(records, read_at, edited)
        self._dirty |= dict.fromkeys(record.submission for record in records)
        self._changed_at = time.monotonic()

    # ---- reports ----

    def to_draw(self, quiet_s: float = 0) -> list[str]:
        """The hand-ins with other marks than their reports, once nothing was saved for so long; they are forgotten."""
        with self._lock:
            if not self._dirty or time.monotonic() - self._changed_at < quiet_s:
                return []
            found, self._dirty = list(self._dirty), {}
            return found


def _answer(record: MarkRecord) -> tuple[str, str]:
    return record.submission, record.question


def _told_of(saves: list[Save], back: Mapping[tuple[str, str], tuple[MarkRecord | None, MarkRecord]]) -> None:
    """Let earlier saves know what stands for their marks now that a later one is taken back: they can be, too."""
    for n, save in enumerate(saves):
        given = tuple(
            back[_answer(one)][1] if _answer(one) in back and back[_answer(one)][0] == one else one
            for one in save.given
        )
        saves[n] = replace(save, given=given)


def of_name(text: str) -> str:
    """A person's name as it is kept; `UsageError` where it is none."""
    name = one_line(text).strip()
    if not 0 < len(name) <= 60:
        raise UsageError("name: wanted 1 to 60 characters")
    return name
