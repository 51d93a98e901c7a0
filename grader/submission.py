"""Find what a student handed in, and copy it to a safe place.

A hand-in is a folder with `mlp.py` (or something that is plainly meant to be it) or a notebook directly
inside, or one level down when it is alone there. Any other folder is a class: each folder in it is one
hand-in. Nothing in a hand-in is trusted: only plain files are read, through descriptors that do not
follow links, and never more than the caps below.

Hard links: a file with further names is read only where it belongs to the owner of its folder. A second
name that student code or an archive has given to somebody else's file (the answers, say) is refused; the
copies that de-duplication or `cp -al` has linked to one another are not.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .errors import UsageError
from .model import Person
from .shortage import refused_to_read

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

IGNORED = frozenset({"__MACOSX", "__pycache__", "node_modules"})
# Possessive: without it, a name of fifty digits takes for ever.
_NUMBERED = r"(?:[ _-]*+(?:\(\d++\)|\d++|copy|final|new|v\d++))*+"
_BESIDE_REPORTS = re.compile(
    r"index\.html|junit\.xml|marks\.json|(gradebook|marks)\.lock|(gradebook\.sqlite|marks\.jsonl)([-.].*)?",
    re.DOTALL,
)
_OF_OURS = re.compile(r"-[0-9a-f]{12}\Z")
MEANT_AS_MODULE = re.compile(rf"(copy of )?mlp{_NUMBERED}\.py", re.IGNORECASE)


@dataclass(frozen=True)
class Submission:
    """One hand-in, found but not yet read."""

    id: str
    """Safe as a folder name: letters and digits of any script and `._-` only, at most 255 bytes."""
    folder: Path
    module: str | None
    """Name of the file in `folder` that is graded as `mlp.py`; None where there is none."""
    notebook: str | None
    """Name of the notebook in `folder`; None where there is none."""
    notes: tuple[str, ...] = ()
    problem: str = ""
    """Why nothing could be found out about it, as a sentence without full stop; empty where it could."""
    person: Person = field(default_factory=Person)
    """Who handed it in, as far as the course system says."""
    submitted: str = ""
    """When it was handed in: ISO 8601 with offset; empty where nothing says so."""
    origin: str = ""
    """How it was recognised, such as `Canvas download`; empty for a plain folder."""
    partners: tuple[Person, ...] = ()
    """The others of a group."""
    returned_as: str = ""
    """How the name of a file has to begin that the course system takes back for it; see `Person`."""

    @property
    def persons(self) -> tuple[Person, ...]:
        """All who handed it in, as far as anything is known of them."""
        return tuple(person for person in (self.person, *self.partners) if person != Person())


class Unreadable(UsageError):
    """A folder that cannot be listed; `reason` names it as students know it."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(f"{folder}: {what}")
        self.reason = f"The folder {printable(folder.name)} cannot be read: {what}"


@dataclass(frozen=True)
class Seen:
    """One file of a hand-in, as it was when it was read."""

    name: str
    refused: str
    """Why it was not read; empty where it was."""
    sha256: str


@dataclass(frozen=True)
class Staged:
    """A private copy of a hand-in's Python files, with the module under the name `mlp.py`."""

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


def find(paths: Iterable[Path], class_name: str) -> list[Submission]:
    """Find the hand-ins at `paths`, in order; `UsageError` for a path that is not there or holds nothing.

    `class_name` recognises a module under another name by the class that it defines.
    """
    found: list[Submission] = []
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder; give the folder of a hand-in or of a class")
        if os.path.isdir(path):  # noqa: PTH112 -- unlike Path.is_dir, never an exception
            found += in_folder(path.resolve(), class_name)
        elif path.suffix.lower() in (".py", ".ipynb"):
            is_module = path.suffix.lower() == ".py"
            name = path.name
            parent = path.parent.resolve()
            found.append(
                Submission(
                    safe_id(parent.name), parent, name if is_module else None, None if is_module else name
                )
            )
        else:
            raise UsageError(f"{path}: neither a folder nor a .py or .ipynb file")
    return with_unique_ids(found)


def safe_id(name: str) -> str:
    """Make a folder name of any name; two different names never give the same one."""
    cleaned = "".join(c if c.isalnum() or c in "._-" else "_" for c in unicodedata.normalize("NFC", name))
    cleaned = cleaned.lstrip(".-").encode()[:180].decode(errors="ignore") or "submission"
    # A name that looks like one of ours could equal it, so it becomes one too; and so does one of the files that stand
    # beside the reports.
    if cleaned == name and not _OF_OURS.search(name) and not _BESIDE_REPORTS.fullmatch(name.casefold()):
        return name
    return f"{cleaned}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def stage(submission: Submission, destination: Path) -> Staged:
    """Copy the module and the Python files beside it, or beside the notebook, into `destination`.

    It must exist and be empty.
    """
    if submission.problem:
        return Staged(destination, {}, (), submission.problem)
    if submission.module is None and submission.notebook is None:
        return Staged(destination, {}, ())
    try:
        names = names_in(submission.folder)
        directory = _open_folder(submission.folder)
        try:
            return _copy(submission.module, names, directory, destination)
        finally:
            os.close(directory)
    except Unreadable as error:
        return Staged(destination, {}, (), error.reason, (), error.reason)


def fingerprint(submission: Submission) -> str:
    """A hash of all that is graded of a hand-in: names and contents, and what cannot be read of it.

    Equal for equal files, whoever handed them in.
    """
    seen: list[Seen] = []
    trouble = ""
    if not submission.problem and (submission.module or submission.notebook):
        try:
            directory = _open_folder(submission.folder)
            try:
                names = _python_files(submission.module, names_in(submission.folder))[:MAX_FILES]
                for name, cap in [*((n, MAX_FILE) for n in names), (submission.notebook or "", MAX_NOTEBOOK)]:
                    if name:
                        seen.append(as_seen(name, *read_plain(name, cap, directory)))
            finally:
                os.close(directory)
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

    add(submission.module or "", submission.notebook or "", submission.problem)
    if trouble:
        add(trouble)
    else:
        for one in seen:
            add(one.name, one.refused, one.sha256)
    return digest.hexdigest()


def as_seen(name: str, content: bytes, refused: str) -> Seen:
    """What was seen where `read_plain` gave this."""
    return Seen(name, refused, hashlib.sha256(content).hexdigest())


def _python_files(module: str | None, names: Sequence[str]) -> list[str]:
    """What is copied: the module first, then the files beside it."""
    others = [n for n in names if n.endswith(".py") and n not in (module, "mlp.py")]
    return [*([module] if module else []), *others]


def _open_folder(folder: Path) -> int:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if refused_to_read(error):
            raise
        raise Unreadable(folder, error.strerror or "it cannot be opened") from None


def _copy(module: str | None, names: Sequence[str], directory: int, destination: Path) -> Staged:
    files: dict[str, str] = {}
    seen: list[Seen] = []
    notes: list[str] = []
    problem = ""
    total = 0
    meant = _python_files(module, names)
    if len(meant) > MAX_FILES:
        notes.append(f"only the first {MAX_FILES} of {len(meant)} Python files were copied")
    for name in meant[:MAX_FILES]:
        content, refused = read_plain(name, MAX_FILE, directory)
        seen.append(as_seen(name, content, refused))
        if total + len(content) > MAX_TOTAL:
            refused = f"past {MAX_TOTAL >> 20} MB in all"
        if refused:
            notes.append(f"{printable(name)} was left out: {refused}")
            if name == module:
                problem = f"{printable(name)} cannot be read: {refused}"
            continue
        total += len(content)
        copy = destination / ("mlp.py" if name == module else name)
        copy.write_bytes(content)
        copy.chmod(0o644)  # whatever the umask: workers may be another user
        files[printable(name)] = hashlib.sha256(content).hexdigest()
    return Staged(destination, files, tuple(notes), problem, tuple(seen))


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


def printable(name: str) -> str:
    """A file name for people: control characters, stray bytes and backslashes as escapes."""
    return "".join(
        c if c.isprintable() and c != "\\" else c.encode("unicode_escape", "replace").decode() for c in name
    )


def _not_plain(status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return "it is a symbolic link"
    return "" if stat.S_ISREG(status.st_mode) else "it is not a plain file"


def in_folder(folder: Path, class_name: str) -> list[Submission]:
    names = names_in(folder)
    if not names:
        raise UsageError(f"{folder}: the folder is empty; give the folder of a hand-in or of a class")
    one = hand_in(folder.name, folder, class_name)
    if one is not None:
        return [with_links_named(one, folder)]
    members = [n for n in names if may_be_member(folder / n)]
    if not members:
        return [Submission(safe_id(folder.name), folder, None, None)]
    return [member(name, folder / name, class_name) for name in members]


def may_be_member(path: Path) -> bool:
    """Whether that is a folder, or a link to one or to nothing: such a link is named as a hand-in, and not followed."""
    # `os.path`, unlike `Path`, raises for no name.
    leads_nowhere = os.path.islink(path) and not os.path.exists(path)  # noqa: PTH110, PTH114
    return os.path.isdir(path) or (leads_nowhere and not path.suffix)  # noqa: PTH112


def with_links_named(one: Submission, folder: Path) -> Submission:
    """A hand-in that is deeper in `folder`, with notes of the links beside it, which may be meant for others."""
    links = [n for n in names_in(folder) if may_be_member(folder / n) and not is_folder(folder / n)]
    notes = (f"{printable(n)} beside it is a symbolic link and was left out" for n in links)
    return one if one.folder == folder else replace(one, notes=(*one.notes, *notes))


def member(name: str, folder: Path, class_name: str) -> Submission:
    """One hand-in of a class. One that cannot be read has its place in it too."""
    try:
        if folder.is_symlink():
            raise Unreadable(folder, "it is a symbolic link")
        one = hand_in(name, folder, class_name)
    except Unreadable as error:
        return Submission(safe_id(name), folder, None, None, problem=error.reason)
    return one or Submission(safe_id(name), folder, None, None)


def hand_in(name: str, folder: Path, class_name: str) -> Submission | None:
    """The hand-in that a folder is, in itself or one level down; None where it holds nothing of the kind."""
    return _as_hand_in(name, folder, class_name) or _one_deeper(name, folder, class_name)


def _one_deeper(name: str, folder: Path, class_name: str) -> Submission | None:
    """The hand-in in the only folder in `folder`."""
    inner = [n for n in names_in(folder) if is_folder(folder / n)]
    one = _as_hand_in(name, folder / inner[0], class_name) if len(inner) == 1 else None
    return one and with_note(one, f"found one folder deeper, in {printable(inner[0])}")


def _as_hand_in(name: str, folder: Path, class_name: str) -> Submission | None:
    """The hand-in directly inside `folder`, or None where there is neither module nor notebook."""
    names = names_in(folder)
    scripts = [n for n in names if n.lower().endswith(".py") and not is_folder(folder / n)]
    notebooks = [n for n in names if n.lower().endswith(".ipynb") and not is_folder(folder / n)]
    module, notes = _choose_module(folder, scripts, class_name)
    notebook, why = _choose_notebook(folder, notebooks)
    notes += why
    if module is None and notebook is None:
        return None
    return Submission(safe_id(name), folder, module, notebook, tuple(notes))


def _choose_module(folder: Path, scripts: Sequence[str], class_name: str) -> tuple[str | None, list[str]]:
    if "mlp.py" in scripts:
        return "mlp.py", []
    meant = [n for n in scripts if MEANT_AS_MODULE.fullmatch(n)]
    meant = meant or defining(folder, scripts, class_name)
    if not meant:
        return None, []
    # Of several numbered copies the last is the latest download; (10) comes after (2).
    chosen = max(meant, key=with_numbers)
    others = f" (of {len(meant)} that could be meant)" if len(meant) > 1 else ""
    return chosen, [f"{printable(chosen)} was graded as mlp.py{others}"]


def defining(folder: Path, scripts: Sequence[str], class_name: str) -> list[str]:
    """Those of the Python files in `folder` that define the class at their top level."""
    defines = re.compile(rb"^class\s+" + re.escape(class_name.encode()) + rb"\b", re.MULTILINE)
    return [n for n in scripts[:MAX_FILES] if defines.search(read_plain(folder / n, MAX_FILE)[0])]


def _choose_notebook(folder: Path, notebooks: Sequence[str]) -> tuple[str | None, list[str]]:
    if len(notebooks) < 2:
        return (notebooks[0] if notebooks else None), []
    if "ps3.ipynb" in notebooks:
        chosen, why = "ps3.ipynb", "it has the name of the one handed out"
    else:
        chosen, why = max(notebooks, key=lambda name: (_size(folder / name), name)), "it is the largest"
    return chosen, [f"of {len(notebooks)} notebooks, {printable(chosen)} was read: {why}"]


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return -1


def with_numbers(name: str) -> list[str | int]:
    """A name cut into text, number, text and so on, for sorting."""
    return [int(part) if i % 2 else part for i, part in enumerate(re.split(r"(\d+)", name))]


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


def with_note(submission: Submission, note: str) -> Submission:
    return replace(submission, notes=(*submission.notes, note))


def with_unique_ids(found: list[Submission]) -> list[Submission]:
    """One hand-in for each id. Two paths into one folder are one: the module by one, the notebook by the other."""
    kept: dict[str, Submission] = {}
    for one in found:
        known = kept.setdefault(one.id, one)
        if known.folder != one.folder:
            raise UsageError(
                f"{one.folder} and {known.folder} have the same name, {one.id}: their reports would overwrite "
                "each other; grade them with two commands and two --out folders"
            )
        module = known.module or one.module
        notebook = known.notebook or one.notebook
        if (one.module or module, one.notebook or notebook) != (module, notebook):
            raise UsageError(
                f"{one.folder}: two modules or two notebooks of one folder; give the folder itself"
            )
        notes = tuple(dict.fromkeys((*known.notes, *one.notes)))
        kept[one.id] = replace(known, module=module, notebook=notebook, notes=notes)
    return list(kept.values())
