"""`grade similar`."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import GraderError, UsageError
from ..machine import clock
from ..machine.shortage import unwritable
from . import common

if TYPE_CHECKING:
    from ..assignment.reference import Reference
    from ..assignment.rubric import Rubric
    from ..gradebook.classbook import ClassBook
    from ..similar import Looked, Similar, Work

PAGE, DATA = "similar.html", "similar.json"


@click.command("similar", options_metavar="[OPTIONS]")
@click.option(
    "--against",
    multiple=True,
    type=common.PathType,
    metavar="DIR",
    help="Compare also with hand-ins that are not of this class: an earlier term, a public solution.",
)
@click.option(
    "--export",
    "layout",
    type=common.PathType,
    metavar="DIR",
    help="Write the hand-ins into a new folder as JPlag and Dolos take them.",
)
@click.option("--looked", nargs=2, metavar="ID ID", help="Note that a person has looked at these two.")
@click.option("--note", default="", help="What was seen, for --looked.")
@click.option("--by", default="", metavar="NAME", help="Who looked [the user].")
@common.out_option
@common.kept_rubric_option
@common.roster_option
@common.run_option
def similar(
    against: tuple[Path, ...],
    layout: Path | None,
    looked: tuple[str, str] | None,
    note: str,
    by: str,
    out: Path,
    rubric_path: Path | None,
    roster_path: Path | None,
    number: int | None,
) -> None:
    """Show which hand-ins of a graded class share what few others have, and what. A person decides what it means.

    Reads the gradebook, and runs nothing. No mark depends on it; it is for staff, and no report or export holds it.

    \b
    grade similar                                   reports/similar.html, and similar.json for programs
    grade similar --against 2025/                   compare with an earlier term as well
    grade similar --looked alice bob --note "..."   that somebody has looked at the two
    """  # fmt: skip
    if looked is not None:
        _note(out, rubric_path, looked, note, by or getpass.getuser())
        return
    if note or by:
        raise UsageError("--note and --by: are for --looked ID ID; give that, or leave them out")
    names = [path.resolve().name for path in against]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise UsageError(f"--against: two are called {twice}, and could not be told apart; rename one")
    from ..similar import compare, outside
    from ..similar import layout as layouts

    with common.class_book(out, rubric_path, roster_path, number) as book:
        rubric, reference = common.assignment(book.rubric.path)
        works, left_out = _class(book, out)
        for path in against:
            more, unread = _outside(path, rubric, reference)
            works, left_out = [*works, *more], {**left_out, **unread}
        given = outside.given(rubric, reference)
        found = compare(rubric.title, works, given, _looked(book), left_out)
    try:
        if layout is not None:
            count = layouts.write(works, given.code, layout)
            click.echo(f"{count} hand-ins in {layout}")
        _write(found, out)
    except OSError as error:
        raise GraderError(unwritable(layout or out, error)) from None
    for id, why in left_out.items():
        common.say(f"{id}: not compared: {why}")
    above = sum(pair.is_above for pair in found.pairs)
    pairs = "1 pair" if above == 1 else f"{above} pairs"
    click.echo(f"{len(found.members)} hand-ins compared; {pairs} above the line")
    click.echo(out / PAGE)


def _class(book: ClassBook, out: Path) -> tuple[list[Work], dict[str, str]]:
    """The hand-ins of the class, and those of which there is nothing to compare."""
    from ..grading.publish import report_folders
    from ..report.files import link_to
    from ..similar import of_report

    works, left_out = [], {id: why.rstrip(".") for id, why in book.failed.items()}
    folders, persons = report_folders(book.book, out), book.persons()
    for _, one in book.graded:
        link = f"{link_to(folders[one.submission].name)}/report.html"
        work = of_report(book.report(one, "all"), persons[one.submission], link)
        if work.code or work.answers:
            works.append(work)
        else:
            left_out[one.submission] = "it holds no code and no answer that could be read"
    return works, left_out


def _outside(path: Path, rubric: Rubric, reference: Reference) -> tuple[list[Work], dict[str, str]]:
    from ..grading.confinement import sandbox_for
    from ..handin import intake
    from ..similar import outside

    with common.workspace() as folder:
        found = intake.find([path], common.wanted(rubric, reference), folder)
        sandbox = sandbox_for(rubric, reference, folder).sandbox
        return outside.read(path.resolve().name, found, rubric, reference, sandbox, folder)


def _looked(book: ClassBook) -> dict[tuple[str, str], Looked]:
    from .. import gradebook
    from ..similar import Looked

    found = gradebook.looked.newest(book.book, book.rubric.id)
    return {pair: Looked(one.by, one.at, one.note, one.content) for pair, one in found.items()}


def _note(out: Path, rubric_path: Path | None, looked: tuple[str, str], note: str, by: str) -> None:
    """Keep that two were looked at, and show it on the page that is there."""
    from .. import gradebook
    from ..gradebook import who
    from ..report.safe_text import one_line

    with common.class_book(out, rubric_path, read_only=False) as book:
        persons = book.persons()
        left, right = sorted(who.meant(one, persons, f" in {book.book.path}") for one in looked)
        if left == right:
            raise UsageError(f"--looked: both are {left}; wanted two hand-ins")
        found = _there(out, book.rubric.title)
        content = _content(book, found, left, right)
        record = gradebook.LookedRecord(
            book.rubric.id, left, right, one_line(by), clock.now(), one_line(note), content
        )
        gradebook.looked.add(book.book, record)
        kept = _looked(book)
    if found is None:
        common.say(f"noted; {PAGE} will show it: give grade similar")
        return
    from msgspec.structs import replace

    pairs = tuple(replace(pair, looked=kept.get((pair.left, pair.right))) for pair in found.pairs)
    try:
        _write(replace(found, pairs=pairs), out)
    except OSError as error:
        raise GraderError(unwritable(out, error)) from None
    click.echo(out / PAGE)


def _content(book: ClassBook, found: Similar | None, left: str, right: str) -> str:
    """What the two held when they were looked at: as the page has it, or else the gradebook."""
    from ..similar import content, of_report

    for pair in found.pairs if found else ():
        if (pair.left, pair.right) == (left, right) and pair.content:
            return pair.content
    works = [of_report(book.report(one, "all")) for _, one in book.graded if one.submission in (left, right)]
    return content(*works) if len(works) == 2 else ""


def _there(out: Path, title: str) -> Similar | None:
    """What was found last; None where it is not there, of another version, or of another assignment."""
    import msgspec

    from ..similar import Similar

    try:
        found = msgspec.json.decode((out / DATA).read_bytes(), type=Similar)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if found.title == title else None


def _write(found: Similar, out: Path) -> None:
    import msgspec

    from ..model import spell_text
    from ..report.files import put
    from ..similar import page

    data = msgspec.json.encode(spell_text(msgspec.to_builtins(found)))
    put(
        {
            out / DATA: msgspec.json.format(data) + b"\n",
            out / PAGE: page.render(found).encode("utf-8", "replace"),
        }
    )
