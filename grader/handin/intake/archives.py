"""Unpack zip files and tarballs of which nothing is trusted.

A confined process (`grader.handin.unpacking`) reads the archive and sends what may be graded. Here it is written into a
new folder, in which nothing but plain files and folders of ours ever exists, and only where every name and every size
that comes from there is one that may come.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from ...machine.shortage import shortage
from ...student.program import CannotRead, TooMuch
from ..caps import MAX_DEPTH, MAX_ENTRIES
from ..plain_files import open_plain, printable
from ..unpacking.entry import BadArchive
from ..unpacking.messages import Caps, Reply, Step, Task
from ..unpacking.plan import MAX_HAND_IN, cap, is_read
from .place import Desk, Place, Refused, writing

ONE = Caps(MAX_HAND_IN, MAX_ENTRIES, MAX_HAND_IN, MAX_HAND_IN, 1 << 30, 20.0)
"""The archive of one student."""
CLASS = Caps(4 << 30, 200_000, MAX_HAND_IN, 2 << 30, 8 << 30, 600.0, of_class=True)
"""An archive that the user names."""
OURS = "the grader itself failed there, which costs no points"


def unpack(path: Path, caps: Caps, desk: Desk) -> Place:
    """What may be graded in an archive, in a new folder; `BadArchive` where it cannot be read at all.

    With the caps of a class, archives in it come along. `GraderError` where the machine is at fault.
    """
    descriptor, why = open_plain(path, caps.file)
    if descriptor is None:
        raise BadArchive(why)
    task = Task("zip" if path.name.lower().endswith(".zip") else "tar", caps)
    try:
        return desk.opener.ask(task, descriptor, lambda replies: _written(replies, desk.fresh(), caps))
    except TooMuch as error:
        raise BadArchive(f"it {error}") from None
    except CannotRead:
        raise BadArchive(OURS) from None
    finally:
        os.close(descriptor)


def _written(replies: Iterable[Reply], folder: Path, caps: Caps) -> Place:
    written = _Written(folder, caps)
    try:
        for reply in replies:
            if reply.bad:
                raise BadArchive(printable(reply.bad))
            for step in reply.steps:
                written.take(step)
            written.take_outside(reply.outside)
        written.end()
    except BaseException:
        written.close()
        shutil.rmtree(folder)
        raise
    return Place(folder, tuple(written.refused), tuple(written.outside))


class _Written:
    """Writes entries into a folder within the caps, and remembers what it did not.

    `CannotRead` where what comes is nothing that the confined process sends by itself.
    """

    def __init__(self, folder: Path, caps: Caps) -> None:
        self.refused: list[Refused] = []
        self.outside: list[Refused] = []
        self._folder = folder
        self._caps = caps
        self._made: set[tuple[str, ...]] = set()
        self._now: tuple[str, ...] = ()
        """The file that more may come of; empty for none."""
        self._why = ""
        """Why that is refused."""
        self._descriptor = -1
        self._size = self._total = self._entries = 0

    def take(self, step: Step) -> None:
        """Write a piece, or end an entry."""
        names = _checked(step)
        if self._now and self._now != names:
            raise CannotRead("opening an archive gave an entry without an end")
        if not self._now and (step.content or not step.refused):
            self._begin(names)
        if step.content:
            self._write(step.content)
            return
        self.close()
        self._count()
        if step.refused:
            self._refuse(names, printable(step.refused))
        elif self._why and names[-1]:
            self.refused.append(Refused(names, self._why))
        self._now, self._why = (), ""

    def take_outside(self, steps: Iterable[Step]) -> None:
        """Remember entries that lead out of the archive."""
        for step in steps:
            self._count()
            path = b"/".join(step.parts).decode("utf-8", "replace")
            self.outside.append(Refused((path,), printable(step.refused), answer=False))

    def end(self) -> None:
        """There is no more."""
        if self._now:
            raise CannotRead("opening an archive gave an entry without an end")

    def close(self) -> None:
        """Nothing more is written of the file that was."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _count(self) -> None:
        self._entries += 1
        if self._entries > self._caps.entries:
            raise CannotRead("opening an archive gave more entries than it may have")

    def _begin(self, names: tuple[str, ...]) -> None:
        """Make an entry's folder, and open its file."""
        self._now, self._size = names, 0
        self._why = self._make_folder(names[:-1])
        if names[-1] and not self._why:
            self._why = self._open(names)

    def _refuse(self, names: tuple[str, ...], why: str) -> None:
        """Leave an entry out; its folder is made where it can be, so that its student has a place."""
        folder = names[:-1]
        if "\\" not in "".join(folder) and len(folder) < MAX_DEPTH:
            self._make_folder(folder)
        if self._now and not self._why:
            self._folder.joinpath(*names).unlink()
        self.refused.append(Refused(tuple(filter(None, names)), why))

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

    def _open(self, names: tuple[str, ...]) -> str:
        """Why it was refused; empty where the file is open."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with writing():
                self._descriptor = os.open(self._folder.joinpath(*names), flags, 0o644)
                os.fchmod(self._descriptor, 0o644)
        except (OSError, ValueError) as error:
            if shortage(error):
                raise
            return f"it cannot be written ({getattr(error, 'strerror', None) or 'its name is odd'})"
        return ""

    def _write(self, content: bytes) -> None:
        self._size += len(content)
        self._total += len(content)
        name = self._now[-1]
        if not is_read(name) or self._size > cap(name) or self._total > self._caps.total:
            raise CannotRead("opening an archive gave more than is taken of it")
        with writing():
            view = memoryview(content if self._descriptor >= 0 else b"")
            while view:
                view = view[os.write(self._descriptor, view) :]


def _checked(step: Step) -> tuple[str, ...]:
    """The path of an entry, no part of which leads anywhere else; `CannotRead` where it does."""
    try:
        names = step.names
    except ValueError:
        names = ()
    # Of a refused entry in a folder the last name is never used as one: it may be a whole path that leads outside.
    used = names[:-1] if step.refused and len(names) > 1 else names[: len(names) - (names[-1:] == ("",))]
    deep = len(used) > MAX_DEPTH and not step.refused
    if not names or deep or not all(map(_is_name, used)):
        raise CannotRead("opening an archive gave a path that leads elsewhere")
    return names


def _is_name(part: str) -> bool:
    return part not in ("", ".", "..") and "/" not in part and "\0" not in part
