"""`grade gradebook`: look after the file that holds marks."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import GraderError
from . import common
from .suggesting import Suggesting


@click.group("gradebook", cls=Suggesting)
def gradebook() -> None:
    """Look after the gradebook: find out whether it is damaged, repair it, throw away what nothing refers to."""


@gradebook.command("check", options_metavar="[OPTIONS]")
@common.out_option
def check(out: Path) -> None:
    """Read all of the gradebook, and compare the marks in it with those in marks.jsonl. Writes nothing.

    \b
    Exit codes: 0 all is as it was written; 3 it is not, with a line for each damage.
    """
    from .. import gradebook

    with_trouble = gradebook.examine(out)
    for line in with_trouble:
        click.echo(line)
    if with_trouble:
        raise GraderError(
            f"{out / gradebook.FILE}: is damaged in {len(with_trouble)} places; save what can be saved with "
            f"`{gradebook.repair_command(out)}`"
        )
    click.echo(f"{out / gradebook.FILE}: nothing is damaged")


@gradebook.command("repair", options_metavar="[OPTIONS]")
@common.out_option
def repair(out: Path) -> None:
    """Make a new file of all that is as it was written: in the damaged one, in the copies beside it, and of marks also
    in marks.jsonl. The damaged one is kept. What is lost, the next `grade PATH` finds again.
    """
    from .. import gradebook

    for line in gradebook.repair(out):
        click.echo(line)


@gradebook.command("prune", options_metavar="[OPTIONS]")
@click.option(
    "--keep",
    "runs",
    type=click.IntRange(min=1),
    help="Also forget runs but the newest of this number [all stay].",
)
@common.out_option
def prune(runs: int | None, out: Path) -> None:
    """Throw away what was found and no run refers to any more, and rubrics of which the same is true. Of each
    version of a hand-in the newest grading stays, and every mark of a person.
    """
    from .. import gradebook

    with common.gradebook(out, read_only=False) as book:
        click.echo(gradebook.prune(book, runs))
