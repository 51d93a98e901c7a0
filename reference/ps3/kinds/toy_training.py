"""The notebook's training on the toy data, from its first step to its last."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

import numpy as np

from grader.checks import coerce
from grader.checks.base import Bench, Malformed, Verdict, carried, failed, passed
from grader.model import Comparison, Outcome
from grader.student.faults import StudentCrash, StudentError, StudentTimeout

from .. import toy
from .activations import TrainCheck, both_activations, lost_among
from .cases import NAMES, Params, ask_loss, held_net, renamed_keyword, student_net
from .pairs import loss_and_grads
from .training import BEFORE_TRAINING, DEFAULTS, OF_TRAINING, loss_history, parameters, train


class ToyTraining(TrainCheck, frozen=True):
    """The notebook's training on the toy data ends at the right loss.

    Where the hand-in's loss or gradients were wrong in an earlier question, it is enough that `train` does
    with the hand-in's own loss and gradients what gradient descent does with them. And where this activation
    needs nothing of its own, because `train` was wrong with an earlier one already, it does not cost again. Nor where
    both this activation's loss and `train` have cost points: `train` is shown to be the same code, then.
    """

    kind: ClassVar[str] = "toy-training"
    parts: ClassVar[tuple[str, ...]] = ("histories", "update-step", "epoch", "decay", "untouched")
    supplied: ClassVar[bool] = True
    activation: str
    tolerance: float

    def run(self, bench: Bench) -> Verdict:
        """Train and judge; a `train` that fails with every activation costs with the first."""
        if self._train_is_shared(bench) and bench.skipped_among(*OF_TRAINING):
            # Perhaps an endless loop: once is enough.
            was_run = bench.earlier[bench.spec.shared_with].outcome is not Outcome.SKIPPED
            return carried(_SHARED_TRAIN if was_run else _NOT_RUN, bench.spec.shared_with)
        try:
            verdict = self._judge(bench)
        except (StudentError, StudentCrash, StudentTimeout, Malformed) as trouble:
            wall_clock = isinstance(trouble, StudentTimeout) and not trouble.cpu
            if wall_clock or not self._train_is_shared(bench):
                raise
            return carried(_SHARED_TRAIN, bench.spec.shared_with)
        if verdict.fraction < 1 and self._train_is_shared(bench):
            return carried(_SHARED_TRAIN, bench.spec.shared_with, comparisons=verdict.comparisons)
        return verdict

    def _train_is_shared(self, bench: Bench) -> bool:
        """Whether `train` has cost points before, and this activation's own loss and gradients have not."""
        own = lost_among(bench, *BEFORE_TRAINING, activation=self.activation)
        return bench.lost_points(bench.spec.shared_with) and not own

    def shared(self, bench: Bench) -> Verdict | None:
        """Whether `train` does the same with both activations, told the same of both: then it has cost its points."""
        both = both_activations(bench)
        how = toy.TRAINING[self.activation]
        params, (X, y) = toy.toy_params(), toy.toy_data()
        options = {"learning_rate": how.learning_rate, "reg": how.reg, "num_epochs": how.num_epochs}

        def outcome(activation: str) -> Params | tuple[str, str]:
            net = student_net(bench, activation, params)
            try:
                net.train(X, y, X, y, **options, verbose=False)
                return parameters(net, params, [])
            except StudentError as fault:
                return fault.own_kind, fault.text

        one, two = map(outcome, both)
        if isinstance(one, tuple) or isinstance(two, tuple):
            same = one == two
        else:
            same = all(_alike(one[name], two[name], self.tolerance) for name in NAMES)
        return carried(_SHARED_TRAIN, bench.spec.shared_with) if same else None

    def _judge(self, bench: Bench) -> Verdict:
        """Train, compare the last loss and the loss of the final parameters, else replay."""
        expected = bench.reference.expected["toy"][self.activation]
        how = toy.TRAINING[self.activation]
        params, (X, y) = toy.toy_params(), toy.toy_data()
        options = {"learning_rate": how.learning_rate, "reg": how.reg, "num_epochs": how.num_epochs}
        notes: list[str] = []
        net = student_net(bench, self.activation, params)
        try:
            stats = net.train(X, y, X, y, **options, verbose=False)
        except StudentError as fault:
            return self._explained(bench, fault, params, X, y, options)
        after = parameters(net, params, notes)
        losses = loss_history(stats, notes)
        reached = bench.reference.answers.loss(self.activation, after, X, y, how.reg)[0]
        evidence = (
            Comparison(
                "last entry of loss_history", float(losses[-1]), expected["final_loss"], self.tolerance
            ),
            Comparison(
                "right loss of the trained parameters", reached, expected["trained_loss"], self.tolerance
            ),
        )
        reported_right = abs(losses[-1] - expected["final_loss"]) <= self.tolerance
        trained_right = abs(reached - expected["trained_loss"]) <= self.tolerance
        if reported_right and trained_right:
            return passed(
                "Training on the toy data ends at the right loss.", notes=tuple(notes), comparisons=evidence
            )
        blamed = lost_among(bench, *BEFORE_TRAINING)
        if blamed and self._replays(bench, params, after, losses, X, y, how):
            return carried(
                "train does the right thing with your loss and gradients; the final loss differs because of "
                "the mistake in these.",
                blamed[0],
                comparisons=evidence,
            )
        return failed(
            f"Training on the toy data ends at a loss of {losses[-1]:.9g}; it should be "
            f"{expected['final_loss']:.9g}."
            if not reported_right
            else f"loss_history ends at the right loss, but the parameters that train leaves in params have a "
            f"loss of {reached:.9g} instead of {expected['trained_loss']:.9g}.",
            diagnosis=_nothing_moved(params, after, self._wrong_gradients(bench)),
            notes=tuple(notes),
            comparisons=evidence,
        )

    def _wrong_gradients(self, bench: Bench) -> set[str]:
        """Parameters whose gradients have cost points: where these are zero, a right `train` leaves them."""
        lost = lost_among(bench, "gradient", activation=self.activation)
        return {bench.rubric.checks[id].param for id in lost}

    def _explained(
        self,
        bench: Bench,
        fault: StudentError,
        params: Params,
        X: np.ndarray,
        y: np.ndarray,
        options: dict[str, Any],
    ) -> Verdict:
        """The verdict where `train` raised only because of its arguments; raises again for anything else."""
        if keyword := renamed_keyword(fault):
            return failed(
                f"train does not know the argument {keyword!r}, which the notebook passes to it. The other checks "
                "pass it by position."
            )
        try:
            train(bench, self.activation, params, X, y, **options, batch_size=len(y))
        except StudentError:
            raise fault from None
        return failed(
            f"train raises {fault.kind} where there are fewer examples ({len(y)}) than batch_size "
            f"({DEFAULTS['batch_size']}): the batch has to be all of them then.",
            detail=f"{fault.own_kind}: {fault.text}",
        )

    def _replays(
        self,
        bench: Bench,
        before: Params,
        after: Params,
        losses: np.ndarray,
        X: np.ndarray,
        y: np.ndarray,
        how: Any,
    ) -> bool:
        """Whether gradient descent, driven from here with the student's own loss, ends where `train` did.

        One epoch is one full batch, and the decay is the default one. What overflows here must overflow there. All has
        to move but what has a wrong gradient that is zero; where no gradient is right, nothing is there to train by.
        """
        net = held_net(bench, self.activation, before)
        params = {name: value.copy() for name, value in before.items()}
        rate, loss, driven = how.learning_rate, np.nan, set()
        for _ in range(how.num_epochs):
            answer, grads = loss_and_grads(ask_loss(net, X, y, how.reg))
            loss = coerce.number(answer, "the loss", [])
            with np.errstate(all="ignore"):
                for name in NAMES:
                    gradient = coerce.array(coerce.entry(grads, name, "grads"), params[name].shape, name, [])
                    params[name] -= rate * gradient
                    if np.any(gradient):
                        driven.add(name)
            net.set_params(params)
            rate *= DEFAULTS["learning_rate_decay"]
        wrong = self._wrong_gradients(bench)
        excused = wrong - driven if wrong < set(NAMES) else set()
        wanted = (name for name in NAMES if name not in excused)
        moved = (not np.allclose(params[n], before[n], rtol=0, atol=self.tolerance) for n in wanted)
        return (
            all(moved)
            and _alike(np.array(losses[-1]), np.array(loss), self.tolerance)
            and all(_alike(after[n], params[n], self.tolerance) for n in NAMES)
        )


_SHARED_TRAIN = "train goes wrong here as it does with the sigmoid: it is the same code."
_NOT_RUN = "Not run: what fails before train comes to its turn fails as it does with the sigmoid."


def _alike(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    """Whether two arrays agree where both are finite, and overflow in the same places.

    Relative for what is larger than one: a training that diverges multiplies the last bit's rounding.
    """
    with np.errstate(all="ignore"):
        finite = np.isfinite(a) & np.isfinite(b)
        scale = max(1.0, float(np.abs(b[finite]).max(initial=0.0)))
        return bool(
            np.array_equal(np.isfinite(a), np.isfinite(b))
            and np.all(np.abs(a[finite] - b[finite]) <= tolerance * scale)
        )


def _nothing_moved(before: Params, after: Params, excused: Collection[str]) -> str:
    still = [name for name in NAMES if np.array_equal(before[name], after[name])]
    if len(still) < len(NAMES):
        still = [name for name in still if name not in excused]
    else:
        return "The parameters are what they were before: train never changes self.params."
    return f"train never changes {' and '.join(still)}." if still else ""
