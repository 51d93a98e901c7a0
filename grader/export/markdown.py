"""A table of the class for a wiki or an issue. It names hand-ins by their ids, and no persons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from ..model import ClassHead, Entry
from ..report import wording
from ..report.markdown import inline
from .notices import Notices, stamps


def write(
    head: ClassHead, entries: Iterable[Entry], file: TextIO, *, include_open: bool = False
) -> list[str]:
    """Columns are not padded: no row waits for another. A total with open points says so beside it."""
    notices = Notices(include_open=True)
    ids = [question.id for question in head.questions]
    file.write(f"# {inline(head.title)}\n\n")
    for word, sentence in stamps(head):
        file.write(f"> **{word}.** {inline(sentence)}\n\n")
    names = [f"{inline(wording.question_name(q.id))} ({wording.points(q.points)})" for q in head.questions]
    file.write(_row(["Hand-in", *names, f"Total ({wording.points(head.points)})", "Late", "Waits"]))
    file.write(_row(["---", *["---:"] * (len(ids) + 3)]))
    count = 0
    for entry in entries:
        count += 1
        notices.saw(entry)
        marks = {question.id: wording.earned(question) for question in entry.report.questions}
        waits = entry.report.open_points
        file.write(
            _row(
                [
                    inline(entry.report.submission),
                    *(marks.get(id, wording.EMPTY) for id in ids),
                    wording.points(entry.total) if entry.report.decided or entry.report.earned else "–",
                    f"-{wording.points(entry.late.deduction)}" if entry.late and entry.late.deduction else "",
                    wording.points(waits) if waits else "",
                ]
            )
        )
    file.write(f"\n{count} graded; {len(head.absent)} handed in nothing.\n")
    if head.strangers:
        file.write("\nOn nobody's row of the roster:\n\n")
        file.writelines(f"- Hand-in {inline(id)}: {inline(near)}\n" for id, near in head.strangers.items())
    if head.failed:
        file.write("\nCould not be graded:\n\n")
        file.writelines(f"- Hand-in {inline(id)}: {inline(reason)}\n" for id, reason in head.failed.items())
    run = f"Run {head.run}, {head.graded_at}, on {wording.dataset(head.dataset)}, sandbox tier {head.tier}."
    file.write(f"\n{inline(run)}\n")
    return notices.sentences(head)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
