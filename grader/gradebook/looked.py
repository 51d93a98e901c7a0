"""That persons have looked at two hand-ins side by side: notes that no mark hangs on. None is ever taken out."""

from __future__ import annotations

import msgspec

from . import rows
from .book import Gradebook


class LookedRecord(msgspec.Struct, frozen=True):
    """A note on two hand-ins, which are sorted."""

    assignment: str
    left: str
    right: str
    by: str
    at: str
    """ISO 8601, UTC, to the second."""
    note: str
    content: str = ""
    """Of what the two held then (see `grader.similar`); empty where nobody knows."""


def add(book: Gradebook, record: LookedRecord) -> None:
    """Add a note; it is on disk when this comes back."""
    with book.change(synced=True) as change:
        ((last,),) = change.execute("SELECT coalesce(max(number), 0) FROM looked").fetchall()
        rows.put(change, "looked", {"number": last + 1, **msgspec.to_builtins(record)})


def newest(book: Gradebook, assignment: str) -> dict[tuple[str, str], LookedRecord]:
    """The newest note on each two hand-ins of an assignment."""
    found = book.rows("looked", "WHERE assignment = ? ORDER BY number", (assignment,))
    notes = (LookedRecord(*values[1:]) for values in found)
    return {(one.left, one.right): one for one in notes}
