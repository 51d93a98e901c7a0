"""Write files that are either whole or not there at all, also where power fails."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, TextIO
from urllib.parse import quote

from ..model import GradeReport, to_json

_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.DOTALL)
"""What is no name of a file on Windows."""


_NAMES = ("report.html", "report.md", "report.json")
"""report.json comes last: where it is new, the other two are."""


def write(report: GradeReport, folder: Path) -> str:
    """Write report.html, report.md and report.json into `folder`; their `fingerprint` comes back.

    The folder is created. `OSError` is let through.
    """
    from . import html, markdown  # late: drawing takes as long to import as many a command to run

    contents = (html.render(report).encode(), markdown.render(report).encode(), to_json(report))
    folder.mkdir(parents=True, exist_ok=True)
    put({folder / name: content for name, content in zip(_NAMES, contents, strict=True)})
    return _hashed(contents)


def fingerprint(folder: Path) -> str:
    """First 16 hex digits of a hash of the three files in `folder`; empty where one is missing or cannot be read."""
    try:
        return _hashed((folder / name).read_bytes() for name in _NAMES)
    except OSError:
        return ""


def _hashed(contents: Iterable[bytes]) -> str:
    parts = b"".join(hashlib.sha256(content).digest() for content in contents)
    return hashlib.sha256(parts).hexdigest()[:16]


def distinct_names(ids: Iterable[str]) -> dict[str, str]:
    """For each id the name of its folder or file: no two are the same on any file system, and none is a device's.

    The id itself. But of ids that differ in upper and lower case only all but the one without upper case, and ids that
    end in dots or are a device's name on Windows, have a hash of themselves behind them.
    """
    known = sorted(set(ids))
    counts = Counter(map(_folded, known))
    return {
        id: id
        if _folded(id) == id or (counts[_folded(id)] == 1 and _folded(id) == id.casefold())
        else _with_hash(id)
        for id in known
    }


def _folded(id: str) -> str:
    """What a file system without case makes of a name; of one that it cannot have, nothing that an id is."""
    folded = unicodedata.normalize("NFC", id.casefold()).rstrip(". ")
    return "" if _DEVICE.fullmatch(folded) else folded


def _with_hash(id: str) -> str:
    content = id.encode("utf-8", "surrogatepass")
    start = content[:180].decode("utf-8", "ignore").replace(".", "_")  # `nul.txt-1` is a device too
    return f"{start}-{hashlib.sha256(content).hexdigest()[:12]}"


def link_to(folder: str) -> str:
    """The name of a folder in a link; those that are no UTF-8 arrive with their stray bytes as surrogates."""
    try:
        raw = folder.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = folder.encode("utf-8", "backslashreplace")
    return quote(raw, safe="")


def put(contents: Mapping[Path, bytes]) -> None:
    """Write all files under temporary names first, then rename them in order. `OSError` is let through."""
    drafts = {path: _draft(path) for path in contents}
    try:
        for path, content in contents.items():
            # Not `tempfile`: its files are for the owner alone, a report follows the umask.
            with drafts[path].open("xb") as file:
                file.write(content)
                _sync(file)
        for path, draft in drafts.items():
            draft.replace(path)
    finally:
        # Also after KeyboardInterrupt; a draft that was renamed is no longer there.
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


@contextlib.contextmanager
def drafted(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file to write to, which takes its place at the end. `OSError` is let through."""
    draft = _draft(path)
    try:
        with draft.open("x", encoding="utf-8", newline="") as file:
            yield file
            _sync(file)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _sync(file: IO[Any]) -> None:
    """Wait until the content is on disk: a new name must never be there before it, or it is a file of zeros."""
    file.flush()
    os.fsync(file.fileno())


def _draft(path: Path) -> Path:
    # Random, so that two runs into one folder never write to the same temporary file.
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
