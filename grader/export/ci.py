"""Tell the CI of a course repository what is wrong, and where: as GitHub's annotations and summary, or in plain lines.

Whoever reads a repository's CI may be a student: nothing that is hidden is said.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import click

from ..errors import GraderError
from ..handin.submission import Submission
from ..model import ZERO, CheckResult, ClassHead, Entry, GradeReport, Outcome
from ..report.audience import for_students
from ..report.markdown import inline
from ..report.safe_text import one_line
from ..report.wording import lost, total
from . import FORMATS

_LEVELS = ("error", "warning", "notice")
"""The most important first."""


@dataclass(frozen=True)
class Remark:
    """Something to look at."""

    level: str
    """`error`, `warning` where no points are lost, or `notice`."""
    path: str
    """File, relative to the working folder; empty where it is not below it."""
    line: int
    """Zero where no line is to blame."""
    title: str
    text: str
    stake: Decimal = ZERO
    """Points that are lost or open there."""


def announce(
    found: Iterable[Submission],
    head: ClassHead,
    entries: Iterable[Entry],
    gated: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Print what is wrong with each hand-in; where GitHub runs this, in its own form and with a job summary.

    What matters most comes first: of each kind GitHub shows ten. That is what was not graded, then what does not pass,
    then what cost or may cost most points.

    `gated` has why a hand-in does not pass `--fail-under`, by id.

    `GraderError` where the summary cannot be written.
    """
    submissions = {one.id: one for one in found}
    is_github = os.environ.get("GITHUB_ACTIONS") == "true"
    whole = [Remark("warning", "", 0, f"{id}: not graded", why) for id, why in head.failed.items()]
    whole += [Remark("error", "", 0, id, why) for id, why in gated.items()]
    of_checks: list[Remark] = []
    for entry in entries:
        report = for_students(entry.report)
        of_checks += remarks(report, submissions.get(report.submission))
    of_checks.sort(key=lambda one: (_LEVELS.index(one.level), -one.stake))
    for remark in (*whole, *of_checks):
        click.echo(github(remark) if is_github else plain(remark))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if is_github and summary:
        write = FORMATS["markdown"].write
        assert write is not None
        try:
            with Path(summary).open("a", encoding="utf-8", newline="") as file:
                write(head, entries, file)
                if gated:
                    file.write("\nDo not pass:\n\n")
                    file.writelines(f"- Hand-in {inline(id)}: {inline(why)}\n" for id, why in gated.items())
        except OSError as error:
            raise GraderError(f"{summary}: the job summary cannot be written ({error.strerror})") from None


@contextmanager
def literal() -> Iterator[None]:
    """Keep GitHub from obeying what is printed meanwhile: a report quotes student code, which may say `::...`."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        yield
        return
    token = secrets.token_hex(16)
    click.echo(f"::stop-commands::{token}")
    try:
        yield
    finally:
        click.echo(f"::{token}::")


def remarks(report: GradeReport, submission: Submission | None) -> Iterator[Remark]:
    """What cost points or failed, and what waits for a person, with file and line where they are known.

    A check that was not run because another failed is left out: GitHub shows ten remarks of a kind, not fifty.
    """
    for question in report.questions:
        if question.mark is not None:
            continue
        stopped = any(check.outcome is Outcome.SKIPPED and lost(check) for check in question.checks)
        for check in question.checks:
            cost = lost(check) and check.outcome is not Outcome.SKIPPED  # what it needed is in the list
            failed = check.outcome is Outcome.FAILED and not check.points
            waits = check.outcome in (Outcome.NEEDS_REVIEW, Outcome.ERROR) and check.message
            if not (cost or failed or waits):
                continue
            path, line = _place(check, submission)
            words = " ".join(filter(None, (check.message, check.diagnosis, check.hint)))
            level = "error" if lost(check) or (failed and stopped) else "warning"
            stake = check.points - check.earned
            yield Remark(level, path, line, f"{report.submission} {question.id}: {check.title}", words, stake)
    if report.open_points or not report.questions:
        return
    if all(question.earned == question.points for question in report.questions):
        yield Remark("notice", "", 0, report.submission, total(report))


def github(remark: Remark) -> str:
    """As a workflow command (GitHub's documentation, "Workflow commands for GitHub Actions")."""
    fields: Mapping[str, str] = {
        "file": remark.path,
        "line": str(remark.line) if remark.line and remark.path else "",
        "title": remark.title,
    }
    shown = ",".join(f"{name}={_escaped(value, field=True)}" for name, value in fields.items() if value)
    return f"::{remark.level} {shown}::{_escaped(remark.text)}"


def plain(remark: Remark) -> str:
    """As compilers do it: `file:line: error: title: text`."""
    where = (
        f"{remark.path}:{remark.line}: "
        if remark.line and remark.path
        else remark.path and f"{remark.path}: "
    )
    return f"{one_line(where)}{' ' if where else ''}{remark.level}: {one_line(remark.title)}: {one_line(remark.text)}"


def _escaped(text: str, field: bool = False) -> str:
    """Student text on one line, with what GitHub would read as the end of a value spelt out."""
    text = one_line(text).replace("%", "%25")
    return text.replace(":", "%3A").replace(",", "%2C") if field else text


def _place(check: CheckResult, submission: Submission | None) -> tuple[str, int]:
    """The file as it stands in the repository, and the line in it."""
    if submission is None:
        return "", 0
    name, line = submission.module or submission.notebook or "", 0
    if check.formula and submission.notebook:
        name = submission.notebook
    elif check.place is not None:
        staged = check.place.file
        if ", code cell " in staged:  # lines of a cell are no lines of the file
            name = submission.notebook or name
        else:
            name, line = (
                (submission.module or staged) if staged == submission.staged else staged,
                check.place.line,
            )
    path = submission.folder / name
    if name == submission.notebook and submission.notebook_path is not None:
        path = submission.notebook_path
    if not name or ".." in path.parts or not path.is_relative_to(Path.cwd()):
        return "", 0
    return path.relative_to(Path.cwd()).as_posix(), line
