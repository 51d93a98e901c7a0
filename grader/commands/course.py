"""Commands for a class: what would be graded, its history, exports, feedback."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import GraderError
from ..machine.shortage import unwritable
from . import common, completion

if TYPE_CHECKING:
    from rich.table import Table

    from ..gradebook import Gradebook, MarkRecord

_NAMED = 8
"""Hand-ins that a line names."""
_FORMATS = ("csv", "canvas", "gradescope", "moodle", "json", "junit", "markdown")


@click.command("intake", options_metavar="[OPTIONS]")
@click.argument("paths", nargs=-1, required=True, type=common.PathType, metavar="PATH...")
@click.option("--list", "listing", is_flag=True, help="Show it; what the command does anyway.")
@common.rubric_option
@common.roster_option
def intake(
    paths: tuple[Path, ...], listing: bool, rubric_path: Path | None, roster_path: Path | None
) -> None:
    """Show what would be graded at PATH, and why, before anything runs.

    Takes folders, archives, and downloads of Canvas, Moodle, Gradescope and GitHub Classroom as they are.
    """
    from rich.table import Table

    from ..handin import intake as intakes
    from ..report.safe_text import one_line

    rubric, reference = common.assignment(rubric_path)
    roster_path = roster_path or common.roster_beside(paths)
    roster = common.roster(roster_path)
    with common.workspace() as folder:
        found = intakes.find(paths, common.wanted(rubric, reference), folder)
        rows = intakes.describe(found)
    table = Table(box=None, pad_edge=False)
    for title in ("id", "who", "module", "notebook", "recognised as", "handed in", "remarks"):
        table.add_column(title, overflow="fold")
    for row in rows:
        remarks = "; ".join(row.remarks)
        table.add_row(*_cells(row.id, row.who, row.module, row.notebook, row.how, row.submitted, remarks))
    common.console(**({} if sys.stdout.isatty() else {"width": 160})).print(table)
    click.echo(f"{len(found)} hand-ins")
    common.tell_of_foreign_list(roster_path, roster, [(one.id, one.persons) for one in found])
    if roster:
        for student in roster.absent([(one.id, one.person) for one in found]):
            who = student.person
            click.echo(f"handed in nothing: {one_line(who.name or who.email or who.number or who.login)}")
        for id, near in roster.strangers(
            [(one.id, p) for one in found for p in one.persons or (one.person,)]
        ).items():
            click.echo(one_line(f"on nobody's row of the roster: {id}: {near}"))


@click.command("export", options_metavar="[OPTIONS]")
@click.option("--format", "kind", required=True, type=click.Choice(_FORMATS), help="Which format.")
@click.option("--to", "target", type=common.PathType, help="File or folder to write; - prints it.")
@click.option(
    "--include-open", is_flag=True, help="Give hand-ins that wait for a person what they have so far."
)
@common.out_option
@common.kept_rubric_option
@common.roster_option
@common.run_option
def export(
    kind: str,
    target: Path | None,
    include_open: bool,
    out: Path,
    rubric_path: Path | None,
    roster_path: Path | None,
    number: int | None,
) -> None:
    """Write the class's marks for a course system, a spreadsheet or a program.

    Persons' marks are in them; the rubric's late policy is applied here, and nowhere else.
    """
    from ..export import FORMATS
    from ..handin import tables
    from ..report.files import drafted

    chosen = FORMATS[kind]
    path = target or Path(chosen.file_name)
    with common.class_book(out, rubric_path, roster_path, number) as book:
        head, entries = book.head(), book.entries(chosen.per_person)
        try:
            if chosen.write_folder is not None:
                remarks = chosen.write_folder(head, entries, path, include_open=include_open)
            elif chosen.write is not None and str(path) == "-":
                remarks = chosen.write(head, entries, sys.stdout, include_open=include_open)
            else:
                assert chosen.write is not None
                with drafted(path) as file:
                    file.write(tables.MARK if chosen.for_spreadsheet else "")
                    remarks = chosen.write(head, entries, file, include_open=include_open)
        except OSError as error:
            raise GraderError(unwritable(path, error)) from None
    for remark in remarks:
        common.say(remark)
    if str(path) != "-":
        click.echo(path)


@click.command("feedback", options_metavar="[OPTIONS]")
@click.argument("folder", type=common.PathType)
@common.out_option
@common.kept_rubric_option
@common.roster_option
@common.run_option
def feedback(
    folder: Path, out: Path, rubric_path: Path | None, roster_path: Path | None, number: int | None
) -> None:
    """Write one report for each student into FOLDER, without what is hidden, named for upload."""
    from ..export import feedback as feedbacks

    with (
        common.class_book(out, rubric_path, roster_path, number) as book,
        common.progress_bar("reports") as tick,
    ):
        done = feedbacks.write(book, folder, common.cores(), tick)
    same = f", {done.count - done.drawn} of them as they were" if done.drawn < done.count else ""
    if left := done.not_for_canvas:
        some = ", ".join(left[:_NAMED]) + (", ..." if len(left) > _NAMED else "")
        common.say(
            f"Canvas cannot take back the pages of {len(left)} hand-ins ({some}): it knows them by an attachment's id, "
            "and none is known; where its download has one, grade that again"
        )
    click.echo(f"{done.count} reports in {folder}{same}")


@click.command("history", options_metavar="[OPTIONS]")
@click.argument("id", required=False, metavar="[ID]", shell_complete=completion.ids)
@common.out_option
def history(id: str | None, out: Path) -> None:
    """All runs in the gradebook; or of one hand-in, by ID, its points in each, and persons' marks."""
    from rich.text import Text

    from ..gradebook import who
    from ..report.safe_text import one_line
    from ..report.wording import mark_of_items

    with common.gradebook(out) as book:
        if id is not None:
            persons = {one.submission: one.persons for _, one in book.hand_ins()}
            id = who.meant(id, persons, f" in {book.path}")
        table = _all_runs(book) if id is None else _runs_of(book, id)
        wide = common.console(**({} if sys.stdout.isatty() else {"width": 160}))
        wide.print(table)
        for record in book.all_marks(submission=id) if id else ():
            mark = record.mark
            wide.print(
                Text(
                    one_line(f"{mark.at}  {record.question}: {_given(record)} by {mark.by}")
                    + (f": {one_line(mark.note)}" if mark.note else "")
                    + (f" [{one_line(made)}]" if (made := mark_of_items(mark)) else "")
                )
            )


def _all_runs(book: Gradebook) -> Table:
    """A line for each run."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in (
        "run",
        "begun (UTC)",
        "ended",
        "hand-ins",
        "rubric",
        "reference",
        "dataset",
        "tier",
    ):
        table.add_column(title)
    for run in book.runs():
        ended, count = run.ended or "not finished", len(book.hand_ins(run.id))
        table.add_row(
            *_cells(run.id, run.started, ended, count, run.rubric, run.reference, run.dataset, run.tier)
        )
    return table


def _runs_of(book: Gradebook, id: str) -> Table:
    """A line for each run of one hand-in, with its points."""
    from rich.table import Table

    from ..gradebook.compare_runs import total
    from ..report.wording import points

    table = Table(box=None, pad_edge=False)
    for title in ("run", "begun (UTC)", "points", "files", "nonce", "rubric", "reference", "dataset"):
        table.add_column(title)
    for run in book.runs():
        for _, one in book.hand_ins(run.id):
            if one.submission == id:
                earned = total(book.results(run.id, id))
                shown = one.trouble if earned is None else points(earned)
                row = (
                    run.id,
                    run.started,
                    shown,
                    one.files[:8],
                    one.nonce,
                    run.rubric,
                    run.reference,
                    run.dataset,
                )
                table.add_row(*_cells(*row))
    return table


def _given(record: MarkRecord) -> str:
    from ..report.wording import points

    return "withdrawn" if record.withdrawn else points(record.mark.points)


def _cells(*values: object) -> list[str]:
    """Text for a table, in which nothing is taken for markup."""
    from rich.markup import escape

    from ..report.safe_text import one_line

    return [escape(one_line(str(value))) for value in values]


@click.command("diff", options_metavar="[OPTIONS]")
@click.argument("run1", type=int)
@click.argument("run2", type=int)
@common.out_option
def diff(run1: int, run2: int, out: Path) -> None:
    """Whose marks differ between two runs: by how much, in which check, and why. Persons' marks are left out.

    \b
    grade history            the runs and their numbers
    grade diff 3 4           from run 3 to run 4
    """
    from ..gradebook import compare_runs
    from ..report.safe_text import one_line
    from ..report.wording import points

    with common.gradebook(out) as book:
        first, then = book.run(run1), book.run(run2)
        rubrics = book.rubric(first.rubric), book.rubric(then.rubric)
        files = tuple({one.submission: one for _, one in book.hand_ins(run)} for run in (run1, run2))
        found = compare_runs.changes(book.results(run1), book.results(run2), (files[0], files[1]))
    for line in compare_runs.settings(first, then, rubrics):
        click.echo(one_line(line))
    for change in found:
        totals = ("not graded" if total is None else points(total) for total in (change.before, change.after))
        again = "  (other files were handed in)" if change.resubmitted else ""
        click.echo(f"{one_line(change.submission)}: {' -> '.join(totals)}{again}")
        for check in change.checks:
            worth = (
                "-" if row is None else f"{points(row.earned)} / {points(row.points)}"
                for row in (check.before, check.after)
            )
            click.echo(f"    {check.question} {check.check}: {' -> '.join(worth)}. {one_line(check.why)}")
    for own, other, run in ((files[0], files[1], run1), (files[1], files[0], run2)):
        if only := sorted(own.keys() - other.keys()):
            some = ", ".join(map(one_line, only[:_NAMED])) + (", ..." if len(only) > _NAMED else "")
            what = "1 hand-in" if len(only) == 1 else f"{len(only)} hand-ins"
            click.echo(f"only in run {run}, and not compared: {what} ({some})")
    click.echo(f"{len(found)} of {len(files[0].keys() & files[1].keys())} hand-ins changed")


@click.command("handout", options_metavar="[OPTIONS]")
@click.argument("file", type=common.PathType, metavar="OUT.zip")
@common.rubric_option
def handout(file: Path, rubric_path: Path | None) -> None:
    """Make what students get: the files to fill in, and public checks to try them with. No answers are in it."""
    from ..editions import handout as handouts

    rubric, reference = common.assignment(rubric_path)
    names = handouts.make(rubric, reference, file)
    if reference.coded is not None:
        common.say("this assignment's checks need its solution: no public checks are in the handout")
    click.echo(f"{len(names)} files in {file}")
