"""When the last commit of a clone was made, read from its files.

Git itself is never run: a repository's own settings can make it start programs. The log of the clone
(`logs/HEAD`) would be simpler, but it says when the clone was made. So the commit is looked up, as a loose
object or in a pack, never through a link and never more than a few megabytes. The time is what the student's
machine said.
"""

from __future__ import annotations

import os
import re
import zlib
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from pathlib import Path

from ..plain_files import open_plain, read_plain

MAX_INDEX = 32 << 20
"""Bytes of the index of a pack: about a million objects."""
MAX_PACKS = 100
_MAX_PACK = 8 << 30
_MAX_TEXT = 1 << 16
_MAX_REFS = 4 << 20
_SHA = re.compile(r"[0-9a-f]{40}")
_COMMITTER = re.compile(rb"^committer [^\n]*> (\d{1,12}) ([+-])(\d\d)(\d\d)$", re.MULTILINE)
_COMMIT = 1


def last_commit(clone: Path) -> str:
    """When the commit that is checked out was made: ISO 8601 with offset; empty where that cannot be read."""
    with ExitStack() as stack:
        try:
            git = _open(".git", _open(clone, None, stack), stack)
            sha = _head(git, stack)
            text = _loose(git, sha, stack) or _packed(git, sha, stack) if sha else b""
            return _time(text)
        except (OSError, ValueError, OverflowError, zlib.error):
            return ""


def _open(name: str | Path, directory: int | None, stack: ExitStack) -> int:
    """A descriptor of a folder; it is closed with the stack."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, dir_fd=directory)
    stack.callback(os.close, descriptor)
    return descriptor


def _read(path: str, cap: int, directory: int, stack: ExitStack) -> bytes:
    """A file below a folder, no part of its path a link; empty where there is none."""
    *folders, name = path.split("/")
    try:
        for folder in folders:
            directory = _open(folder, directory, stack)
    except OSError:
        return b""
    return read_plain(name, cap, directory)[0]


def _head(git: int, stack: ExitStack) -> str:
    """The hash of the commit that is checked out; empty where there is none."""
    head = _read("HEAD", _MAX_TEXT, git, stack).decode("ascii", "replace").strip()
    if not head.startswith("ref: refs/"):
        return head if _SHA.fullmatch(head) else ""
    name = head.removeprefix("ref: ")
    if any(part in ("", ".", "..") for part in name.split("/")):
        return ""
    direct = _read(name, _MAX_TEXT, git, stack).decode("ascii", "replace").strip()
    if _SHA.fullmatch(direct):
        return direct
    for line in _read("packed-refs", _MAX_REFS, git, stack).decode("utf-8", "replace").splitlines():
        sha, _, ref = line.partition(" ")
        if ref == name and _SHA.fullmatch(sha):
            return sha
    return ""


def _loose(git: int, sha: str, stack: ExitStack) -> bytes:
    stored = _read(f"objects/{sha[:2]}/{sha[2:]}", _MAX_TEXT, git, stack)
    text = zlib.decompressobj().decompress(stored, _MAX_TEXT) if stored else b""
    return text.partition(b"\0")[2] if text.startswith(b"commit ") else b""


def _packed(git: int, sha: str, stack: ExitStack) -> bytes:
    try:
        packs = _open("pack", _open("objects", git, stack), stack)
    except OSError:
        return b""
    with os.scandir(packs) as entries:
        names = sorted(e.name for e in islice(entries, 4 * MAX_PACKS) if e.name.endswith(".idx"))
    for name in names[:MAX_PACKS]:
        offset = _offset(read_plain(name, MAX_INDEX, packs)[0], bytes.fromhex(sha))
        if offset is not None:
            return _object(name.removesuffix(".idx") + ".pack", offset, packs)
    return b""


def _offset(index: bytes, sha: bytes) -> int | None:
    """Where in its pack an object is, from an index of version 2; None where it is not."""
    if len(index) < 8 + 1024 or not index.startswith(b"\xfftOc\0\0\0\2"):
        return None

    def number(at: int) -> int:
        return int.from_bytes(index[at : at + 4], "big")

    count = number(8 + 4 * 255)
    shas = 8 + 1024
    if shas + count * 28 > len(index):
        return None
    low = number(8 + 4 * (sha[0] - 1)) if sha[0] else 0
    high = min(number(8 + 4 * sha[0]), count)
    while low < high:
        middle = (low + high) // 2
        found = index[shas + 20 * middle : shas + 20 * middle + 20]
        if found == sha:
            offset = number(shas + count * 24 + 4 * middle)
            return offset if offset < 1 << 31 else None  # packs of more than 2 GB have another table
        low, high = (middle + 1, high) if found < sha else (low, middle)
    return None


def _object(pack: str, offset: int, packs: int) -> bytes:
    """The text of a commit in a pack; empty where it is stored as a difference, which the newest rarely is."""
    descriptor, _ = open_plain(pack, _MAX_PACK, packs)
    if descriptor is None:
        return b""
    try:
        data = os.pread(descriptor, _MAX_TEXT, offset)
    finally:
        os.close(descriptor)
    if not data or (data[0] >> 4) & 7 != _COMMIT:
        return b""
    start = 1
    while data[start - 1] & 0x80 and start < min(len(data), 10):
        start += 1
    return zlib.decompressobj().decompress(data[start:], _MAX_TEXT)


def _time(text: bytes) -> str:
    match = _COMMITTER.search(text.partition(b"\n\n")[0])
    if match is None:
        return ""
    offset = timedelta(hours=int(match[3]), minutes=int(match[4]))
    zone = timezone(offset if match[2] == b"+" else -offset) if offset else UTC
    return datetime.fromtimestamp(int(match[1]), zone).isoformat()
