"""One report for each student, without what is hidden, named as course systems take it back."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import msgspec

from . import processes
from .classbook import ClassBook
from .errors import GraderError
from .findings import packed, unpacked
from .gradebook import HandIn
from .model import Cover, GradeReport
from .report import for_students, render_html
from .report.files import distinct_names, put
from .shortage import unwritable


def write(
    book: ClassBook, folder: Path, at_once: int, tick: Callable[[int, int], None] = lambda done, all: None
) -> int:
    """Write them all; how many comes back. `GraderError` where the folder cannot be written.

    A folder that is made for them is the owner's alone.
    """
    graded = book.graded
    names = distinct_names(one.submission for _, one in graded)
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise GraderError(unwritable(folder, error)) from None
    reports = (_Page(for_students(book.report(one, "all")), book.cover(one)) for _, one in graded)
    with processes.pool(min(at_once, len(graded)) or 1, deaf_to=[signal.SIGINT]) as pool:
        for done, ((_, one), page) in enumerate(
            zip(graded, pool.map(_drawn, map(packed, reports)), strict=True)
        ):
            tick(done, len(graded))
            path = folder / _name(one, names[one.submission])
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                put({path: page})
            except OSError as error:
                raise GraderError(unwritable(path, error)) from None
    return len(graded)


class _Page(msgspec.Struct, frozen=True):
    """What a page is drawn from."""

    report: GradeReport
    cover: Cover


def _drawn(page: bytes) -> bytes:
    read = unpacked(page, _Page)
    return render_html(read.report, read.cover).encode()


def _name(one: HandIn, name: str) -> Path:
    """Where the report goes. Moodle takes back a zip of folders that are named as in its download."""
    file = f"{name}.html"
    if one.origin.startswith("Moodle") and one.person.course_id:
        person = one.person.name.replace("/", "_") or name
        return Path(f"{person}_{one.person.course_id}_assignsubmission_file_") / file
    return Path(file)
