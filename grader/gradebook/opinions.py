"""What a second person says of an answer that a first one has marked, without having seen that mark.

An opinion is as a mark, and counts for no points: whether two persons decide alike is what it is for. None is ever
taken out; that one was taken back is one more.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ..errors import UsageError
from . import marks_file, rows
from .book import Gradebook
from .records import MarkRecord


class OpinionRecord(msgspec.Struct, frozen=True):
    """A second opinion, and the mark that it is compared with."""

    second: MarkRecord
    first: str
    """Digest of the first person's mark: of the row, and of its line in `marks.jsonl`."""


class Given(msgspec.Struct, frozen=True):
    """A mark with what names it for good."""

    digest: str
    number: int
    record: MarkRecord


def add(book: Gradebook, second: MarkRecord) -> None:
    """Add an opinion on the mark that counts now; it is on disk when this comes back.

    `UsageError` where there is no mark, or where the same person has given it.
    """
    with book.change(synced=True) as change:
        found = rows.read(
            change,
            "mark",
            "WHERE assignment = ? AND submission = ? AND question = ? ORDER BY number, at, id",
            (second.assignment, second.submission, second.question),
        )
        marks = [
            one for one in _given(found) if not one.record.mark.since
        ]  # not those for items that were changed
        if not marks or marks[-1].record.withdrawn:
            raise UsageError(
                "the first mark was taken back meanwhile: there is nothing to give an opinion on"
            )
        if marks[-1].record.mark.by.casefold() == second.mark.by.casefold():
            raise UsageError(
                f"{second.mark.by} has given the first mark as well; a second opinion is another person's"
            )
        ((last,),) = change.execute("SELECT coalesce(max(number), 0) FROM opinion").fetchall()
        fields = {
            "number": last + 1,
            "assignment": second.assignment,
            "submission": second.submission,
            "question": second.question,
            "points": marks_file.points(second),
            "by": second.mark.by,
            "at": second.mark.at,
            "note": second.mark.note,
            "answer": marks_file.given_for(second),
            "items": marks_file.chosen(second),
            "first": marks[-1].digest,
        }
        rows.put(change, "opinion", fields)


def newest(book: Gradebook, assignment: str) -> dict[tuple[str, str], OpinionRecord]:
    """The newest opinion on each answer, by hand-in and question; without those that were taken back."""
    found = {}
    for *values, first in book.rows("opinion", "WHERE assignment = ? ORDER BY number", (assignment,)):
        second = marks_file.record(tuple(values))
        found[second.submission, second.question] = OpinionRecord(second, first)
    return {place: one for place, one in found.items() if not one.second.withdrawn}


def last(book: Gradebook) -> int:
    """The number of the newest opinion; zero where there is none."""
    ((number,),) = book.all("SELECT coalesce(max(number), 0) FROM opinion")
    return int(number)


def marks(book: Gradebook, assignment: str, after: int = 0) -> list[Given]:
    """The marks that were given after the one of that number, the oldest first, each with its digest."""
    return _given(
        book.rows("mark", "WHERE assignment = ? AND number > ? ORDER BY number, at, id", (assignment, after))
    )


def _given(found: Iterable[tuple[object, ...]]) -> list[Given]:
    return [
        Given(rows.row_digest("mark", values), int(str(values[0])), marks_file.record(values))
        for values in found
    ]
