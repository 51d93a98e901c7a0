"""Gradebooks to damage: small, with all kinds of rows, and marks of persons."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.gradebook import FILE, Gradebook, HandIn, Hashes, MarkRecord, rows
from grader.model import Mark, Person
from tests.report import report_samples as samples

HASHES = Hashes("ps3", "r1", "a1", "ref", "grader", "digits", "d1", "s1", "A")
AT = "2026-01-31T09:00:00+00:00"
IDS = ("ann", "ben", "cleo")
PAGE = 4096


def given(submission: str, points: object, note: str = "", at: str = AT) -> MarkRecord:
    """A mark for Q1."""
    return MarkRecord("ps3", submission, "Q1", Mark(Decimal(str(points)), "kim", at, note), "answer")


def filled(folder: Path, marks: int = 4) -> Path:
    """Two runs over three hand-ins, findings of several pages, and marks; the file comes back."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = random.Random(1)
    with Gradebook(folder) as book:
        for turn in range(2):
            kind = "again" if turn else "grade"
            number, _ = book.begin(
                HASHES, {"p": 1}, (Path("ps3.toml"), None), [(id, id) for id in IDS], AT, kind
            )
            for id in IDS:
                book.keep(f"k-{id}", number, noise.randbytes(3000), noise.randbytes(15_000), True)
                hand_in = HandIn(id, f"f-{id}", f"k-{id}", persons=(Person(id),), found_in=number)
                book.record(number, hand_in, samples.partly_failed())
                book.set_rendered(id, "staff 1")
            book.end(number, AT)
        for i in range(marks):
            book.add_marks([given(IDS[i % 3], i, f"note {i}")])
        book.journal("k-dora").keep("relu", noise.randbytes(100))
    return folder / FILE


def contents(folder: Path) -> dict[str, Any]:
    """All rows that a reader gets, and what it is told."""
    with Gradebook(folder, create=False, read_only=True) as book:
        found: dict[str, Any] = {table: book.rows(table) for table in rows.COLUMNS}
        found["blobs"] = [
            (book.finding(key, run), book.exhibits(key, run)) for key, run in sorted(book.findings())
        ]
        found["results"] = [book.results(run.id) for run in book.runs()]
        found["remarks"] = book.remarks
    return found


def read(folder: Path) -> dict[str, Any] | str:
    """The same, or the line in which it was refused."""
    try:
        return contents(folder)
    except GraderError as error:
        assert "\n" not in str(error)
        return str(error)


def overwrite(path: Path, at: int, content: bytes) -> None:
    """Change bytes where they are, without making the file longer."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content[: max(0, path.stat().st_size - at)])


def points(folder: Path) -> list[tuple[str, Decimal, str, str, str]]:
    """Who got what from whom, when and why, in order."""
    with Gradebook(folder, create=False, read_only=True) as book:
        return [
            (one.submission, one.mark.points, one.mark.by, one.mark.at, one.mark.note)
            for one in book.all_marks()
        ]
