"""Runs: what was graded in each, under which settings, and what came of every check."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from ..errors import GradebookError, UsageError
from ..model import GradeReport, Person, spell_text
from . import rows
from .migrations import packed
from .open_file import OpenFile
from .records import HandIn, Hashes, Row, RunRecord, digest
from .rows import DamagedRow

Kind = Literal["grade", "again", "remark"]
"""Of a run: of what has changed, of all, or of marks alone."""
_UNFINISHED = "SELECT id FROM run WHERE signature = ? AND ended IS NULL AND id = (SELECT max(id) FROM run)"


class Runs(OpenFile):
    """Runs, the hand-ins of each, and their check results before persons' marks."""

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
            content = rows.text(json.dumps(rubric, default=str, ensure_ascii=False))
            rows.put(change, "rubric", {"fingerprint": hashes.rubric, "content": content}, clash="IGNORE")
            found = change.execute(_UNFINISHED, (signature,)).fetchone()
            if found:
                return found[0], True
            row = {
                "signature": signature,
                "started": at,
                "rubric_path": rows.text(str(paths[0].resolve())),
                "roster_path": rows.text(str(paths[1].resolve())) if paths[1] else "",
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


def _signature(hashes: Hashes, hand_ins: Iterable[tuple[str, str]], kind: Kind) -> str:
    """What is equal for two runs of the same."""
    return digest(
        kind, *msgspec.to_builtins(hashes).values(), *(part for pair in sorted(hand_ins) for part in pair)
    )


def _record(change: sqlite3.Connection, run: int, hand_in: HandIn, report: GradeReport | None) -> None:
    results = [
        [
            question.id,
            check.id,
            check.outcome.value,
            str(check.earned),
            str(check.points),
            rows.text(check.message),
            rows.text(check.diagnosis),
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
        "trouble": rows.text(hand_in.trouble),
        "notes": json.dumps(spell_text(hand_in.notes)),
        "persons": json.dumps(spell_text(msgspec.to_builtins(hand_in.persons))),
        "submitted": hand_in.submitted,
        "origin": rows.text(hand_in.origin),
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


def _hand_in(row: tuple[Any, ...]) -> HandIn:
    fields = dict(zip(rows.COLUMNS["graded"], row, strict=True))
    fields["notes"] = tuple(json.loads(fields["notes"]))
    fields["persons"] = msgspec.json.decode(fields["persons"], type=tuple[Person, ...])
    return HandIn(**{name: fields[name] for name in HandIn.__struct_fields__})
