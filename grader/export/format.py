"""What every export format offers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

from ..model import ClassHead, Entry


class Write(Protocol):
    """Writes a class as text; the file is UTF-8, and line ends are written as they are."""

    def __call__(
        self, head: ClassHead, entries: Iterable[Entry], file: TextIO, *, include_open: bool = False
    ) -> list[str]:
        """`entries` are gone through once, in order. Sentences come back that somebody has to read.

        `include_open` gives hand-ins that wait for a person what they have earned so far; otherwise the place of
        their total stays empty, in formats that a course system or a spreadsheet adds up.
        """


class WriteFolder(Protocol):
    """Writes a class as files in a folder, which is created."""

    def __call__(
        self, head: ClassHead, entries: Iterable[Entry], folder: Path, *, include_open: bool = False
    ) -> list[str]:
        """As `Write`. `OSError` is let through."""


@dataclass(frozen=True)
class Format:
    """One format: `write` where it is a file, `write_folder` where it is a folder."""

    summary: str
    file_name: str
    """What to call the file, or the folder."""
    write: Write | None = None
    write_folder: WriteFolder | None = None
    per_person: bool = False
    """Whether each member of a group has a row of their own."""
    for_spreadsheet: bool = False
    """Whether people open the file in a spreadsheet: then it begins with a byte order mark, see `tables.MARK`."""
