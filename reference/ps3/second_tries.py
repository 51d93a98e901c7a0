"""Problem Set 3's second tries: what a check is worth once what is wrong elsewhere is known, or supplied.

Mistakes are named (`diagnosis`), and what one of them has cost is not charged again: what stands behind a line that
raises is tried with that line's value supplied, `train` and `predict` with a right `loss`, with a right `predict`, or
with both. An assignment with checks of its own has `coded.looks` for it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from grader.assignment.rubric import CheckSpec, Rubric
from grader.checks.base import Malformed, Verdict, passed
from grader.grading.attempts import Attempts
from grader.grading.explain import OF_A_GAP
from grader.grading.run import Run
from grader.model import CheckResult, Outcome
from grader.student.client import Line, Oracle, Student
from grader.student.faults import MachineFault, OutOfTime, StudentFault

from . import diagnosis
from .kinds import oracle
from .kinds.activations import NetworkCheck
from .kinds.training import BEFORE_TRAINING, OF_TRAINING, PREDICT

if TYPE_CHECKING:
    from grader.grading.judging import Judging

_LOSS: dict[str, Sequence[str]] = {"loss": ("X", "y", "reg")}
"""A method that is supplied, with the names of its arguments."""
_ONLY_PREDICT: dict[str, Sequence[str]] = {PREDICT: ("X",)}
"""As `_LOSS`."""
_ENDED_ALIKE = (
    "train ends here as it does with the sigmoid, where it is right with a right loss supplied: it is the same "
    "code."
)


class SecondTries:
    """Of one hand-in. They change `judging.results`."""

    def __init__(self, judging: Judging, attempts: Attempts, run: Run) -> None:
        self._judging = judging
        self._attempts = attempts
        self._run = run
        self._library: diagnosis.Library = run.kept.setdefault(diagnosis.Library, diagnosis.Library())
        self._both = False
        """Whether it took a right loss and a right predict to see what train is worth."""

    def look(self, specs: list[CheckSpec], student: Student, memo: dict[Any, Any]) -> None:
        """Look again at the checks that share a worker, the `student`'s, which is closed on the way."""
        self._look(specs, student, memo)
        student.close()
        self._behind_a_line(specs, student)
        self._follow_through(specs)
        self._same_training(specs)
        self._with_right_predict(specs)
        self._with_both(specs)

    def not_measured(self, spec: CheckSpec) -> Verdict | None:
        """The verdict on a check whose needs are not met only because of what has cost its points elsewhere."""
        source = self._built_on(spec) or self._wrong_predict()
        return self._not_measured(source) if source and self._train_is_right(spec) else None

    def _look(self, specs: list[CheckSpec], student: Student, memo: dict[Any, Any]) -> None:
        """Name the mistakes, and give back what one of an earlier question has cost already.

        What keeps the student's code from answering now takes nothing away: results stay as they are.
        """
        if self._judging.stacks:
            return  # it has run out of time once; it would again
        self._run.say("naming mistakes")
        started = time.monotonic()
        results = {spec.id: self._judging.results[spec.id] for spec in specs}
        bench = self._attempts.bench(specs[-1], student, results, memo)

        def look() -> dict[str, CheckResult]:
            student.begin_check()
            return diagnosis.second_look(bench, results, self._library)

        with self._judging.stands_whatever_fails():
            try:
                self._judging.results |= self._attempts.in_two_tries(bench, look)
            except (StudentFault, OutOfTime):
                pass
            except MachineFault as fault:
                self._judging.leave_open(results, "diagnosis", fault)
        student.take_output()
        self._judging.timings["diagnosis"] = time.monotonic() - started

    def _behind_a_line(self, specs: list[CheckSpec], student: Student) -> None:
        """Where code raises in one line, try what stands behind it with the value of that line supplied.

        What rests on this value alone stays lost; the rest earns what it earns with a right `loss` supplied.
        """
        of_loss = [s.id for s in specs if diagnosis.key_of(self._check(s))]
        lost = [id for id in of_loss if self._judging.lost(id) or self._judging.results[id].carried_from]
        place = next((at for id in lost if (at := self._judging.results[id].place)), None)
        line = self._attempts.graded.sources.line_of(place.file, place.line) if place else 0
        unfilled = any(
            OF_A_GAP in self._judging.results[id].detail for id in lost
        )  # the mistake is before that line
        if place is None or not line or unfilled or self._judging.stacks:
            return
        changed = msgspec.structs.replace(self._run.rubric, nonce=f"{self._run.rubric.nonce} supplied line")
        bench = replace(self._attempts.bench(specs[-1], student, {}, {}), rubric=changed)

        def with_line(supply: Oracle) -> Student:
            return self._attempts.student(
                supply, Line(line, "X", fits="W1", method="loss", others=("y", "reg"))
            )

        try:
            found = self._attempts.in_two_tries(bench, lambda: diagnosis.step_of_line(bench, with_line, lost))
        except (StudentFault, OutOfTime):
            return
        except MachineFault as fault:
            self._judging.leave_open(lost, "supplied line", fault)
            return
        if found is None:
            return
        by_id = {spec.id: spec for spec in specs}
        stays = [
            id
            for id in lost
            if self._judging.lost(id) and diagnosis.key_of(self._check(by_id[id])) in found.step.lost
        ]
        if not stays:
            return
        source, what = by_id[stays[0]], f"the right value of {place.file}, line {place.line}, supplied"
        for id in found.right(lost):
            if id not in stays or by_id[id].shared_with in stays:
                self._judging.results[id] = self._judging.followed(
                    by_id[id], passed(found.results[id].message), source, what
                )
        shared = [
            by_id[id]
            for id in lost
            if self._kind(id) == "gradient" and id not in stays and self._judging.lost(id)
        ]
        with with_line(diagnosis.line_answers(self._run.reference, found.step)) as supplied:
            lost_too = [s for s in specs if self._judging.lost(s.id) and self._check(s).supplied]
            before = {id: r for id, r in self._judging.results.items() if self._kind(id) in BEFORE_TRAINING}
            for spec in (one for one in shared if one.shared_with and one.shared_with not in stays):
                self._behind_shared_lines(spec, by_id, changed, supplied, what, before)
            self._try_again(lost_too, changed, supplied, source, what, before)

    def _behind_shared_lines(
        self,
        spec: CheckSpec,
        by_id: Mapping[str, CheckSpec],
        rubric: Rubric,
        supplied: Student,
        what: str,
        before: Mapping[str, CheckResult],
    ) -> None:
        """What a gradient earns whose lines another activation's check has judged, and lost."""
        if not self._judging.lost(spec.shared_with):
            return
        verdict = self._judging.second_verdict(spec, rubric, supplied, {}, before)
        if verdict is not None and verdict.carried_from:
            source = by_id[verdict.carried_from]
            self._judging.results[spec.id] = self._judging.followed(spec, verdict, source, what)

    def _follow_through(self, specs: list[CheckSpec]) -> None:
        """Run checks of train and predict again, with a right `loss` in place of one that has cost points before."""
        started = time.monotonic()
        with self._attempts.student(oracle.answers(self._run.reference), supplied=_LOSS) as student:
            self._with_right_loss(specs, student, "follow-through", "a right loss supplied by the grader")
        self._judging.timings["follow-through"] = time.monotonic() - started

    def _same_training(self, specs: list[CheckSpec]) -> None:
        """Where a training goes wrong with `train` and loss both, and each has cost its points, this costs nothing.

        Nor where what ended it ended the one with the activation before, too, and with a right loss that one is right.
        What is asked is whether `train` is the same code with both: told the same of both, it ends alike.
        """
        for spec in specs:
            check, source = self._check(spec), spec.shared_with
            if not (check.kind in OF_TRAINING and source and self._judging.lost(spec.id)):
                continue
            beside = [s.id for s in specs if s.hidden and self._check(s).about == check.about]
            if not any(map(self._is_right, beside)):
                continue  # where nothing of an activation is there, its training earns nothing either
            if not self._judging.lost(source):
                if not self._ended_alike(spec.id, source, beside):
                    continue
                source = self._judging.results[source].carried_from
            told_same = oracle.answers(
                self._run.reference, self._run.rubric.checks[spec.shared_with].activation
            )
            with self._attempts.student(told_same, supplied=_LOSS) as student:
                bench = self._attempts.bench(spec, student, dict(self._judging.results), {})
                student.begin_check(spec.hidden)
                try:
                    verdict = self._attempts.in_two_tries(bench, lambda: check.shared(bench))  # noqa: B023
                except (StudentFault, Malformed, OutOfTime):
                    continue
                except MachineFault as fault:
                    self._judging.leave_open([spec.id], spec.id, fault)
                    continue
            if verdict is None:
                continue
            message = verdict.message if source == spec.shared_with else _ENDED_ALIKE
            self._judging.results[spec.id] = self._judging.carried(spec, spec.points, message, source)

    def _ended_alike(self, id: str, source: str, beside: Sequence[str]) -> bool:
        """Whether a training was ended by what had ended the one of another activation, and that is excused there.

        A gradient that is missing, say. Of the checks `beside` it some gradient has to be right, and what has cost
        points has to have had values: what is not there at all earns nothing here either.
        """
        own = [one for one in beside if self._kind(one) in BEFORE_TRAINING]
        right = any(self._is_right(one) for one in own if self._kind(one) == "gradient")
        wrong = any(self._judging.lost(one) and self._judging.results[one].comparisons for one in own)
        one, other = self._judging.results[id], self._judging.results[source]
        alike = {id, source} <= self._judging.broken and one.detail == other.detail != ""
        return bool(other.carried_from) and right and wrong and alike

    def _with_right_predict(self, specs: list[CheckSpec]) -> None:
        """Run checks of train that a wrong `predict` has ended, with a right one in place of it."""
        source = self._wrong_predict()
        lost = [s for s in specs if s is not source and self._check(s).supplied and self._judging.lost(s.id)]
        if source is None or not any(s.id in self._judging.broken for s in lost):
            return
        changed = msgspec.structs.replace(self._run.rubric, nonce=f"{self._run.rubric.nonce} predict")
        what = "a right predict supplied by the grader"
        with self._attempts.student(
            oracle.with_labels(self._run.reference), supplied=_ONLY_PREDICT
        ) as supplied:
            self._try_again(lost, changed, supplied, source, what, {})

    def _with_both(self, specs: list[CheckSpec]) -> None:
        """The same of checks that a wrong `predict` has ended, too: with a right one beside a right `loss`."""
        predict = self._wrong_predict()
        lost = [s for s in specs if s is not predict and self._check(s).supplied and self._judging.lost(s.id)]
        if predict is None or not any(s.id in self._judging.broken and self._built_on(s) for s in lost):
            return
        what = "a right loss and a right predict supplied by the grader"
        with self._attempts.student(
            oracle.with_labels(self._run.reference), supplied=_LOSS | _ONLY_PREDICT
        ) as student:
            self._with_right_loss(lost, student, "loss and predict", what)
        self._both = any(self._judging.results[spec.id].carried_from for spec in lost)

    def _with_right_loss(self, specs: Sequence[CheckSpec], student: Student, nonce: str, what: str) -> None:
        """Run those of some checks again, with `what`, that have lost points after `loss` has.

        In a worker of their own and on inputs of their own: the grader's answers are of no use for anything else.
        """
        changed = msgspec.structs.replace(self._run.rubric, nonce=f"{self._run.rubric.nonce} {nonce}")
        stuck = {id for id in self._judging.broken if not self._judging.results[id].carried_from}
        memo: dict[Any, Any] = {}
        for spec in specs:
            result, source = self._judging.results[spec.id], self._built_on(spec)
            if not (source and self._check(spec).supplied and result.earned < result.points):
                continue
            needs = [id for id in spec.needs if self._is_supplied(id)]
            if result.outcome.is_open or any(id in stuck for id in needs):
                continue  # one that ran out of time may have done so in the loss
            self._run.say(f"{spec.title}, with {what}")
            verdict = self._judging.second_verdict(spec, changed, student, memo, {})
            if verdict is None:
                continue
            self._judging.results[spec.id] = self._judging.followed(spec, verdict, source, what)
            if not verdict.broken:
                stuck.discard(spec.id)

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
            verdict = self._judging.second_verdict(spec, rubric, student, memo, earlier)
            if verdict is not None and (verdict.fraction or verdict.outcome is Outcome.ERROR):
                self._judging.results[spec.id] = self._judging.followed(spec, verdict, source, what)

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
                and (result := self._judging.results.get(earlier.id))
                and result.earned < result.points
            ]
            if lost and spec in question.checks:
                return None
            source = source or next(iter(lost), None)
        return source

    def _wrong_predict(self) -> CheckSpec | None:
        """The check of `predict`, where it has lost points."""
        specs = (spec for question in self._run.rubric.questions for spec in question.checks)
        lost = (s for s in specs if self._check(s).kind == PREDICT and s.id in self._judging.results)
        return next((spec for spec in lost if self._judging.lost(spec.id)), None)

    def _train_is_right(self, spec: CheckSpec) -> bool:
        """Whether all that a check needs of training has passed, with a right loss supplied or without."""
        needs = [id for id in spec.needs if self._is_supplied(id)]
        return bool(needs) and all(self._judging.results[id].carried_from for id in needs)

    def _not_measured(self, source: CheckSpec) -> Verdict:
        share = self._run.rubric.follow_through
        what = PREDICT if self._check(source).kind == PREDICT else "loss"
        if self._both:
            what = "loss and a right predict"
        wrong = any(
            self._judging.lost(id) and self._is_supplied(id) and self._kind(id) != PREDICT
            for id in self._judging.results
        )
        right = "" if wrong else f" With a right {what} supplied by the grader, train is right."
        return Verdict(
            Outcome.PASSED if share == 1 else Outcome.PARTIAL,
            f"Not measured: it needs what failed before.{right}",
            share,
            carried_from=source.id,
        )

    def _is_right(self, id: str) -> bool:
        return bool(self._judging.results[id].earned) and not self._judging.results[id].carried_from

    def _is_supplied(self, id: str) -> bool:
        check: NetworkCheck = self._run.rubric.checks[id]
        return check.supplied

    def _kind(self, id: str) -> str:
        check: NetworkCheck = self._run.rubric.checks[id]
        return check.kind

    def _check(self, spec: CheckSpec) -> NetworkCheck:
        check: NetworkCheck = self._run.rubric.checks[spec.id]
        return check
