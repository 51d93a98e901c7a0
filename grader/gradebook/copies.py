"""Copies of the gradebook beside it: one a day, and one before its tables are changed."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
from datetime import date, datetime
from pathlib import Path

from . import marks_file

_DAILY = (".bak", ".bak.1", ".bak.2")
"""The newest first."""


def all_of(path: Path) -> list[Path]:
    """The copies of a file that are there, the newest first."""
    found = [path.with_name(path.name + end) for end in _DAILY]
    older = sorted(path.parent.glob(f"{path.name}.version-*"), reverse=True)
    return [copy for copy in (*found, *older) if copy.is_file()]


def daily(db: sqlite3.Connection, path: Path, today: date) -> str:
    """Copy the file where there is no copy of today; why that failed, in words, or nothing."""
    newest, *older = [path.with_name(path.name + end) for end in _DAILY]
    with contextlib.suppress(FileNotFoundError):
        if datetime.fromtimestamp(newest.stat().st_mtime).date() == today:
            return ""
    try:
        draft = _draft(db, path)
        for target, source in reversed(list(zip(older, [newest, *older], strict=False))):
            with contextlib.suppress(FileNotFoundError):
                source.replace(target)
        draft.replace(newest)
        marks_file.sync_folder(path.parent)
    except (OSError, sqlite3.Error) as error:
        return f"{newest}: today's copy of the gradebook cannot be written ({error})"
    return ""


def of_version(db: sqlite3.Connection, path: Path, version: int) -> Path:
    """Copy a file before its tables are changed; `OSError` or `sqlite3.Error` where that fails."""
    copy = free(path, f"version-{version}")
    _draft(db, path).replace(copy)
    marks_file.sync_folder(path.parent)
    return copy


def free(path: Path, what: str) -> Path:
    """A name beside a file, which says what that is, and which no file has."""
    name, number = f"{path.name}.{what}", 1
    while (kept := path.with_name(name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return kept


def keep(path: Path, kept: Path) -> None:
    """Keep a file under another name as well, before it is replaced."""
    try:
        kept.hardlink_to(path)
    except OSError:  # sshfs and others have no such links
        shutil.copy2(path, kept)


def _draft(db: sqlite3.Connection, path: Path) -> Path:
    """The whole file under another name, with what is still in its log, on disk."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as target:
            shutil.copymode(path, draft)
            db.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
        descriptor = os.open(draft, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft
