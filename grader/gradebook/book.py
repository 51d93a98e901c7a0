"""The gradebook, opened: found whole, brought to today's tables, and its marks to the same as in the file beside."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from types import TracebackType

from ..errors import GradebookError, GraderError, UsageError
from . import check, copies, opening
from .found import Found
from .given_marks import GivenMarks
from .lock import marking, no_marking
from .migrations import migrate
from .opening import FILE
from .runs import Runs
from .schema import VERSION, statements
from .trouble import repair_command


class Gradebook(Found, Runs, GivenMarks):
    """An open gradebook, for several threads. Everything raises `GradebookError` where the file is at fault."""

    def __init__(self, folder: Path, create: bool = True, read_only: bool = False) -> None:
        """The one in `folder`, made there if it is missing and may be made; else `UsageError`.

        With `read_only` nothing is written, not even beside it; one with tables of an earlier version is read as if it
        had today's. `GradebookError` where so much of it is damaged that marks could be wrong.
        """
        super().__init__(folder / FILE)
        self._read_only = read_only
        self._closing = contextlib.ExitStack()
        if not self.path.is_file() or self.path.stat().st_size == 0:
            self._may_begin(create and not read_only)
        try:
            with self.alone(), no_marking(folder) if read_only else contextlib.nullcontext():
                self.connection = (
                    opening.for_reading(self.path, self._closing)
                    if read_only
                    else opening.for_writing(self.path)
                )
                self._closing.callback(self.connection.close)
                self._prepare()
        except BaseException:
            self.close()
            raise

    def _may_begin(self, create: bool) -> None:
        """Find out whether a file without tables is a new one, and not one that has lost them."""
        if beside := opening.remains(self.path.parent):
            state = "is empty" if self.path.exists() else "is gone"
            raise GradebookError(
                f"{self.path}: {state}, and beside it stands {beside}: bring what it held back with "
                f"`{repair_command(self.path.parent)}`, or name another folder with --out to begin anew"
            )
        if not create:
            raise UsageError(
                f"{self.path.parent}: holds no {FILE}; grade first, or name the folder of the reports with --out"
            )

    def _prepare(self) -> None:
        version = check.version(self.connection)
        self.inode = self.where()
        self.is_where_it_was()
        if version == 0:
            self._may_begin(not self._read_only)
        if version > VERSION or version < 0:
            raise GraderError(
                f"{self.path}: is of version {version}, and this grader knows versions to {VERSION}: a newer one "
                "wrote it; install that, or name another folder with --out"
            )
        if 0 < version < VERSION and (found := list(check.pages(self.connection))):
            self._refuse(found)
        if self._read_only:
            if version < VERSION:
                self.connection = opening.in_memory(self.connection)
                self._closing.callback(self.connection.close)
                with self.change():
                    migrate(self.connection, version)
            self._look()
            self.compare_marks()
            return
        with marking(self.path.parent):
            if version < VERSION:
                self._renew(version)
            self._look()
            if version and (trouble := copies.daily(self.connection, self.path, date.today())):
                self.remark(trouble)
            self.reconcile_marks()

    def _renew(self, version: int) -> None:
        """Bring the tables to today's version, with a copy beside the file; or make them."""
        if version:
            try:
                copy = copies.of_version(self.connection, self.path, version)
            except OSError as error:
                raise GradebookError(
                    f"{self.path}: cannot be copied before its tables are changed ({error})"
                ) from None
        with self.change() as change:
            version = check.version(change)  # another process may have been first
            if version == 0:
                for statement in statements():
                    change.execute(statement)
                change.execute(f"PRAGMA user_version = {VERSION}")
            elif version < VERSION:
                migrate(change, version)
                self.remark(
                    f"{self.path}: its tables were of version {version} and are of {VERSION} now; "
                    f"{copy.name} is as it was"
                )

    def _look(self) -> None:
        """Say what is damaged; `GradebookError` where marks could be wrong by it."""
        found = check.scan(self.connection)
        if any(not one.is_found_anew for one in found):
            self._refuse(found)
        if found:
            self.remark(f"{self.path}: {check.in_a_line(found)} is damaged; `grade PATH` makes it again")

    def _refuse(self, found: Iterable[check.Damage]) -> None:
        raise GradebookError(
            f"{self.path}: is damaged ({check.in_a_line(found)}); save what can be saved with "
            f"`{repair_command(self.path.parent)}`"
        )

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(sqlite3.Error, GradebookError), self.alone():
            if not self._read_only and hasattr(self, "connection"):
                opening.settle(self.connection)
            self._closing.close()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
