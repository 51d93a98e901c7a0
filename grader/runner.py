"""Grade one hand-in: stage, observe, judge, report.

What is found goes into `Findings`, of which `marking` makes marks. While a hand-in is at work, each finished check is
told to a `Journal`, so that a run that was killed loses no more than the checks in flight.

The checks of a hand-in run one after the other in one worker; those that take long (`Check.own_worker`)
each run in a worker of their own, beside the others, as soon as the checks before them are done.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import math
import platform
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from . import __version__, diagnosis, marking
from .api import Mistake
from .checks import Bench, Check, Malformed, Verdict, oracle, words
from .checks.base import passed
from .checks.module import missing
from .checks.training import BEFORE_TRAINING, OF_TRAINING, PREDICT
from .coded.kinds import calls_of
from .coded.looks import Looks
from .datasets import NONE
from .errors import UsageError
from .explain import OF_A_GAP, fault_verdict, out_of_time_verdict, where_it_was
from .findings import Exhibits, Findings, Unread, machine_failed, packed, split, unpacked
from .model import CheckResult, GradeReport, Host, Outcome, QuestionResult
from .reading.messages import Asked, Cells, HandIn
from .reading.process import Confined, TooMuch
from .reference import Reference
from .rubric import CheckSpec, Rubric
from .run import Journal, NoJournal, Run
from .stages import Graded, HandInAtWork, Written
from .student import scratch
from .student.budget import SubmissionTime
from .student.client import Oracle, Student
from .student.faults import MachineFault, OutOfTime, StudentCrash, StudentFault, StudentTimeout
from .student.process import Cancelled, Limits
from .student.sandbox import Practice
from .submission import Submission, printable
from .told_once import one_thing_to_do, told_once
from .written import answered, process

__all__ = [
    "PARTS", "Journal", "NoJournal", "Run", "derivations", "grade", "has_errors", "observe", "versions",
]  # fmt: skip

T = TypeVar("T")
PARTS = ("X_train", "y_train", "X_val", "y_val", "X_test")
"""What a worker may map of a dataset: everything but the labels of the test images."""
_LOOKS = ("diagnosis", "follow-through")
"""What takes time beside the checks."""
LOSS: dict[str, Sequence[str]] = {"loss": ("X", "y", "reg")}
ONLY_PREDICT: dict[str, Sequence[str]] = {PREDICT: ("X",)}
"""Methods that are supplied, with the names of their arguments."""
_BACKSTOP = 10
"""Seconds of CPU past the hand-in's after which the kernel ends a worker, should we not get to it."""


def grade(submission: Submission, run: Run) -> GradeReport:
    """Grade one hand-in. Raises only for the grader's own faults outside a check, and `Cancelled`."""
    findings, exhibits = observe(submission, run)
    return marking.report(
        submission.id, submission.notes, findings, exhibits, run.rubric, run.reference.fingerprint
    )


def observe(
    submission: Submission, run: Run, journal_of: Callable[[str], Journal] | None = None
) -> tuple[Findings, Exhibits]:
    """What is to be found in one hand-in; raises as `grade` does.

    `journal_of` gives the journal for files of a fingerprint, under these settings: that of what was copied, which may
    have changed since it was found. What it holds is not done again.
    """
    started = time.monotonic()
    folder = _folder(run.workspace)
    try:
        work = HandInAtWork(submission, run, folder)
    except BaseException:
        scratch.remove(folder)
        raise
    journal = journal_of(work.content) if journal_of and work.content else NoJournal()
    try:
        with ThreadPoolExecutor(max_workers=2) as beside:
            cells = work.cells()
            workplace = work.workplace()
            executing = beside.submit(work.execute, cells, workplace, journal)
            reading = beside.submit(work.written)
            try:
                graded = work.with_names(work.choose())
                code, sources = work.code_key(), work.sources()
                judged = _Judging(graded, run, journal).all_checks()
                written = reading.result()
                executed = executing.result()
            except BaseException:
                run.cancelled.set()  # the pool's exit waits for the execution, which stops at this
                raise
    finally:
        work.close()
        scratch.remove(folder)
    timings = {**judged.timings, **executed.timings, "total": time.monotonic() - started}
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
            *graded.notes,
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
        code=code,
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
        sources=sources,
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


class _Step(msgspec.Struct, frozen=True):
    """A check that is done, and what it left behind."""

    result: CheckResult
    broken: bool
    waits: bool
    seconds: float
    used: float
    """Seconds of CPU of the whole hand-in at its end."""
    stack: str | None
    output: str | None


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


class _Judging:
    """The checks of one hand-in, and what they left behind."""

    def __init__(self, graded: Graded, run: Run, journal: Journal) -> None:
        self._graded = graded
        self._journal = journal
        self._folder = graded.sources.folder
        self._run = run
        limits = run.rubric.limits
        self._time = SubmissionTime(limits.submission_cpu, limits.submission_wall)
        self._broken: set[str] = set()
        self._waits = False
        """Whether a check ran out of time on the wall's clock also when it was alone: it is not the machine."""
        self._crashes = False
        """Whether a check ended the process also when it was alone."""
        self._looks = Looks(run.rubric, run.reference, self)
        """What is looked at again, where the assignment has checks of its own."""
        self._both = False
        """Whether it took a right loss and a right predict to see what train is worth."""
        self.results: dict[str, CheckResult] = {}
        self.timings: dict[str, float] = {}
        self.stacks: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self.outputs: dict[str, str] = {}

    def all_checks(self) -> _Judging:
        """Run every check; return self, filled."""
        specs = [spec for question in self._run.rubric.questions for spec in question.checks]
        slow = [spec for spec in specs if self._check(spec).own_worker]
        quick = [spec for spec in specs if spec not in slow]
        done: dict[str, Future[None]] = {spec.id: Future() for spec in quick}
        with ThreadPoolExecutor(max_workers=1 + len(slow)) as pool:
            lanes = [pool.submit(self._quick_lane, quick, done)]
            for spec in slow:
                before = [done[s.id] for s in specs[: specs.index(spec)] if s in quick]
                lanes.append(pool.submit(self._slow_lane, spec, before))
            try:
                for lane in lanes:
                    lane.result()
            except BaseException:
                self._run.cancelled.set()  # the pool's exit waits for the others, which stop at this
                for future in done.values():
                    future.cancel()
                raise
        self.results = {spec.id: self._at_home(self.results[spec.id]) for spec in specs}
        self.timings = {
            id: self.timings[id] for id in (*(s.id for s in specs), *_LOOKS) if id in self.timings
        }
        return self

    def _at_home(self, result: CheckResult) -> CheckResult:
        """A result whose points are said to be counted where they are: not where a second try has given them back."""
        source, seen = result.carried_from, {result.id}
        while source in self.results and not self.lost(source) and source not in seen:
            seen.add(source)
            source = self.results[source].carried_from
        return msgspec.structs.replace(result, carried_from=source) if source else result

    def _quick_lane(self, specs: list[CheckSpec], done: dict[str, Future[None]]) -> None:
        """Run checks one after the other in one worker; where points are lost, look at all of them again."""
        with self._guarded(specs), self._run.slots.one(), self._student() as student:
            self._time.start()  # with the first worker, not while the hand-in waits for its turn
            memo: dict[Any, Any] = {}
            for spec in specs:
                self._run.say(spec.title)
                self.results[spec.id] = self._one(spec, student, self.results, memo)
                if not self._lost_points():
                    # What comes later cannot change a result that lost nothing.
                    done[spec.id].set_result(None)
            if self._run.reference.coded is not None:
                self._look_at_calls(specs, student, memo)
            elif self._lost_points() and self._can_be_used(specs):
                self._look_again(specs, student, memo)
                student.close()
                self._behind_a_line(specs, student)
                self._follow_through(specs)
                self._same_training(specs)
                self._with_right_predict(specs)
                self._with_both(specs)
        for future in done.values():
            if not future.done():
                future.set_result(None)

    @contextlib.contextmanager
    def _guarded(self, specs: Sequence[CheckSpec]) -> Iterator[None]:
        """Where the grader fails between checks, those without a result are errors of ours; the others stand."""
        try:
            yield
        except Cancelled:
            raise
        except Exception:  # our own fault: no zero for the student, the traceback for us
            for spec in specs:
                if spec.id not in self.results:
                    self.errors[spec.id] = traceback.format_exc()
                    self.results[spec.id] = _failed(spec)
                    self._broken.add(spec.id)
            self.errors.setdefault("checks", traceback.format_exc())

    def _can_be_used(self, specs: list[CheckSpec]) -> bool:
        """Whether the module can be imported and its class made: else asking again shows nothing new."""
        return not any(spec.id in self._broken and self._check(spec).opens for spec in specs)

    def _lost_points(self) -> bool:
        return any(map(self.lost, list(self.results)))

    def _slow_lane(self, spec: CheckSpec, before: list[Future[None]]) -> None:
        """Run a check in a worker of its own, after the checks `before`."""
        for future in before:
            future.result()
        asked = time.monotonic()
        with self._guarded([spec]), self._run.slots.one(), self._student() as student:
            self._time.start()
            self._time.excuse(time.monotonic() - asked)
            self._run.say(spec.title)
            memo: dict[Any, Any] = {}
            self.results[spec.id] = self._one(spec, student, dict(self.results), memo)
            student.close()
            if self._run.reference.coded is not None and self.lost(spec.id) and not self.stacks:
                with self._stands_whatever_fails():
                    self._looks.look_at_a_slow_one(spec.id, memo)

    def _look_again(self, specs: list[CheckSpec], student: Student, memo: dict[Any, Any]) -> None:
        """Name the mistakes, and give back what one of an earlier question has cost already.

        What keeps the student's code from answering now takes nothing away: results stay as they are.
        """
        if self.stacks:
            return  # it has run out of time once; it would again
        self._run.say("naming mistakes")
        started = time.monotonic()
        results = {spec.id: self.results[spec.id] for spec in specs}
        bench = self._bench(specs[-1], student, results, memo)

        def look() -> dict[str, CheckResult]:
            student.begin_check()
            return diagnosis.second_look(bench, results, self._run.library)

        with self._stands_whatever_fails():
            try:
                self.results |= self._in_two_tries(bench, look)
            except (StudentFault, OutOfTime):
                pass
            except MachineFault as fault:
                self._open(results, "diagnosis", fault)
        student.take_output()
        self.timings["diagnosis"] = time.monotonic() - started

    def _look_at_calls(self, specs: list[CheckSpec], student: Student, memo: dict[Any, Any]) -> None:
        """The same for an assignment with checks of its own: of each it is known what it has asked."""
        if not self._lost_points() or not self._can_be_used(specs) or self.stacks:
            return
        started = time.monotonic()
        for spec in specs:
            if self._journal.part(spec.id) and calls_of(memo, spec.id) is None:
                verdict = self._second_verdict(
                    spec, self._run.rubric, student, memo, {}
                )  # an earlier run asked it
                if verdict is not None and verdict.outcome is Outcome.ERROR and self.lost(spec.id):
                    self.results[spec.id] = self.followed(spec, verdict, spec, "")
        student.close()
        self._run.say("naming mistakes")
        with self._stands_whatever_fails():
            self._looks.look([spec.id for spec in specs], memo)
        self.timings["diagnosis"] = time.monotonic() - started

    @contextlib.contextmanager
    def _stands_whatever_fails(self) -> Iterator[None]:
        """Where the grader fails in a second look, the marks stand, and the traceback is for us."""
        try:
            yield
        except Cancelled:
            raise
        except Exception:
            self.errors["diagnosis"] = traceback.format_exc()

    def ask_again(
        self,
        spec: CheckSpec,
        nonce: str,
        memo: dict[Any, Any],
        oracle: Oracle | None,
        supplied: Mapping[str, Sequence[str]],
        instead: tuple[Mistake, ...],
    ) -> Verdict | None:
        """See `looks.Judging`."""
        rubric = self._run.rubric
        changed = msgspec.structs.replace(rubric, nonce=f"{rubric.nonce}{nonce}") if nonce else rubric
        with self._student(oracle, supplied=supplied) as student:
            bench = replace(
                self._bench(spec, student, {}, memo),
                rubric=changed,
                supplied=tuple(supplied),
                instead=instead,
            )
            return self._tried(bench)

    def _open(self, ids: Iterable[str], what: str, fault: MachineFault) -> None:
        """Where the machine kept us from what might have given points back, these are open."""
        verdict = self._kept_from(what, fault)
        self.results |= {
            id: msgspec.structs.replace(
                self.results[id],
                outcome=verdict.outcome,
                message=words.full(verdict.message),
                hint="",
                diagnosis="",
            )
            for id in ids
            if self.lost(id)
        }

    def _follow_through(self, specs: list[CheckSpec]) -> None:
        """Run checks of train and predict again, with a right `loss` in place of one that has cost points before."""
        started = time.monotonic()
        with self._student(oracle.answers(self._run.reference)) as student:
            self._with_right_loss(specs, student, "follow-through", "a right loss supplied in place of yours")
        self.timings["follow-through"] = time.monotonic() - started

    def _with_both(self, specs: list[CheckSpec]) -> None:
        """The same of checks that a wrong `predict` has ended, too: with a right one beside a right `loss`."""
        predict = self._wrong_predict()
        lost = [s for s in specs if s is not predict and self._check(s).supplied and self.lost(s.id)]
        if predict is None or not any(s.id in self._broken and self._built_on(s) for s in lost):
            return
        what = "a right loss and a right predict supplied in place of yours"
        with self._student(oracle.with_labels(self._run.reference), supplied=LOSS | ONLY_PREDICT) as student:
            self._with_right_loss(lost, student, "loss and predict", what)
        self._both = any(self.results[spec.id].carried_from for spec in lost)

    def _with_right_loss(self, specs: Sequence[CheckSpec], student: Student, nonce: str, what: str) -> None:
        """Run those of some checks again, with `what`, that have lost points after `loss` has.

        In a worker of their own and on inputs of their own: the grader's answers are of no use for anything else.
        """
        changed = msgspec.structs.replace(self._run.rubric, nonce=f"{self._run.rubric.nonce} {nonce}")
        stuck = {id for id in self._broken if not self.results[id].carried_from}
        memo: dict[Any, Any] = {}
        for spec in specs:
            result, source = self.results[spec.id], self._built_on(spec)
            if not (source and self._check(spec).supplied and result.earned < result.points):
                continue
            needs = [id for id in spec.needs if self._is_supplied(id)]
            if result.outcome.is_open or any(id in stuck for id in needs):
                continue  # one that ran out of time may have done so in the loss
            self._run.say(f"{spec.title}, with {what}")
            verdict = self._second_verdict(spec, changed, student, memo, {})
            if verdict is None:
                continue
            self.results[spec.id] = self.followed(spec, verdict, source, what)
            if not verdict.broken:
                stuck.discard(spec.id)

    def _with_right_predict(self, specs: list[CheckSpec]) -> None:
        """Run checks of train that a wrong `predict` has ended, with a right one in place of it."""
        source = self._wrong_predict()
        lost = [s for s in specs if s is not source and self._check(s).supplied and self.lost(s.id)]
        if source is None or not any(s.id in self._broken for s in lost):
            return
        changed = msgspec.structs.replace(self._run.rubric, nonce=f"{self._run.rubric.nonce} predict")
        what = "a right predict supplied in place of yours"
        with self._student(oracle.with_labels(self._run.reference), supplied=ONLY_PREDICT) as supplied:
            self._try_again(lost, changed, supplied, source, what, {})

    def _wrong_predict(self) -> CheckSpec | None:
        """The check of `predict`, where it has lost points."""
        specs = (spec for question in self._run.rubric.questions for spec in question.checks)
        lost = (s for s in specs if self._check(s).kind == PREDICT and s.id in self.results)
        return next((spec for spec in lost if self.lost(spec.id)), None)

    def _same_training(self, specs: list[CheckSpec]) -> None:
        """Where a training goes wrong with `train` and loss both, and each has cost its points, this costs nothing.

        Nor where what ended it ended the one with the activation before, too, and with a right loss that one is right.
        What is asked is whether `train` is the same code with both: told the same of both, it ends alike.
        """
        for spec in specs:
            check, source = self._check(spec), spec.shared_with
            if not (check.kind in OF_TRAINING and source and self.lost(spec.id)):
                continue
            beside = [
                s.id for s in specs if s.hidden and _activation_of(self._check(s)) == _activation_of(check)
            ]
            if not any(map(self._is_right, beside)):
                continue  # where nothing of an activation is there, its training earns nothing either
            if not self.lost(source):
                if not self._ended_alike(spec.id, source, beside):
                    continue
                source = self.results[source].carried_from
            told_same = oracle.answers(
                self._run.reference, self._run.rubric.checks[spec.shared_with].activation
            )
            with self._student(told_same) as student:
                bench = self._bench(spec, student, dict(self.results), {})
                student.begin_check(spec.hidden)
                try:
                    verdict = self._in_two_tries(bench, lambda: check.shared(bench))  # noqa: B023
                except (StudentFault, Malformed, OutOfTime):
                    continue
                except MachineFault as fault:
                    self._open([spec.id], spec.id, fault)
                    continue
            if verdict is None:
                continue
            message = verdict.message if source == spec.shared_with else _ENDED_ALIKE
            self.results[spec.id] = self.carried(spec, spec.points, message, source)

    def _ended_alike(self, id: str, source: str, beside: Sequence[str]) -> bool:
        """Whether a training was ended by what had ended the one of another activation, and that is excused there.

        A gradient that is missing, say. Of the checks `beside` it some gradient has to be right, and what has cost
        points has to have had values: what is not there at all earns nothing here either.
        """
        own = [one for one in beside if self._kind(one) in BEFORE_TRAINING]
        right = any(self._is_right(one) for one in own if self._kind(one) == "gradient")
        wrong = any(self.lost(one) and self.results[one].comparisons for one in own)
        one, other = self.results[id], self.results[source]
        alike = {id, source} <= self._broken and one.detail == other.detail != ""
        return bool(other.carried_from) and right and wrong and alike

    def _is_right(self, id: str) -> bool:
        return bool(self.results[id].earned) and not self.results[id].carried_from

    def _behind_a_line(self, specs: list[CheckSpec], student: Student) -> None:
        """Where code raises in one line, try what stands behind it with the value of that line supplied.

        What rests on this value alone stays lost; the rest earns what it earns with a right `loss` supplied.
        """
        of_loss = [s.id for s in specs if diagnosis.key_of(self._check(s))]
        lost = [id for id in of_loss if self.lost(id) or self.results[id].carried_from]
        place = next((at for id in lost if (at := self.results[id].place)), None)
        line = self._graded.sources.line_of(place.file, place.line) if place else 0
        unfilled = any(OF_A_GAP in self.results[id].detail for id in lost)  # the mistake is before that line
        if place is None or not line or unfilled or self.stacks:
            return
        changed = msgspec.structs.replace(self._run.rubric, nonce=f"{self._run.rubric.nonce} supplied line")
        bench = replace(self._bench(specs[-1], student, {}, {}), rubric=changed)

        def with_line(supply: Oracle) -> Student:
            return self._student(supply, line)

        try:
            found = self._in_two_tries(bench, lambda: diagnosis.step_of_line(bench, with_line, lost))
        except (StudentFault, OutOfTime):
            return
        except MachineFault as fault:
            self._open(lost, "supplied line", fault)
            return
        if found is None:
            return
        by_id = {spec.id: spec for spec in specs}
        stays = [
            id for id in lost if self.lost(id) and diagnosis.key_of(self._check(by_id[id])) in found.step.lost
        ]
        if not stays:
            return
        source, what = by_id[stays[0]], f"the right value of {place.file}, line {place.line}, supplied"
        for id in found.right(lost):
            if id not in stays or by_id[id].shared_with in stays:
                self.results[id] = self.followed(by_id[id], passed(found.results[id].message), source, what)
        with with_line(diagnosis.line_answers(self._run.reference, found.step)) as supplied:
            lost_too = [s for s in specs if self.lost(s.id) and self._check(s).supplied]
            before = {id: r for id, r in self.results.items() if self._kind(id) in BEFORE_TRAINING}
            shared = [
                by_id[id] for id in lost if self._kind(id) == "gradient" and id not in stays and self.lost(id)
            ]
            for spec in (one for one in shared if one.shared_with and one.shared_with not in stays):
                if not self.lost(spec.shared_with):
                    continue
                verdict = self._second_verdict(spec, changed, supplied, {}, before)
                if verdict is not None and verdict.carried_from:
                    self.results[spec.id] = self.followed(spec, verdict, by_id[verdict.carried_from], what)
            self._try_again(lost_too, changed, supplied, source, what, before)

    def _try_again(
        self,
        specs: list[CheckSpec],
        rubric: Rubric,
        student: Student,
        source: CheckSpec,
        what: str,
        earlier: Mapping[str, CheckResult],
    ) -> None:
        """Run checks once more with `what`; a second try that earns nothing changes nothing.

        `earlier`: what excuses wrong values as in the first try; with right values supplied nothing does.
        """
        memo: dict[Any, Any] = {}
        for spec in specs:
            self._run.say(f"{spec.title}, with {what}")
            verdict = self._second_verdict(spec, rubric, student, memo, earlier)
            if verdict is not None and (verdict.fraction or verdict.outcome is Outcome.ERROR):
                self.results[spec.id] = self.followed(spec, verdict, source, what)

    def lost(self, id: str) -> bool:
        """Whether a check has lost points, and is not open."""
        result = self.results[id]
        return result.earned < result.points and not result.outcome.is_open

    def _second_verdict(
        self,
        spec: CheckSpec,
        rubric: Rubric,
        student: Student,
        memo: dict[Any, Any],
        earlier: Mapping[str, CheckResult],
    ) -> Verdict | None:
        """The verdict of a second try; None where there is none. All that share a student may share the `memo`."""
        return self._tried(replace(self._bench(spec, student, earlier, memo), rubric=rubric))

    def _tried(self, bench: Bench) -> Verdict | None:
        """The verdict of a second try on a bench; None where the hand-in kept it from one."""
        spec, student = bench.spec, bench.student

        def run() -> Verdict:
            student.begin_check(spec.hidden)
            return self._check(spec).run(bench)

        try:
            return self._in_two_tries(bench, run)
        except (StudentFault, Malformed, OutOfTime):
            return None
        except MachineFault as fault:
            return self._kept_from(spec.id, fault)
        except Cancelled:
            raise
        except Exception:  # our own fault: no zero for the student, the traceback for us
            self.errors[spec.id] = traceback.format_exc()
            return Verdict(Outcome.ERROR, "The grader failed here; this costs no points.", broken=True)

    def followed(self, spec: CheckSpec, verdict: Verdict, source: CheckSpec, what: str) -> CheckResult:
        """The result of a check after a second try with `what`; the first one's where that earned more."""
        result = self.results[spec.id]
        told = words.careful if spec.hidden else words.full
        message = f"With {what}: {told(verdict.message)}"
        if verdict.outcome is Outcome.ERROR:
            return msgspec.structs.replace(result, outcome=Outcome.ERROR, message=verdict.message, hint="")
        earned = verdict.fraction * self._run.rubric.follow_through * result.points
        if not verdict.fraction and spec.id in self._broken:
            # The first try ended in the loss, and says nothing of what is wrong here.
            return msgspec.structs.replace(
                result,
                outcome=Outcome.FAILED,
                message=message,
                detail="",
                hint="" if verdict.diagnosis or verdict.says_all else spec.hint,
                diagnosis=told(verdict.diagnosis),
                comparisons=verdict.comparisons,
            )
        if earned <= result.earned and not result.carried_from:
            return result
        return self.carried(spec, max(earned, result.earned), message, source.id)

    def carried(self, spec: CheckSpec, earned: Decimal, message: str, source: str) -> CheckResult:
        """The result of a check that earns something though its value is wrong: that has cost points in `source`."""
        return msgspec.structs.replace(
            self.results[spec.id],
            outcome=Outcome.PASSED if earned == spec.points else Outcome.PARTIAL,
            earned=earned,
            message=message,
            hint="",
            diagnosis="",
            mistakes=(),
            place=None,
            carried_from=source,
        )

    def _built_on(self, spec: CheckSpec) -> CheckSpec | None:
        """The first check of another question whose subject `train` builds on, and that has lost points.

        None where the question has such a check itself: then its own part of the loss is wrong.
        """
        source: CheckSpec | None = None
        for question in self._run.rubric.questions:
            lost = [
                earlier
                for earlier in question.checks
                if self._check(earlier).kind in BEFORE_TRAINING
                and (result := self.results.get(earlier.id))
                and result.earned < result.points
            ]
            if lost and spec in question.checks:
                return None
            source = source or next(iter(lost), None)
        return source

    def _is_supplied(self, id: str) -> bool:
        check: Check = self._run.rubric.checks[id]
        return check.supplied

    def _kind(self, id: str) -> str:
        check: Check = self._run.rubric.checks[id]
        return check.kind

    def _bench(
        self, spec: CheckSpec, student: Student, earlier: Mapping[str, CheckResult], memo: dict[Any, Any]
    ) -> Bench:
        return Bench(
            student=student,
            reference=self._run.reference,
            rubric=self._run.rubric,
            dataset=self._run.dataset,
            earlier=earlier,
            spec=spec,
            memo=memo,
        )

    def _one(
        self, spec: CheckSpec, student: Student, earlier: Mapping[str, CheckResult], memo: dict[Any, Any]
    ) -> CheckResult:
        """A check that an earlier run has done, or else do it now."""
        if done := self._journal.part(spec.id):
            return self._restored(spec, unpacked(done, _Step))
        result = self._done(spec, student, earlier, memo)
        if spec.id not in self.errors:
            step = _Step(
                result,
                spec.id in self._broken,
                self._waits,
                self.timings[spec.id],
                self._time.used,
                self.stacks.get(spec.id),
                self.outputs.get(spec.id),
            )
            self._journal.keep(spec.id, packed(step))
        return result

    def _restored(self, spec: CheckSpec, step: _Step) -> CheckResult:
        self._waits = self._waits or step.waits
        self._time.charge(max(0.0, step.used - self._time.used))
        self.timings[spec.id] = step.seconds
        if step.broken:
            self._broken.add(spec.id)
        if step.stack is not None:
            self.stacks[spec.id] = step.stack
        if step.output is not None:
            self.outputs[spec.id] = step.output
        return step.result

    def _done(
        self, spec: CheckSpec, student: Student, earlier: Mapping[str, CheckResult], memo: dict[Any, Any]
    ) -> CheckResult:
        started = time.monotonic()
        verdict = self._skipped(spec, earlier) or self._unusable(spec)
        if verdict is None:
            before = self._visible(spec)
            visible = {id: earlier[id] for id in earlier if id in before}
            bench = self._bench(spec, student, visible, memo)
            student.begin_check(spec.hidden)
            verdict = self._run_check(spec, bench)
            if spec.shared_with:
                student.knows_hidden()  # it may have been asked what is wrong on hidden networks, too
            if printed := student.take_output():
                self.outputs[spec.id] = printed
        if verdict.broken:
            self._broken.add(spec.id)
        self.timings[spec.id] = time.monotonic() - started
        lost = verdict.outcome in (Outcome.FAILED, Outcome.PARTIAL)
        told = words.careful if spec.hidden else words.full
        said = (verdict.message, verdict.diagnosis, *verdict.notes)
        kept_back = [words.full(text) for text in said if words.full(text) != told(text)]
        return CheckResult(
            id=spec.id,
            title=spec.title,
            outcome=verdict.outcome,
            earned=verdict.fraction * spec.points,
            points=spec.points,
            message=told(verdict.message),
            # At most one thing to do: what was found out about the mistake says more than the rubric's hint.
            hint=spec.hint if lost and not (verdict.broken or verdict.diagnosis or verdict.says_all) else "",
            detail="; ".join(filter(None, [verdict.detail, *kept_back])),
            diagnosis=told(verdict.diagnosis),
            notes=tuple(map(told, verdict.notes)),
            comparisons=verdict.comparisons,
            figures=verdict.figures,
            hidden=spec.hidden,
            carried_from=verdict.carried_from,
            place=verdict.place,
            waits_for=verdict.waits_for,
        )

    def _run_check(self, spec: CheckSpec, bench: Bench) -> Verdict:
        """One check, tried a second time alone where the machine may be to blame for how the first try ended."""
        check = self._check(spec)
        try:
            try:
                return check.run(bench)
            except (StudentTimeout, OutOfTime, StudentCrash, MachineFault) as stop:
                # Not each check of a hand-in that sleeps or crashes: all others of the run stand still meanwhile.
                known = self._crashes if isinstance(stop, StudentCrash) else self._waits
                if not _worth_another_try(stop) or (known and not isinstance(stop, MachineFault)):
                    raise
                bench.memo.clear()
                return self._alone(check, bench)
        except MachineFault as fault:
            bench.memo.clear()  # what later checks would share
            return self._kept_from(spec.id, fault)
        except StudentFault as fault:
            if isinstance(fault, StudentTimeout):
                self.stacks[spec.id] = where_it_was(fault)
            return fault_verdict(fault, spec.hidden, self._run.rubric.packages)
        except Malformed as answer:
            return Verdict(Outcome.FAILED, answer.words, says_all=not answer.missing)
        except OutOfTime as stop:
            if stop.started:
                self.stacks[spec.id] = where_it_was(stop)
            return out_of_time_verdict(stop)
        except Cancelled:
            raise
        except Exception:  # our own fault: no zero for the student, the traceback for us
            self.errors[spec.id] = traceback.format_exc()
            return Verdict(Outcome.ERROR, "The grader failed here; this costs no points.", broken=True)

    def _alone(self, check: Check, bench: Bench) -> Verdict:
        with self._run.slots.alone():
            bench.student.begin_check(bench.spec.hidden)
            try:
                return check.run(bench)
            except (StudentTimeout, OutOfTime) as stop:
                self._waits = _worth_another_try(stop)
                raise
            except StudentCrash:
                self._crashes = True
                raise

    def _kept_from(self, what: str, fault: MachineFault) -> Verdict:
        """The verdict on what the machine has kept from an answer, twice."""
        self.errors[what] = (
            f"The machine is at fault, also in a second try with nothing else running: {fault}"
        )
        return Verdict(
            Outcome.ERROR,
            "The machine that grades kept this from an answer, twice; it costs no points.",
            broken=True,
        )

    def _in_two_tries(self, bench: Bench, work: Callable[[], T]) -> T:
        """Work beside the checks; where the machine kept it from an answer, once more alone."""
        try:
            return work()
        except MachineFault:
            bench.memo.clear()
            with self._run.slots.alone():
                return work()

    def _skipped(self, spec: CheckSpec, earlier: Mapping[str, CheckResult]) -> Verdict | None:
        """A verdict for a check whose needs are not met."""
        for id in spec.needs:
            if id in self._broken:
                title = earlier[id].title
                source = self._built_on(spec) or self._wrong_predict()
                if source and self._train_is_right(spec):
                    return self._not_measured(spec, source)
                if earlier[id].outcome.is_open:
                    message = f"Not run; it waits for: {title}."
                    return Verdict(Outcome.NEEDS_REVIEW, message, broken=True, waits_for=id)
                message = f"Not run, because this failed: {title}."
                return Verdict(Outcome.SKIPPED, message, broken=True, waits_for=id)
        return None

    def _train_is_right(self, spec: CheckSpec) -> bool:
        """Whether all that a check needs of training has passed, with a right loss supplied or without."""
        needs = [id for id in spec.needs if self._is_supplied(id)]
        return bool(needs) and all(self.results[id].carried_from for id in needs)

    def _not_measured(self, spec: CheckSpec, source: CheckSpec) -> Verdict:
        share = self._run.rubric.follow_through
        what = PREDICT if self._check(source).kind == PREDICT else "loss"
        if self._both:
            what = "loss and a right predict"
        wrong = any(
            self.lost(id) and self._is_supplied(id) and self._kind(id) != PREDICT for id in self.results
        )
        right = "" if wrong else f" With a right {what} supplied in place of yours, train is right."
        return Verdict(
            Outcome.PASSED if share == 1 else Outcome.PARTIAL,
            f"Not measured: it needs what failed before.{right}",
            share,
            carried_from=source.id,
        )

    def _unusable(self, spec: CheckSpec) -> Verdict | None:
        """A verdict where there is no module that could be imported at all."""
        if not self._check(spec).opens:
            return None
        if self._graded.failed:
            message = f"{self._graded.problem[:1].upper()}{self._graded.problem[1:]}. A person has to look."
            return Verdict(Outcome.ERROR, message, broken=True)
        if self._graded.problem:
            return missing(f"{self._graded.problem}. A person has to look.", review=True)
        if not (self._folder / self._run.rubric.entry.module).exists():
            return missing("Nothing was handed in: there is no file.", review=False)
        if foreign := self._graded.foreign:
            allowed = ", ".join(self._run.rubric.packages)
            return missing(
                f"The hand-in imports {', '.join(foreign)}; it may use {allowed}. A person has to look.",
                review=True,
            )
        return None

    def _visible(self, spec: CheckSpec) -> set[str]:
        """Checks that stand before this one and share its worker or finish before it: always the same ones."""
        specs = [s for q in self._run.rubric.questions for s in q.checks]
        return {s.id for s in specs[: specs.index(spec)] if not self._check(s).own_worker}

    def _check(self, spec: CheckSpec) -> Check:
        check: Check = self._run.rubric.checks[spec.id]
        return check

    def _student(
        self, supply: Oracle | None = None, line: int = 0, supplied: Mapping[str, Sequence[str]] = LOSS
    ) -> Student:
        """A client for the hand-in; with `supply`, for one whose methods `supplied`, or the value of a `line`, are."""
        limits = self._run.rubric.limits
        return Student(
            self._run.sandbox,
            self._graded.sources,
            Limits(
                call_cpu=limits.call_cpu,
                call_wall=limits.call_wall,
                check_cpu=limits.check_cpu,
                check_wall=limits.check_wall,
                worker_cpu=math.ceil(limits.submission_cpu) + _BACKSTOP,
                memory=limits.memory_mb << 20,
                file_size=limits.file_mb << 20,
            ),
            self._run.rubric.entry,
            datasets={} if self._run.dataset is NONE else {n: self._run.dataset.path(n) for n in PARTS},
            whole=self._time,
            cancelled=self._run.cancelled,
            compat=self._run.rubric.compat,
            oracle=supply,
            supplied=supplied,
            asked_is_own=self._run.reference.coded is not None,
            line=line,
            worker=self._run.worker,
        )


_ENDED_ALIKE = (
    "train ends here as it does with the sigmoid, where it is right with a right loss supplied: it is the same "
    "code."
)


def _activation_of(check: Check) -> str:
    """The activation that a check is about; empty for one that is about all or none."""
    return str(getattr(check, "activation", ""))


def _failed(spec: CheckSpec) -> CheckResult:
    return CheckResult(
        id=spec.id,
        title=spec.title,
        outcome=Outcome.ERROR,
        earned=Decimal(0),
        points=spec.points,
        message="The grader failed here; this costs no points.",
        hidden=spec.hidden,
    )


def _worth_another_try(stop: StudentTimeout | OutOfTime | StudentCrash | MachineFault) -> bool:
    """Whether the machine may be to blame: the clock on the wall ran out, of a call or a check, or a signal came."""
    if isinstance(stop, MachineFault):
        return True
    if isinstance(stop, StudentCrash):
        return stop.status < 0
    if isinstance(stop, OutOfTime):
        return stop.limit.scope == "check" and not stop.limit.cpu
    return not stop.cpu


def has_errors(report: GradeReport) -> bool:
    """Whether some check ended in the grader's own fault."""
    return any(check.outcome is Outcome.ERROR for q in report.questions for check in q.checks)
