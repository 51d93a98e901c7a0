"""Open the gradebook's file: to write it, in the journal that its file system bears, or to read it without a trace.

While somebody writes, the file has a write-ahead log where that is safe: readers and writers do not wait for each
other. Whoever closes it last puts all of that into the file and leaves it with a rollback journal: one file, that can
be copied, and read where nothing may be written.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from . import marks_file
from .filesystems import network_name

FILE = "gradebook.sqlite"
PATIENCE_S = 10
"""How long another program may hold the book; each of our own transactions takes milliseconds."""
COPIES = 20
"""How often a gradebook is copied to be read, as long as somebody writes it meanwhile."""
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite may have beside a file."""


class _Connection(sqlite3.Connection):
    """One whose errors can be told: where the tables' definitions are damaged, SQLite quotes them, and Python cannot
    decode what it says."""

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        try:
            return super().execute(*arguments)
        except UnicodeDecodeError as error:
            told = bytes(error.object).decode("utf-8", "replace")
            raise sqlite3.DatabaseError(told) from None


def for_writing(path: Path) -> sqlite3.Connection:
    """A connection to a file, which is made if it is missing."""
    was_log = _has_log(path)
    # Transactions are begun by hand: the module's own begin too late for a read that a write relies on.
    db = sqlite3.connect(
        path, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False, factory=_Connection
    )
    db.text_factory = _text
    try:
        # In a log, what was written before a synced change is synced with it; `synced` in the book is for these.
        db.execute("PRAGMA synchronous = FULL")
        if not network_name(path):
            with contextlib.suppress(sqlite3.OperationalError):  # held by another one: as it is, then
                db.execute("PRAGMA journal_mode = WAL")
        elif was_log:
            # It moved here from elsewhere. Alone, SQLite reads a log without memory that is shared.
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("PRAGMA journal_mode = DELETE")
            db.execute("PRAGMA locking_mode = NORMAL")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # which is when it lets go
    except BaseException:
        db.close()
        raise
    return db


def settle(db: sqlite3.Connection) -> None:
    """Put the log into the file before it is closed; where others have it open, the last of them does."""
    with contextlib.suppress(sqlite3.Error):
        db.execute("PRAGMA busy_timeout = 0")
        db.execute("PRAGMA wal_checkpoint")
        db.execute("PRAGMA journal_mode = DELETE")


def for_reading(path: Path, closing: contextlib.ExitStack) -> sqlite3.Connection:
    """A connection that writes nothing, neither the file nor beside it.

    Where SQLite could read it only by writing (a log or a journal that a killed process left), a copy is read, which
    goes with `closing`. A copy of what somebody writes meanwhile would be of two states at once: it is made again.
    """
    path = path.resolve()  # beside which SQLite has its log, too
    for left in reversed(range(COPIES)):
        if (db := _as_it_is(path)) is not None:
            return db
        before = _state(path)
        copy = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="gradebook-"))) / FILE
        for end in ("", "-wal", "-journal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(_beside(path, end), _beside(copy, end))
        if _state(path) == before or not left:
            break
    db = sqlite3.connect(copy, isolation_level=None, check_same_thread=False, factory=_Connection)
    db.text_factory = _text
    return db


def _as_it_is(path: Path) -> sqlite3.Connection | None:
    """A connection to the file itself; None where only a copy can be read without writing."""
    in_use = all(_beside(path, end).exists() for end in ("-wal", "-shm"))
    if not in_use and _has_log(path):
        return None
    db = sqlite3.connect(
        f"{path.as_uri()}?mode=ro",
        uri=True,
        timeout=PATIENCE_S,
        isolation_level=None,
        check_same_thread=False,
        factory=_Connection,
    )
    try:
        db.text_factory = _text
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return db
    except sqlite3.OperationalError as error:
        db.close()
        if not error.sqlite_errorname.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
            raise
        return None
    except BaseException:
        db.close()
        raise


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _state(path: Path) -> list[tuple[int, ...] | None]:
    """What changes where somebody writes: of the file and of each that SQLite may have beside it."""
    found: list[tuple[int, ...] | None] = []
    for end in ("", *BESIDE):
        try:
            one = _beside(path, end).stat()
        except FileNotFoundError:
            found.append(None)
        else:
            found.append((one.st_ino, one.st_size, one.st_mtime_ns))
    return found


def in_memory(db: sqlite3.Connection) -> sqlite3.Connection:
    """A copy that may be changed and is nowhere on disk."""
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    copy.text_factory = _text
    db.backup(copy)
    return copy


def remains(folder: Path) -> str:
    """What stands in a folder that a gradebook must have been beside, in words; empty where nothing does.

    Report folders say so only of a file that is there and empty: without the file they may be another grader's.
    """
    path = folder / FILE
    if (folder / marks_file.FILE).exists():
        return marks_file.FILE
    if copies := sorted(folder.glob(f"{FILE}.bak*")):
        return copies[0].name
    report = next(folder.glob("*/report.json"), None) if path.exists() else None
    return f"the report of {report.parent.name}" if report else ""


def _has_log(path: Path) -> bool:
    """Whether the file says that it has a write-ahead log: https://sqlite.org/fileformat2.html, offsets 18 and 19."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(20)[18:] == b"\2\2"
    return False


def _text(content: bytes) -> str:
    """Text that a damaged page may have made no Unicode; its digest tells."""
    return content.decode("utf-8", "surrogateescape")
