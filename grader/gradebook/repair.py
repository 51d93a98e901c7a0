"""Bring back what can be brought back: a new file made of every row that is as it was written.

Rows come from the file itself, then from the copies beside it; marks also from `marks.jsonl`. The damaged file is kept.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import GradebookError, UsageError
from . import check, copies, marks_file, opening, rows
from .book import Gradebook
from .lock import grading, marking
from .migrations import migrate
from .schema import VERSION, statements

_WORDS = {"run": "runs", "graded": "gradings of hand-ins", "finding": "findings", "mark": "marks of persons"}
_ORDER = {"graded": "run, submission", "progress": "key, part", "rendered": "submission"}
"""What the tables are ordered by that have no `rowid`."""
_KEPT = ("rubric", "run", "finding", "results", "graded", "looked", "item", "flag", "opinion")
"""Not journals and what reports were made from: the next run makes them again."""


def examine(folder: Path) -> list[str]:
    """All that is wrong with the gradebook of a folder, a line each. Writes nothing."""
    path = folder / opening.FILE
    _something(folder)
    found = [str(one) for one in _damage(folder)]
    file = marks_file.read(folder)
    if file.trouble:
        found.append(f"{marks_file.FILE}: {file.trouble}")
    with contextlib.ExitStack() as closing:
        in_table = _marks(_opened(path, closing))
    if lost := file.marks.keys() - in_table.keys():
        found.append(f"{len(lost)} marks of persons are in {marks_file.FILE} and not in {path.name}")
    if unwritten := in_table.keys() - file.marks.keys():
        found.append(f"{len(unwritten)} marks of persons are in {path.name} and not in {marks_file.FILE}")
    return found


def repair(folder: Path) -> list[str]:
    """Repair the gradebook of a folder, and say what was done, a line each. A sound one stays as it is.

    Raises:
        UsageError: there is nothing to repair from.
        GraderError: somebody is grading into the folder, or it cannot be written.
    """
    path = folder / opening.FILE
    _something(folder)
    said: list[str] = []
    with grading(folder):
        if _damage(folder):
            try:
                with marking(folder):
                    said += _rebuilt(folder)
            except OSError as error:
                raise GradebookError(f"{folder}: cannot be repaired ({error}); nothing was changed") from None
        with Gradebook(folder) as book:  # which brings marks of the table and of the file together
            said += book.remarks
        with marking(folder):
            said += _tidied(folder)
    return said or [f"{path}: nothing is damaged"]


def _something(folder: Path) -> None:
    if not (folder / opening.FILE).exists() and not opening.remains(folder):
        raise UsageError(f"{folder}: holds no {opening.FILE}, and nothing to make one of; grade first")


def _damage(folder: Path) -> list[check.Damage]:
    path = folder / opening.FILE
    try:
        if path.stat().st_size == 0:
            return [check.Damage("", "the file is empty")]
    except OSError:
        return [check.Damage("", "the file is gone")]
    with contextlib.ExitStack() as closing:
        try:
            db = opening.for_reading(path, closing)
            closing.callback(db.close)
            version = check.version(db)
            if version > VERSION:
                raise UsageError(f"{path}: is of version {version}: install the newer grader that wrote it")
            if version == 0:
                return [check.Damage("", "the file holds no tables")]
            return list(check.pages(db)) if version < VERSION else check.scan(db)
        except sqlite3.Error as error:
            return [check.Damage("", str(error))]


def _rebuilt(folder: Path) -> list[str]:
    path = (folder / opening.FILE).resolve()  # beside which SQLite has its log, too
    sources = [path, *copies.all_of(path)]
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    marks = dict(marks_file.read(folder).marks)
    counts: dict[str, list[int]] = {table: [] for table in _WORDS}
    try:
        with contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as new:
            new.execute("BEGIN")
            for statement in statements():
                new.execute(statement)
            for source in sources:
                before = {table: _count(new, table) for table in _WORDS}
                known = len(marks)
                with contextlib.ExitStack() as closing:
                    db = _opened(source, closing)
                    for table in _KEPT:
                        _copy(db, new, table, is_old=source != path)
                    for digest, values in _marks(db).items():
                        marks.setdefault(digest, values)
                for table in _WORDS:
                    counts[table].append(_count(new, table) - before[table])
                counts["mark"][-1] = len(marks) - known
            for values in sorted(marks.values(), key=lambda one: (one[0], one[6])):
                rows.put(new, "mark", dict(zip(rows.COLUMNS["mark"], values, strict=True)))
            lost = _made_consistent(new)
            new.execute(f"PRAGMA user_version = {VERSION}")
            new.execute("COMMIT")
        with contextlib.suppress(OSError):
            draft.chmod(path.stat().st_mode & 0o777)
        with draft.open("rb") as file:
            os.fsync(file)
        said = [f"{path}: was damaged: {check.in_a_line(_damage(folder))}"]
        said += _set_aside(path)
        draft.replace(path)
        marks_file.sync_folder(folder)
    finally:
        draft.unlink(missing_ok=True)
    for i, source in enumerate(sources):
        found = ", ".join(
            f"{counts[table][i]} {words}" for table, words in _WORDS.items() if counts[table][i]
        )
        said.append(f"{found or 'nothing'} from {source.name}")
    said.append(f"{len(marks)} marks of persons in all")
    said += lost
    said.append(
        "give the command that grades the class again: it runs what is missing, and draws all reports"
    )
    return said


def _opened(path: Path, closing: contextlib.ExitStack) -> sqlite3.Connection:
    """A file to read, with today's tables; an empty one where nothing of it can be read."""
    nothing = sqlite3.connect(":memory:", isolation_level=None)
    closing.callback(nothing.close)
    if not path.is_file() or path.stat().st_size == 0:
        return nothing
    try:
        db = opening.for_reading(path, closing)
        closing.callback(db.close)
        (version,) = db.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error:
        return nothing
    if not 0 < version < VERSION:
        return db
    try:
        copy = opening.in_memory(db)
        closing.callback(copy.close)
        copy.execute("BEGIN")
        migrate(copy, version)
        copy.execute("COMMIT")
        return copy
    except sqlite3.Error:  # what is left are marks, which had no second place then
        for statement in statements():
            nothing.execute(statement)
        first = "id" if version == 1 else "number"
        for values in _readable(db, "mark", (first, *rows.COLUMNS["mark"][1:-1])):
            rows.put(nothing, "mark", dict(zip(rows.COLUMNS["mark"], (*values, ""), strict=True)), "IGNORE")
        return nothing


def _copy(db: sqlite3.Connection, new: sqlite3.Connection, table: str, is_old: bool) -> None:
    """Every row that is as it was written and not there yet; what an older copy found is to be found again."""
    columns = rows.COLUMNS[table]
    blobs = ("findings", "exhibits") if table == "finding" else ()
    for row in _readable(db, table, (*columns, "digest", *blobs)):
        values = dict(zip((*columns, "digest", *blobs), row, strict=True))
        sealed = values.pop("digest")
        if sealed != rows.row_digest(table, (values[name] for name in columns)):
            continue
        if any(
            not isinstance(values[blob], bytes) or rows.hashed(values[blob]) != values[f"{blob}_hash"]
            for blob in blobs
        ):
            continue
        if blobs and is_old:
            newer = new.execute(
                "SELECT 1 FROM finding WHERE key = ? AND run >= ?", (row[0], row[1])
            ).fetchone()
            values["final"] = values["final"] if newer else 0
        rows.put(new, table, values, clash="IGNORE")


def _readable(db: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """All rows that can be reached: from the first to where the pages are damaged, then from the last one back."""
    names = ", ".join(f'"{name}"' for name in columns)
    by = _ORDER.get(table, "rowid").split(", ")
    for direction in ("ASC", "DESC"):
        order = ", ".join(f"{name} {direction}" for name in by)
        try:
            yield from db.execute(f"SELECT {names} FROM {table} NOT INDEXED ORDER BY {order}")
        except sqlite3.Error:
            continue
        return


def _marks(db: sqlite3.Connection) -> dict[str, marks_file.Values]:
    """The marks of a file that are as they were written, by digest."""
    found = {}
    for *values, sealed in _readable(db, "mark", (*rows.COLUMNS["mark"], "digest")):
        if sealed == rows.row_digest("mark", values):
            found[sealed] = tuple(values)
    return found


def _made_consistent(new: sqlite3.Connection) -> list[str]:
    """Leave out what belongs to a run that is lost, and count again what runs hold; what was lost, a line each."""
    for table in ("graded", "finding"):
        new.execute(f"DELETE FROM {table} WHERE run NOT IN (SELECT id FROM run)")
    said = []
    for values in list(rows.read(new, "run", "WHERE hand_ins IS NOT NULL ORDER BY id")):
        row = dict(zip(rows.COLUMNS["run"], values, strict=True))
        (there,) = new.execute("SELECT count(*) FROM graded WHERE run = ?", (row["id"],)).fetchone()
        if there != row["hand_ins"]:
            said.append(f"run {row['id']}: {there} of its {row['hand_ins']} hand-ins are left")
            rows.put(new, "run", {**row, "hand_ins": there}, clash="REPLACE")
    return said


def _set_aside(path: Path) -> list[str]:
    """Keep the damaged file, with all that SQLite had beside it, under another name."""
    kept = copies.free(path, "damaged")
    if path.exists():
        copies.keep(path, kept)
    for end in opening.BESIDE:  # or SQLite would take them for the new file's
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).replace(kept.with_name(kept.name + end))
    return [f"the damaged file is kept as {kept.name}"] if kept.exists() else []


def _tidied(folder: Path) -> list[str]:
    """Write `marks.jsonl` anew where lines of it cannot be read; the old one is kept."""
    path = folder / marks_file.FILE
    file = marks_file.read(folder)
    if not file.unreadable:
        return []
    with contextlib.ExitStack() as closing:
        in_table = _marks(_opened(folder / opening.FILE, closing))
    kept = copies.free(path, "damaged")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with draft.open("xb") as new:
            for values in sorted(in_table.values(), key=lambda one: (one[0], one[6])):
                new.write(marks_file.line(values))
            new.flush()
            os.fsync(new.fileno())
        draft.chmod(path.stat().st_mode & 0o777)
        copies.keep(path, kept)
        draft.replace(path)
        marks_file.sync_folder(folder)
    except OSError as error:
        raise GradebookError(f"{path}: cannot be written anew ({error})") from None
    finally:
        draft.unlink(missing_ok=True)
    return [f"{path}: written anew, with {len(in_table)} marks; the old one is kept as {kept.name}"]


def _count(db: sqlite3.Connection, table: str) -> int:
    (count,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)
