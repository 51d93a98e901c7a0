"""What to do with each entry of an archive, decided from all their names.

What may be graded is written: Python files, notebooks, data, archives in it, and a course system's own list. All else
that was handed in is written as an empty file, for its name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..caps import DATA, MAX_DATA, MAX_DEPTH, MAX_FILE, MAX_NOTEBOOK, TEXTS, TOOLS
from ..plain_files import printable

GRADABLE = (".py", ".ipynb")
MAX_HAND_IN = 256 << 20
"""Bytes taken of one hand-in, whatever they are."""
METADATA = "submission_metadata.yml"
MAX_METADATA = 32 << 20
"""Bytes of a course system's own list."""
_ZIP = (".zip",)
_TAR = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz")
COMPRESSED = (".gz", ".xz", ".bz2", ".zst", ".lzma", ".z")
"""What holds one file."""
_NOT_READ = (".rar", ".7z", ".cab", *COMPRESSED)
_LITTER = (".git", "__MACOSX", "__pycache__", ".DS_Store", "node_modules")


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


@dataclass(frozen=True)
class Planned:
    """What is done with one entry."""

    parts: tuple[str, ...] = ()
    """Its path; empty where it is skipped. A folder ends in an empty name."""
    refused: str = ""
    """Why it is left out."""
    outside: bool = False
    """Whether its name leads out of the archive."""
    up: bool = False
    """Whether its path is as far as it can be followed, up to a `..`, and the rest in one."""


class Plan:
    """What to do with each entry, decided from all their names."""

    def __init__(self, entries: Sequence[tuple[str, bool, str]], of_class: bool) -> None:
        """`entries`: of each its stored name, whether it is a folder, and why it cannot be read, if so."""
        self.outside: list[tuple[str, str]] = []
        """Entries that lead out of the archive, and are in no student's part of it: the path, and why it is refused."""
        self._of_class = of_class
        self.steps = [self._step(*entry) for entry in entries]
        """One for each entry."""
        self.depth = _common_depth([step.parts for step in self.steps if step.parts and not step.outside])
        self._refuse_twins()
        self.steps = [self._whose(step) for step in self.steps]

    def _step(self, name: str, is_folder: bool, unreadable: str) -> Planned:
        step = _path(name)
        parts = step.parts
        if step.outside:
            return step
        skipped = next((i for i, part in enumerate(parts) if part.startswith(".") or part in TOOLS), None)
        if skipped is not None:
            # What is hidden has a place, for it to be said that it was there; what systems leave has none.
            seen = (
                (*parts[: skipped + 1], "") if not parts[skipped].startswith("._") else parts[: skipped + 1]
            )
            return _only_folder(seen if parts[skipped] not in _LITTER else parts[: skipped + 1])
        if is_folder and parts:
            return Planned((*parts, ""), unreadable or _unusual((*parts, "")))
        return Planned(parts, unreadable or _unusual(parts)) if parts else Planned()

    def _whose(self, step: Planned) -> Planned:
        """Set aside what is nobody's; of links and the like that are not graded keep what may stand for a student."""
        inside = len(step.parts) > self.depth + 1
        if step.up and not (inside and self._of_class):
            self.outside.append(("/".join(step.parts)[:200], step.refused))
            return Planned()
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


def _only_folder(parts: tuple[str, ...]) -> Planned:
    """Its folder is made all the same: who handed in only a PDF has a place too."""
    parts = (*parts[:-1], "") if len(parts) > 1 else ()
    return Planned(parts, _unusual(parts))


def _path(name: str) -> Planned:
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
        return Planned((*parts[:at], "/".join(parts[at:])), why or _LEADS_OUT, True, True)
    if "\0" in name:
        why = "its name holds a NUL"
    elif any(".." in part.split("\\") for part in parts):
        why = why or _LEADS_OUT
    return Planned(parts, why, bool(why and parts))


_LEADS_OUT = "its path leads out of the archive"


def _wanted(parts: tuple[str, ...], of_class: bool) -> bool:
    if not parts:
        return False
    name = parts[-1].lower()
    if name.endswith(GRADABLE) or is_other_archive(name):
        return True
    return of_class and is_read(name)


def is_read(name: str) -> bool:
    """Whether the content of such a file is written, and not only its name."""
    name = name.lower()
    return name.endswith((*GRADABLE, *DATA, *TEXTS)) or name == METADATA or is_archive(name)


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


def cap(name: str) -> int:
    """Bytes of a file of that name."""
    name = name.lower()
    if name.endswith(".py"):
        return MAX_FILE
    if name.endswith(".ipynb"):
        return MAX_NOTEBOOK
    if name.endswith((*DATA, *TEXTS)) or not is_read(name):
        return MAX_DATA
    return MAX_METADATA if name == METADATA else MAX_HAND_IN
