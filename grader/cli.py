"""The command line. Imports what a command needs inside the command, so that `--help` answers at once."""

from __future__ import annotations

import getpass
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import __version__
from .errors import GraderError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from .model import GradeReport
    from .reference import Reference
    from .rubric import Rubric
    from .runner import Run
    from .submission import Submission

INTERRUPTED = 130
EPILOG = """\b
Exit codes: 0 graded, whatever the mark; 1 below --fail-under; 2 a mistake on the command line or in the
rubric; 3 the grader could not grade; 130 interrupted."""


class _Grade(click.Group):
    """A group whose default command is grading: `grade PATH...` is `grade run PATH...`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {"--help", "-h", "--version"}
        if args and args[0] not in self.commands and args[0] not in own:
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_Grade,
    epilog=EPILOG,
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


@grade.command("run", epilog=EPILOG, options_metavar="[OPTIONS]")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option(
    "--out", default="reports", type=click.Path(path_type=Path), help="Folder for the reports [reports]."
)
@click.option(
    "--dataset",
    default="auto",
    type=click.Choice(["auto", "mnist", "digits"]),
    help="What to train on; auto takes MNIST where it is on the machine [auto].",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Student processes alive at once; 1 is strictly one after the other [the cores].",
)
@click.option(
    "--audience",
    default="staff",
    type=click.Choice(["staff", "student"]),
    help="student leaves out the values of hidden checks [staff].",
)
@click.option(
    "--fail-under",
    metavar="PERCENT",
    help="Exit with 1 where a hand-in has less than this share of the points decided without a person.",
)
@click.option(
    "--rubric", "rubric_path", type=click.Path(path_type=Path), help="Rubric to grade by [Problem Set 3]."
)
@click.option(
    "--practice",
    is_flag=True,
    help="Run without a sandbox, for hand-ins that you trust: every report is stamped.",
)
def run(
    paths: tuple[Path, ...],
    out: Path,
    dataset: str,
    jobs: int | None,
    audience: str,
    fail_under: str | None,
    rubric_path: Path | None,
    practice: bool,
) -> None:
    """Grade the hand-ins at PATH and write a report for each."""
    least = _percent(fail_under)
    rubric, reference = _assignment(rubric_path)
    from . import submission

    found = submission.find(paths, rubric.class_name)
    _writable(out)
    with _workspace() as folder:
        settings = _settings(rubric, reference, dataset, jobs or _cores(), folder, practice)
        code = _grade_all(found, settings, out, audience, least)
    raise SystemExit(code)


@grade.command("doctor")
@click.option(
    "--rubric", "rubric_path", type=click.Path(path_type=Path), help="Rubric whose answers to reach for."
)
def doctor(rubric_path: Path | None) -> None:
    """Try the sandbox: what hostile code would try, what held, and how to get what is missing."""
    from . import doctor as doctors

    rubric, reference = _assignment(rubric_path)
    with _workspace() as folder:
        found = doctors.examine(rubric, reference, folder)
        doctors.show(found, _console())
    raise SystemExit(0 if found.tier else 3)


@grade.command("selftest", options_metavar="[OPTIONS]")
@click.argument("rubric_path", required=False, type=click.Path(path_type=Path), metavar="[RUBRIC]")
@click.option("--jobs", type=click.IntRange(min=1), help="Solutions graded at the same time [the cores].")
@click.option("--only", default="", metavar="TEXT", help="Only solutions with this in their name.")
def selftest(rubric_path: Path | None, jobs: int | None, only: str) -> None:
    """Prove a rubric before grading with it [Problem Set 3]: right solutions earn every point, wrong ones and mutants
    of the reference lose some in the questions where their mistake is, and in no other. The solutions are our own:
    they run in the grader's processes, without a sandbox.

    \b
    Exit codes: 0 no surprises; 1 surprises, each printed with the messages of the checks that failed; 2 a mistake
    on the command line or in the rubric, or a reference without a bank of solutions; 3 the grader could not run.
    """
    import time

    from . import selftest as proofs
    from .selftest.show import show

    rubric, _ = _assignment(rubric_path)
    started, console = time.monotonic(), _console()
    if not console.is_terminal:
        console.width = 140  # the same lines wherever they are written to
    with _workspace() as folder, _status(console, "the bank") as say:
        rows = proofs.prove(
            proofs.Settings(
                rubric.path, folder, jobs or _cores(), only, lambda done, all: say(f"{done} of {all}")
            )
        )
    if not rows:
        raise UsageError(f"--only: no solution has {only!r} in its name")
    show(rows, [q.id for q in rubric.questions if q.checks], console)
    click.echo(f"{time.monotonic() - started:.0f} seconds")
    raise SystemExit(1 if any(row.surprises for row in rows) else 0)


@grade.group("data")
def data() -> None:
    """The datasets on this machine."""


@data.command("status")
@click.option("--verify", is_flag=True, help="Read everything and compare with the recorded hashes.")
@click.option(
    "--rubric", "rubric_path", type=click.Path(path_type=Path), help="Rubric whose datasets to look at."
)
def data_status(verify: bool, rubric_path: Path | None) -> None:
    """Say which datasets are there, where, and whether they are sound."""
    from rich.table import Table

    from . import datasets

    _, reference = _assignment(rubric_path)
    table = Table(box=None, pad_edge=False)
    for title in ("dataset", "prepared", "size", "source", "damage"):
        table.add_column(title, overflow="fold")
    rows = datasets.status(reference.datasets.SPLITS, recipe_version=reference.recipe_version, verify=verify)
    for row in rows:
        size = f"{row.size / 1e6:.0f} MB" if row.prepared else "-"
        table.add_row(
            row.name, str(row.folder) if row.prepared else "no", size, row.source, row.damage or "none"
        )
    _console().print(table)
    raise SystemExit(3 if any(row.damage for row in rows) else 0)


@data.command("fetch")
@click.argument("name", type=click.Choice(["mnist"]))
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    help="Folder with the four IDX files; without it, they are downloaded from OpenML.",
)
@click.option(
    "--rubric", "rubric_path", type=click.Path(path_type=Path), help="Rubric whose recipe to prepare for."
)
def data_fetch(name: str, source: Path | None, rubric_path: Path | None) -> None:
    """Bring MNIST to this machine: the only command that uses the network."""
    from . import datasets

    _, reference = _assignment(rubric_path)
    dataset = datasets.fetch(
        source, reference.datasets.SPLITS, recipe_version=reference.recipe_version, say=_say
    )
    click.echo(f"{name} is prepared in {dataset.folder}")


@grade.command("mark", options_metavar="[OPTIONS]")
@click.argument("id", required=False, metavar="[ID")
@click.argument("question", required=False, metavar="QUESTION")
@click.argument("points", required=False, metavar="POINTS]")
@click.option("--note", default="", help="A line for the student, such as why.")
@click.option("--by", default="", metavar="NAME", help="Who marks [the user].")
@click.option(
    "--out", default="reports", type=click.Path(path_type=Path), help="Folder of the reports [reports]."
)
@click.option(
    "--sheet", metavar="QUESTION", help="Print all answers to a question as CSV, with a column for marks."
)
@click.option("--from", "source", type=click.Path(path_type=Path), help="Take the marks of such a sheet.")
def mark(
    id: str | None,
    question: str | None,
    points: str | None,
    note: str,
    by: str,
    out: Path,
    sheet: str | None,
    source: Path | None,
) -> None:
    """Record a person's mark. It goes to marks.toml beside the reports, counts at once, and survives regrading.

    \b
    grade mark alice Q1.6 4 --note "..."     one mark; POINTS may be `suggested`
    grade mark --sheet Q1.6 > sheet.csv      all answers, equal ones in one row
    grade mark --from sheet.csv              take the sheet back, all of it or nothing
    """
    from . import manual_marks

    one = (id, question, points)
    if sum((any(one), bool(sheet), source is not None)) != 1 or (any(one) and not all(one)):
        raise UsageError(
            "mark: wanted ID QUESTION POINTS, or --sheet QUESTION, or --from FILE; see grade mark --help"
        )
    if not out.is_dir():
        raise UsageError(f"{out}: is no folder; grade first, or name the reports' folder with --out")
    if sheet:
        manual_marks.sheet(out, sheet, sys.stdout)
        return
    at = datetime.now(UTC).isoformat(timespec="seconds")
    name = by or getpass.getuser()
    if source is not None:
        entries = manual_marks.from_sheet(out, _text(source), str(source), name, at)
    else:
        entries = [manual_marks.entry(out, str(id), str(question), str(points), name, at, note)]
    for path in manual_marks.record(out, entries):
        click.echo(path)


@grade.group("written")
def written_group() -> None:
    """Written derivations alone."""


@written_group.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--rubric", "rubric_path", type=click.Path(path_type=Path), help="Rubric to grade by [Problem Set 3]."
)
def written_check(file: Path, rubric_path: Path | None) -> None:
    """Judge the derivations in a notebook: for each the formula, the verdict and what is wrong."""
    from . import runner
    from .report.safe_text import printable

    rubric, reference = _assignment(rubric_path)
    for question in runner.derivations(file, rubric, reference):
        for result in question.checks:
            click.echo(
                f"{question.id} {result.title}: {result.earned} / {result.points} {result.outcome.value}"
            )
            lines = (result.formula, result.message, result.diagnosis, *result.notes)
            lines += tuple(f"{c.label}: yours {c.observed}, right {c.expected}" for c in result.comparisons)
            for line in filter(None, lines):
                click.echo(f"    {printable(line)}")


@written_group.command("explain")
@click.argument("latex")
@click.option("--question", default="Q3.1", help="Question whose symbols to take [Q3.1, which has all].")
@click.option(
    "--rubric", "rubric_path", type=click.Path(path_type=Path), help="Rubric to grade by [Problem Set 3]."
)
def written_explain(latex: str, question: str, rubric_path: Path | None) -> None:
    """Show how a formula is read: its parts and their shapes."""
    from rich.text import Text
    from rich.tree import Tree

    from .report.safe_text import printable
    from .written.explain import Part, explain

    _, reference = _assignment(rubric_path)

    def grown(part: Part, tree: Tree) -> Tree:
        for child in part.parts:
            grown(child, tree.add(Text(printable(f"{child.what}  ({child.shapes})"))))
        return tree

    for form, found in explain(reference.derivations, latex, question):
        if isinstance(found, str):
            click.echo(f"{printable(form)}\nnot read: {printable(found)}")
        else:
            click.echo(printable(form))
            _console().print(grown(found, Tree(Text(printable(f"{found.what}  ({found.shapes})")))))


@grade.group("rubric")
def rubric_group() -> None:
    """Rubrics."""


@rubric_group.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def rubric_check(file: Path) -> None:
    """Test a rubric: every mistake is one line with the file, the field, what was found and what is wanted."""
    rubric, reference = _assignment(file)
    checks = [spec for question in rubric.questions for spec in question.checks]
    by_hand = sum((q.points for q in rubric.questions if not q.checks), Decimal(0))
    click.echo(
        f"{file}: {len(rubric.questions)} questions, {rubric.points} points; {len(checks)} checks over "
        f"{rubric.points - by_hand} of them, {by_hand} for a person; reference {reference.fingerprint}"
    )


def main() -> None:
    """Entry point of the `grade` command."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        grade.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("grade: interrupted; reports written before stay, no half-written one is left", err=True)
        sys.exit(INTERRUPTED)
    except GraderError as error:
        click.echo(f"grade: {error}", err=True)
        sys.exit(error.exit_code)


def _interrupt(signum: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _assignment(path: Path | None) -> tuple[Rubric, Reference]:
    from .assignment import load_assignment

    return load_assignment(path)


@contextmanager
def _workspace() -> Iterator[Path]:
    from .workspace import workspace

    with ExitStack() as stack:
        try:
            folder = stack.enter_context(workspace())
        except OSError as error:
            raise GraderError(f"no temporary folder can be made ({error}); set TMPDIR to one") from None
        yield folder


def _settings(
    rubric: Rubric, reference: Reference, dataset: str, jobs: int, workspace: Path, practice: bool
) -> Run:
    from concurrent.futures import ThreadPoolExecutor

    from . import datasets
    from .confinement import sandbox_for
    from .runner import Run
    from .student.sandbox import Practice, Sandbox
    from .student.slots import Slots

    with ThreadPoolExecutor(max_workers=1) as beside:
        choose: Callable[[], Sandbox] = partial(sandbox_for, rubric, reference, workspace)
        choosing = beside.submit(Practice if practice else choose)
        found = datasets.find(
            dataset, reference.datasets.SPLITS, recipe_version=reference.recipe_version, say=_say
        )
        return Run(rubric, reference, found, choosing.result(), Slots(jobs), workspace)


def _grade_all(found: list[Submission], run: Run, out: Path, audience: str, least: Decimal | None) -> int:
    """Grade one after the other; return the exit code of them all."""
    from . import manual_marks, runner
    from . import report as reports

    console = _console()
    reports.preload()
    code = 0
    marks = manual_marks.read(out)
    for submission in found:
        with _status(console, submission.id) as say:
            graded = manual_marks.applied(runner.grade(submission, replace(run, say=say)), marks)
            if audience == "student":
                graded = reports.for_students(graded)
            path = _write(graded, out / submission.id)
        reports.render_terminal(graded, console)
        if runner.has_errors(graded):
            _print_errors(graded)
            code = 3
        elif least is not None and runner.below(graded, least) and code == 0:
            code = 1
        click.echo(path)
    return code


def _write(graded: GradeReport, folder: Path) -> Path:
    from . import report as reports

    try:
        return reports.write(graded, folder)
    except OSError as error:
        raise GraderError(f"{folder}: the report cannot be written ({error.strerror})") from None


def _print_errors(graded: GradeReport) -> None:
    for id, trace in graded.host.errors.items():
        click.echo(
            f"grade: a fault of the grader's own in {graded.submission}, check {id}:\n{trace}", err=True
        )


def _writable(out: Path) -> None:
    """Find out before grading whether reports can be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise GraderError(
            f"{out}: reports cannot be written there ({error.strerror}); name another folder with --out"
        ) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text ({error})") from None


def _percent(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        value = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        value = Decimal(-1)
    if not 0 <= value <= 100:
        raise UsageError(f"--fail-under: found {text!r}, wanted a percentage from 0 to 100")
    return value


def _cores() -> int:
    """The cores that this process may use, which in a container can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


@contextmanager
def _status(console: Console, id: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal which hand-in and which check is at work; yields what is told the check's title."""
    if not console.is_terminal:
        yield lambda _: None
        return
    from rich.markup import escape

    with console.status(f"grading {id}", spinner="dots") as status:
        yield lambda title: status.update(f"grading {id}: {escape(title)}")


def _say(line: str) -> None:
    click.echo(f"grade: {line}", err=True)
