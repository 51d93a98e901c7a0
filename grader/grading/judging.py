"""The checks of one hand-in: their order, their lanes, what came of each, and what is looked at again.

They run one after the other in one worker; those that take long (`Check.own_worker`) each in a worker of their own,
beside the others, as soon as the checks before them are done. Each that is done is told to the `Journal`, so that a
run that was killed loses no more than those in flight.
"""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from ..api import Mistake
from ..assignment.rubric import CheckSpec, Rubric
from ..checks import words
from ..checks.base import Verdict
from ..coded.kinds import calls_of
from ..coded.looks import Looks
from ..marking.findings import packed, unpacked
from ..model import CheckResult, Outcome
from ..student.client import Oracle, Student
from ..student.faults import MachineFault
from ..student.process import Cancelled
from .attempts import Attempts
from .results import failed, result_of
from .run import Journal, Run
from .stages import Graded

_LOOKS = ("diagnosis", "follow-through")
"""What takes time beside the checks."""


class _Step(msgspec.Struct, frozen=True):
    """A check that is done, and what it left behind."""

    result: CheckResult
    broken: bool
    waits: bool
    spared: bool
    seconds: float
    used: float
    """Seconds of CPU of the whole hand-in at its end."""
    stack: str | None
    output: str | None


class SecondTries(Protocol):
    """What an assignment looks at a second time: of one hand-in, made with its judging, its attempts and the run."""

    def look(self, specs: list[CheckSpec], student: Student, memo: dict[Any, Any]) -> None:
        """Look again at the checks that share a worker, the `student`'s, and change the judging's results."""

    def not_measured(self, spec: CheckSpec) -> Verdict | None:
        """The verdict on a check whose needs are not met only because of what has cost its points elsewhere."""


class Judging:
    """The checks of one hand-in, and what they left behind."""

    def __init__(self, graded: Graded, run: Run, journal: Journal) -> None:
        self._run = run
        self._journal = journal
        self._attempts = Attempts(graded, run)
        self._looks = Looks(run.rubric, run.reference, self)
        """What is looked at again, where the assignment has checks of its own."""
        tries = run.reference.second_tries
        self._second: SecondTries | None = tries.SecondTries(self, self._attempts, run) if tries else None
        """The same where it has kinds of check, and a way of its own to look again."""
        self.broken: set[str] = set()
        """Checks that did not run to their end."""
        self.spared: set[str] = set()
        """Checks whose work was left out in part (see `Verdict.spared`)."""
        self.results: dict[str, CheckResult] = {}
        self.timings: dict[str, float] = {}
        self.stacks = self._attempts.stacks
        self.errors = self._attempts.errors
        self.outputs: dict[str, str] = {}

    def all_checks(self) -> Judging:
        """Run every check; return self, filled."""
        specs = [spec for question in self._run.rubric.questions for spec in question.checks]
        slow = [spec for spec in specs if self._attempts.check(spec).own_worker]
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

    @property
    def all_spared(self) -> bool:
        """Whether of everything that takes long it was known what it would give."""
        slow = {id for id in self.results if self._run.rubric.checks[id].own_worker}
        return bool(slow) and slow <= self.spared

    def _quick_lane(self, specs: list[CheckSpec], done: dict[str, Future[None]]) -> None:
        """Run checks one after the other in one worker; where points are lost, look at all of them again."""
        with self._guarded(specs), self._run.slots.one(), self._attempts.student() as student:
            self._attempts.time.start()  # with the first worker, not while the hand-in waits for its turn
            memo: dict[Any, Any] = {}
            for spec in specs:
                self._run.say(spec.title)
                self.results[spec.id] = self._one(spec, student, self.results, memo)
                if not self._lost_points():
                    # What comes later cannot change a result that lost nothing.
                    done[spec.id].set_result(None)
            if self._run.reference.coded is not None:
                self._look_at_calls(specs, student, memo)
            elif self._second and self._lost_points() and self._can_be_used(specs):
                self._second.look(specs, student, memo)
        for future in done.values():
            if not future.done():
                future.set_result(None)

    def _slow_lane(self, spec: CheckSpec, before: list[Future[None]]) -> None:
        """Run a check in a worker of its own, after the checks `before`."""
        for future in before:
            future.result()
        asked = time.monotonic()
        with self._guarded([spec]), self._run.slots.one(), self._attempts.student() as student:
            self._attempts.time.start()
            self._attempts.time.excuse(time.monotonic() - asked)
            self._run.say(spec.title)
            memo: dict[Any, Any] = {}
            self.results[spec.id] = self._one(spec, student, dict(self.results), memo)
            student.close()
            if self._run.reference.coded is not None and self.lost(spec.id) and not self.stacks:
                with self.stands_whatever_fails():
                    self._looks.look_at_a_slow_one(spec.id, memo)

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
                    self.results[spec.id] = failed(spec)
                    self.broken.add(spec.id)
            self.errors.setdefault("checks", traceback.format_exc())

    def _can_be_used(self, specs: list[CheckSpec]) -> bool:
        """Whether the module can be imported and its class made: else asking again shows nothing new."""
        return not any(spec.id in self.broken and self._attempts.check(spec).opens for spec in specs)

    def _lost_points(self) -> bool:
        return any(map(self.lost, list(self.results)))

    def _look_at_calls(self, specs: list[CheckSpec], student: Student, memo: dict[Any, Any]) -> None:
        """The same for an assignment with checks of its own: of each it is known what it has asked."""
        if not self._lost_points() or not self._can_be_used(specs) or self.stacks:
            return
        started = time.monotonic()
        for spec in specs:
            if self._journal.part(spec.id) and calls_of(memo, spec.id) is None:
                verdict = self.second_verdict(
                    spec, self._run.rubric, student, memo, {}
                )  # an earlier run asked it
                if verdict is not None and verdict.outcome is Outcome.ERROR and self.lost(spec.id):
                    self.results[spec.id] = self.followed(spec, verdict, spec, "")
        student.close()
        self._run.say("naming mistakes")
        with self.stands_whatever_fails():
            self._looks.look([spec.id for spec in specs], memo)
        self.timings["diagnosis"] = time.monotonic() - started

    @contextlib.contextmanager
    def stands_whatever_fails(self) -> Iterator[None]:
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
        with self._attempts.student(oracle, supplied=supplied) as student:
            bench = replace(
                self._attempts.bench(spec, student, {}, memo),
                rubric=changed,
                supplied=tuple(supplied),
                instead=instead,
            )
            return self._attempts.again(bench)

    def lost(self, id: str) -> bool:
        """Whether a check has lost points, and is not open."""
        result = self.results[id]
        return result.earned < result.points and not result.outcome.is_open

    def second_verdict(
        self,
        spec: CheckSpec,
        rubric: Rubric,
        student: Student,
        memo: dict[Any, Any],
        earlier: Mapping[str, CheckResult],
    ) -> Verdict | None:
        """The verdict of a second try; None where there is none. All that share a student may share the `memo`."""
        return self._attempts.again(
            replace(self._attempts.bench(spec, student, earlier, memo), rubric=rubric)
        )

    def followed(self, spec: CheckSpec, verdict: Verdict, source: CheckSpec, what: str) -> CheckResult:
        """The result of a check after a second try with `what`; the first one's where that earned more."""
        result = self.results[spec.id]
        told = words.careful if spec.hidden else words.full
        message = f"With {what}: {told(verdict.message)}"
        if verdict.outcome is Outcome.ERROR:
            return msgspec.structs.replace(result, outcome=Outcome.ERROR, message=verdict.message, hint="")
        earned = verdict.fraction * self._run.rubric.follow_through * result.points
        if not verdict.fraction and spec.id in self.broken:
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

    def leave_open(self, ids: Iterable[str], what: str, fault: MachineFault) -> None:
        """Where the machine kept us from what might have given points back, these are open."""
        verdict = self._attempts.kept_from(what, fault)
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
                spec.id in self.broken,
                self._attempts.waits,
                spec.id in self.spared,
                self.timings[spec.id],
                self._attempts.time.used,
                self.stacks.get(spec.id),
                self.outputs.get(spec.id),
            )
            self._journal.keep(spec.id, packed(step))
        return result

    def _restored(self, spec: CheckSpec, step: _Step) -> CheckResult:
        self._attempts.waits = self._attempts.waits or step.waits
        self._attempts.time.charge(max(0.0, step.used - self._attempts.time.used))
        self.timings[spec.id] = step.seconds
        if step.broken:
            self.broken.add(spec.id)
        if step.spared:
            self.spared.add(spec.id)
        if step.stack is not None:
            self.stacks[spec.id] = step.stack
        if step.output is not None:
            self.outputs[spec.id] = step.output
        return step.result

    def _done(
        self, spec: CheckSpec, student: Student, earlier: Mapping[str, CheckResult], memo: dict[Any, Any]
    ) -> CheckResult:
        started = time.monotonic()
        verdict = self._skipped(spec, earlier) or self._attempts.unusable(spec)
        if verdict is None:
            before = self._visible(spec)
            visible = {id: earlier[id] for id in earlier if id in before}
            bench = self._attempts.bench(spec, student, visible, memo)
            student.begin_check(spec.hidden)
            verdict = self._attempts.first(bench)
            if spec.shared_with:
                student.knows_hidden()  # it may have been asked what is wrong on hidden networks, too
            if printed := student.take_output():
                self.outputs[spec.id] = printed
        if verdict.broken:
            self.broken.add(spec.id)
        if verdict.spared:
            self.spared.add(spec.id)
        self.timings[spec.id] = time.monotonic() - started
        return result_of(spec, verdict)

    def _skipped(self, spec: CheckSpec, earlier: Mapping[str, CheckResult]) -> Verdict | None:
        """A verdict for a check whose needs are not met."""
        for id in spec.needs:
            if id in self.broken:
                title = earlier[id].title
                if self._second and (verdict := self._second.not_measured(spec)):
                    return verdict
                if earlier[id].outcome.is_open:
                    message = f"Not run; it waits for: {title}."
                    return Verdict(Outcome.NEEDS_REVIEW, message, broken=True, waits_for=id)
                message = f"Not run, because this failed: {title}."
                return Verdict(Outcome.SKIPPED, message, broken=True, waits_for=id)
        return None

    def _visible(self, spec: CheckSpec) -> set[str]:
        """Checks that stand before this one and share its worker or finish before it: always the same ones."""
        specs = [s for q in self._run.rubric.questions for s in q.checks]
        return {s.id for s in specs[: specs.index(spec)] if not self._attempts.check(s).own_worker}
