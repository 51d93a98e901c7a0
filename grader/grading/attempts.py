"""Ask a hand-in's worker what one check wants to know; once more alone where the machine may be to blame."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ..assignment.datasets import NONE
from ..assignment.rubric import CheckSpec
from ..checks.base import Bench, Check, Malformed, Verdict
from ..model import CheckResult, Outcome
from ..student.budget import SubmissionTime
from ..student.client import Line, Oracle, Student
from ..student.faults import MachineFault, OutOfTime, StudentCrash, StudentFault, StudentTimeout
from ..student.process import Cancelled, Limits
from .explain import fault_verdict, out_of_time_verdict, where_it_was
from .run import Run
from .stages import Graded

T = TypeVar("T")
PARTS = ("X_train", "y_train", "X_val", "y_val", "X_test")
"""What a worker may map of a dataset: everything but the labels of the test images."""
_BACKSTOP = 10
"""Seconds of CPU past the hand-in's after which the kernel ends a worker, should we not get to it."""


class Attempts:
    """The tries of one hand-in's checks: their workers, their time, and how they ended. For several threads."""

    def __init__(self, graded: Graded, run: Run) -> None:
        self.graded = graded
        self._run = run
        limits = run.rubric.limits
        self.time = SubmissionTime(limits.submission_cpu, limits.submission_wall)
        self.waits = False
        """Whether a check ran out of time on the wall's clock also when it was alone: it is not the machine."""
        self.crashes = False
        """Whether a check ended the process also when it was alone."""
        self.stacks: dict[str, str] = {}
        """Check id to where student code was when time ran out."""
        self.errors: dict[str, str] = {}
        """Check id to the traceback of a fault of our own, or what the machine did."""

    def check(self, spec: CheckSpec) -> Check:
        check: Check = self._run.rubric.checks[spec.id]
        return check

    def student(
        self,
        supply: Oracle | None = None,
        line: Line | None = None,
        supplied: Mapping[str, Sequence[str]] | None = None,
    ) -> Student:
        """A client for the hand-in; with `supply`, for one whose methods `supplied`, or the value of a `line`, are."""
        limits = self._run.rubric.limits
        return Student(
            self._run.sandbox,
            self.graded.sources,
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
            whole=self.time,
            cancelled=self._run.cancelled,
            compat=self._run.rubric.compat,
            oracle=supply,
            supplied=supplied,
            asked_is_own=self._run.reference.coded is not None,
            line=line,
            worker=self._run.worker,
        )

    def bench(
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

    def first(self, bench: Bench) -> Verdict:
        """One check, tried a second time alone where the machine may be to blame for how the first try ended."""
        spec = bench.spec
        check = self.check(spec)
        try:
            try:
                return check.run(bench)
            except (StudentTimeout, OutOfTime, StudentCrash, MachineFault) as stop:
                # Not each check of a hand-in that sleeps or crashes: all others of the run stand still meanwhile.
                known = self.crashes if isinstance(stop, StudentCrash) else self.waits
                if not _worth_another_try(stop) or (known and not isinstance(stop, MachineFault)):
                    raise
                bench.memo.clear()
                return self._alone(check, bench)
        except MachineFault as fault:
            bench.memo.clear()  # what later checks would share
            return self.kept_from(spec.id, fault)
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
                self.waits = _worth_another_try(stop)
                raise
            except StudentCrash:
                self.crashes = True
                raise

    def in_two_tries(self, bench: Bench, work: Callable[[], T]) -> T:
        """Work beside the checks; where the machine kept it from an answer, once more alone."""
        try:
            return work()
        except MachineFault:
            bench.memo.clear()
            with self._run.slots.alone():
                return work()

    def again(self, bench: Bench) -> Verdict | None:
        """The verdict of a second try on a bench; None where the hand-in kept it from one."""
        spec, student = bench.spec, bench.student

        def run() -> Verdict:
            student.begin_check(spec.hidden)
            return self.check(spec).run(bench)

        try:
            return self.in_two_tries(bench, run)
        except (StudentFault, Malformed, OutOfTime):
            return None
        except MachineFault as fault:
            return self.kept_from(spec.id, fault)
        except Cancelled:
            raise
        except Exception:  # our own fault: no zero for the student, the traceback for us
            self.errors[spec.id] = traceback.format_exc()
            return Verdict(Outcome.ERROR, "The grader failed here; this costs no points.", broken=True)

    def kept_from(self, what: str, fault: MachineFault) -> Verdict:
        """The verdict on what the machine has kept from an answer, twice."""
        self.errors[what] = (
            f"The machine is at fault, also in a second try with nothing else running: {fault}"
        )
        return Verdict(
            Outcome.ERROR,
            "The machine that grades kept this from an answer, twice; it costs no points.",
            broken=True,
        )

    def unusable(self, spec: CheckSpec) -> Verdict | None:
        """A verdict where there is no module that could be imported at all."""
        if not self.check(spec).opens:
            return None
        if self.graded.failed:
            message = f"{self.graded.problem[:1].upper()}{self.graded.problem[1:]}. A person has to look."
            return Verdict(Outcome.ERROR, message, broken=True)
        if self.graded.problem:
            return _missing(f"{self.graded.problem}. A person has to look.", review=True)
        if not (self.graded.sources.folder / self._run.rubric.entry.module).exists():
            return _missing("Nothing was handed in: there is no file.", review=False)
        if foreign := self.graded.foreign:
            allowed = ", ".join(self._run.rubric.packages)
            return _missing(
                f"The hand-in imports {', '.join(foreign)}; it may use {allowed}. A person has to look.",
                review=True,
            )
        return None


def _worth_another_try(stop: StudentTimeout | OutOfTime | StudentCrash | MachineFault) -> bool:
    """Whether the machine may be to blame: the clock on the wall ran out, of a call or a check, or a signal came."""
    if isinstance(stop, MachineFault):
        return True
    if isinstance(stop, StudentCrash):
        return stop.status < 0
    if isinstance(stop, OutOfTime):
        return stop.limit.scope == "check" and not stop.limit.cpu
    return not stop.cpu


def _missing(what: str, review: bool) -> Verdict:
    """The verdict where there is no module to import."""
    outcome = Outcome.NEEDS_REVIEW if review else Outcome.FAILED
    return Verdict(outcome, what, broken=True)
