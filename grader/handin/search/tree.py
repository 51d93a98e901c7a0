"""All files of a hand-in, in whatever folders, without links and tools; nothing of them is read here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...machine.shortage import refused_to_read
from ..caps import MAX_DEPTH, MAX_ENTRIES, TOOLS
from ..plain_files import Unreadable, is_folder, printable

MAX_FILES_IN_ALL = 40_000
"""Names in all folders of a hand-in."""
MOST_SAID = 20
"""Folders that cannot be looked into which are told apart."""
_LITTER = frozenset(
    ".ds_store .git .gitattributes .gitignore .gitkeep .keep __macosx desktop.ini thumbs.db".split()  # noqa: SIM905
)
"""What systems leave in folders, and nobody hands in."""


@dataclass(frozen=True)
class Entry:
    """One file, of whatever kind."""

    path: tuple[str, ...]
    """From the top of the hand-in, as people see it: an archive on the way is one of its parts."""
    real: Path
    """Where it lies."""
    packed: bool = False
    """Whether it was in an archive."""

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]

    @property
    def folder(self) -> tuple[str, ...]:
        """What it lies in."""
        return self.path[:-1]

    @property
    def shown(self) -> str:
        """The path for people."""
        return printable("/".join(self.path))


@dataclass(frozen=True)
class Tree:
    """What a hand-in holds."""

    entries: tuple[Entry, ...]
    """Sorted by depth, then by name."""
    closed: tuple[tuple[tuple[str, ...], str], ...] = ()
    """Folders that could not be looked into, and why, as a sentence without full stop that `it` begins."""
    hidden: tuple[str, ...] = ()
    """What is there and is not looked at: hidden files, and folders of tools."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was handed in."""
        return not (self.entries or self.closed or self.hidden)


def listed(folder: Path, within: tuple[str, ...] = ()) -> Tree:
    """All files below a folder; `Unreadable` where it cannot be listed itself. `within` is put before each path."""
    entries: list[Entry] = []
    closed: list[tuple[tuple[str, ...], str]] = []
    hidden: list[str] = []
    waiting: list[tuple[tuple[str, ...], Path]] = [((), folder)]
    count = 0
    while waiting:
        parts, here = waiting.pop(0)
        try:
            for name in _names(here):
                count += 1
                if count > MAX_FILES_IN_ALL:
                    raise Unreadable(folder, f"it has more than {MAX_FILES_IN_ALL:,} files; remove some")
                if name.casefold() in _LITTER or name.startswith("._"):
                    continue
                path = here / name
                if name.startswith(".") or (is_folder(path) and _is_tool(path)):
                    hidden.append("/".join((*parts, name)))
                elif not is_folder(path):
                    entries.append(Entry((*within, *parts, name), path, bool(within)))
                elif len(parts) >= MAX_DEPTH:
                    closed.append(((*within, *parts, name), f"it lies more than {MAX_DEPTH} folders deep"))
                else:
                    waiting.append(((*parts, name), path))
        except Unreadable as error:
            if not parts or count > MAX_FILES_IN_ALL:
                raise
            closed.append(((*within, *parts), error.what))
    entries.sort(key=lambda one: (len(one.path), one.path))
    return Tree(tuple(entries), tuple(closed[:MOST_SAID]), tuple(hidden[:MOST_SAID]))


def _names(folder: Path) -> Iterator[str]:
    """All names in a folder, sorted."""
    try:
        with os.scandir(folder) as found:
            names = []
            for count, one in enumerate(found):
                if count >= MAX_ENTRIES:
                    raise Unreadable(folder, f"it has more than {MAX_ENTRIES:,} files; remove some")
                names.append(one.name)
    except OSError as error:
        if refused_to_read(error):
            raise
        raise Unreadable(folder, error.strerror or "it cannot be listed") from None
    yield from sorted(names)


def _is_tool(folder: Path) -> bool:
    return folder.name in TOOLS or os.path.lexists(folder / "pyvenv.cfg")
