"""The command line of the student edition (see `handout`): where does the hand-in in this folder stand?

It runs the public checks, which need no answers and give no marks, on the student's own machine. What this file
imports, directly or not, is what students get of the grader.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import __version__, entry
from ..errors import GraderError, UsageError

if TYPE_CHECKING:
    from ..assignment.reference import Reference
    from ..handin.search import Wanted
    from ..handin.submission import Submission


@click.command(context_settings={"help_option_names": ["-h", "--help"]}, options_metavar="[--practice]")
@click.argument("folder", default=".", type=click.Path(path_type=Path), metavar="[FOLDER]")
@click.option(
    "--practice", is_flag=True, help="Your code runs without a sandbox. It always does here: it is your own."
)
@click.version_option(__version__, prog_name="grade")
def grade(folder: Path, practice: bool) -> None:
    """Say which public checks the code in FOLDER passes [this folder], and whether the notebook runs.

    They are the notebook's own checks. They give no marks, and passing them all does not promise any: what is handed
    in is checked on other networks too.
    """
    if os.name != "posix":
        raise GraderError("this runs on Linux and macOS; on Windows, use it inside WSL (see README.md)")
    if not hasattr(os, "waitid"):
        raise GraderError("on macOS this needs Python 3.13 or later (see README.md)")
    from rich.console import Console

    from ..grading import runner
    from ..grading.loading import dataset_of, load_assignment
    from ..handin import search
    from ..machine.workspace import workspace
    from ..report.audience import for_students
    from ..report.terminal import render
    from ..student.sandbox import Practice
    from ..student.slots import Slots

    rubric, reference = load_assignment()
    wanted = search.Wanted.of(rubric.entry, reference.handed_out, reference.folder.name)
    submission = _found(folder, wanted)
    data = dataset_of(reference, rubric.dataset, _say)
    with workspace() as temporary:
        run = runner.Run(rubric, reference, data, Practice(rubric.packages), Slots(1), temporary)
        graded = for_students(runner.grade(submission, run))
    render(graded, Console(highlight=False))
    for line in _to_do(submission, reference, rubric.entry.module):
        click.echo(line)
    for id, trace in graded.host.errors.items():
        click.echo(f"grade: a fault of the grader's own, in {id}:\n{trace}", err=True)
    raise SystemExit(3 if runner.has_errors(graded) else 0)


def open_gaps(template: str, source: str) -> list[tuple[int, str]]:
    """The gaps of the template that `source` still has, untouched: the line number and what is to be done there.

    A gap is a comment that begins with TODO, over one or more lines, and the line of code after it.
    """
    lines = [line.strip() for line in template.splitlines()]
    theirs = [line.strip() for line in source.splitlines()]
    found = []
    for start, line in enumerate(lines):
        if not line.startswith("# TODO "):
            continue
        end = next(n for n in range(start, len(lines)) if not lines[n].startswith("#"))
        gap = lines[start : end + 1]
        for at in range(len(theirs) - len(gap) + 1):
            if theirs[at : at + len(gap)] == gap:
                text = " ".join(part.removeprefix("#").strip() for part in gap[:-1])
                found.append((at + 1, text.removeprefix("TODO ")))
    return found


def _found(folder: Path, wanted: Wanted) -> Submission:
    """The one hand-in of the folder."""
    from ..handin import search

    try:
        found = search.plain(folder.resolve().name, folder.resolve(), wanted)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read ({error.strerror})") from None
    near = folder.resolve() in (found.folder, found.folder.parent)
    if (found.module is None and found.notebook is None) or not near:
        why = found.problem or f"there is no {wanted.entry.module}"
        raise UsageError(f"{folder}: {why}; go to the folder that you unpacked, or name it")
    return found


def _to_do(submission: Submission, reference: Reference, module: str) -> list[str]:
    """A line for each gap that is still open."""
    from ..handin.caps import MAX_FILE
    from ..handin.plain_files import read_plain

    if submission.module is None:
        return []
    source = read_plain(submission.folder / submission.module, MAX_FILE)[0].decode("utf-8", "replace")
    template = (reference.handed_out / module).read_text(encoding="utf-8")
    return [
        f"Still to be filled in, line {line} of {submission.module}: {text}"
        for line, text in open_gaps(template, source)
    ]


def main() -> None:
    """Entry point of the students' `grade` command."""
    entry.run(grade, "interrupted")


def _say(line: str) -> None:
    click.echo(f"grade: {line}", err=True)


if __name__ == "__main__":
    main()
