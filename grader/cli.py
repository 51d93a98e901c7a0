"""The command line: the group of all commands. See `grader.commands`."""

from __future__ import annotations

import os

import click

from . import __version__, entry
from .commands import (
    assignment,
    autograder,
    cluster,
    course,
    data,
    gradebook,
    grading,
    marks,
    review,
    secret,
    similar,
    trust,
    written,
)
from .commands.suggesting import Suggesting, nearest
from .errors import UsageError


class _Grade(Suggesting):
    """A group whose default command is grading: `grade PATH...` is `grade run PATH...`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {"--help", "-h", "--version"}
        if (
            args
            and args[0] not in {*self.commands, *own}
            and not (args[0] == "help" and not _is_there("help"))
        ):
            known = not args[0].isalpha() or _is_there(args[0])
            if not known and (near := nearest(args[0], self)):
                raise UsageError(
                    f"{args[0]}: no such command, file or folder; did you mean grade {near}? grade help shows all"
                )
            args = ["run", *args]
        return super().parse_args(ctx, args)


def _is_there(name: str) -> bool:
    return os.path.lexists(name)


@click.group(
    cls=_Grade,
    epilog=grading.EPILOG,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    options_metavar="",
    subcommand_metavar="PATH... | COMMAND [ARGS]...",
)
@click.version_option(__version__, prog_name="grade")
def grade() -> None:
    """Grade neural-network homework: per question the points, the evidence and the likely mistake.

    \b
    grade submissions/alice         one hand-in
    grade submissions/              every hand-in in a folder
    grade run --help                the options of grading

    A folder that is named like a command needs a dot: `grade ./data`.
    """


for _command in (
    grading.run,
    grading.remark,
    course.intake,
    course.history,
    course.diff,
    course.export,
    course.feedback,
    course.handout,
    similar.similar,
    autograder.gradescope,
    marks.mark,
    review.review,
    gradebook.gradebook,
    written.written_group,
    trust.doctor,
    trust.selftest,
    trust.rubric_group,
    assignment.new,
    assignment.check,
    secret.secret,
    data.data,
    cluster.cluster,
):
    grade.add_command(_command)


def main() -> None:
    """Entry point of the `grade` command."""
    entry.run(grade, "interrupted; what is done is in the gradebook, and the same command goes on from there")
