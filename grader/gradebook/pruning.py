"""Throw away what no run and no hand-in refers to any more. Marks of persons are never among it."""

from __future__ import annotations

from . import rows
from .book import Gradebook
from .lock import grading

_ORPHANS = {
    "finding": "(key, run) NOT IN (SELECT finding, found_in FROM graded WHERE finding IS NOT NULL)",
    "results": "hash NOT IN (SELECT results FROM graded)",
    "rubric": "fingerprint NOT IN (SELECT rubric FROM run)",
}


def prune(book: Gradebook, runs: int | None) -> str:
    """Throw away findings, results and rubrics that nothing refers to; how much, in words.

    With `runs` first what runs before so many newest ones say of hand-ins, and such runs that then hold nothing. What
    counts stays: of each hand-in, in each assignment, the newest grading of every version that was handed in (by which
    it is known what inputs the next one must not see again), and the runs that found these.
    """
    with grading(book.path.parent):
        before = book.path.stat().st_size
        gone = []
        with book.change(synced=True) as change:
            if runs is not None:
                change.execute(
                    "DELETE FROM graded WHERE run NOT IN (SELECT id FROM run ORDER BY id DESC LIMIT ?1) "
                    "AND EXISTS (SELECT 1 FROM graded AS newer JOIN run AS r ON r.id = newer.run "
                    "WHERE newer.submission = graded.submission AND newer.run > graded.run "
                    "AND newer.files = graded.files AND newer.nonce = graded.nonce "
                    "AND r.assignment = (SELECT assignment FROM run WHERE id = graded.run))",
                    (runs,),
                )
                empty = (
                    "DELETE FROM run WHERE id NOT IN (SELECT id FROM run ORDER BY id DESC LIMIT ?1) "
                    "AND NOT EXISTS (SELECT 1 FROM graded WHERE graded.run = run.id OR graded.found_in = run.id)"
                )
                gone.append(f"{change.execute(empty, (runs,)).rowcount} runs")
            for table, orphaned in _ORPHANS.items():
                count = change.execute(f"DELETE FROM {table} WHERE {orphaned}").rowcount
                gone.append(f"{count} {'rubrics' if table == 'rubric' else table}")
            for values in list(rows.read(change, "run", "WHERE hand_ins IS NOT NULL")):
                row = dict(zip(rows.COLUMNS["run"], values, strict=True))
                query = "SELECT count(*) FROM graded WHERE run = ?"
                (row["hand_ins"],) = change.execute(query, (row["id"],)).fetchone()
                rows.put(change, "run", row, clash="REPLACE")
        book.shrink()
        after = book.path.stat().st_size
    return f"{', '.join(gone)}; {_size(before)} before, {_size(after)} now"


def _size(content: int) -> str:
    return f"{content / 1e6:.1f} MB"
