"""Unpack zip files and tarballs of which nothing is trusted.

Only what may be graded is written: Python files, notebooks, and from the archive of a class a course system's
own list, the archives of its students, and as empty files those whose names may say who handed in. The names
of all entries are looked at first, then the contents are written into a new folder, in which nothing but
plain files and folders of ours ever exists. Bytes are counted as they are decompressed; the sizes that an
archive declares are not believed.
"""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from ..shortage import shortage
from ..submission import IGNORED, MAX_ENTRIES, MAX_FILE, MAX_NOTEBOOK, open_plain, printable
from . import tars, zips
from .entry import BadArchive, BadEntry, Entry
from .place import GRADABLE, MAX_HAND_IN, Desk, Place, Refused, writing

METADATA = "submission_metadata.yml"
MAX_METADATA = 32 << 20
"""Bytes of a course system's own list."""
MAX_DEPTH = 16
"""Folders within folders."""
_ZIP = (".zip",)
_TAR = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz")
_NOT_READ = (".rar", ".7z", ".gz", ".xz", ".bz2", ".zst", ".lzma", ".cab", ".z")
_TELLING = re.compile(r"[^_]+_(?:late_)?\d+_.", re.ASCII)
"""Names, in lower case, that may be all that says who handed in: of a PDF in Canvas's download, say."""
_TOOLS = IGNORED | {"venv", "site-packages"}


@dataclass(frozen=True)
class Caps:
    """How much of an archive is taken."""

    file: int
    """Bytes of the archive itself."""
    entries: int
    share: int
    """Bytes written of what belongs together: one folder or file at the top."""
    total: int
    """Bytes written of all."""
    read: int
    """Bytes decompressed, of what is skipped too: a tarball cannot be read in part."""


ONE = Caps(MAX_HAND_IN, MAX_ENTRIES, MAX_HAND_IN, MAX_HAND_IN, 1 << 30)
"""The archive of one student."""
CLASS = Caps(4 << 30, 200_000, MAX_HAND_IN, 2 << 30, 8 << 30)
"""An archive that the user names."""


def is_archive(name: str) -> bool:
    """Whether a file of that name is unpacked."""
    return name.lower().endswith((*_ZIP, *_TAR))


def is_other_archive(name: str) -> bool:
    """Whether a file of that name is an archive of a kind that is not."""
    return name.lower().endswith(_NOT_READ) and not is_archive(name)


def stem(name: str) -> str:
    """The name without what says that it is an archive."""
    ending = max((e for e in (*_ZIP, *_TAR) if name.lower().endswith(e)), key=len, default="")
    return name[: len(name) - len(ending)]


def unpack(path: Path, caps: Caps, desk: Desk) -> Place:
    """What may be graded in an archive, in a new folder; `BadArchive` where it cannot be read at all.

    With the caps of a class, archives in it come along.
    """
    descriptor, why = open_plain(path, caps.file)
    if descriptor is None:
        raise BadArchive(why)
    folder = desk.fresh()
    try:
        return _unpacked(descriptor, path.name, folder, caps)
    except BadArchive:
        shutil.rmtree(folder)
        raise
    finally:
        os.close(descriptor)


def _unpacked(descriptor: int, name: str, folder: Path, caps: Caps) -> Place:
    with closing(_entries(descriptor, name, caps)) as entries:
        plan = _Plan([(e.name, e.is_folder, e.refused) for e in _counted(entries, caps)], caps is CLASS)
    written = _Written(folder, caps, plan.depth)
    with closing(_entries(descriptor, name, caps)) as entries:
        for step, entry in zip(plan.steps, entries, strict=True):
            if step.parts and not step.refused:
                written.add(step.parts, entry)
            elif step.parts:
                written.refuse(step)
    return Place(folder, tuple(written.refused), tuple(plan.outside))


def _entries(descriptor: int, name: str, caps: Caps) -> Generator[Entry, None, None]:
    if name.lower().endswith(_ZIP):
        return zips.entries(descriptor)
    return tars.entries(descriptor, caps.read)


def _counted(entries: Iterable[Entry], caps: Caps) -> Iterator[Entry]:
    for count, entry in enumerate(entries):
        if count >= caps.entries:
            raise BadArchive(f"it has more than {caps.entries:,} entries")
        yield entry


@dataclass(frozen=True)
class _Step:
    """What to do with one entry."""

    parts: tuple[str, ...] = ()
    """Its path; empty where it is skipped. A folder ends in an empty name."""
    refused: str = ""
    """Why it is left out."""
    outside: bool = False
    """Whether its name leads out of the archive."""
    up: bool = False
    """Whether its path is as far as it can be followed, up to a `..`, and the rest in one."""


class _Plan:
    """What to do with each entry, decided from all their names."""

    def __init__(self, entries: list[tuple[str, bool, str]], of_class: bool) -> None:
        self.outside: list[Refused] = []
        """Entries that lead out of the archive, and are in no student's part of it."""
        self._of_class = of_class
        self.steps = [self._step(*entry) for entry in entries]
        """One for each entry."""
        self.depth = _common_depth([step.parts for step in self.steps if step.parts and not step.outside])
        self._refuse_twins()
        self.steps = [self._whose(step) for step in self.steps]

    def _step(self, name: str, is_folder: bool, unreadable: str) -> _Step:
        step = _path(name)
        parts = step.parts
        if step.outside:
            return step
        skipped = next((i for i, part in enumerate(parts) if part.startswith(".") or part in _TOOLS), None)
        if skipped is not None:
            return _only_folder(parts[: skipped + 1])
        if is_folder and parts:
            return _Step((*parts, ""), unreadable or _unusual((*parts, "")))
        if _wanted(parts, self._of_class) or (unreadable and self._of_class):
            return _Step(parts, unreadable or _unusual(parts))
        return _only_folder(parts)

    def _whose(self, step: _Step) -> _Step:
        """Set aside what is nobody's; of links and the like that are not graded keep what may stand for a student."""
        inside = len(step.parts) > self.depth + 1
        if step.up and not (inside and self._of_class):
            self.outside.append(Refused(("/".join(step.parts)[:200],), step.refused, answer=False))
            return _Step()
        if (
            step.refused
            and inside
            and step.parts[-1]
            and not (step.outside or _wanted(step.parts, self._of_class))
        ):
            return _only_folder(step.parts)
        return step

    def _refuse_twins(self) -> None:
        """Of entries with one name, or with names that differ in case only, none is known to be the one meant."""
        counted = [step.parts for step in self.steps if step.parts and step.parts[-1] and not step.outside]
        seen, exact = Counter(map(self._folded, counted)), Counter(counted)
        for i, step in enumerate(self.steps):
            if step.parts in exact and not step.outside and seen[self._folded(step.parts)] > 1:
                twins = (
                    "it is in the archive twice"
                    if exact[step.parts] > 1
                    else "its name differs from another's in upper and lower case only"
                )
                self.steps[i] = replace(step, refused=step.refused or twins)

    def _folded(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """The same for names that are the same on some file system. Two students' folders are two all the same."""
        own = self.depth + 1 if self._of_class and len(parts) > self.depth + 1 else 0
        rest = unicodedata.normalize("NFC", "/".join(parts[own:])).casefold()
        return (*parts[:own], rest)


def _only_folder(parts: tuple[str, ...]) -> _Step:
    """Its folder is made all the same: who handed in only a PDF has a place too."""
    parts = (*parts[:-1], "") if len(parts) > 1 else ()
    return _Step(parts, _unusual(parts))


def _path(name: str) -> _Step:
    """The path that a stored name stands for, and why it leads out of the archive, if it does."""
    why = ""
    if name.startswith("/"):
        why = "its path begins at the root"
    elif re.match(r"[A-Za-z]:", name):
        name, why = name[2:], "its path names a drive"
    # No file can have a name with a NUL; whose it is can be told all the same.
    parts = tuple(printable(p) if "\0" in p else p for p in name.split("/") if p not in ("", "."))
    if ".." in parts:
        at = parts.index("..")
        return _Step((*parts[:at], "/".join(parts[at:])), why or _LEADS_OUT, True, True)
    if "\0" in name:
        why = "its name holds a NUL"
    elif any(".." in part.split("\\") for part in parts):
        why = why or _LEADS_OUT
    return _Step(parts, why, bool(why and parts))


_LEADS_OUT = "its path leads out of the archive"


def _wanted(parts: tuple[str, ...], of_class: bool) -> bool:
    if not parts:
        return False
    name = parts[-1].lower()
    if name.endswith(GRADABLE) or is_other_archive(name):
        return True
    return of_class and (_is_read(name) or _TELLING.match(name) is not None)


def _is_read(name: str) -> bool:
    """Whether the content of such a file is written, and not only its name."""
    return name.lower().endswith(GRADABLE) or name.lower() == METADATA or is_archive(name)


def _unusual(parts: tuple[str, ...]) -> str:
    if any("\\" in part for part in parts):
        return "its name holds a backslash"
    if len(parts) > MAX_DEPTH:
        return f"it lies more than {MAX_DEPTH} folders deep"
    if parts and is_other_archive(parts[-1]):
        return NOT_READ
    return ""


NOT_READ = "archives of its kind are not read; hand in a .zip"


def _common_depth(paths: list[tuple[str, ...]]) -> int:
    """How many folders all paths have in common."""
    if not paths:
        return 0
    first, last = min(paths)[:-1], max(paths)[:-1]
    return next(
        (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )


class _Written:
    """Writes entries into a folder within the caps, and remembers what it did not."""

    def __init__(self, folder: Path, caps: Caps, depth: int) -> None:
        self.refused: list[Refused] = []
        self._folder = folder
        self._caps = caps
        self._depth = depth
        self._made: set[tuple[str, ...]] = set()
        self._shares: Counter[str] = Counter()
        self._total = 0

    def refuse(self, step: _Step) -> None:
        """Leave an entry out; its folder is made where it can be, so that its student has a place."""
        folder = step.parts[:-1]
        if "\\" not in "".join(folder) and len(folder) < MAX_DEPTH:
            self._make_folder(folder)
        self.refused.append(Refused(tuple(filter(None, step.parts)), step.refused))

    def add(self, parts: tuple[str, ...], entry: Entry) -> None:
        """Write an entry; a folder ends in an empty name."""
        why = self._make_folder(parts[:-1])
        if parts[-1] and not why:
            why = self._write(parts, entry)
        if why and parts[-1]:
            self.refused.append(Refused(parts, why))

    def _make_folder(self, parts: tuple[str, ...]) -> str:
        folder = self._folder
        try:
            for depth, part in enumerate(parts, 1):
                folder /= part
                if parts[:depth] in self._made:
                    continue
                with writing():
                    folder.mkdir()  # where another's is in the way, on a file system without case, it is refused
                    folder.chmod(0o755)
                self._made.add(parts[:depth])
        except (OSError, ValueError) as error:
            if shortage(error):
                raise
            return f"its folder cannot be made ({getattr(error, 'strerror', None) or 'its name is odd'})"
        return ""

    def _write(self, parts: tuple[str, ...], entry: Entry) -> str:
        """Why it was refused; empty where it was written."""
        path = self._folder.joinpath(*parts)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(path, flags, 0o644)
        except (OSError, ValueError) as error:
            if shortage(error):
                raise
            return f"it cannot be written ({getattr(error, 'strerror', None) or 'its name is odd'})"
        why = ""
        try:
            with writing():
                os.fchmod(descriptor, 0o644)
                why = self._copy(descriptor, parts, entry)
        finally:
            os.close(descriptor)
        if why:
            path.unlink()
        return why

    def _copy(self, descriptor: int, parts: tuple[str, ...], entry: Entry) -> str:
        if not _is_read(parts[-1]):
            return ""
        cap, size = _cap(parts[-1]), 0
        share = parts[min(self._depth, len(parts) - 1)]
        try:
            for chunk in entry.chunks():
                size += len(chunk)
                self._shares[share] += len(chunk)
                self._total += len(chunk)
                if size > cap:
                    return f"it has more than {cap:,} bytes"
                if self._shares[share] > self._caps.share or self._total > self._caps.total:
                    most = min(self._caps.share, self._caps.total)
                    return f"past {most >> 20:,} MB in all"
                _write_all(descriptor, chunk)
        except BadEntry as error:
            return str(error)
        return ""


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]


def _cap(name: str) -> int:
    name = name.lower()
    if name.endswith(".py"):
        return MAX_FILE
    if name.endswith(".ipynb"):
        return MAX_NOTEBOOK
    return MAX_METADATA if name == METADATA else MAX_HAND_IN
