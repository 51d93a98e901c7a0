"""Grade one hand-in: stage, observe, judge, report.

What is found goes into `Findings`, of which `marking` makes marks. While a hand-in is at work, each finished check is
told to a `Journal`, so that a run that was killed loses no more than the checks in flight.
"""

from __future__ import annotations

import functools
import importlib.metadata
import platform
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .. import __version__
from ..assignment.reference import Reference
from ..assignment.rubric import Rubric
from ..errors import UsageError
from ..handin.plain_files import printable
from ..handin.staging import Material
from ..handin.submission import Submission
from ..machine import scratch
from ..marking import marking
from ..marking.findings import Exhibits, Findings, Unread, machine_failed, split
from ..model import GradeReport, Host, Outcome, QuestionResult
from ..reading.messages import Asked, Cells, HandIn
from ..reading.process import Confined, TooMuch
from ..student.sandbox import Practice
from ..written import answered, process
from .attempts import PARTS
from .executing import Executed
from .judging import Judging
from .run import Journal, NoJournal, Run
from .stages import Graded, HandInAtWork, Written
from .told_once import one_thing_to_do, told_once

__all__ = [
    "PARTS", "Journal", "NoJournal", "Run", "derivations", "grade", "has_errors", "observe", "versions",
]  # fmt: skip


def grade(submission: Submission, run: Run, journal: Journal | None = None) -> GradeReport:
    """Grade one hand-in. Raises only for the grader's own faults outside a check, and `Cancelled`.

    What the `journal` holds is not done again: that is for who grades the same files twice.
    """
    findings, exhibits = observe(submission, run, (lambda _: journal) if journal is not None else None)
    return marking.report(
        submission.id, submission.notes, findings, exhibits, run.rubric, run.reference.fingerprint
    )


def observe(
    submission: Submission,
    run: Run,
    journal_of: Callable[[str], Journal] | None = None,
    material: Material | None = None,
) -> tuple[Findings, Exhibits]:
    """What is to be found in one hand-in, or in the `material` that was read of it; raises as `grade` does.

    `journal_of` gives the journal for files of a fingerprint, under these settings: that of what was copied, which may
    have changed since it was found. What it holds is not done again.
    """
    started = time.monotonic()
    folder = _folder(run.workspace)
    try:
        work = HandInAtWork(submission, run, folder, material)
    except BaseException:
        scratch.remove(folder)
        raise
    journal = journal_of(work.content) if journal_of and work.content else NoJournal()
    try:
        done = _carried_out(work, run, journal)
    finally:
        work.close()
        scratch.remove(folder)
    return _found(work, run, done, time.monotonic() - started)


@dataclass(frozen=True)
class _Done:
    """What the stages of a hand-in gave."""

    cells: Cells
    graded: Graded
    code: str
    sources: dict[str, str]
    judged: Judging
    written: Written
    executed: Executed


def _carried_out(work: HandInAtWork, run: Run, journal: Journal) -> _Done:
    """Do all stages: the checks, and beside them what was written and the notebook's execution."""
    with ThreadPoolExecutor(max_workers=2) as beside:
        cells = work.cells()
        workplace = work.workplace()
        spared: Future[bool] = Future()
        executing = beside.submit(work.execute, cells, workplace, journal, spared.result)
        reading = beside.submit(work.written)
        try:
            graded = work.with_names(work.choose())
            code, sources = work.code_key(), work.sources()
            judged = Judging(graded, run, journal).all_checks()
            spared.set_result(judged.all_spared)
            return _Done(cells, graded, code, sources, judged, reading.result(), executing.result())
        except BaseException:
            run.cancelled.set()  # the pool's exit waits for the execution, which stops at this
            spared.cancel()
            raise


def _found(work: HandInAtWork, run: Run, done: _Done, seconds: float) -> tuple[Findings, Exhibits]:
    """What the stages gave, as marks are made of it, and as reports show it beside; `seconds` were taken in all."""
    cells, judged, written, executed = done.cells, done.judged, done.written, done.executed
    timings = {**judged.timings, **executed.timings, "total": seconds}
    errors = {
        **work.guard.errors,
        **judged.errors,
        **executed.errors,
        **process.traces(written.judgements),
    }
    results, figures = split(one_thing_to_do(told_once(judged.results), run.rubric))
    findings = Findings(
        dataset=run.dataset.name,
        results=results,
        texts=written.answers.texts,
        judgements=written.judgements,
        pasted=tuple(written.answers.images),
        files={**work.staged.files, **work.files},
        notes=(
            *work.staged.notes,
            *done.graded.notes,
            *cells.notes,
            *written.answers.notes,
            *([cells.problem] if cells.problem and "cells" not in work.guard.why else []),
            *work.guard.notes,
        ),
        host=Host(
            tier=run.sandbox.tier,
            versions=versions(),
            timings={name: round(seconds, 3) for name, seconds in timings.items()},
        ),
        unread={**_not_read(cells, written, run.rubric), **written.unread},
        content=work.content,
        machine_failed=machine_failed(judged.results, judged.stacks, errors),
        nonce=run.rubric.nonce,
        code=done.code,
        pictures={
            id: answered.key("", *(image.data for image in images))
            for id, images in written.answers.images.items()
        },
    )
    exhibits = Exhibits(
        figures=figures,
        images=written.answers.images,
        notebook=executed.result,
        stacks=judged.stacks,
        errors=errors,
        outputs={**judged.outputs, **executed.outputs},
        sources=done.sources,
    )
    return findings, exhibits


def _not_read(cells: Cells, written: Written, rubric: Rubric) -> dict[str, Unread]:
    """The written questions, where the notebook could not be read: what is in it nobody knows."""
    if not cells.problem or written.answers.texts:
        return {}
    return {question.id: Unread(cells.problem) for question in rubric.questions if not question.checks}


def _folder(workspace: Path) -> Path:
    """A new folder for a hand-in, which the user that workers become can enter, and in it an empty `handin`."""
    folder = Path(tempfile.mkdtemp(prefix="grading-", dir=workspace))
    folder.chmod(0o711)
    (folder / "handin").mkdir()
    (folder / "handin").chmod(0o755)
    return folder


def versions() -> dict[str, str]:
    """The programs whose version can move a mark."""
    return dict(_versions())


@functools.cache
def _versions() -> dict[str, str]:
    names = ("numpy", "scipy", "scikit-learn")
    return {
        "grader": __version__,
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in names},
    }


def derivations(notebook: Path, rubric: Rubric, reference: Reference) -> list[QuestionResult]:
    """The results of a notebook's derivations alone. `UsageError` where it cannot be read."""
    asking = [q for q in rubric.questions if q.claims]
    name = printable(notebook.name)
    handin = HandIn(
        folder=str(notebook.parent.absolute()),
        entry=rubric.entry,
        notebook=str(notebook.absolute()),
        notebook_name=name,
        questions=tuple(map(Asked.of, rubric.questions)),
        templates=reference.templates(rubric.earlier_notebooks),
    )
    with tempfile.TemporaryDirectory() as folder:
        reader = Confined(Practice(), handin, Path(folder), threading.Event())
        try:
            read = reader.ask("cells")
            if read.problem:
                raise UsageError(read.problem)
            found = reader.ask("answers")
        except TooMuch as reason:
            raise UsageError(f"{name} was not read: it {reason}") from None
        finally:
            reader.close()
    judged = process.judge(reference.folder, found.texts, rubric)
    findings = Findings("", {}, found.texts, judged, (), {}, (), Host("", {}, {}))
    return [marking.question(q, rubric, {}, findings) for q in asking]


def has_errors(report: GradeReport) -> bool:
    """Whether some check ended in the grader's own fault."""
    return any(check.outcome is Outcome.ERROR for q in report.questions for check in q.checks)
