"""A folder to look for hand-ins in, with what could not be brought there, and why."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...errors import GraderError
from ...student.program import CannotRead, TooMuch
from ..caps import MAX_FILES, MAX_NOTEBOOK
from ..plain_files import is_folder, names_in, open_plain, read_plain
from ..search import Told, Wanted
from ..submission import safe_id
from ..unpacking.messages import Caps, Reply, Task
from ..unpacking.plan import MAX_HAND_IN, cap, is_read
from ..unpacking.process import Opener


@dataclass(frozen=True)
class Refused:
    """A file of a hand-in that was left out."""

    path: tuple[str, ...]
    """Names of the folders from the place down, then that of the file."""
    why: str
    """A sentence without full stop that begins with `it` or names a cause."""
    answer: bool = True
    """Whether it may have been an honest answer: where that leaves a gap, a person has to look."""


@dataclass(frozen=True)
class Place:
    """A folder, with the entries of the archive it comes from that were refused."""

    folder: Path
    refused: tuple[Refused, ...] = ()
    outside: tuple[Refused, ...] = ()
    """Entries of that archive that lead out of it, and so belong to nobody in it."""

    def names(self) -> list[str]:
        """Names in it, sorted, of refused entries too; `Unreadable` where it cannot be listed."""
        return sorted({*names_in(self.folder), *(r.path[0] for r in self.refused)})

    def has_folder(self, name: str) -> bool:
        """Whether that is a folder in it, or was to be one and could not be made."""
        return is_folder(self.folder / name) or any(
            r.path[0] == name and len(r.path) > 1 for r in self.refused
        )

    def below(self, name: str) -> Place:
        """The folder of that name in it; what leads outside is left behind."""
        inner = tuple(Refused(r.path[1:], r.why, r.answer) for r in self.refused if r.path[0] == name)
        return Place(self.folder / name, tuple(r for r in inner if r.path))

    def only_folder(self) -> Place | None:
        """The folder that is alone in it; None where there is anything else."""
        names = self.names()
        if len(names) != 1 or not is_folder(self.folder / names[0]):
            return None
        inner = self.below(names[0])
        return Place(inner.folder, inner.refused, self.outside)


@dataclass(frozen=True)
class Desk:
    """What all who look for hand-ins need."""

    wanted: Wanted
    """What is looked for in a hand-in."""
    workspace: Path
    """A private folder that lives as long as the run."""
    opener: Opener
    """Opens archives and lists."""

    def fresh(self) -> Path:
        """A new folder in the workspace that other users can pass through."""
        folder = Path(tempfile.mkdtemp(prefix="handin-", dir=self.workspace))
        folder.chmod(0o755)
        return folder

    def look(self, notebook: Path) -> Told:
        """What the confined process says of a notebook; nothing where it cannot read it."""
        if not self.wanted.notebook:
            return Told()
        descriptor, _ = open_plain(notebook, MAX_NOTEBOOK)
        if descriptor is None:
            return Told()
        caps = Caps(MAX_NOTEBOOK, 0, 0, 0, MAX_NOTEBOOK, 10.0)
        try:
            task = Task("notebook", caps, self.wanted.notebook)
            return self.opener.ask(task, descriptor, _told)
        except (TooMuch, CannotRead):
            return Told()
        finally:
            os.close(descriptor)


def _told(replies: Iterable[Reply]) -> Told:
    told = Told()
    for reply in replies:
        if reply.notebook is not None:
            told = Told(reply.notebook.untouched, reply.notebook.descends)
    return told


@contextmanager
def desk(wanted: Wanted, workspace: Path) -> Iterator[Desk]:
    """A desk whose opener ends with it."""
    with closing(Opener(workspace)) as opener:
        yield Desk(wanted, workspace, opener)


def collect(files: Mapping[str, Path], refused: Mapping[str, str], desk: Desk) -> Place:
    """Copy single files into a folder of their own under the names given; `refused` are those not to be had."""
    folder = desk.fresh()
    left_out = [Refused((name,), why) for name, why in refused.items()]
    total = 0
    for count, (name, path) in enumerate(sorted(files.items())):
        content, why = read_plain(path, cap(name)) if is_read(name) else (b"", "")
        if count >= MAX_FILES or total + len(content) > MAX_HAND_IN:
            why = f"past {MAX_FILES} files or {MAX_HAND_IN >> 20} MB in all"
        if why:
            left_out.append(Refused((name,), why))
            continue
        total += len(content)
        with writing():
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o644)
    return Place(folder, tuple(left_out))


class writing:  # noqa: N801 -- used as a function
    """Turn a full disk into an error for the user: it is no hand-in's fault."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise GraderError(
                f"the temporary folder has no room to unpack hand-ins ({os.strerror(error.errno)}); set TMPDIR to "
                "a folder on a larger disk"
            ) from None


def id_of(*parts: str) -> str:
    """An id of the parts of a name that are not empty, such as `Jane_Doe_12345`; safe as a folder name."""
    cleaned = (re.sub(r"[^\w.-]+", "_", part[:100]).strip("_.-") for part in parts)
    return safe_id("_".join(filter(None, cleaned)) or "submission")
