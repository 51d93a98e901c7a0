"""The SQLite file: every read and every change of it."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import msgspec

from ..errors import GradebookError, GraderError, UsageError
from ..model import GradeReport, Mark, Person, spell_text
from .records import HandIn, Hashes, MarkRecord, Row, RunRecord, digest
from .schema import TABLES, VERSION

FILE = "gradebook.sqlite"
_PATIENCE_S = 10
"""How long another program may hold the book; each of our own transactions takes milliseconds."""


Kind = Literal["grade", "again", "remark"]
"""Of a run: of what has changed, of all, or of marks alone."""
_UNFINISHED = "SELECT id FROM run WHERE signature = ? AND ended IS NULL AND id = (SELECT max(id) FROM run)"


@dataclass(frozen=True)
class _Journal:
    """What of one hand-in is done already (see `runner.Journal`)."""

    book: Gradebook
    key: str

    def part(self, name: str) -> bytes | None:
        """What was kept under a name."""
        found = self.book.all("SELECT content FROM progress WHERE key = ? AND part = ?", (self.key, name))
        return found[0][0] if found else None

    def keep(self, name: str, content: bytes) -> None:
        """Keep it, on disk."""
        with self.book.change() as change:
            change.execute("INSERT OR REPLACE INTO progress VALUES (?, ?, ?)", (self.key, name, content))


class Gradebook:
    """An open gradebook, for several threads. Everything raises `GradebookError` where the file is at fault."""

    def __init__(self, folder: Path, create: bool = True) -> None:
        """The one in `folder`, made there if it is missing and may be made; else `UsageError`."""
        self.path = folder / FILE
        if not create and not self.path.is_file():
            raise UsageError(
                f"{folder}: holds no {FILE}; grade first, or name the folder of the reports with --out"
            )
        self._mutex = threading.RLock()
        with self._told():
            # Transactions are begun by hand: the module's own begin too late for a read that a write relies on.
            self._db = sqlite3.connect(
                self.path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        with self.change() as change:
            (version,) = change.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in filter(str.strip, TABLES.split(";")):
                    change.execute(statement)
                change.execute(f"PRAGMA user_version = {VERSION}")
            elif version != VERSION:
                raise GraderError(
                    f"{self.path}: is of version {version}, and this grader writes version {VERSION}; name another "
                    "folder with --out"
                )

    def close(self) -> None:
        """Close the file."""
        with self._mutex, contextlib.suppress(sqlite3.Error):
            self._db.close()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- access ----

    @contextlib.contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        with self._mutex, self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                if self._db.in_transaction:  # a full disk has ended it already
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def all(self, query: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._mutex, self._told():
            return self._db.execute(query, tuple(parameters)).fetchall()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise GradebookError(f"{self.path}: {_in_words(error)}") from error

    # ---- what was found ----

    def finding(self, key: str) -> bytes | None:
        """What marks are made from, packed; None where nothing was found yet."""
        found = self.all("SELECT findings FROM finding WHERE key = ?", (key,))
        return found[0][0] if found else None

    def exhibits(self, key: str) -> bytes | None:
        """What reports show beside, packed; None where nothing was found yet."""
        found = self.all("SELECT exhibits FROM finding WHERE key = ?", (key,))
        return found[0][0] if found else None

    def final(self, key: str) -> bool:
        """Whether there is a finding, and grading again would find the same."""
        found = self.all("SELECT final FROM finding WHERE key = ?", (key,))
        return bool(found and found[0][0])

    def journal(self, key: str) -> _Journal:
        """Where a hand-in at work keeps its finished checks."""
        return _Journal(self, key)

    def keep(self, key: str, run: int, findings: bytes, exhibits: bytes, final: bool) -> None:
        """Keep a finding; its journal is done with."""
        with self.change() as change:
            change.execute(
                "INSERT OR REPLACE INTO finding VALUES (?, ?, ?, ?, ?)", (key, run, final, findings, exhibits)
            )
            change.execute("DELETE FROM progress WHERE key = ?", (key,))

    def forget(self, keys: Iterable[str]) -> None:
        """Throw away findings and journals, so that these are graded again."""
        with self.change() as change:
            for key in keys:
                change.execute("DELETE FROM finding WHERE key = ?", (key,))
                change.execute("DELETE FROM progress WHERE key = ?", (key,))

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
            change.execute(
                "INSERT OR IGNORE INTO rubric VALUES (?, ?)",
                (hashes.rubric, json.dumps(rubric, default=str, ensure_ascii=False)),
            )
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
            places = ", ".join(f":{name}" for name in row)
            done = change.execute(f"INSERT INTO run ({', '.join(row)}) VALUES ({places})", row)
            assert done.lastrowid is not None
            return done.lastrowid, False

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
        rows = [
            (
                run,
                hand_in.submission,
                question.id,
                check.id,
                check.outcome.value,
                str(check.earned),
                str(check.points),
                _text(check.message),
                _text(check.diagnosis),
                json.dumps(check.mistakes),
                check.carried_from,
            )
            for question in (report.questions if report else ())
            for check in question.checks
        ]
        with self.change() as change:
            change.execute("DELETE FROM graded WHERE run = ? AND submission = ?", (run, hand_in.submission))
            change.execute(
                "INSERT INTO graded VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run,
                    hand_in.submission,
                    hand_in.files,
                    hand_in.finding,
                    _text(hand_in.trouble),
                    json.dumps(spell_text(hand_in.notes)),
                    json.dumps(spell_text(msgspec.to_builtins(hand_in.persons))),
                    hand_in.submitted,
                    _text(hand_in.origin),
                    hand_in.nonce,
                ),
            )
            change.executemany("INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def end(self, run: int, at: str) -> None:
        """Say that all hand-ins of a run are recorded; what is left of journals is of no more use."""
        with self.change() as change:
            change.execute("UPDATE run SET ended = ? WHERE id = ?", (at, run))
            change.execute("DELETE FROM progress")

    def rendered(self, submission: str) -> str:
        """What the report files of a hand-in were last made from, as a hash; empty where nothing says so."""
        found = self.all("SELECT token FROM rendered WHERE submission = ?", (submission,))
        return found[0][0] if found else ""

    def set_rendered(self, submission: str, token: str) -> None:
        """Say what they were made from."""
        with self.change() as change:
            change.execute("INSERT OR REPLACE INTO rendered VALUES (?, ?)", (submission, token))

    def runs(self) -> list[RunRecord]:
        """All runs, the oldest first."""
        columns = RunRecord.__struct_fields__
        return [RunRecord(*row) for row in self.all(f"SELECT {', '.join(columns)} FROM run ORDER BY id")]

    def run(self, number: int) -> RunRecord:
        """One run; `UsageError` where there is none of that number."""
        runs = {run.id: run for run in self.runs()}
        if number not in runs:
            known = f"1 to {max(runs)}" if runs else "none"
            raise UsageError(f"{self.path}: there is no run {number}; there are {known}")
        return runs[number]

    def rubric(self, fingerprint: str) -> dict[str, Any]:
        """A rubric as plain data, without its secret."""
        found: dict[str, Any] = json.loads(
            self.all("SELECT content FROM rubric WHERE fingerprint = ?", (fingerprint,))[0][0]
        )
        return found

    def hand_ins(self, run: int | None = None, assignment: str = "") -> list[tuple[int, HandIn]]:
        """The hand-ins of a run, each with its number; or of each hand-in the newest of any run. Sorted by id.

        With `assignment` only those of its runs.
        """
        chosen = (
            "run = ?1"
            if run is not None
            else "run = (SELECT max(run) FROM graded AS newer JOIN run AS r ON r.id = newer.run "
            "WHERE newer.submission = graded.submission AND ?2 IN ('', r.assignment))"
        )
        rows = self.all(
            "SELECT run, submission, files, finding, trouble, notes, persons, submitted, origin, nonce "
            "FROM graded "
            f"WHERE {chosen} AND (?1 IS NULL OR run = ?1) "
            "AND ?2 IN ('', (SELECT assignment FROM run AS r WHERE r.id = graded.run)) ORDER BY submission",
            (run, assignment),
        )
        return [
            (
                number,
                HandIn(
                    submission,
                    files,
                    finding,
                    trouble,
                    tuple(json.loads(notes)),
                    msgspec.json.decode(persons, type=tuple[Person, ...]),
                    submitted,
                    origin,
                    nonce,
                ),
            )
            for number, submission, files, finding, trouble, notes, persons, submitted, origin, nonce in rows
        ]

    def found_in(self) -> dict[str, int]:
        """Key of each finding to the number of the run that made it: that run's hashes are the finding's."""
        return dict(self.all("SELECT key, run FROM finding"))

    def results(self, run: int, submission: str = "") -> list[Row]:
        """The check results of a run, of one hand-in or of all; by hand-in and check."""
        rows = self.all(
            'SELECT run, submission, question, "check", outcome, earned, points, message, diagnosis, mistakes, '
            "carried_from FROM result WHERE run = ? AND ? IN ('', submission) ORDER BY submission, \"check\"",
            (run, submission),
        )
        names = Row.__struct_fields__
        return [
            msgspec.convert(dict(zip(names, (*row[:9], json.loads(row[9]), row[10]), strict=True)), Row)
            for row in rows
        ]

    # ---- persons' marks ----

    def add_marks(self, marks: Iterable[MarkRecord]) -> None:
        """Add marks, all of them or none; none is ever taken out."""
        rows = [
            (
                m.assignment,
                m.submission,
                m.question,
                str(m.mark.points),
                _text(m.mark.by),
                m.mark.at,
                _text(m.mark.note),
                m.answer,
            )
            for m in marks
        ]
        with self.change() as change:
            change.executemany(
                'INSERT INTO mark (assignment, submission, question, points, "by", at, note, answer) '
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def all_marks(self, assignment: str = "", submission: str = "") -> list[MarkRecord]:
        """All marks ever given, of one assignment or of all, to one hand-in or to all; the oldest first."""
        rows = self.all(
            'SELECT assignment, submission, question, points, "by", at, note, answer FROM mark '
            "WHERE ? IN ('', assignment) AND ? IN ('', submission) ORDER BY id",
            (assignment, submission),
        )
        return [MarkRecord(r[0], r[1], r[2], Mark(Decimal(r[3]), r[4], r[5], r[6]), r[7]) for r in rows]

    def marks(self, assignment: str, submission: str = "") -> dict[str, dict[str, MarkRecord]]:
        """The marks that count, by hand-in and question: of each the newest."""
        found: dict[str, dict[str, MarkRecord]] = {}
        for record in self.all_marks(assignment, submission):
            found.setdefault(record.submission, {})[record.question] = record
        return found


def _signature(hashes: Hashes, hand_ins: Iterable[tuple[str, str]], kind: Kind) -> str:
    """What is equal for two runs of the same."""
    return digest(
        kind, *msgspec.to_builtins(hashes).values(), *(part for pair in sorted(hand_ins) for part in pair)
    )


def _in_words(error: sqlite3.Error) -> str:
    """What is wrong with the file, and what to do."""
    name = getattr(error, "sqlite_errorname", "")
    kinds = {
        "SQLITE_BUSY": f"another program has held it for {_PATIENCE_S} seconds; close that, and give the command again",
        "SQLITE_LOCKED": "another program holds it; close that, and give the command again",
        "SQLITE_FULL": "the disk is full; make room, and give the command again: it goes on where it was",
        "SQLITE_READONLY": "cannot be written; make it and its folder writable, or name another folder with --out",
        "SQLITE_CANTOPEN": "cannot be opened; make its folder writable, or name another with --out",
        "SQLITE_NOTADB": "is no gradebook; move it away, or name another folder with --out",
        "SQLITE_CORRUPT": "is damaged; move it away or back from a copy, or name another folder with --out",
        "SQLITE_IOERR": "cannot be read or written; look at the disk, and give the command again: it goes on where it "
        "was",
    }
    for kind, words in kinds.items():
        if name.startswith(kind):
            return f"{words} ({error})"
    return f"{error} ({name})"


def _text(text: str) -> str:
    """Text that SQLite can hold: what is no Unicode is escaped."""
    return str(spell_text(text))
