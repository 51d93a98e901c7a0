"""`grade mark`."""

from __future__ import annotations

import getpass
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
) -> None:
    """Record a person's mark. The gradebook keeps it with who and when; it counts at once, and survives regrading.

    \b
    grade mark alice Q1.6 4 --note "..."     one mark; POINTS may be `suggested`
    grade mark --sheet Q1.6 > sheet.csv      all answers, equal ones in one row
    grade mark --from sheet.csv              take the sheet back, all of it or nothing
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
            manual_marks.sheet(found, sheet, sys.stdout)
            return
        name = by or getpass.getuser()
        if source is not None:
            records = manual_marks.from_sheet(found, common.text(source), str(source), name, batch.now())
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
