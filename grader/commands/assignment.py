"""Commands for who writes an assignment: `grade new` and `grade check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from . import common

if TYPE_CHECKING:
    from ..assignment.reference import Reference
    from ..assignment.rubric import Rubric


@click.command("check", options_metavar="[OPTIONS]")
@click.argument("name", metavar="NAME")
@click.option("--all", "whole", is_flag=True, help="Show every row, not only what is not as it should be.")
def check(name: str, whole: bool) -> None:
    """Try an assignment with checks of its own: NAME is that of rubrics/NAME.toml, or the path of a rubric.

    The solution has to earn everything, the template nothing, and every declared mistake has to lose points and be
    named. What is wrong in the assignment's files is a line with the file and the line in it.

    \b
    Exit codes: 0 all is well; 1 something is not as it should be; 2 a file that cannot be used.
    """
    path = _rubric(name)
    rubric, reference = common.assignment(path)
    if reference.coded is None:
        raise UsageError(
            f"{path}: has no checks of its own in {reference.folder}; use: grade selftest {path}"
        )
    raise SystemExit(int(examine(rubric, reference, whole) > 0))


def examine(rubric: Rubric, reference: Reference, whole: bool) -> int:
    """Prove an assignment with checks of its own and say how it went; how many things are not as they should be."""
    from ..coded.coded import SLOW
    from ..selftest.declared import prove

    path, rows, trouble = rubric.path, 0, 0
    console = common.console()
    with common.workspace() as folder, common.status(console, path.name) as say:
        for row in prove(rubric, reference, folder, say):
            rows += 1
            trouble += len(row.trouble)
            lost = ", ".join(f"{id} -{points}" for id, points in row.lost.items()) or "loses nothing"
            if whole:
                click.echo(f"{row.name}: {lost}" + (f"; named: {', '.join(row.named)}" if row.named else ""))
            for line in row.trouble:
                click.echo(line)
    checks = len(reference.coded.units)
    state = f"{trouble} things are not as they should be" if trouble else "all as it should be"
    if trouble == 1:
        state = "1 thing is not as it should be"
    click.echo(
        f"{path}: {rubric.points} points in {checks} checks, {len(rubric.mistakes)} mistakes, {rows} graded: {state}"
    )
    if slow := [spec.title for question in rubric.questions for spec in question.checks if spec.kind == SLOW]:
        click.echo(f"tried with the solution alone, as it is slow: {', '.join(slow)}")
    return trouble


@click.command("new", options_metavar="[OPTIONS]")
@click.argument("name", metavar="NAME")
@click.option(
    "--at", "root", default=".", type=common.PathType, help="Folder of rubrics and reference [here]."
)
def new(name: str, root: Path) -> None:
    """Make an assignment NAME that works: a rubric, a solution, two checks, two mistakes, a handout.

    Then change it line by line; `grade check NAME` says what is not as it should be.
    """
    from ..coded.new import write

    for path in write(name, root):
        click.echo(path)
    click.echo(f"next: grade check {name}")


def _rubric(name: str) -> Path:
    from ..assignment import assets

    path = Path(name)
    if path.suffix == ".toml":
        return path
    for folder in (Path("rubrics"), assets.root() / "rubrics"):
        if (folder / f"{name}.toml").is_file():
            return folder / f"{name}.toml"
    raise UsageError(f"rubrics/{name}.toml: is not there; `grade new {name}` makes it")
