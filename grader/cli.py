"""The command line: the group of all commands, and what becomes of errors. See `grader.commands`."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import click

from . import __version__
from .commands import autograder, course, data, grading, marks, trust, written
from .errors import GraderError

INTERRUPTED = 130


class _Grade(click.Group):
    """A group whose default command is grading: `grade PATH...` is `grade run PATH...`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {"--help", "-h", "--version"}
        if args and args[0] not in self.commands and args[0] not in own:
            args = ["run", *args]
        return super().parse_args(ctx, args)


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
    autograder.gradescope,
    marks.mark,
    written.written_group,
    trust.doctor,
    trust.selftest,
    trust.rubric_group,
    data.data,
):
    grade.add_command(_command)


def main() -> None:
    """Entry point of the `grade` command."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        grade.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo(
            "grade: interrupted; what is done is in the gradebook, and the same command goes on from there",
            err=True,
        )
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has gone: as with an interrupt, what is done stays
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(INTERRUPTED)
    except GraderError as error:
        click.echo(f"grade: {error}", err=True)
        sys.exit(error.exit_code)


def _interrupt(signum: int, frame: Any) -> None:
    raise KeyboardInterrupt
