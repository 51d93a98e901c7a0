"""The answers of a class, with the marks that were given for them: read from the gradebook, and changed nowhere here.

For several threads: the pages' and the one that reads the class.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from ..assignment.rubric import Item, Question
from ..gradebook import MarkRecord, items
from ..gradebook.classbook import ClassBook
from ..gradebook.standing import applied
from ..model import GradeReport, QuestionResult
from .places import Alike, Place, places


@dataclass(frozen=True)
class View:
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


class Gone(Exception):
    """That there is no such answer."""


class Answers:
    """Which answers there are, what a person has said of them, and what is equal."""

    def __init__(self, book: ClassBook) -> None:
        self.book = book
        self.lock = threading.RLock()
        """Held by whoever reads marks and then writes some."""
        self._places: dict[str, dict[str, Place]] = {}
        self._marks: Mapping[tuple[str, str], MarkRecord] = {}
        self.marks_read = 0
        self._version = 0
        """Another number whenever the answers are others."""
        self._views: dict[str, View] = {}
        self.questions = {question.id: question for question in book.rubric.questions}
        self._runs: object = None
        self.read, self.of = 0, 0
        """How many hand-ins are read, of how many."""
        self.is_read = threading.Event()

    def read_class(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Read which answers there are; pages are shown meanwhile, of what is read."""
        self._runs = self._state_of_runs()
        book = self.book.anew()
        hand_ins = book.graded
        self.read, self.of = 0, len(hand_ins)
        found: dict[str, dict[str, Place]] = {question: {} for question in self.questions}
        for _, one in hand_ins:
            if stop():
                return
            for place in places(book.report(one, "none", marks={})):
                found[place.question][place.handle] = place
            self.read += 1
        with self.lock:
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
        if id not in self.questions:
            raise Gone
        return self.questions[id]

    def items(self, question: Question) -> tuple[Item, ...]:
        """Its items, as they count now."""
        return items.counting(question, self.book.book.edited_items(self.book.rubric.id))

    def place(self, question: str, handle: str) -> Place:
        """An answer; `Gone` where there is none."""
        with self.lock:
            found = self._places.get(question, {}).get(handle)
        if found is None:
            raise Gone
        return found

    def report(self, place: Place, marked: bool = True) -> tuple[Place, GradeReport, QuestionResult]:
        """An answer, its hand-in and its question as they are now, with marks or without; `Gone` where it went."""
        fresh, whole = self.fresh(place, "all")
        if marked:
            given = self.book.book.marks(self.book.rubric.id, place.submission).get(place.submission, {})
            whole = applied(whole, given, self.book.rubric.given_marks)
        return fresh, whole, next(one for one in whole.questions if one.id == place.question)

    def fresh(self, place: Place, exhibits: Literal["none", "all"]) -> tuple[Place, GradeReport]:
        """An answer as it is now, and the report that it is in, without marks."""
        one = self.book.newest(place.submission)
        if one is None:
            raise Gone
        raw = self.book.report(one, exhibits, marks={})
        own = {fresh.question: fresh for fresh in places(raw)}
        if place.question not in own:
            raise Gone
        with self.lock:
            for fresh in own.values():
                if self._places[fresh.question].get(fresh.handle) != fresh:
                    self._places[fresh.question][fresh.handle] = fresh
                    self._version += 1
        return own[place.question], raw

    def graded(self, place: Place) -> str:
        """Another text whenever something else was found in the hand-in; `Gone` where it has no results any more."""
        one = self.book.newest(place.submission)
        if one is None:
            raise Gone
        return hashlib.sha256(f"{one.finding} {one.found_in}".encode()).hexdigest()[:16]

    def marks_since(self, place: Place, number: int) -> list[MarkRecord]:
        """The marks that an answer was given after the one of that number, the newest first."""
        found = self.book.book.marks_since(self.book.rubric.id, number)
        own = (place.submission, place.question)
        return [one for one in reversed(found) if (one.submission, one.question) == own]

    def mark(self, place: Place) -> MarkRecord | None:
        """The mark that was given for an answer, whether it stands or waits for a look."""
        return self.given().get((place.submission, place.question))

    def last_mark(self) -> int:
        """The number of the newest mark: what a page was made by."""
        return self.book.book.last_mark()

    def given(self) -> Mapping[tuple[str, str], MarkRecord]:
        """All marks that count, by hand-in and question; what comes back is not changed any more."""
        with self.lock:
            if (newest := self.last_mark()) != self.marks_read:
                marks = dict(self._marks)
                for record in self.book.book.marks_since(self.book.rubric.id, self.marks_read):
                    place = (record.submission, record.question)
                    if record.withdrawn:
                        marks.pop(place, None)
                    else:
                        marks[place] = record
                self._marks, self.marks_read = marks, newest
            return self._marks

    def waits(self, place: Place) -> bool:
        """Whether a person has to decide."""
        return place.waits(self.mark(place), self.book.rubric.given_marks)

    def view(self, question: str) -> View:
        """The answers of a question as they stand; made anew only where something has changed."""
        with self.lock:
            given = self.given()
            key = (self.marks_read, self._version)
            found = self._views.get(question)
            if found is None or found.key != key:
                found = self._views[question] = self._made_view(question, key, given)
            return found

    def _made_view(
        self, question: str, key: tuple[int, int], given: Mapping[tuple[str, str], MarkRecord]
    ) -> View:
        policy, waiting, shown = self.book.rubric.given_marks, [], []
        same: dict[str, list[Place]] = {}
        alike: dict[str, list[Place]] = {}
        own = self.all(question)
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
        return View(key, len(own), waiting, shown, at, {"same": same, "alike": alike})

    def whose(self, submission: str) -> str:
        """Who handed something in, as far as the class list says, with the id."""
        persons = self.book.persons().get(submission, ())
        told = " and ".join(person.name for person in persons if person.name)
        return f"{told} ({submission})" if told else submission

    def hand_ins(self, text: str) -> list[tuple[str, Place]]:
        """The hand-ins with a text in a name or an id, in order, each with one of its answers."""
        with self.lock:
            by_id = {one.submission: one for own in self._places.values() for one in own.values()}
        named = ((self.whose(id), place) for id, place in sorted(by_id.items()))
        return [(who, place) for who, place in named if text.casefold() in who.casefold()]

    def all(self, question: str) -> list[Place]:
        with self.lock:
            return list(self._places.get(question, {}).values())

    def shown(self, question: str) -> int:
        """How many answers can be gone through: those that wait, and those that a person has marked."""
        return len(self.view(question).shown)

    def left(self, question: str) -> int:
        """How many answers wait."""
        return len(self.view(question).waiting)

    def number(self, place: Place) -> int:
        """Which of these an answer is, from 1; 0 where it is none of them."""
        return self.view(place.question).at.get(place.handle, -1) + 1

    def beside(self, question: str, handle: str, step: int) -> Place | None:
        """The answer before (-1) or behind (1), decided or not; None at the ends."""
        view = self.view(question)
        at = view.at.get(handle)
        return None if at is None or not 0 <= at + step < len(view.shown) else view.shown[at + step]

    def group(self, place: Place, kind: Alike) -> list[Place]:
        """Those that wait and are equal to an answer in that way, without itself."""
        if kind == "one" or not getattr(place, kind):
            return []
        found = self.view(place.question).groups[kind].get(getattr(place, kind), [])
        return [one for one in found if one.handle != place.handle]

    def notes(self, question: str, by: str = "") -> list[str]:
        """Notes that were written for a question, by one person or by all, those that were used most first."""
        counts: dict[str, int] = {}
        for (_, own), record in self.given().items():
            if own == question and record.mark.note and by in ("", record.mark.by):
                counts[record.mark.note] = counts.get(record.mark.note, 0) + 1
        return sorted(counts, key=lambda note: (-counts[note], note))[:30]
