"""`marks.jsonl`: every mark that a person gave, a line each, in plain text beside the gradebook.

Lines are only added, and on disk before anybody is told that a mark is saved. A line and the row of the same mark have
one digest, by which they are found to be the same; its number says which mark was given after which.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from ..errors import GradebookError
from ..model import ZERO, Mark, MarkItem
from .records import MarkRecord
from .rows import COLUMNS, row_digest

FILE = "marks.jsonl"
_WORTH = " of "
WITHDRAWN = "withdrawn"
"""In place of points."""
Values = tuple[Any, ...]
"""A mark as `COLUMNS["mark"]`: its number first."""


class _Chosen(msgspec.Struct, frozen=True):
    """What the points of a mark are made of, as it is kept."""

    items: tuple[MarkItem, ...] = ()
    adjustment: Decimal = ZERO
    since: str = ""


@dataclass(frozen=True)
class MarksFile:
    """What such a file says."""

    marks: dict[str, Values]
    """By digest, in the order of the file."""
    unreadable: tuple[int, ...]
    """Numbers of lines that are none."""
    torn: bool
    """Whether the last of these is the end of the file: a mark whose writing was stopped, and never confirmed."""

    @property
    def trouble(self) -> str:
        """What is wrong with it, in a sentence; empty where nothing is."""
        if not self.unreadable:
            return ""
        if self.torn and len(self.unreadable) == 1:
            return "its last line is torn: a mark whose writing was stopped before it was confirmed"
        lines = ", ".join(map(str, self.unreadable[:5])) + (", ..." if len(self.unreadable) > 5 else "")
        return f"{len(self.unreadable)} lines of it cannot be read ({lines})"


def read(folder: Path) -> MarksFile:
    """The file in a folder; without marks where there is none."""
    try:
        content = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return MarksFile({}, (), torn=False)
    except OSError as error:
        raise GradebookError(f"{folder / FILE}: cannot be read ({error.strerror})") from None
    lines = content.split(b"\n")
    marks: dict[str, Values] = {}
    unreadable = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if (values := _values(line)) is None:
            unreadable.append(number)
        else:
            marks[row_digest("mark", values)] = values
    return MarksFile(marks, tuple(unreadable), torn=bool(unreadable) and unreadable[-1] == len(lines))


def line(values: Values) -> bytes:
    """A mark as a line."""
    fields = dict(zip(COLUMNS["mark"], values, strict=True))
    if not fields["items"]:
        del fields["items"]
    return json.dumps({**fields, "digest": row_digest("mark", values)}, ensure_ascii=False).encode() + b"\n"


def _values(line: bytes) -> Values | None:
    """The mark that a line is; None where it is none, or not what was written."""
    try:
        fields = json.loads(line)
        values = (*(fields[name] for name in COLUMNS["mark"][:-1]), fields.get("items", ""))
        whole = isinstance(values[0], int) and all(isinstance(value, str) for value in values[1:])
        return values if whole and fields["digest"] == row_digest("mark", values) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


@contextlib.contextmanager
def adding(folder: Path) -> Iterator[Callable[[Iterable[Values]], None]]:
    """Yields what adds lines and waits until they are on disk; they are taken out again where the block fails.

    Only for whoever holds `lock.marking`.
    """
    path = folder / FILE
    is_new = not path.exists()
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise GradebookError(f"{path}: cannot be written ({error.strerror}); no mark was saved") from None
    before = os.fstat(file).st_size

    def add(marks: Iterable[Values]) -> None:
        content = b"".join(map(line, marks))
        if before and os.pread(file, 1, before - 1) != b"\n":
            content = b"\n" + content  # a torn line stays one of its own
        try:
            while content:
                content = content[os.write(file, content) :]
            os.fsync(file)
            if is_new:
                sync_folder(folder)
        except OSError as error:
            raise GradebookError(f"{path}: cannot be written ({error.strerror}); no mark was saved") from None

    try:
        yield add
    except BaseException:
        with contextlib.suppress(OSError):
            os.ftruncate(file, before)
        raise
    finally:
        os.close(file)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk, where its file system knows such a thing."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # fsync(2): no file that can be synced
            raise
    finally:
        os.close(descriptor)


def record(values: Values) -> MarkRecord:
    """The mark that a row or a line is."""
    _, assignment, submission, question, points, by, at, note, answer, items = values
    answer, _, worth = answer.partition(_WORTH)
    withdrawn = points == WITHDRAWN
    chosen = msgspec.json.decode(items, type=_Chosen) if items else _Chosen()
    mark = Mark(
        ZERO if withdrawn else Decimal(points),
        *(by, at, note),
        items=chosen.items,
        adjustment=chosen.adjustment,
        since=chosen.since,
    )
    of = Decimal(worth) if worth else None
    return MarkRecord(assignment, submission, question, mark, answer, of, withdrawn)


def points(one: MarkRecord) -> str:
    """What was given, in a column."""
    return WITHDRAWN if one.withdrawn else str(one.mark.points)


def chosen(one: MarkRecord) -> str:
    """The items of a mark, in a column; empty for a number alone."""
    mark = one.mark
    if not (mark.items or mark.since):
        return ""
    return msgspec.json.encode(_Chosen(mark.items, mark.adjustment, mark.since)).decode()


def given_for(one: MarkRecord) -> str:
    """What a mark was given for, in a column: the hash of the answer and the points of the question then."""
    return one.answer if one.worth is None else f"{one.answer}{_WORTH}{one.worth}"
