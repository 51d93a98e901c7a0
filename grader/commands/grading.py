"""`grade run`, which is what `grade PATH` means, and `grade remark`."""

from __future__ import annotations

import getpass
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, nullcontext
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import GraderError, UsageError
from ..machine.shortage import unwritable
from . import common

if TYPE_CHECKING:
    from rich.console import Console

    from ..gradebook.classbook import ClassBook
    from ..grading.progress import Lines, One, Outcome, Screen
    from ..handin.submission import Submission
    from ..marking.gate import Gate

EPILOG = """\b
Exit codes: 0 graded, whatever the mark; 1 below --fail-under, or not enough decided for it; 2 a mistake
on the command line or in the rubric; 3 the grader could not grade; 130 interrupted."""
_NONCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NAMED = 8
"""Names in a line."""
_FEW = 3
"""Hand-ins from which on a process of its own is worth its start to write reports."""


@click.command("run", epilog=EPILOG, options_metavar="[OPTIONS]")
@click.argument("paths", nargs=-1, required=True, type=common.PathType, metavar="PATH...")
@click.option("--out", default="reports", type=common.PathType, help="Folder for the reports [reports].")
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
    help="Exit with 1 where a hand-in has less than this share of the points decided, or too few are decided.",
)
@common.rubric_option
@common.roster_option
@click.option("--again", is_flag=True, help="Run also those hand-ins that have not changed since.")
@click.option(
    "--full",
    is_flag=True,
    help="Train to the end also where a few epochs show that the training is the solution's.",
)
@click.option(
    "--ci",
    is_flag=True,
    help="Also write junit.xml and marks.json, and annotate: for GitHub where it runs there, else in plain lines.",
)
@click.option(
    "--nonce",
    default="",
    metavar="WORD",
    help="Draw other hidden inputs, the same for the same WORD; `new` for ones that nobody has seen.",
)
@click.option(
    "--cluster",
    metavar="WHERE",
    help="Grade on a cluster: a Dask scheduler's ADDRESS or FILE.json, or local:N workers on this machine.",
)
@click.option(
    "--cluster-keys",
    type=common.PathType,
    metavar="DIR",
    help="The client's keys, as `grade cluster keys` makes them.",
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
    roster_path: Path | None,
    again: bool,
    full: bool,
    ci: bool,
    nonce: str,
    cluster: str | None,
    cluster_keys: Path | None,
    practice: bool,
) -> None:
    """Grade the hand-ins at PATH and write a report for each.

    What is done is in the gradebook beside the reports: a run that was stopped goes on where it was when the same
    command is given again, and a hand-in that has not changed is not run again.
    """
    from .. import gradebook
    from ..export import ci as annotations
    from ..gradebook.classbook import ClassBook, names_of
    from ..grading import batch
    from ..grading.publish import report_folders
    from ..handin import intake
    from ..marking import gate as gates
    from ..report import rendering

    least, nonce = _percent(fail_under), _nonce(nonce)
    where = common.cluster_target(cluster, cluster_keys, practice)
    rubric, reference = common.assignment(rubric_path)
    rubric = rubric.in_full() if full else rubric
    gate = None if least is None else gates.Gate(least, rubric.fail_under_decided)
    with ExitStack() as stack:
        folder = stack.enter_context(common.workspace())
        found = intake.find(paths, common.wanted(rubric, reference), folder)
        common.writable(out)
        stack.enter_context(gradebook.grading(out))
        book = stack.enter_context(gradebook.Gradebook(out))
        for remark in book.remarks:
            common.say(remark)
        roster_path = roster_path or common.roster_beside(paths) or common.last_roster(book)
        roster = common.roster(roster_path)
        common.tell_of_foreign_list(roster_path, roster, [(one.id, one.persons) for one in found])
        at_once = jobs or common.cores()
        settings, engine = stack.enter_context(
            common.prepared(rubric, reference, dataset, jobs, folder, practice, where)
        )
        single, console = len(found) == 1, common.console()
        watcher = _watcher(single, console, gate)
        beside = len(found) >= _FEW and at_once > 1
        drawing = rendering.Beside() if beside else nullcontext(rendering.Here())
        so_far = ClassBook(book, rubric, reference.fingerprint, roster)
        with annotations.literal():
            with watcher, drawing as renderer:
                work = batch.Batch(
                    settings, book, renderer, out, audience, watcher, single, roster_path,
                    lambda one: names_of(roster, one.id, one.persons),
                    (lambda: None) if single else (lambda: common.write_class_page(so_far.anew(), out)),
                    nonce,
                    engine,
                )  # fmt: skip
                number = batch.grade(found, work, again)
            _tell(watcher, discreet=ci or audience == "student")
        common.warn(rubric)
        whole_class = ClassBook(book, rubric, reference.fingerprint, roster)
        common.tell_of_misfits(whole_class.anew(), discreet=ci or audience == "student")
        common.tell_of_strangers(whole_class.anew(), discreet=ci or audience == "student")
        if not single or (out / "index.html").is_file():
            page = common.write_class_page(whole_class, out)
        if ci:
            _ci(found, ClassBook(book, rubric, reference.fingerprint, roster, number), out, watcher.gated)
        if single and not watcher.failed:
            click.echo(report_folders(book, out)[found[0].id] / "report.html")
        elif not single:
            _show(whole_class.anew(), out, watcher, page)
    raise SystemExit(watcher.exit_code)


def _watcher(single: bool, console: Console, gate: Gate | None) -> One | Lines | Screen:
    """What shows how the run gets on."""
    from ..grading import progress

    if single:
        return progress.One(console, gate)
    return progress.Screen(console, gate) if console.is_terminal else progress.Lines(gate)


def _tell(watcher: Outcome, discreet: bool) -> None:
    from ..report.safe_text import one_line

    """What does not pass, what the grader could not do, and its faults: in full, but where a student may read it."""
    for id, why in watcher.gated.items():
        common.say(f"{one_line(id)}: {why}")
    for id, why in watcher.failed.items():
        common.say(f"{id}: not graded: {why}")
    for trace in watcher.traces:
        common.say(trace.partition("\n")[0].rstrip(":") if discreet else trace)


def _show(whole_class: ClassBook, out: Path, watcher: Outcome, page: Path) -> None:
    for line in _state(whole_class, out):
        click.echo(line)
    _sum_up(watcher)
    click.echo(page)


def _sum_up(watcher: Outcome) -> None:
    graded = watcher.finished - len(watcher.failed)
    parts = [f"{graded} of {watcher.total} hand-ins graded"]
    if graded > watcher.ran:
        parts.append(f"{graded - watcher.ran} of them unchanged or copies, and not run")
    if watcher.gated:
        verdicts = Counter(why.partition(":")[0] for why in watcher.gated.values())
        parts += [f"{count} {verdict}" for verdict, count in sorted(verdicts.items())]
    click.echo("; ".join(parts))


def _state(book: ClassBook, out: Path) -> list[str]:
    """Where the class stands now, a line each, and what to do next."""
    from ..report.classroom import person_name, summarise

    head = book.head()
    now = summarise(head, book.entries())
    lines = [f"graded: {now.graded}"]
    if count := sum(part.count for part in now.provisional):
        lines[0] += (
            f", {count} of them provisional (accuracy on {head.dataset}, marks are for {head.marked_on})"
        )
    if head.failed:
        lines.append(f"not graded: {len(head.failed)} ({_some(head.failed)})")
    if head.absent:
        lines.append(f"handed in nothing: {len(head.absent)} ({_some(map(person_name, head.absent))})")
    elif book.roster is None:
        lines.append("handed in nothing: not known; name the class list with --roster")
    if now.late:
        lines.append(f"late: {now.late}")
    questions = list(dict.fromkeys(queue.question for queue in now.review))
    if now.waiting:
        lines.append(
            f"waiting for a person: {now.waiting}" + (f", at {', '.join(questions)}" if questions else "")
        )
    lines.append(f"next: {_next(bool(now.waiting and questions), out)}")
    return lines


def _next(waiting: bool, out: Path) -> str:
    """The command that most likely comes next."""
    at = "" if out == Path("reports") else f" --out {shlex.quote(str(out))}"
    return f"grade review{at}" if waiting else f"grade feedback feedback/{at}"


def _some(names: Iterable[str]) -> str:
    from ..report.safe_text import one_line

    known = [one_line(name) for name in names]
    return ", ".join(known[:_NAMED]) + (", ..." if len(known) > _NAMED else "")


def _ci(found: list[Submission], book: ClassBook, out: Path, gated: Mapping[str, str]) -> None:
    from ..export import FORMATS
    from ..export import ci as annotations
    from ..report.files import drafted

    for name, file in (("junit", "junit.xml"), ("json", "marks.json")):
        write = FORMATS[name].write
        assert write is not None
        try:
            with drafted(out / file) as stream:
                write(book.head(), book.entries(), stream)
        except OSError as error:
            raise GraderError(unwritable(out / file, error)) from None
    annotations.announce(found, book.head(), book.entries(), gated)


@click.command("remark", options_metavar="[OPTIONS]")
@common.out_option
@common.kept_rubric_option
@common.roster_option
def remark(out: Path, rubric_path: Path | None, roster_path: Path | None) -> None:
    """Mark the class again by a rubric with other points, without running any student code.

    Where the rubric has other checks or tolerances, `grade PATH` runs what that takes.
    """
    from .. import gradebook
    from ..grading import remarking
    from ..report import rendering

    with (
        common.class_book(out, rubric_path, roster_path, read_only=False) as whole_class,
        gradebook.grading(out),
    ):
        if given := remarking.by_items(whole_class, getpass.getuser):
            marks = "1 mark of a person is" if given == 1 else f"{given} marks of persons are"
            click.echo(f"{marks} given anew: items that they are made of have other points now")
        number, changed = remarking.remark(whole_class)
        rubric = whole_class.rubric.path.name
        click.echo(
            f"run {number}: {len(whole_class.graded)} hand-ins marked by {rubric}; the marks of {changed} have changed"
        )
        for id, why in whole_class.failed.items():
            common.say(f"{id}: {why}")
        common.tell_of_misfits(whole_class.anew())
        page = common.write_class_page(whole_class, out)
        with rendering.Several(common.cores()) as renderer, common.progress_bar("reports") as tick:
            remarking.publish(whole_class, renderer, out, tick=tick)
        click.echo(page)


def _nonce(text: str) -> str:
    if text and not _NONCE.fullmatch(text):
        raise UsageError(
            f"--nonce: found {text!r}, wanted letters, digits, dots, dashes and underscores, at most 64 of them"
        )
    return text


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
