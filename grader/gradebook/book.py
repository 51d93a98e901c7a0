"""The SQLite file: every read and every change of it."""

from __future__ import annotations

import contextlib
import json
import shlex
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import msgspec

from ..errors import GradebookError, GraderError, UsageError
from ..model import GradeReport, Person, spell_text
from . import check, copies, marks_file, opening, rows
from .lock import marking, no_marking
from .migrations import migrate, packed
from .opening import FILE
from .records import HandIn, Hashes, ItemRecord, MarkRecord, Row, RunRecord, digest
from .rows import DamagedRow
from .schema import VERSION, statements

Kind = Literal["grade", "again", "remark"]
"""Of a run: of what has changed, of all, or of marks alone."""
_UNFINISHED = "SELECT id FROM run WHERE signature = ? AND ended IS NULL AND id = (SELECT max(id) FROM run)"


@dataclass(frozen=True)
class _Journal:
    """What of one hand-in is done already (see `runner.Journal`)."""

    book: Gradebook
    key: str

    def part(self, name: str) -> bytes | None:
        """What was kept under a name; what is damaged was not."""
        try:
            found = self.book.rows("progress", "WHERE key = ? AND part = ?", (self.key, name))
        except DamagedRow:
            return None
        return found[0][2] if found else None

    def keep(self, name: str, content: bytes) -> None:
        """Keep it, on disk."""
        with self.book.change() as change:
            rows.put(change, "progress", {"key": self.key, "part": name, "content": content}, clash="REPLACE")


class Crossing(UsageError):
    """That somebody has marked the same since it was looked at; nothing was saved."""

    def __init__(self, met: MarkRecord) -> None:
        super().__init__(
            f"{met.submission} {met.question}: {met.mark.by} has marked it at this moment; nothing was saved, give the "
            "command again"
        )
        self.met = met


class Gradebook:
    """An open gradebook, for several threads. Everything raises `GradebookError` where the file is at fault."""

    def __init__(self, folder: Path, create: bool = True, read_only: bool = False) -> None:
        """The one in `folder`, made there if it is missing and may be made; else `UsageError`.

        With `read_only` nothing is written, not even beside it; one with tables of an earlier version is read as if it
        had today's. `GradebookError` where so much of it is damaged that marks could be wrong.
        """
        self.path = folder / FILE
        self.remarks: tuple[str, ...] = ()
        """What whoever opened it should be told, a line each."""
        self._mutex = threading.RLock()
        self._read_only = read_only
        self._closing = contextlib.ExitStack()
        if not self.path.is_file() or self.path.stat().st_size == 0:
            self._may_begin(create and not read_only)
        try:
            with self._told(), no_marking(folder) if read_only else contextlib.nullcontext():
                self._db = (
                    opening.for_reading(self.path, self._closing)
                    if read_only
                    else opening.for_writing(self.path)
                )
                self._closing.callback(self._db.close)
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
        version = check.version(self._db)
        self._inode = self._where()
        self._is_where_it_was()
        if version == 0:
            self._may_begin(not self._read_only)
        if version > VERSION or version < 0:
            raise GraderError(
                f"{self.path}: is of version {version}, and this grader knows versions to {VERSION}: a newer one "
                "wrote it; install that, or name another folder with --out"
            )
        if 0 < version < VERSION and (found := list(check.pages(self._db))):
            self._refuse(found)
        if self._read_only:
            if version < VERSION:
                self._db = opening.in_memory(self._db)
                self._closing.callback(self._db.close)
                with self.change():
                    migrate(self._db, version)
            self._look()
            self._compare_marks()
            return
        with marking(self.path.parent):
            if version < VERSION:
                self._renew(version)
            self._look()
            if version and (trouble := copies.daily(self._db, self.path, date.today())):
                self._remark(trouble)
            self._reconcile_marks()

    def _renew(self, version: int) -> None:
        """Bring the tables to today's version, with a copy beside the file; or make them."""
        if version:
            try:
                copy = copies.of_version(self._db, self.path, version)
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
                self._remark(
                    f"{self.path}: its tables were of version {version} and are of {VERSION} now; "
                    f"{copy.name} is as it was"
                )

    def _look(self) -> None:
        """Say what is damaged; `GradebookError` where marks could be wrong by it."""
        found = check.scan(self._db)
        if any(not one.is_found_anew for one in found):
            self._refuse(found)
        if found:
            self._remark(f"{self.path}: {check.in_a_line(found)} is damaged; `grade PATH` makes it again")

    def _refuse(self, found: Iterable[check.Damage]) -> None:
        raise GradebookError(
            f"{self.path}: is damaged ({check.in_a_line(found)}); save what can be saved with "
            f"`{repair_command(self.path.parent)}`"
        )

    def _remark(self, line: str) -> None:
        self.remarks = (*self.remarks, line)

    def _is_where_it_was(self) -> None:
        """`GradebookError` where the file that is open has another name now, or none: what is written would be lost."""
        if self._where() != self._inode or self._inode == (0, 0):
            raise GradebookError(
                f"{self.path}: is gone, or another one, since it was opened; bring it back, and give the command again"
            )

    def _where(self) -> tuple[int, int]:
        """What tells the file from another one under the same name; zeros where there is none."""
        try:
            status = self.path.stat()
        except OSError:
            return 0, 0
        return status.st_dev, status.st_ino

    def close(self) -> None:
        """Close the file."""
        with self._mutex, contextlib.suppress(sqlite3.Error):
            if not self._read_only and hasattr(self, "_db"):
                opening.settle(self._db)
            self._closing.close()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- access ----

    @contextlib.contextmanager
    def change(self, synced: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing. With `synced` it and all before it are on disk at the end."""
        with self._mutex, self._told():
            self._is_where_it_was()
            # Without a log SQLite waits for the disk each time: less would damage the file where power fails.
            relaxed = not synced and self._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            self._db.execute(f"PRAGMA synchronous = {'NORMAL' if relaxed else 'FULL'}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                if self._db.in_transaction:  # a full disk has ended it already
                    self._db.execute("ROLLBACK")
                raise
            try:
                self._db.execute("COMMIT")
            except sqlite3.Error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def all(self, query: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._mutex, self._told():
            return self._db.execute(query, tuple(parameters)).fetchall()

    def rows(self, table: str, rest: str = "", parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a table as `rows.COLUMNS`, found to be what was written; `DamagedRow` where one is not."""
        with self._mutex, self._told():
            return list(rows.read(self._db, table, rest, parameters))

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise GradebookError(f"{self.path}: {_in_words(error, self.path.parent)}") from error

    def shrink(self) -> None:
        """Give what was thrown away back to the disk."""
        self.all("VACUUM")
        self.all("PRAGMA wal_checkpoint(TRUNCATE)")

    # ---- what was found ----

    def finding(self, key: str, run: int | None = None) -> bytes | None:
        """What marks are made from, packed: of the run that found it, else the newest. None where nothing was found."""
        return self._found(key, run, "findings")

    def exhibits(self, key: str, run: int | None = None) -> bytes | None:
        """What reports show beside, packed: of the run that found it, else the newest. None where nothing was found."""
        return self._found(key, run, "exhibits")

    def _found(self, key: str, run: int | None, blob: Literal["findings", "exhibits"]) -> bytes | None:
        rest = "WHERE key = ?1 AND ?2 IN (run, -1) ORDER BY run DESC LIMIT 1"
        with self._mutex:
            found = self.rows("finding", rest, (key, -1 if run is None else run))
            if not found:
                return None
            _, made, _, *hashes = found[0]
            blobs = self.all(f"SELECT {blob} FROM finding WHERE key = ? AND run = ?", (key, made))
        if not blobs:  # another process has pruned it in between
            return None
        ((content,),) = blobs
        if not isinstance(content, bytes) or rows.hashed(content) != hashes[blob == "exhibits"]:
            raise DamagedRow("finding", rows.named("finding", (key, made)))
        return content

    def final(self, key: str) -> int | None:
        """The run of the newest finding, if grading again would find the same and it is what was written; else None."""
        try:
            found = self.rows("finding", "WHERE key = ? ORDER BY run DESC LIMIT 1", (key,))
            if not found or not found[0][2]:
                return None
            self.finding(key)
            self.exhibits(key)
        except DamagedRow:
            return None
        return int(found[0][1])

    def journal(self, key: str) -> _Journal:
        """Where a hand-in at work keeps its finished checks."""
        return _Journal(self, key)

    def keep(self, key: str, run: int, findings: bytes, exhibits: bytes, final: bool) -> None:
        """Keep what a run found, beside what earlier ones did; its journal is done with."""
        row = {
            "key": key,
            "run": run,
            "final": int(final),
            "findings_hash": rows.hashed(findings),
            "exhibits_hash": rows.hashed(exhibits),
            "findings": findings,
            "exhibits": exhibits,
        }
        with self.change(synced=True) as change:
            rows.put(change, "finding", row, clash="REPLACE")
            change.execute("DELETE FROM progress WHERE key = ?", (key,))

    def begin_anew(self, keys: Iterable[str]) -> None:
        """Throw away journals, so that these are graded from the start. What was found stays until it is found anew."""
        with self.change() as change:
            change.executemany("DELETE FROM progress WHERE key = ?", ((key,) for key in keys))

    # ---- runs ----

    def begin(
        self,
        hashes: Hashes,
        rubric: Mapping[str, Any],
        paths: tuple[Path, Path | None],
        hand_ins: Iterable[tuple[str, str]],
        at: str,
        kind: Kind = "grade",
    ) -> tuple[int, bool]:
        """The number of a new run, or of the last one where that has not ended and is the same.

        It is the same with the same hand-ins (id, files), hashes and kind; `True` then comes back with the number. An
        earlier one never goes on: what is graded last counts. `rubric` is kept, to say later what changed in it;
        `paths` are where commands on this gradebook look for rubric and roster.
        """
        signature = _signature(hashes, hand_ins, kind)
        with self.change() as change:
            content = _text(json.dumps(rubric, default=str, ensure_ascii=False))
            rows.put(change, "rubric", {"fingerprint": hashes.rubric, "content": content}, clash="IGNORE")
            found = change.execute(_UNFINISHED, (signature,)).fetchone()
            if found:
                return found[0], True
            row = {
                "signature": signature,
                "started": at,
                "rubric_path": _text(str(paths[0].resolve())),
                "roster_path": _text(str(paths[1].resolve())) if paths[1] else "",
                **msgspec.to_builtins(hashes),
            }
            (number,) = change.execute("SELECT coalesce(max(id), 0) + 1 FROM run").fetchone()
            rows.put(change, "run", {"id": number, "ended": None, "hand_ins": None, **row})
            return number, False

    def goes_on(self, hashes: Hashes, hand_ins: Iterable[tuple[str, str]], kind: Kind = "grade") -> bool:
        """Whether `begin` would go on with the last run."""
        return bool(self.all(_UNFINISHED, (_signature(hashes, hand_ins, kind),)))

    def tries(self, assignment: str) -> dict[str, list[tuple[str, str]]]:
        """How each hand-in of an assignment was graded so far: (files, nonce) by id, the oldest first."""
        found: dict[str, list[tuple[str, str]]] = {}
        for submission, files, nonce in self.all(
            "SELECT submission, files, g.nonce FROM graded AS g JOIN run AS r ON r.id = g.run "
            "WHERE r.assignment = ? AND g.nonce != '' ORDER BY run",
            (assignment,),
        ):
            found.setdefault(submission, []).append((files, nonce))
        return found

    def record(self, run: int, hand_in: HandIn, report: GradeReport | None) -> None:
        """Write a hand-in of a run, and its check results before persons' marks; in place of those written before."""
        with self.change() as change:
            _record(change, run, hand_in, report)

    def record_all(self, run: int, marked: Iterable[tuple[HandIn, GradeReport]], at: str) -> None:
        """Write all hand-ins of a run, and its end, at once."""
        with self.change(synced=True) as change:
            for hand_in, report in marked:
                _record(change, run, hand_in, report)
            _end(change, run, at)

    def end(self, run: int, at: str) -> None:
        """Say that all hand-ins of a run are recorded; what is left of journals is of no more use."""
        with self.change(synced=True) as change:
            _end(change, run, at)

    def rendered(self, submission: str) -> str:
        """What the report files of a hand-in were last made from, as a hash; empty where nothing says so."""
        try:
            found = self.rows("rendered", "WHERE submission = ?", (submission,))
        except DamagedRow:
            return ""
        return found[0][1] if found else ""

    def set_rendered(self, submission: str, token: str) -> None:
        """Say what they were made from."""
        with self.change() as change:
            rows.put(change, "rendered", {"submission": submission, "token": token}, clash="REPLACE")

    def version(self, submission: str = "") -> str:
        """Another text whenever a hand-in was recorded or marked; without `submission`, a run was begun or ended, or
        any was marked. (What a run at work records is not told of: it draws the class at its end.)
        """
        table = "graded" if submission else "run"
        where = "WHERE submission = ?1" if submission else ""
        query = f"SELECT digest FROM {table} {where} UNION ALL SELECT digest FROM mark {where}"
        wanted = (submission,) if submission else ()
        return digest(*sorted(one for (one,) in self.all(query, wanted)))

    def runs(self) -> list[RunRecord]:
        """All runs, the oldest first."""
        columns, names = rows.COLUMNS["run"], RunRecord.__struct_fields__
        found = (dict(zip(columns, row, strict=True)) for row in self.rows("run", "ORDER BY id"))
        return [RunRecord(*(row[name] for name in names)) for row in found]

    def run(self, number: int) -> RunRecord:
        """One run; `UsageError` where there is none of that number."""
        runs = {run.id: run for run in self.runs()}
        if number not in runs:
            known = f"1 to {max(runs)}" if runs else "none"
            raise UsageError(f"{self.path}: there is no run {number}; there are {known}")
        return runs[number]

    def rubric(self, fingerprint: str) -> dict[str, Any]:
        """A rubric as plain data, without its secret."""
        kept = self.rows("rubric", "WHERE fingerprint = ?", (fingerprint,))
        if not kept:
            raise GradebookError(f"{self.path}: the rubric {fingerprint} of that run was lost by a damage")
        found: dict[str, Any] = json.loads(kept[0][1])
        return found

    def hand_ins(
        self, run: int | None = None, assignment: str = "", submission: str = ""
    ) -> list[tuple[int, HandIn]]:
        """The hand-ins of a run, each with its number; or of each hand-in the newest of any run. Sorted by id.

        With `assignment` only those of its runs; with `submission` that one alone.
        """
        chosen = (
            "run = ?1"
            if run is not None
            else "run = (SELECT max(run) FROM graded AS newer JOIN run AS r ON r.id = newer.run "
            "WHERE newer.submission = graded.submission AND ?2 IN ('', r.assignment))"
        )
        found = self.rows(
            "graded",
            f"WHERE {chosen} AND (?1 IS NULL OR run = ?1) "
            "AND ?2 IN ('', (SELECT assignment FROM run AS r WHERE r.id = graded.run))"
            # Not one query for both: to find the rows of one among all is what the index is for.
            + (" AND submission = ?3" if submission else "")
            + " ORDER BY submission",
            (run, assignment, submission) if submission else (run, assignment),
        )
        return [(row[0], _hand_in(row)) for row in found]

    def ids(self) -> list[str]:
        """The ids of all hand-ins of all runs, sorted."""
        return [id for (id,) in self.all("SELECT DISTINCT submission FROM graded ORDER BY submission")]

    def findings(self) -> set[tuple[str, int]]:
        """Key and run of all that was found and can be read: a run's hashes are those of what it found."""
        with self._mutex, self._told():
            return {(key, run) for key, run, *_ in rows.read(self._db, "finding", skip=True)}

    def results(self, run: int, submission: str | None = None) -> list[Row]:
        """The check results of a run, of one hand-in or of all; by hand-in and check."""
        rest = (
            "WHERE run = ?" + ("" if submission is None else " AND submission = ?") + " ORDER BY submission"
        )
        found = []
        for row in self.rows("graded", rest, (run,) if submission is None else (run, submission)):
            for _, content in self.rows("results", "WHERE hash = ?", (row[-1],)):
                found += [
                    msgspec.convert(dict(zip(Row.__struct_fields__, (run, row[1], *rest), strict=True)), Row)
                    for rest in json.loads(zlib.decompress(content))
                ]
        return found

    # ---- persons' marks ----

    def add_marks(
        self, marks: Iterable[MarkRecord], read_at: int | None = None, edited: ItemRecord | None = None
    ) -> None:
        """Add marks, all of them or none; none is ever taken out. They are on disk, twice, when this comes back.

        `read_at` is `last_mark` from before these were decided: `Crossing` where somebody has marked one of the same
        questions since. `edited` is an item that was changed, for which these are given anew; it is kept with them.

        The line is written before the row is certain: what a crash leaves half done is a mark that nobody was told is
        saved, and that is there. Where the row cannot be written, the line is taken out again.
        """
        folder = self.path.parent
        with marking(folder), marks_file.adding(folder) as add, self.change(synced=True) as change:
            marks = list(marks)
            last = self.last_mark()
            if read_at is not None:
                self._refuse_crossing(marks, read_at)
            new = [
                (
                    number,
                    *map(_text, (m.assignment, m.submission, m.question, marks_file.points(m), m.mark.by)),
                    *map(_text, (m.mark.at, m.mark.note, marks_file.given_for(m), marks_file.chosen(m))),
                )
                for number, m in enumerate(marks, last + 1)
            ]
            _put_marks(change, new)
            if edited is not None:
                ((number,),) = change.execute("SELECT coalesce(max(number), 0) + 1 FROM item").fetchall()
                values = {name: _text(value) for name, value in msgspec.to_builtins(edited).items()}
                rows.put(change, "item", {"number": number, **values})
            add(new)

    def marks_since(self, assignment: str, number: int) -> list[MarkRecord]:
        """The marks that were given after the one of that number, the oldest first."""
        found = self.rows(
            "mark", "WHERE assignment = ? AND number > ? ORDER BY number, at, id", (assignment, number)
        )
        return [marks_file.record(values) for values in found]

    def edited_items(self, assignment: str) -> dict[str, list[ItemRecord]]:
        """The rubric's items that were changed or added while marking, by question: the newest of each, in order."""
        found: dict[tuple[str, str], ItemRecord] = {}
        for row in self.rows("item", "WHERE assignment = ? ORDER BY number", (assignment,)):
            fields = dict(zip(rows.COLUMNS["item"][1:], row[1:], strict=True))
            one = msgspec.convert(fields, ItemRecord, strict=False)
            found[one.question, one.id] = one
        by_question: dict[str, list[ItemRecord]] = {}
        for one in found.values():
            by_question.setdefault(one.question, []).append(one)
        return by_question

    def last_mark(self) -> int:
        """The number of the newest mark; zero where there is none."""
        ((last,),) = self.all("SELECT coalesce(max(number), 0) FROM mark")
        return int(last)

    def _refuse_crossing(self, marks: Iterable[MarkRecord], read_at: int) -> None:
        since = [marks_file.record(row) for row in self.rows("mark", "WHERE number > ?", (read_at,))]
        newer = {(one.assignment, one.submission, one.question): one for one in since}
        for one in marks:
            if met := newer.get((one.assignment, one.submission, one.question)):
                raise Crossing(met)

    def _reconcile_marks(self) -> None:
        """Bring the table and the file beside it to the same marks. Only under `lock.marking`."""
        in_file, lines = self._marks()
        if in_file.trouble:
            self._remark(f"{self.path.parent / marks_file.FILE}: {in_file.trouble}")
        if lost := [values for one, values in in_file.marks.items() if one not in lines]:
            with self.change(synced=True) as change:
                _put_marks(change, lost)
            self._remark(f"{self.path}: {_count(len(lost))} brought back from {marks_file.FILE}")
        if unwritten := [values for one, values in lines.items() if one not in in_file.marks]:
            with marks_file.adding(self.path.parent) as add:
                add(unwritten)
            if in_file.marks or in_file.unreadable:
                self._remark(f"{marks_file.FILE}: {_count(len(unwritten))} brought back from {self.path}")

    def _compare_marks(self) -> None:
        """`GradebookError` where the file beside has marks that the table has not: what is read would be wrong.

        Only under `lock.no_marking`, and the table read or copied under the same: else the file may be the newer one.
        """
        in_file, lines = self._marks()
        if in_file.trouble:
            self._remark(f"{self.path.parent / marks_file.FILE}: {in_file.trouble}")
        if lost := [one for one in in_file.marks if one not in lines]:
            raise GradebookError(
                f"{self.path}: lacks {len(lost)} of the marks in {marks_file.FILE}; bring them back with "
                f"`{repair_command(self.path.parent)}`"
            )

    def _marks(self) -> tuple[marks_file.MarksFile, dict[str, marks_file.Values]]:
        """The marks of the file beside, and of the table, by digest, in order."""
        in_table = self.rows("mark", "ORDER BY number, at, id")
        return marks_file.read(self.path.parent), {rows.row_digest("mark", one): one for one in in_table}

    def all_marks(self, assignment: str = "", submission: str = "") -> list[MarkRecord]:
        """All marks ever given, of one assignment or of all, to one hand-in or to all; the oldest first."""
        # Not one query for both: to find a hand-in's few marks among all is what the index is for.
        wanted = {"assignment": assignment, "submission": submission}
        chosen = " AND ".join(f"{name} = ?" for name, value in wanted.items() if value)
        rest = f"{'WHERE ' if chosen else ''}{chosen} ORDER BY number, at, id"
        found = self.rows("mark", rest, filter(None, wanted.values()))
        return [marks_file.record(values) for values in found]

    def marks(self, assignment: str, submission: str = "") -> dict[str, dict[str, MarkRecord]]:
        """The marks that count, by hand-in and question: of each the newest, where that did not take one back."""
        found: dict[str, dict[str, MarkRecord]] = {}
        for record in self.all_marks(assignment, submission):
            found.setdefault(record.submission, {})[record.question] = record
        return {
            id: {question: one for question, one in marks.items() if not one.withdrawn}
            for id, marks in found.items()
        }


def _signature(hashes: Hashes, hand_ins: Iterable[tuple[str, str]], kind: Kind) -> str:
    """What is equal for two runs of the same."""
    return digest(
        kind, *msgspec.to_builtins(hashes).values(), *(part for pair in sorted(hand_ins) for part in pair)
    )


def repair_command(folder: Path) -> str:
    """What to type where a gradebook is damaged."""
    return f"grade gradebook repair --out {shlex.quote(str(folder))}"


def _record(change: sqlite3.Connection, run: int, hand_in: HandIn, report: GradeReport | None) -> None:
    results = [
        [
            question.id,
            check.id,
            check.outcome.value,
            str(check.earned),
            str(check.points),
            _text(check.message),
            _text(check.diagnosis),
            check.mistakes,
            check.carried_from,
        ]
        for question in (report.questions if report else ())
        for check in question.checks
    ]
    content = packed(sorted(results, key=lambda row: row[1]))
    rows.put(change, "results", {"hash": rows.hashed(content), "content": content}, clash="REPLACE")
    row = {
        "run": run,
        "submission": hand_in.submission,
        "files": hand_in.files,
        "finding": hand_in.finding,
        "found_in": hand_in.found_in,
        "trouble": _text(hand_in.trouble),
        "notes": json.dumps(spell_text(hand_in.notes)),
        "persons": json.dumps(spell_text(msgspec.to_builtins(hand_in.persons))),
        "submitted": hand_in.submitted,
        "origin": _text(hand_in.origin),
        "nonce": hand_in.nonce,
        "results": rows.hashed(content),
    }
    rows.put(change, "graded", row, clash="REPLACE")


def _end(change: sqlite3.Connection, run: int, at: str) -> None:
    (values,) = rows.read(change, "run", "WHERE id = ?", (run,))
    (count,) = change.execute("SELECT count(*) FROM graded WHERE run = ?", (run,)).fetchone()
    row = {**dict(zip(rows.COLUMNS["run"], values, strict=True)), "ended": at, "hand_ins": count}
    rows.put(change, "run", row, clash="REPLACE")
    change.execute("DELETE FROM progress")


def _put_marks(change: sqlite3.Connection, marks: Iterable[marks_file.Values]) -> None:
    for values in marks:
        rows.put(change, "mark", dict(zip(rows.COLUMNS["mark"], values, strict=True)), clash="IGNORE")


def _hand_in(row: tuple[Any, ...]) -> HandIn:
    fields = dict(zip(rows.COLUMNS["graded"], row, strict=True))
    fields["notes"] = tuple(json.loads(fields["notes"]))
    fields["persons"] = msgspec.json.decode(fields["persons"], type=tuple[Person, ...])
    return HandIn(**{name: fields[name] for name in HandIn.__struct_fields__})


def _count(marks: int) -> str:
    return f"{marks} mark{'' if marks == 1 else 's'} of persons"


def _in_words(error: sqlite3.Error, folder: Path) -> str:
    """What is wrong with the file, and what to do."""
    name = getattr(error, "sqlite_errorname", "")
    kinds = {
        "SQLITE_BUSY": f"another program has held it for {opening.PATIENCE_S} seconds; close that, and give the "
        "command again",
        "SQLITE_LOCKED": "another program holds it; close that, and give the command again",
        "SQLITE_FULL": "the disk is full; make room, and give the command again: it goes on where it was",
        "SQLITE_READONLY": "cannot be written; make it and its folder writable, or name another folder with --out",
        "SQLITE_CANTOPEN": "cannot be opened; make its folder writable, or name another with --out",
        "SQLITE_NOTADB": "is no gradebook, or is damaged from its first page on; save what can be saved with "
        f"`{repair_command(folder)}`",
        "SQLITE_CORRUPT": f"is damaged; save what can be saved with `{repair_command(folder)}`",
        "SQLITE_IOERR": "cannot be read or written; look at the disk, and give the command again: it goes on where it "
        "was",
    }
    if not name and not isinstance(error, sqlite3.ProgrammingError):
        return f"is damaged ({error}); save what can be saved with `{repair_command(folder)}`"
    for kind, words in kinds.items():
        if name.startswith(kind):
            return f"{words} ({error})"
    return f"{error} ({name})"


def _text(text: str) -> str:
    """Text that SQLite can hold: what is no Unicode is escaped."""
    return str(spell_text(text))
