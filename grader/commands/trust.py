"""Commands that show whether the grader can be trusted here: `grade doctor`, `grade selftest`, `grade rubric check`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import AssignmentError, UsageError
from . import common
from .assignment import examine
from .suggesting import Suggesting

if TYPE_CHECKING:
    from ..assignment.reference import Reference
    from ..assignment.rubric import Rubric


@click.command("doctor")
@click.option("--rubric", "rubric_path", type=common.PathType, help="Rubric whose answers to reach for.")
@common.out_option
def doctor(rubric_path: Path | None, out: Path) -> None:
    """Try the sandbox: what hostile code would try, what held, and how to get what is missing."""
    from ..grading import doctor as doctors

    rubric, reference = common.assignment(rubric_path)
    with common.workspace() as folder:
        found = doctors.examine(rubric, reference, folder, out)
        doctors.show(found, common.console())
    raise SystemExit(0 if found.tier else 3)


@click.command("selftest", options_metavar="[OPTIONS]")
@click.argument("rubric_path", required=False, type=common.PathType, metavar="[RUBRIC]")
@click.option("--jobs", type=click.IntRange(min=1), help="Solutions graded at the same time [the cores].")
@click.option("--only", default="", metavar="TEXT", help="Only solutions with this in their name.")
@click.option(
    "--pairs",
    type=click.IntRange(min=0),
    default=312,
    help="Pairs of mistakes to grade as well, and a quarter as many of mutations [312].",
)
@click.option(
    "--full",
    is_flag=True,
    help="Train to the end also what takes the solution's path: shows that marks are equal without.",
)
def selftest(rubric_path: Path | None, jobs: int | None, only: str, pairs: int, full: bool) -> None:
    """Prove a rubric before grading with it [Problem Set 3]: right solutions earn every point, wrong ones and mutants
    of the reference lose some in the questions where their mistake is, and in no other; two mistakes together never
    earn more than one of them alone. The solutions are our own: they run in the grader's processes, without a sandbox.

    \b
    Exit codes: 0 no surprises; 1 surprises, each printed with the messages of the checks that failed; 2 a mistake
    on the command line or in the rubric, or a reference without a bank of solutions; 3 the grader could not run.
    """
    import time

    from .. import selftest as proofs
    from ..selftest.show import show

    rubric, reference = common.assignment(rubric_path)
    if reference.coded is not None:
        raise SystemExit(int(examine(rubric, reference, whole=True) > 0))
    started, console = time.monotonic(), common.console()
    if not console.is_terminal:
        console.width = 140  # the same lines wherever they are written to
    with common.workspace() as folder, common.status(console, "the bank") as say:
        rows, weighed = proofs.prove(
            proofs.Settings(
                rubric.path,
                folder,
                jobs or common.cores(),
                only,
                pairs,
                full,
                lambda done, all: say(f"{done} of {all}"),
            )
        )
    if not rows:
        raise UsageError(f"--only: no solution has {only!r} in its name")
    show(rows, weighed, [q.id for q in rubric.questions if q.checks], console)
    click.echo(f"{time.monotonic() - started:.0f} seconds")
    surprised = any(row.surprises for row in rows) or any(pair.breaks for pair in weighed)
    raise SystemExit(int(surprised))


@click.group("rubric", cls=Suggesting)
def rubric_group() -> None:
    """Rubrics."""


@rubric_group.command("check")
@click.argument("file", type=common.PathType)
def rubric_check(file: Path) -> None:
    """Test a rubric: every mistake is one line with the file, the field, what was found and what is wanted."""
    rubric, reference = common.assignment(file)
    common.warn(rubric)
    if reference.coded is not None:
        _solution_earns_all(rubric, reference)
    checks = [spec for question in rubric.questions for spec in question.checks]
    by_hand = sum((q.points for q in rubric.questions if not q.checks), Decimal(0))
    click.echo(
        f"{file}: {len(rubric.questions)} questions, {rubric.points} points; {len(checks)} checks over "
        f"{rubric.points - by_hand} of them, {by_hand} for a person; reference {reference.fingerprint}"
    )


@rubric_group.command("items", options_metavar="[OPTIONS]")
@click.argument("question", required=False)
@common.out_option
@common.kept_rubric_option
def rubric_items(question: str | None, out: Path, rubric_path: Path | None) -> None:
    """Print the items that marks are made of, with what was added or changed while marking, as they stand in a rubric.

    Of one QUESTION, or of all that a person marks; put in place of the items there, they are the rubric's from then on.
    """
    from ..gradebook import items

    with common.class_book(out, rubric_path) as book:
        edits = book.book.edited_items(book.rubric.id)
        known = [one for one in book.rubric.questions if question or not one.checks or one.id in edits]
        if question is not None:
            known = [one for one in known if one.id.casefold() == question.casefold()]
            if not known:
                ids = ", ".join(one.id for one in book.rubric.questions)
                raise UsageError(f"the rubric has no question {question!r}; it has {ids}")
        for one in known:
            click.echo(items.as_toml(one, items.counting(one, edits)))


def _solution_earns_all(rubric: Rubric, reference: Reference) -> None:
    """`AssignmentError` where the solution loses points by its own checks."""
    from ..selftest.declared import prove

    with common.workspace() as folder:
        solution = next(prove(rubric, reference, folder))
    if solution.trouble:
        raise AssignmentError(f"{reference.folder}: {solution.trouble[0]}")
