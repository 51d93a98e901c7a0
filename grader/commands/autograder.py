"""`grade gradescope`: the autograder for Gradescope."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import common
from .suggesting import Suggesting

if TYPE_CHECKING:
    from ..export.gradescope import Visibility

_visibility_option = click.option(
    "--visibility",
    default="visible",
    type=click.Choice(["visible", "after_due_date", "after_published", "hidden"]),
    help="When students see the results [visible].",
)


@click.group("gradescope", cls=Suggesting)
def gradescope() -> None:
    """The autograder for Gradescope."""


@gradescope.command("build", options_metavar="[OPTIONS]")
@click.argument("file", type=common.PathType, metavar="OUT.zip")
@common.rubric_option
@_visibility_option
@click.option("--mnist", is_flag=True, help="Have the image fetch MNIST; without it, marks are provisional.")
def build(file: Path, rubric_path: Path | None, visibility: Visibility, mnist: bool) -> None:
    """Make the zip that Gradescope takes as an autograder: its set-up, what it runs, the grader and the rubric.

    It holds the answers and the secret of the course. docs/ci.md says how to upload it.
    """
    from ..editions import autograder

    rubric, reference = common.assignment(rubric_path)
    names = autograder.build(rubric, reference, file, visibility, mnist)
    for remark in autograder.remarks(rubric):
        common.say(remark)
    click.echo(f"{len(names)} files in {file}")


@gradescope.command("run", options_metavar="[OPTIONS]")
@click.option(
    "--root",
    default="/autograder",
    envvar="AUTOGRADER_ROOT",
    type=common.PathType,
    help="Gradescope's folder [/autograder].",
)
@common.rubric_option
@_visibility_option
def run(root: Path, rubric_path: Path | None, visibility: Visibility) -> None:
    """Grade what is in ROOT/submission and write ROOT/results/results.json: what `run_autograder` runs.

    Where the grader itself fails there is no results.json, and Gradescope says so. No report is kept: the next
    hand-in has another container.
    """
    from ..editions import upload

    with upload.discreet():
        upload.clear(root)
        rubric, reference = common.assignment(rubric_path)
        with common.workspace() as folder:
            settings = common.settings(rubric, reference, "auto", common.cores(), folder, practice=False)
            path = upload.run(root, settings, visibility)
        common.warn(rubric)
    click.echo(path)
