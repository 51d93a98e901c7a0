"""One report for each student, without what is hidden, named as course systems take it back."""

from __future__ import annotations

import contextlib
import hashlib
import json
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ..errors import GraderError
from ..gradebook import HandIn
from ..gradebook.classbook import ClassBook
from ..machine import processes
from ..machine.shortage import unwritable
from ..marking.findings import packed, unpacked
from ..model import Cover, GradeReport
from ..report.audience import for_students
from ..report.files import distinct_names, put
from ..report.html import render as render_html
from ..report.rendering import FEW


@dataclass(frozen=True)
class Written:
    """What there is now."""

    count: int
    drawn: int
    """Pages that were not there, or others."""
    not_for_canvas: tuple[str, ...]
    """Ids of those from Canvas's download whose page it does not take back: which attachment they had is not known."""


def write(
    book: ClassBook, folder: Path, at_once: int, tick: Callable[[int, int], None] = lambda done, all: None
) -> Written:
    """Write those that differ from the files that are there.

    `GraderError` where the folder cannot be written. A folder that is made for them is the owner's alone.
    """
    graded = book.graded
    names = distinct_names(one.submission for _, one in graded)
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise GraderError(unwritable(folder, error)) from None
    paths = [folder / _name(one, names[one.submission]) for _, one in graded]
    tokens = [_token(book, one) for _, one in graded]
    changed = [
        number
        for number, (path, token) in enumerate(zip(paths, tokens, strict=True))
        if not _is_of(path, token)
    ]
    pages = (_Page(for_students(book.report(graded[n][1], "all")), book.cover(graded[n][1])) for n in changed)
    with contextlib.ExitStack() as stack:
        drawn: Iterable[bytes]
        if len(changed) <= FEW:
            drawn = map(_drawn, map(packed, pages))
        else:
            pool = stack.enter_context(processes.pool(min(at_once, len(changed)), deaf_to=[signal.SIGINT]))
            drawn = pool.map(_drawn, map(packed, pages))
        for done, (number, page) in enumerate(zip(changed, drawn, strict=True)):
            tick(done, len(changed))
            path = paths[number]
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                put({path: page + _seal(page, tokens[number])})
            except OSError as error:
                raise GraderError(unwritable(path, error)) from None
    nameless = [
        one.submission for _, one in graded if one.origin.startswith("Canvas") and not one.person.returned_as
    ]
    return Written(len(graded), len(changed), tuple(nameless))


class _Page(msgspec.Struct, frozen=True):
    """What a page is drawn from."""

    report: GradeReport
    cover: Cover


def _drawn(page: bytes) -> bytes:
    read = unpacked(page, _Page)
    return render_html(read.report, read.cover).encode()


def _token(book: ClassBook, one: HandIn) -> str:
    """What tells a page from one of another state of the gradebook, without drawing it."""
    light = _Page(for_students(book.report(one, "none")), book.cover(one))
    content = json.dumps([one.finding, one.found_in, msgspec.to_builtins(light)])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _seal(page: bytes, token: str) -> bytes:
    """The end of a file: from what it was drawn, and a hash of all that is before."""
    return f"<!-- {token} {hashlib.sha256(page).hexdigest()[:16]} -->\n".encode()


_SEALED = len(_seal(b"", "0" * 16))


def _is_of(path: Path, token: str) -> bool:
    """Whether a file is as it was drawn from this state."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return content[-_SEALED:] == _seal(content[:-_SEALED], token)


def _name(one: HandIn, name: str) -> Path:
    """Where the report goes. Moodle takes back a zip of folders that are named as in its download, and Canvas one of
    files whose names begin as in its own.
    """
    if one.person.returned_as:
        return Path(f"{one.person.returned_as.replace('/', '_')}report.html")
    file = f"{name}.html"
    if one.origin.startswith("Moodle") and one.person.course_id:
        person = one.person.name.replace("/", "_") or name
        return Path(f"{person}_{one.person.course_id}_assignsubmission_file_") / file
    return Path(file)
