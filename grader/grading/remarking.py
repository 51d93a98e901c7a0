"""Mark a class again from what its gradebook holds, and write the reports that change by it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

from ..errors import UsageError
from ..gradebook import DamagedRow, HandIn, Hashes, items
from ..gradebook.classbook import ClassBook, names_of
from ..gradebook.compare_runs import total
from ..machine import clock
from ..report.rendering import Renderer
from .publish import Current, Publisher, report_folders

_MIXED = ("grader", "dataset", "dataset_hash", "tier")


def remark(book: ClassBook) -> tuple[int, int]:
    """Record a run with marks by the class's rubric; its number, and how many hand-ins' totals are others now.

    Persons' marks are not part of a run: they stand beside all of them.
    """
    runs = {run.id: run for run in book.book.runs()}
    hand_ins = book.graded
    # The findings' own runs: what they were made with, several where these were not the same.
    sources = [runs[one.found_in] for _, one in hand_ins]
    if not sources:
        raise UsageError(
            f"{book.book.path}: no hand-in was graded by what {book.rubric.path} asks; grade first"
        )
    rubric, last = book.rubric, runs[max(runs)]
    fields = {name: ", ".join(sorted({getattr(run, name) for run in sources})) for name in _MIXED}
    hashes = Hashes(
        assignment=rubric.id,
        rubric=rubric.fingerprint,
        asking=rubric.asking,
        reference=book.reference,
        secret=rubric.secret_fingerprint,
        **fields,
    )
    number, _ = book.book.begin(
        hashes,
        rubric.content,
        (rubric.path, Path(last.roster_path) if last.roster_path else None),
        [(one.submission, one.files) for _, one in hand_ins],
        clock.now(),
        "remark",
    )
    marked = [(one, book.report(one, "none", marks={})) for _, one in hand_ins]
    changed = sum(
        _total_before(book, run, one) != raw.earned
        for (run, one), (_, raw) in zip(hand_ins, marked, strict=True)
    )
    book.book.record_all(number, marked, clock.now())
    return number, changed


def by_items(book: ClassBook, by: Callable[[], str]) -> int:
    """Give the marks anew of which an item has other points now; how many these were. `by` says who does."""
    read_at = book.book.last_mark()
    marks = [one for own in book.book.marks(book.rubric.id).values() for one in own.values()]
    if not any(one.mark.items for one in marks):
        return 0
    edits = book.book.edited_items(book.rubric.id)
    again = items.remarked(book.rubric, edits, marks, by(), clock.now())
    if again:
        book.book.add_marks(again, read_at)
    return len(again)


def _total_before(book: ClassBook, run: int, hand_in: HandIn) -> Decimal | None:
    try:
        return total(book.book.results(run, hand_in.submission))
    except DamagedRow:  # which is written anew now
        return None


def publish(
    book: ClassBook,
    renderer: Renderer,
    out: Path,
    only: Collection[str] = (),
    tick: Callable[[int, int], None] = lambda done, all: None,
) -> None:
    """Write the reports that differ from their files, of some hand-ins or of all, for whom they were written for."""
    publisher = Publisher(book.book, renderer, report_folders(book.book, out))
    wanted = [one for _, one in book.graded if not only or one.submission in only]
    for done, one in enumerate(wanted):
        tick(done, len(wanted))
        id = one.submission
        publisher.publish(id, publisher.audience(id), partial(_current, book, id))
        _raise_first(publisher.settle())
    _raise_first(publisher.settle(wait=True))
    tick(len(wanted), len(wanted))


def _current(book: ClassBook, id: str) -> Current | None:
    """What the gradebook has of a hand-in now, whatever was read of the class before."""
    one = book.newest(id)
    if one is None:
        return None
    report = partial(book.report, one, marks=book.book.marks(book.rubric.id, id).get(id, {}))
    key = f"{one.finding} {one.found_in}"
    return Current(report("none"), key, partial(report, "all"), names_of(book.roster, id, one.persons))


def _raise_first(faults: Sequence[Exception]) -> None:
    if faults:
        raise faults[0]
