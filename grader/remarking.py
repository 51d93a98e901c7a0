"""Mark a class again from what its gradebook holds, and write the reports that change by it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from . import batch
from .classbook import ClassBook
from .compare_runs import total
from .gradebook import Hashes
from .publish import Publisher
from .rendering import Renderer


def remark(book: ClassBook) -> tuple[int, int]:
    """Record a run with marks by the class's rubric; its number, and how many hand-ins' totals are others now.

    Persons' marks are not part of a run: they stand beside all of them.
    """
    last = book.book.runs()[-1]
    rubric = book.rubric
    fields = {name: getattr(last, name) for name in Hashes.__struct_fields__}
    hashes = Hashes(
        **{**fields, "assignment": rubric.id, "rubric": rubric.fingerprint, "asking": rubric.asking}
    )
    hand_ins = book.graded
    number, _ = book.book.begin(
        hashes, rubric.content, rubric.path, [(one.submission, one.files) for _, one in hand_ins], batch.now()
    )
    changed = 0
    for run, one in hand_ins:
        raw = book.report(one, run, "none", marks=False)
        before = total(book.book.results(run, one.submission))
        book.book.record(number, one, raw)
        changed += before != raw.earned
    book.book.end(number, batch.now())
    return number, changed


def publish(
    book: ClassBook,
    renderer: Renderer,
    out: Path,
    only: Collection[str] = (),
    tick: Callable[[int, int], None] = lambda done, all: None,
) -> None:
    """Write the reports that differ from their files, of some hand-ins or of all, for whom they were written for."""
    publisher = Publisher(book.book, renderer, out)
    wanted = [(run, one) for run, one in book.graded if not only or one.submission in only]
    for done, (run, one) in enumerate(wanted):
        tick(done, len(wanted))
        assert one.finding is not None
        light = book.report(one, run, "none")
        publisher.publish(
            light,
            one.finding,
            publisher.audience(one.submission),
            lambda: book.report(one, run, "all"),  # noqa: B023 -- called at once
        )
        _raise_first(publisher.settle())
    _raise_first(publisher.settle(wait=True))
    tick(len(wanted), len(wanted))


def _raise_first(faults: Sequence[Exception]) -> None:
    if faults:
        raise faults[0]
