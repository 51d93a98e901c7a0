"""A hand-in: which files of it are graded, and how they are copied to a safe place.

What is graded is found by `search`. Nothing in a hand-in is trusted: only plain files are read, through descriptors
that do not follow links, and never more than the caps below.

Hard links: a file with further names is read only where it belongs to the owner of its folder. A second
name that student code or an archive has given to somebody else's file (the answers, say) is refused; the
copies that de-duplication or `cp -al` has linked to one another are not.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UsageError
from ..machine.shortage import refused_to_read
from ..model import Person

MAX_ENTRIES = 10_000
"""Names in any one folder; a fuller one is not read at all, so that no name is left out by chance."""
MAX_FILES = 200
"""Python files looked at in a hand-in."""
MAX_FILE = 2 << 20
"""Bytes of one Python file."""
MAX_TOTAL = 16 << 20
"""Bytes of all Python files of a hand-in."""
MAX_NOTEBOOK = 64 << 20
"""Bytes of a notebook."""

MAX_DATA = 4 << 20
"""Bytes of one file of data."""
MAX_DEPTH = 16
"""Folders within folders."""

IGNORED = frozenset({"__MACOSX", "__pycache__", "node_modules"})
TOOLS = IGNORED | {"dist-packages", "site-packages", "venv"}
"""Folders that programs fill, whatever is in them."""
DATA = (
    ".bin", ".csv", ".dat", ".h5", ".hdf5", ".idx", ".joblib", ".mat", ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pth",
    ".tsv",
)  # fmt: skip
"""What code may read, and people do not: copied beside the module."""
TEXTS = (".cfg", ".ini", ".json", ".md", ".toml", ".txt", ".yaml", ".yml")
"""What both may read: copied too, and spoken of as not used for marks."""
_BESIDE_REPORTS = re.compile(
    r"(index|similar)\.html|junit\.xml|(marks|similar)\.json|(gradebook|marks)\.lock|(gradebook\.sqlite|marks\.jsonl)([-.].*)?",
    re.DOTALL,
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; that of UTF-32 begins like that of UTF-16."""
_OF_OURS = re.compile(r"-[0-9a-f]{12}\Z")


@dataclass(frozen=True)
class Submission:
    """One hand-in, found but not yet read."""

    id: str
    """Safe as a folder name: letters and digits of any script and `._-` only, at most 255 bytes."""
    folder: Path
    module: str | None
    """Name of the file in `folder` that is graded as the module; None where there is none."""
    notebook: str | None
    """Name of the notebook; None where there is none, or it is not known which."""
    notes: tuple[str, ...] = ()
    problem: str = ""
    """Why nothing could be found out about it, as a sentence without full stop; empty where it could."""
    notebook_folder: Path | None = None
    """Where the notebook lies, if that is not `folder`."""
    notebook_problem: str = ""
    """Why it is not known what was written, as a sentence without full stop; empty where it is, or nothing was."""
    person: Person = field(default_factory=Person)
    """Who handed it in, as far as the course system says."""
    submitted: str = ""
    """When it was handed in: ISO 8601 with offset; empty where nothing says so."""
    origin: str = ""
    """How it was recognised, such as `Canvas download`; empty for a plain folder."""
    partners: tuple[Person, ...] = ()
    """The others of a group."""
    stage_as: str = ""
    """Name that the assignment gives the module; empty where that is its own."""
    returned_as: str = ""
    """How the name of a file has to begin that the course system takes back for it; see `Person`."""

    @property
    def notebook_path(self) -> Path | None:
        """Where the notebook is."""
        return (self.notebook_folder or self.folder) / self.notebook if self.notebook is not None else None

    @property
    def staged(self) -> str:
        """Name of the module where it is graded."""
        return self.stage_as or self.module or ""

    @property
    def persons(self) -> tuple[Person, ...]:
        """All who handed it in, as far as anything is known of them."""
        return tuple(person for person in (self.person, *self.partners) if person != Person())


class Unreadable(UsageError):
    """A folder that cannot be listed; `reason` names it as students know it."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(f"{folder}: {what}")
        self.what = what
        self.reason = f"The folder {printable(folder.name)} cannot be read: {what}"


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


def safe_id(name: str) -> str:
    """Make a folder name of any name; two different names never give the same one."""
    cleaned = "".join(c if c.isalnum() or c in "._-" else "_" for c in unicodedata.normalize("NFC", name))
    cleaned = cleaned.lstrip(".-").encode()[:180].decode(errors="ignore") or "submission"
    # A name that looks like one of ours could equal it, so it becomes one too; and so does one of the files that stand
    # beside the reports.
    if cleaned == name and not _OF_OURS.search(name) and not _BESIDE_REPORTS.fullmatch(name.casefold()):
        return name
    return f"{cleaned}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


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
    directory = _open_folder(submission.folder)
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
            directory = _open_folder(submission.folder)
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


def _open_folder(folder: Path) -> int:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if refused_to_read(error):
            raise
        raise Unreadable(folder, error.strerror or "it cannot be opened") from None


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


def read_below(name: str, cap: int, directory: int) -> tuple[bytes, str]:
    """As `read_plain`, of a file in folders below an open one, none of which is a link."""
    *folders, last = Path(name).parts
    opened: list[int] = []
    try:
        for folder in folders:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            opened.append(os.open(folder, flags, dir_fd=opened[-1] if opened else directory))
        return read_plain(last, cap, opened[-1] if opened else directory)
    except OSError as error:
        if refused_to_read(error):
            raise
        return b"", error.strerror or "its folder cannot be opened"
    finally:
        for descriptor in opened:
            os.close(descriptor)


def read_plain(name: str | Path, cap: int, directory: int | None = None) -> tuple[bytes, str]:
    """Read a plain file of at most `cap` bytes; return its content and, where it was refused, why."""
    descriptor, refused = open_plain(name, cap, directory)
    if descriptor is None:
        return b"", refused
    try:
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(cap + 1)
    except OSError as error:
        if refused_to_read(error):
            raise
        return b"", error.strerror or "it cannot be read"
    return (content, "") if len(content) <= cap else (b"", f"it has more than {cap:,} bytes")


def open_plain(name: str | Path, cap: int, directory: int | None = None) -> tuple[int | None, str]:
    """Open a plain file of at most `cap` bytes for reading; return a descriptor or, where it was refused, why."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        # Looked at before it is opened: to open a device may set something off.
        refused = _not_plain(os.stat(name, dir_fd=directory, follow_symlinks=False))
        if refused:
            return None, refused
        descriptor = os.open(name, flags, dir_fd=directory)
        try:
            refused = _refused(descriptor, name, cap, directory)
        except BaseException:
            os.close(descriptor)
            raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        if isinstance(error, OSError) and refused_to_read(error):
            raise
        return None, getattr(error, "strerror", None) or "it cannot be opened"
    if refused:
        os.close(descriptor)
        return None, refused
    return descriptor, ""


def _refused(descriptor: int, name: str | Path, cap: int, directory: int | None) -> str:
    status = os.fstat(descriptor)
    refused = _not_plain(status)
    if not refused and status.st_nlink > 1:
        folder = Path(name).parent.stat() if directory is None else os.fstat(directory)
        if status.st_uid != folder.st_uid:
            refused = "it is a hard link to a file of another owner"
    if not refused and status.st_size > cap:
        refused = f"it has {status.st_size:,} bytes, more than {cap:,}"
    return refused


def as_utf8(content: bytes) -> bytes:
    """Text as UTF-8, where its byte order mark says that it is in another encoding; else as it is."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace").encode("utf-8", "replace")
    return content


def printable(name: str) -> str:
    """A file name for people: control characters, stray bytes and backslashes as escapes."""
    return "".join(
        c if c.isprintable() and c != "\\" else c.encode("unicode_escape", "replace").decode() for c in name
    )


def _not_plain(status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return "it is a symbolic link"
    return "" if stat.S_ISREG(status.st_mode) else "it is not a plain file"


def names_in(folder: Path) -> list[str]:
    """Names in a folder, sorted, without hidden and tool folders; `UsageError` past `MAX_ENTRIES` of them."""
    names = []
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count >= MAX_ENTRIES:
                    raise Unreadable(folder, f"it has more than {MAX_ENTRIES:,} files; remove some")
                if not entry.name.startswith(".") and entry.name not in IGNORED:
                    names.append(entry.name)
    except OSError as error:
        if refused_to_read(error):
            raise
        raise Unreadable(folder, error.strerror or "it cannot be listed") from None
    return sorted(names)


def is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False
