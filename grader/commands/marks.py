"""`grade mark`."""

from __future__ import annotations

import getpass
import io
import sys
from pathlib import Path

import click

from ..errors import UsageError
from . import common


@click.command("mark", options_metavar="[OPTIONS]")
@click.argument("id", required=False, metavar="[ID")
@click.argument("question", required=False, metavar="QUESTION")
@click.argument("points", required=False, metavar="POINTS]")
@click.option("--note", default="", help="A line for the student, such as why.")
@click.option("--by", default="", metavar="NAME", help="Who marks [the user].")
@common.out_option
@common.kept_rubric_option
@click.option(
    "--sheet", metavar="QUESTION", help="Print all answers to a question as CSV, with a column for marks."
)
@click.option("--from", "source", type=common.PathType, help="Take the marks of such a sheet.")
@click.option("--all-or-nothing", is_flag=True, help="Take none of a sheet of which some row does not fit.")
def mark(
    id: str | None,
    question: str | None,
    points: str | None,
    note: str,
    by: str,
    out: Path,
    rubric_path: Path | None,
    sheet: str | None,
    source: Path | None,
    all_or_nothing: bool,
) -> None:
    """Record a person's mark. The gradebook keeps it with who and when; it counts at once, and survives regrading.

    \b
    grade mark alice Q1.6 4 --note "..."     one mark; POINTS may be `suggested`
    grade mark --sheet Q1.6 > sheet.csv      all answers, equal ones in one row
    grade mark --from sheet.csv              take the sheet back; rows that do not fit are named
    """
    from .. import batch, classbook, manual_marks, publish, remarking, rendering

    one = (id, question, points)
    if sum((any(one), bool(sheet), source is not None)) != 1 or (any(one) and not all(one)):
        raise UsageError(
            "mark: wanted ID QUESTION POINTS, or --sheet QUESTION, or --from FILE; see grade mark --help"
        )
    with common.class_book(out, rubric_path, read_only=bool(sheet)) as book:
        found = classbook.reports(book)
        if sheet:
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(
                    encoding="utf-8"
                )  # it is for a spreadsheet, whatever the terminal shows
            manual_marks.sheet(found, sheet, sys.stdout)
            return
        name = by or getpass.getuser()
        troubles: tuple[str, ...] = ()
        if source is not None:
            read = manual_marks.from_sheet(found, common.content(source), str(source), name, batch.now())
            records, troubles = list(read.records), read.troubles
            if troubles and (all_or_nothing or not records):
                raise UsageError("\n".join(troubles))
        else:
            records = [
                manual_marks.given(found, str(id), str(question), str(points), name, batch.now(), note)
            ]
        book.book.add_marks(records)
        folders = publish.report_folders(book.book, out)
        ids = list(dict.fromkeys(record.submission for record in records))
        latest: classbook.ClassBook | None = book
        while latest:
            remarking.publish(latest, rendering.Here(), out, ids)
            if (out / "index.html").is_file():
                common.write_class_page(latest, out)
            latest = common.by_another_rubric(latest, rubric_path)
    for one_of in ids:
        click.echo(folders[one_of] / "report.html")
    for trouble in troubles:
        common.say(trouble)
    if troubles:
        raise UsageError(f"{len(records)} marks were taken; the rows named above do not fit, and were not")
