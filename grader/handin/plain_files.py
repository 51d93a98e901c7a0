"""Files and folders that a student made, read without trust.

Only plain files are read, through descriptors that do not follow links, and never more than is asked for.

Hard links: a file with further names is read only where it belongs to the owner of its folder. A second
name that student code or an archive has given to somebody else's file (the answers, say) is refused; the
copies that de-duplication or `cp -al` has linked to one another are not.
"""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from ..errors import UsageError
from ..machine.shortage import refused_to_read
from .caps import IGNORED, MAX_ENTRIES

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; that of UTF-32 begins like that of UTF-16."""


class Unreadable(UsageError):
    """A folder that cannot be listed; `reason` names it as students know it."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(f"{folder}: {what}")
        self.what = what
        self.reason = f"The folder {printable(folder.name)} cannot be read: {what}"


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


def open_folder(folder: Path) -> int:
    """A descriptor of a folder that is no link; `Unreadable` where it cannot be opened."""
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if refused_to_read(error):
            raise
        raise Unreadable(folder, error.strerror or "it cannot be opened") from None


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


def _not_plain(status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return "it is a symbolic link"
    return "" if stat.S_ISREG(status.st_mode) else "it is not a plain file"


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
