"""What persons save: marks, several at once, taken back, and items that are changed. All of it is on disk at once.

For several threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import msgspec

from ..assignment.rubric import Question
from ..errors import UsageError
from ..gradebook import Crossing, ItemRecord, MarkRecord, items
from ..model import ZERO, Mark
from .answers import Answers
from .people import Choice, Save, Session
from .places import Place

_TRIES = 20
_BUSY = "others are marking the same answers at this moment; nothing was saved, try again"
_MOST_UNDONE = 200
"""Saves that a person can take back."""


class Changed(Exception):
    """That the answer is another one now than the page showed: it was graded again."""


def decided(
    answers: Answers, place: Place, choice: Choice, answer_key: str, by: str, at: str
) -> tuple[Place, Mark]:
    """The answer as it is now, and what a person says of it; `Changed` where it is another one than the page showed."""
    place, _ = answers.fresh(place, "none")
    if place.bare.answer_key != answer_key:
        raise Changed
    question = answers.question(place.question)
    return place, items.made(question, choice.items, choice.adjustment, by, at, choice.note)


class Saving:
    """Saves marks for the answers of a class."""

    def __init__(self, answers: Answers, now: Callable[[], str]) -> None:
        """`now` gives the time as the gradebook has it."""
        self._answers, self._now = answers, now
        self._dirty: dict[str, None] = {}
        self._changed_at = 0.0

    def save(
        self, session: Session, place: Place, choice: Choice, seen: int, answer_key: str
    ) -> tuple[Mark, int]:
        """Give a mark, and how many answers it was given for comes back; it is on disk then.

        `seen` is `last_mark` and `answer_key` the answer of when the page was made: `Crossing` where somebody has
        marked the answer since, `Changed` where it is another one.
        """
        place, mark = decided(self._answers, place, choice, answer_key, session.name, self._now())
        with self._answers.lock:
            # Those of a group that somebody marks at this moment are left out: only for the answer itself it is asked.
            for _ in range(_TRIES):
                read_at = self._answers.last_mark()
                everybody = [place, *self._answers.group(place, choice.group)]
                records = [mark_record(self._answers.book.rubric.id, one, mark) for one in everybody]
                before = tuple(self._answers.mark(one) for one in everybody)
                if self._answers.marks_read != read_at:
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
        for one in self._answers.marks_since(place, seen)[:1]:
            raise Crossing(one)

    def withdraw(self, session: Session, place: Place, seen: int) -> None:
        """Take the mark of one answer back; `Crossing` where somebody has marked it since."""
        with self._answers.lock:
            before = self._answers.mark(place)
            if before is None:
                raise UsageError("there is no mark of a person that could be taken back")
            record = mark_record(
                self._answers.book.rubric.id, place, Mark(ZERO, session.name, self._now()), withdrawn=True
            )
            self._add([record], seen)
            session.saves.append(Save(place.question, place.handle, (record,), (before,)))

    def undo(self, session: Session) -> Save:
        """Take the last save of a person back, for all of its answers: what was there before is given again.

        `UsageError` where there is none, or where somebody has marked one of them since; nothing is changed then.
        """
        with self._answers.lock:
            if not session.saves:
                raise UsageError("there is nothing of yours to take back since the page was started")
            last = session.saves[-1]
            for _ in range(_TRIES):
                read_at, there = self._answers.last_mark(), self._answers.given()
                if self._answers.marks_read != read_at:
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
        book = self._answers.book.book
        with self._answers.lock:
            for _ in range(_TRIES):
                read_at = self._answers.last_mark()
                edits = book.edited_items(self._answers.book.rubric.id)
                now = self._now()
                edited = items.edited(
                    self._answers.book.rubric, edits, question, id, text, points, session.name, now
                )
                own = [one for one in edits.get(question.id, ()) if one.id != edited.id]
                known = {**edits, question.id: [*own, edited]}
                marks = book.marks(self._answers.book.rubric.id).values()
                counting = [one for given in marks for one in given.values()]
                again = items.remarked(
                    self._answers.book.rubric, known, counting, session.name, now, question.id
                )
                try:
                    self._add(again, read_at, edited)
                except Crossing:
                    continue
                return len(again)
        raise UsageError(
            "others are marking the same question at this moment; nothing was changed, try again"
        )

    def _add(self, records: list[MarkRecord], read_at: int, edited: ItemRecord | None = None) -> None:
        self._answers.book.book.add_marks(records, read_at, edited)
        self._dirty |= dict.fromkeys(record.submission for record in records)
        self._changed_at = time.monotonic()

    def to_draw(self, quiet_s: float = 0) -> list[str]:
        """The hand-ins with other marks than their reports, once nothing was saved for so long; they are forgotten."""
        with self._answers.lock:
            if not self._dirty or time.monotonic() - self._changed_at < quiet_s:
                return []
            found, self._dirty = list(self._dirty), {}
            return found


def mark_record(assignment: str, place: Place, mark: Mark, withdrawn: bool = False) -> MarkRecord:
    """A mark with what it is given for."""
    bare = place.bare
    return MarkRecord(
        assignment, place.submission, place.question, mark, bare.answer_key, bare.points, withdrawn
    )


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
