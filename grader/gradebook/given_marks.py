"""Marks that persons gave, each kept in the table and in the file beside it; and the items that they changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from ..errors import GradebookError, UsageError
from . import marks_file, rows
from .lock import marking
from .open_file import OpenFile
from .records import ItemRecord, MarkRecord
from .trouble import repair_command


class Crossing(UsageError):
    """That somebody has marked the same since it was looked at; nothing was saved."""

    def __init__(self, met: MarkRecord) -> None:
        super().__init__(
            f"{met.submission} {met.question}: {met.mark.by} has marked it at this moment; nothing was saved, give the "
            "command again"
        )
        self.met = met


class GivenMarks(OpenFile):
    """All marks that were ever given, and those that count."""

    def add_marks(
        self, marks: Iterable[MarkRecord], read_at: int | None = None, edited: ItemRecord | None = None
    ) -> None:
        """Add marks, all of them or none; none is ever taken out. They are on disk, twice, when this comes back.

        `read_at` is `last_mark` from before these were decided: `Crossing` where somebody has marked one of the same
        questions since. `edited` is an item that was changed, for which these are given anew; it is kept with them.

        The line is written before the row is certain: what a crash leaves half done is a mark that nobody was told is
        saved, and that is there. Where the row cannot be written, the line is taken out again.
        """
        folder = self.path.parent
        with marking(folder), marks_file.adding(folder) as add, self.change(synced=True) as change:
            marks = list(marks)
            last = self.last_mark()
            if read_at is not None:
                self._refuse_crossing(marks, read_at)
            new = [
                (
                    number,
                    *map(
                        rows.text, (m.assignment, m.submission, m.question, marks_file.points(m), m.mark.by)
                    ),
                    *map(rows.text, (m.mark.at, m.mark.note, marks_file.given_for(m), marks_file.chosen(m))),
                )
                for number, m in enumerate(marks, last + 1)
            ]
            _put_marks(change, new)
            if edited is not None:
                ((number,),) = change.execute("SELECT coalesce(max(number), 0) + 1 FROM item").fetchall()
                values = {name: rows.text(value) for name, value in msgspec.to_builtins(edited).items()}
                rows.put(change, "item", {"number": number, **values})
            add(new)

    def marks_since(self, assignment: str, number: int) -> list[MarkRecord]:
        """The marks that were given after the one of that number, the oldest first."""
        found = self.rows(
            "mark", "WHERE assignment = ? AND number > ? ORDER BY number, at, id", (assignment, number)
        )
        return [marks_file.record(values) for values in found]

    def edited_items(self, assignment: str) -> dict[str, list[ItemRecord]]:
        """The rubric's items that were changed or added while marking, by question: the newest of each, in order."""
        found: dict[tuple[str, str], ItemRecord] = {}
        for row in self.rows("item", "WHERE assignment = ? ORDER BY number", (assignment,)):
            fields = dict(zip(rows.COLUMNS["item"][1:], row[1:], strict=True))
            one = msgspec.convert(fields, ItemRecord, strict=False)
            found[one.question, one.id] = one
        by_question: dict[str, list[ItemRecord]] = {}
        for one in found.values():
            by_question.setdefault(one.question, []).append(one)
        return by_question

    def last_mark(self) -> int:
        """The number of the newest mark; zero where there is none."""
        ((last,),) = self.all("SELECT coalesce(max(number), 0) FROM mark")
        return int(last)

    def _refuse_crossing(self, marks: Iterable[MarkRecord], read_at: int) -> None:
        since = [marks_file.record(row) for row in self.rows("mark", "WHERE number > ?", (read_at,))]
        newer = {(one.assignment, one.submission, one.question): one for one in since}
        for one in marks:
            if met := newer.get((one.assignment, one.submission, one.question)):
                raise Crossing(met)

    def reconcile_marks(self) -> None:
        """Bring the table and the file beside it to the same marks. Only under `lock.marking`."""
        in_file, lines = self._marks()
        if in_file.trouble:
            self.remark(f"{self.path.parent / marks_file.FILE}: {in_file.trouble}")
        if lost := [values for one, values in in_file.marks.items() if one not in lines]:
            with self.change(synced=True) as change:
                _put_marks(change, lost)
            self.remark(f"{self.path}: {_count(len(lost))} brought back from {marks_file.FILE}")
        if unwritten := [values for one, values in lines.items() if one not in in_file.marks]:
            with marks_file.adding(self.path.parent) as add:
                add(unwritten)
            if in_file.marks or in_file.unreadable:
                self.remark(f"{marks_file.FILE}: {_count(len(unwritten))} brought back from {self.path}")

    def compare_marks(self) -> None:
        """`GradebookError` where the file beside has marks that the table has not: what is read would be wrong.

        Only under `lock.no_marking`, and the table read or copied under the same: else the file may be the newer one.
        """
        in_file, lines = self._marks()
        if in_file.trouble:
            self.remark(f"{self.path.parent / marks_file.FILE}: {in_file.trouble}")
        if lost := [one for one in in_file.marks if one not in lines]:
            raise GradebookError(
                f"{self.path}: lacks {len(lost)} of the marks in {marks_file.FILE}; bring them back with "
                f"`{repair_command(self.path.parent)}`"
            )

    def _marks(self) -> tuple[marks_file.MarksFile, dict[str, marks_file.Values]]:
        """The marks of the file beside, and of the table, by digest, in order."""
        in_table = self.rows("mark", "ORDER BY number, at, id")
        return marks_file.read(self.path.parent), {rows.row_digest("mark", one): one for one in in_table}

    def all_marks(self, assignment: str = "", submission: str = "") -> list[MarkRecord]:
        """All marks ever given, of one assignment or of all, to one hand-in or to all; the oldest first."""
        # Not one query for both: to find a hand-in's few marks among all is what the index is for.
        wanted = {"assignment": assignment, "submission": submission}
        chosen = " AND ".join(f"{name} = ?" for name, value in wanted.items() if value)
        rest = f"{'WHERE ' if chosen else ''}{chosen} ORDER BY number, at, id"
        found = self.rows("mark", rest, filter(None, wanted.values()))
        return [marks_file.record(values) for values in found]

    def marks(self, assignment: str, submission: str = "") -> dict[str, dict[str, MarkRecord]]:
        """The marks that count, by hand-in and question: of each the newest, where that did not take one back."""
        found: dict[str, dict[str, MarkRecord]] = {}
        for record in self.all_marks(assignment, submission):
            found.setdefault(record.submission, {})[record.question] = record
        return {
            id: {question: one for question, one in marks.items() if not one.withdrawn}
            for id, marks in found.items()
        }


def _put_marks(change: sqlite3.Connection, marks: Iterable[marks_file.Values]) -> None:
    for values in marks:
        rows.put(change, "mark", dict(zip(rows.COLUMNS["mark"], values, strict=True)), clash="IGNORE")


def _count(marks: int) -> str:
    return f"{marks} mark{'' if marks == 1 else 's'} of persons"
