"""The SQLite file while it is open, for several threads: its transactions, and its rows as they were written."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import GradebookError
from . import rows, trouble


class OpenFile:
    """What every part of the gradebook reads and changes. All raises `GradebookError` where the file is at fault."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.remarks: tuple[str, ...] = ()
        """What whoever opened it should be told, a line each."""
        self.connection: sqlite3.Connection
        """Set by whoever opens the file, with `inode`."""
        self.inode = 0, 0
        """What told the file from others when it was opened."""
        self._mutex = threading.RLock()

    def remark(self, line: str) -> None:
        """Keep something that whoever opened it should be told."""
        self.remarks = (*self.remarks, line)

    def is_where_it_was(self) -> None:
        """`GradebookError` where the file that is open has another name now, or none: what is written would be lost."""
        if self.where() != self.inode or self.inode == (0, 0):
            raise GradebookError(
                f"{self.path}: is gone, or another one, since it was opened; bring it back, and give the command again"
            )

    def where(self) -> tuple[int, int]:
        """What tells the file from another one under the same name; zeros where there is none."""
        try:
            status = self.path.stat()
        except OSError:
            return 0, 0
        return status.st_dev, status.st_ino

    @contextlib.contextmanager
    def change(self, synced: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing. With `synced` it and all before it are on disk at the end."""
        with self.alone():
            self.is_where_it_was()
            # Without a log SQLite waits for the disk each time: less would damage the file where power fails.
            relaxed = not synced and self.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            self.connection.execute(f"PRAGMA synchronous = {'NORMAL' if relaxed else 'FULL'}")
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                if self.connection.in_transaction:  # a full disk has ended it already
                    self.connection.execute("ROLLBACK")
                raise
            try:
                self.connection.execute("COMMIT")
            except sqlite3.Error:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def all(self, query: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self.alone():
            return self.connection.execute(query, tuple(parameters)).fetchall()

    def rows(self, table: str, rest: str = "", parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a table as `rows.COLUMNS`, found to be what was written; `DamagedRow` where one is not."""
        with self.alone():
            return list(rows.read(self.connection, table, rest, parameters))

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """No other thread reads or changes meanwhile; what SQLite says is a `GradebookError`."""
        try:
            with self._mutex:
                yield
        except sqlite3.Error as error:
            raise GradebookError(f"{self.path}: {trouble.in_words(error, self.path.parent)}") from error

    def shrink(self) -> None:
        """Give what was thrown away back to the disk."""
        self.all("VACUUM")
        self.all("PRAGMA wal_checkpoint(TRUNCATE)")
