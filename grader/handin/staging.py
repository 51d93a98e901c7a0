"""What is graded of a hand-in, read at one moment: its hash, and its copy in a safe place."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .caps import (
    DATA,
    MAX_DATA,
    MAX_DEPTH,
    MAX_ENTRIES,
    MAX_FILE,
    MAX_FILES,
    MAX_NOTEBOOK,
    MAX_TOTAL,
    TEXTS,
    TOOLS,
)
from .plain_files import Unreadable, as_utf8, names_in, open_folder, printable, read_below, read_plain
from .submission import Submission


@dataclass(frozen=True)
class Seen:
    """One file of a hand-in, as it was when it was read."""

    name: str
    refused: str
    """Why it was not read; empty where it was."""
    sha256: str


@dataclass(frozen=True)
class File:
    """One file of a hand-in, read."""

    seen: Seen
    content: bytes
    """Empty where it is not copied."""
    left_out: str
    """Why it is not copied; empty where it is."""


@dataclass(frozen=True)
class Material:
    """All that is graded of a hand-in, read at one moment: what can be sent to where it is graded."""

    files: tuple[File, ...] = ()
    """In the order of `stage`: the module first."""
    notes: tuple[str, ...] = ()
    trouble: str = ""
    """Why the folder could not be looked into; empty where it could."""
    notebook: File | None = None


@dataclass(frozen=True)
class Staged:
    """A private copy of a hand-in's Python files, with the module under the assignment's name for it."""

    folder: Path
    files: dict[str, str]
    """Name as handed in to SHA-256, of each file that was copied."""
    notes: tuple[str, ...]
    problem: str = ""
    """Why the module itself could not be copied; empty where it was."""
    seen: tuple[Seen, ...] = ()
    """What was found of each file, copied or not."""
    trouble: str = ""
    """Why the folder could not be looked into; empty where it could."""


def stage(submission: Submission, destination: Path, material: Material | None = None) -> Staged:
    """Copy the module and the Python and data files beside it, or beside the notebook, into `destination`.

    It must exist and be empty. Files in folders beside the module keep their place: they may be packages. Where the
    `material` was read before, that is what is copied.
    """
    if submission.problem:
        return Staged(destination, {}, (), submission.problem)
    if submission.module is None and submission.notebook is None:
        return Staged(destination, {}, ())
    if material is not None:
        if material.trouble:
            return Staged(destination, {}, (), material.trouble, (), material.trouble)
        return _copy(submission, material.files, material.notes, destination)
    try:
        with _listed(submission) as (directory, meant, notes):
            return _copy(submission, _read(meant, directory), notes, destination)
    except Unreadable as error:
        return Staged(destination, {}, (), error.reason, (), error.reason)


def collect(submission: Submission) -> Material:
    """Read all that is graded of a hand-in into memory, some `MAX_TOTAL` and `MAX_NOTEBOOK` at most."""
    if submission.problem or (submission.module is None and submission.notebook is None):
        return Material()
    notebook = read_notebook(submission)
    try:
        with _listed(submission) as (directory, meant, notes):
            return Material(tuple(_read(meant, directory)), tuple(notes), "", notebook)
    except Unreadable as error:
        return Material((), (), error.reason, notebook)


def read_notebook(submission: Submission) -> File | None:
    """The notebook of a hand-in; None where there is none."""
    if submission.notebook is None or submission.notebook_path is None:
        return None
    content, refused = read_plain(submission.notebook_path, MAX_NOTEBOOK)
    return File(as_seen(submission.notebook, content, refused), content, refused)


@contextmanager
def _listed(submission: Submission) -> Iterator[tuple[int, list[tuple[str, int]], list[str]]]:
    """The folder, open; what is to be copied of it, each with the most bytes of it; and remarks on what is too much."""
    names_in(submission.folder)
    directory = open_folder(submission.folder)
    try:
        yield directory, *_copied(submission, directory)
    finally:
        os.close(directory)


def _read(meant: Iterable[tuple[str, int]], directory: int) -> Iterator[File]:
    """These files, one after the other; those past `MAX_TOTAL` in all are seen, and not copied."""
    total = 0
    for name, cap in meant:
        content, refused = read_below(name, cap, directory)
        seen = as_seen(name, content, refused)
        if total + len(content) > MAX_TOTAL:
            refused = f"past {MAX_TOTAL >> 20} MB in all"
        if not refused:
            total += len(content)
        yield File(seen, b"" if refused else content, refused)


def fingerprint(submission: Submission) -> str:
    """A hash of all that is graded of a hand-in: names and contents, and what cannot be read of it.

    Equal for equal files, whoever handed them in.
    """
    seen: list[Seen] = []
    trouble = ""
    if not submission.problem and (submission.module or submission.notebook):
        try:
            names_in(submission.folder)
            directory = open_folder(submission.folder)
            try:
                for name, cap in _copied(submission, directory)[0]:
                    seen.append(as_seen(name, *read_below(name, cap, directory)))
            finally:
                os.close(directory)
            if submission.notebook_path is not None:
                content, refused = read_plain(submission.notebook_path, MAX_NOTEBOOK)
                seen.append(as_seen(submission.notebook_path.name, content, refused))
        except Unreadable as error:
            trouble = error.reason
    return content_hash(submission, seen, trouble)


def content_hash(submission: Submission, seen: Iterable[Seen], trouble: str = "") -> str:
    """The `fingerprint` of a hand-in of which its files were `seen`, in that order: those of Python, the notebook.

    Where there was `trouble` with the folder, that is all there is to say.
    """
    digest = hashlib.sha256()

    def add(*parts: str) -> None:
        digest.update(json.dumps(parts).encode() + b"\n")

    add(submission.module or "", submission.notebook or "", submission.problem or submission.notebook_problem)
    if trouble:
        add(trouble)
    else:
        for one in seen:
            add(one.name, one.refused, one.sha256)
    return digest.hexdigest()


def as_seen(name: str, content: bytes, refused: str) -> Seen:
    """What was seen where `read_plain` gave this."""
    return Seen(name, refused, hashlib.sha256(content).hexdigest())


def _copied(submission: Submission, directory: int) -> tuple[list[tuple[str, int]], list[str]]:
    """What is copied: the module first, then the Python files and data beside it and in folders there.

    Of each its path below the folder and the most bytes of it; then remarks on what is too much.
    """
    module = submission.module
    scripts: list[tuple[str, int]] = []
    data: list[tuple[str, int]] = []
    count = 0
    for path, folders, files, _ in os.fwalk(".", dir_fd=directory):
        inside = Path(path)
        depth = len(inside.parts)
        folders[:] = sorted(f for f in folders if depth < MAX_DEPTH and f not in TOOLS and f[:1] != ".")
        if depth and "pyvenv.cfg" in files:
            folders[:] = []
            continue
        count += len(files)
        if count > MAX_ENTRIES:
            break
        for file in sorted(files):
            name = str(inside / file)
            if file[:1] == "." or name in (module, submission.stage_as):
                continue
            if file.endswith(".py"):
                scripts.append((name, MAX_FILE))
            elif file.lower().endswith((*DATA, *TEXTS)):
                data.append((name, MAX_DATA))
    own = [(module, MAX_FILE)] if module else []
    said = [
        f"only the first {most} of {len(found)} {what} were copied"
        for found, most, what in (
            ([*own, *scripts], MAX_FILES, "Python files"),
            (data, MAX_FILES, "data files"),
        )
        if len(found) > most
    ]
    return [*[*own, *scripts][:MAX_FILES], *data[:MAX_FILES]], said


def _copy(submission: Submission, files: Iterable[File], remarks: Iterable[str], destination: Path) -> Staged:
    copied: dict[str, str] = {}
    seen: list[Seen] = []
    problem = ""
    module = submission.module
    notes = list(remarks)
    for file in files:
        name = file.seen.name
        seen.append(file.seen)
        if file.left_out:
            notes.append(f"{printable(name)} was left out: {file.left_out}")
            if name == module:
                problem = f"{printable(name)} cannot be read: {file.left_out}"
            continue
        copy = destination / ((submission.stage_as or name) if name == module else name)
        _make_folders(copy.parent, destination)
        copy.write_bytes(as_utf8(file.content) if name.endswith(".py") or name == module else file.content)
        copy.chmod(0o644)  # whatever the umask: workers may be another user
        copied[printable(name)] = file.seen.sha256
    return Staged(destination, copied, tuple(notes), problem, tuple(seen))


def _make_folders(folder: Path, top: Path) -> None:
    """Make a folder below `top` that workers can enter, and those around it."""
    if folder == top or folder.is_dir():
        return
    _make_folders(folder.parent, top)
    folder.mkdir()
    folder.chmod(0o755)
