"""`grade mark`."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from ..errors import UsageError
from ..machine import clock
from . import common, completion

if TYPE_CHECKING:
    from ..gradebook import MarkRecord
    from ..gradebook.classbook import ClassBook
    from ..gradebook.manual_marks import Emptied
    from ..model import GradeReport, QuestionResult

_WAYS = (
    "mark: wanted ID QUESTION POINTS, or ID QUESTION --item KEY, or ID QUESTION --withdraw, or --sheet QUESTION, or "
    "--from FILE, or --question QUESTION --empty POINTS; see grade mark --help"
)


@click.command("mark", options_metavar="[OPTIONS]")
@click.argument("id", required=False, metavar="[ID", shell_complete=completion.ids)
@click.argument("question", required=False, metavar="QUESTION", shell_complete=completion.questions)
@click.argument("points", required=False, metavar="POINTS]")
@click.option(
    "--item",
    "keys",
    multiple=True,
    metavar="KEY",
    help="An item of the rubric, by key or id; can be given again.",
)
@click.option("--adjust", metavar="POINTS", help="What is added to the worth of the items, or taken off.")
@click.option("--note", default="", help="A line for the student, such as why.")
@click.option("--by", default="", metavar="NAME", help="Who marks [the user].")
@click.option(
    "--withdraw", is_flag=True, help="Take the mark of ID QUESTION back: the automatic one counts again."
)
@common.out_option
@common.kept_rubric_option
@common.roster_option
@click.option(
    "--sheet",
    metavar="QUESTION",
    shell_complete=completion.questions,
    help="Print all answers to a question as CSV, with a column for marks.",
)
@click.option("--from", "source", type=common.PathType, help="Take the marks of such a sheet.")
@click.option("--all-or-nothing", is_flag=True, help="Take nothing of a sheet in which a row is refused.")
@click.option(
    "--question",
    "of_all",
    metavar="QUESTION",
    shell_complete=completion.questions,
    help="The question that --empty is about.",
)
@click.option("--empty", metavar="POINTS", help="Give this to all who wrote nothing under --question.")
def mark(
    id: str | None,
    question: str | None,
    points: str | None,
    keys: tuple[str, ...],
    adjust: str | None,
    note: str,
    by: str,
    withdraw: bool,
    out: Path,
    rubric_path: Path | None,
    roster_path: Path | None,
    sheet: str | None,
    source: Path | None,
    all_or_nothing: bool,
    of_all: str | None,
    empty: str | None,
) -> None:
    """Record a person's mark. The gradebook keeps it with who and when; it counts at once, and survives regrading.

    ID is an id, the beginning of one, a name, a number or a login.

    \b
    grade mark alice Q1.6 4 --note "..."     one mark; POINTS may be `suggested`
    grade mark alice Q1.6 --item 1 --item 4  what is true of it; `grade rubric items` shows the items
    grade mark alice Q1.6 --withdraw         take it back; the automatic one counts again
    grade mark --sheet Q1.6 > sheet.csv      all answers, equal ones in one row
    grade mark --from sheet.csv              take the sheet back: rows that nobody changed change nothing
    grade mark --question Q1.6 --empty 0     all who wrote nothing, and have no mark yet
    """
    from ..gradebook import classbook, manual_marks, mark_sheet, who

    one_of = sum((points is not None, bool(keys), withdraw)) == 1 and (adjust is None or bool(keys))
    single = id is not None and question is not None and one_of
    stray = () if single else (id, question, points, withdraw, keys, adjust)
    ways = (single, sheet is not None, source is not None, of_all is not None and empty is not None)
    if sum(ways) != 1 or any(stray) or (of_all is None) != (empty is None):
        raise UsageError(_WAYS)
    with common.class_book(out, rubric_path, roster_path, read_only=sheet is not None) as book:
        if sheet is not None:
            mark_sheet.write(classbook.reports(book), sheet, common.standard_output_in_utf8())
            return
        read_at = book.book.last_mark()
        name, at = by or getpass.getuser(), clock.now()
        refused: list[str] = []
        if single:
            one = who.meant(str(id), book.persons(), f" in {book.book.path}")
            found = classbook.reports(book, [one])
            given = _Given(one, str(question), name, at, note)
            records = [given.record(book, found, points, keys, adjust)]
            _is_there(book, records[0])
        elif source is not None:
            found = classbook.reports(book)
            taken = mark_sheet.taken_back(found, common.content(source), str(source), name, at)
            records, refused = taken.records, taken.refused
        else:
            found = classbook.reports(book)
            emptied = manual_marks.for_the_empty(found, str(of_all), str(empty), name, at, note)
            records = emptied.records
        if refused and all_or_nothing:
            raise UsageError("\n".join([*refused, "nothing of the sheet was taken"]))
        if records:
            book.book.add_marks(records, None if single else read_at)
            draw(book, out, rubric_path, list(dict.fromkeys(record.submission for record in records)))
        _tell(book, found, records)
        if source is not None:
            click.echo(_count(len(records), taken.unchanged))
        elif not single:
            _tell_of_the_empty(emptied)
        for line in refused:
            common.say(line)
        if refused:
            left = "1 row was refused" if len(refused) == 1 else f"{len(refused)} rows were refused"
            raise UsageError(f"{left}; the others count")
        if single:
            from ..grading.publish import report_folders

            click.echo(report_folders(book.book, out)[records[0].submission] / "report.html")


class _Given(NamedTuple):
    """A mark that was typed, but for what is given."""

    id: str
    question: str
    by: str
    at: str
    note: str

    def record(
        self,
        book: ClassBook,
        found: Mapping[str, GradeReport],
        points: str | None,
        keys: tuple[str, ...],
        adjust: str | None,
    ) -> MarkRecord:
        """Of points, or of items of the rubric as they count now; of neither, that the one before is taken back."""
        from ..gradebook import items, manual_marks

        if points is not None:
            return manual_marks.given(found, self.id, self.question, points, self.by, self.at, self.note)
        if not keys:
            return manual_marks.withdrawn(found, *self)
        question_id = manual_marks.question_id(found, self.id, self.question)
        question = next(one for one in book.rubric.questions if one.id == question_id)
        offered = items.counting(question, book.book.edited_items(book.rubric.id))
        adjustment = manual_marks.number(adjust, "--adjust") if adjust else Decimal(0)
        chosen = items.chosen(offered, keys)
        mark = items.made(question, chosen, adjustment, self.by, self.at, self.note)
        return manual_marks.record(found, self.id, question_id, mark)


def _is_there(book: ClassBook, record: MarkRecord) -> None:
    """`UsageError` where a mark is to be taken back and there is none."""
    given = book.marks.get(record.submission, {})
    if record.withdrawn and record.question not in given:
        marked = ", ".join(given) or "none"
        where = f"{record.submission} {record.question}"
        raise UsageError(f"{where}: has no mark of a person that could be withdrawn; marked are: {marked}")


def draw(book: ClassBook, out: Path, rubric_path: Path | None, ids: list[str]) -> None:
    """Write what changes by new marks: the reports of these, and the class page where there is one."""
    from ..grading import remarking
    from ..report import rendering

    latest: ClassBook | None = replace(book)
    while latest:
        remarking.publish(latest, rendering.Here(), out, ids)
        if (out / "index.html").is_file():
            common.write_class_page(latest, out)
        latest = common.by_another_rubric(latest, rubric_path)


def _tell(book: ClassBook, before: Mapping[str, GradeReport], records: list[MarkRecord]) -> None:
    """Of each mark what was there, what is there now, and the total."""
    from ..gradebook import classbook
    from ..report import wording
    from ..report.safe_text import one_line

    if not records:
        return
    now = classbook.reports(book.anew(), [record.submission for record in records])
    names = book.persons()
    for record in records:
        id = record.submission
        named = " and ".join(person.name for person in names[id] if person.name)
        old, new = (_question(reports[id], record.question) for reports in (before, now))
        total = " -> ".join(_total(reports[id].earned) for reports in (before, now))
        still = now[id].open_points
        waits = f", {wording.points(still)} still open" if still else ""
        changed = f"{_was(old)} -> {_was(new)} of {wording.points(new.points)}"
        click.echo(
            one_line(
                f"{id}{f' ({named})' if named else ''} {record.question}: {changed}; "
                f"total {total} of {wording.points(now[id].points)}{waits}"
            )
        )


def _question(report: GradeReport, id: str) -> QuestionResult:
    return next(question for question in report.questions if question.id == id)


def _total(points: Decimal) -> str:
    from ..report import wording

    return wording.points(points)


def _was(question: QuestionResult) -> str:
    """What a question is worth, and by whom."""
    from ..report import wording

    if question.mark is not None:
        return f"{wording.points(question.earned)} (by {question.mark.by})"
    if question.open_points == question.points:
        return "open"
    more = f" and {wording.points(question.open_points)} open" if question.open_points else ""
    return f"{wording.points(question.earned)}{more} (automatic)"


def _count(given: int, unchanged: int) -> str:
    marks = "1 mark" if given == 1 else f"{given} marks"
    rows = "1 row" if unchanged == 1 else f"{unchanged} rows"
    return f"{marks} taken; {rows} as before"


def _tell_of_the_empty(emptied: Emptied) -> None:
    click.echo(f"{len(emptied.records)} wrote nothing and are marked")
    if emptied.marked_already:
        click.echo(f"marked before, and left as they are: {', '.join(emptied.marked_already)}")
    if emptied.to_look_at:
        click.echo(f"not certain to be empty, for a person to look at: {', '.join(emptied.to_look_at)}")
