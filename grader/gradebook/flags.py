"""That a person wants a colleague to look at an answer: notes that no mark hangs on. None is ever taken out."""

from __future__ import annotations

import msgspec

from . import rows
from .book import Gradebook


class FlagRecord(msgspec.Struct, frozen=True):
    """A flag that was raised, or taken down."""

    assignment: str
    submission: str
    question: str
    raised: bool
    by: str
    at: str
    """ISO 8601, UTC, to the second."""
    note: str = ""


def add(book: Gradebook, record: FlagRecord) -> None:
    """Raise a flag, or take it down; it is on disk when this comes back."""
    with book.change(synced=True) as change:
        ((last,),) = change.execute("SELECT coalesce(max(number), 0) FROM flag").fetchall()
        values = {**msgspec.to_builtins(record), "raised": int(record.raised)}
        rows.put(change, "flag", {"number": last + 1, **values})


def raised(book: Gradebook, assignment: str) -> dict[tuple[str, str], FlagRecord]:
    """The flags that are up, by hand-in and question."""
    found = book.rows("flag", "WHERE assignment = ? ORDER BY number", (assignment,))
    flags = (FlagRecord(a, submission, q, bool(up), *rest) for _, a, submission, q, up, *rest in found)
    newest = {(one.submission, one.question): one for one in flags}
    return {place: one for place, one in newest.items() if one.raised}
