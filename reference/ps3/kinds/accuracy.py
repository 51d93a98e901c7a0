"""Training on the real dataset: does the network learn to read digits?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np

from grader.assignment.strict import Strict
from grader.checks import coerce
from grader.checks.base import Bench, Malformed, Verdict, carried, failed, passed
from grader.checks.hidden import generator
from grader.model import Comparison, ConfusionMatrix, Figure, Outcome
from grader.student.faults import StudentError
from grader.student.net import StudentNet

from . import blame, path
from .activations import TrainCheck, lost_among
from .cases import Params, student_net
from .descent import Stretch, cosine, lead, lengths, likeness
from .figures import confusion, first_layer, histories
from .path import MODERATE, Path
from .training import BEFORE_TRAINING, OF_TRAINING, ask_train, history, options_of, parameters

STARTS = 8
"""Starting states that are tried; with the template's weights two in three are moderate."""
KEPT_UNITS = 3
"""Hidden units that are left where it is tried whether scores come from the parameters at all."""


class Descent(Strict, frozen=True):
    """When a training counts as gradient descent; see `descent.likeness`."""

    like: float
    """Every stretch of a training moves W1 at least so much as the gradients say; below it, a person looks."""
    unlike: float
    """Below it, the training is none."""
    batches: int
    """Batches of the recipe's of which the reference makes one, so that the way is less a matter of their order, ..."""
    steps: int
    """... and so many of its steps from each stretch's beginning: an epoch at most."""
    same: float
    """Two trainings from other parameters with other labels end at the same W1 where the cosine is above it."""
    histories: float
    """The size of W1's gradient at the beginning of a stretch may differ by this factor from the reference's."""


class Accuracy(TrainCheck, frozen=True):
    """Test accuracy after the notebook's training, against the spread of the reference's own runs.

    The trained parameters are read back and the right forward pass is applied to them here, so that no
    label of the test images enters the worker and `predict` is not marked twice. Where the hand-in's own
    forward pass is wrong (and has cost its points), its own scores are used, from a fresh worker that has seen no
    training data.

    What is read has to be what was trained: the classes are relabelled and the starting weights shuffled, both in
    a hidden way, and the parameters must move as gradients say (`descent`).
    """

    kind: ClassVar[str] = "accuracy"
    own_worker: ClassVar[bool] = True
    activation: str
    spreads: float
    """How many standard deviations below the reference's mean is still a pass."""
    forward: str
    """Id of the check that judges the forward pass for this activation."""
    descent: Descent
    consequence_costs: Decimal = Decimal(1)
    """Share of the points that is lost where the training follows from a mistake of the same question."""
    full: float = 0.02
    """Share of the hand-ins, drawn by the secret, that are trained to the end also on the solution's path."""

    def run(self, bench: Bench) -> Verdict:
        """Train, judge, and draw what a person wants to see of a training."""
        source = blame.candidate(bench, self.activation)
        if source and bench.skipped_among(*OF_TRAINING):
            return carried("Not run: train does not get through the toy data.", source)
        near = "" if source else blame.of_the_question(bench, self.activation)
        notes: list[str] = []
        random = generator(bench.rubric, "start", self.activation)
        labels = random.permutation(self._recipe(bench).num_classes)
        net, start = self._start(bench, random, notes)

        on_path = self._on_path(bench, start, labels)
        if on_path and not self._drawn(bench):
            return self._of_path(bench, on_path, notes)

        def explained(after: Params | None = None) -> bool:
            """Whether a mistake that has cost points is why the training came to nothing."""
            return bool(source or near) and blame.follows(
                bench, self.activation, source or near, self._recipe(bench), start, after
            )

        try:
            stretches = self._train(bench, net, start, labels, random)
        except StudentError as fault:
            stopped = failed(
                f"The training stopped with {fault.kind}.", detail=f"{fault.own_kind}: {fault.text}"
            )
            if on_path:
                return _contradiction(stopped)
            if not explained():
                raise
            return self._consequence(bench, stopped, source, near)
        verdict = self._judged(bench, stretches, labels, random, notes)
        if on_path and verdict.outcome is not Outcome.PASSED:
            return _contradiction(verdict)
        if verdict.outcome is Outcome.PASSED:
            return verdict
        if not explained(stretches[-1].after):
            return self._perhaps(bench, verdict, source or near)
        return self._consequence(bench, verdict, source, near)

    def _on_path(self, bench: Bench, start: Params, labels: np.ndarray) -> Path | None:
        """The path of a hand-in that has lost nothing before; None where it is not the solution's."""
        if lost_among(bench, *BEFORE_TRAINING, activation=self.activation) or lost_among(bench, *OF_TRAINING):
            return None
        random = generator(bench.rubric, "path", self.activation)
        return path.taken(bench, self.activation, self._recipe(bench), start, labels, random)

    def _drawn(self, bench: Bench) -> bool:
        """Whether this hand-in is trained in full whatever its path."""
        random = generator(bench.rubric, "full", bench.student.sources.digest)
        return bench.rubric.trains_in_full or bool(random.random() < self.full)

    def _of_path(self, bench: Bench, on_path: Path, notes: list[str]) -> Verdict:
        """The verdict on a training that takes the solution's path: it ends where that ends."""
        runs = bench.reference.expected[bench.dataset.name][self.activation]
        return passed(
            f"After {on_path.epochs} epochs on {on_path.images:,} of the training images the parameters are the "
            "solution's, to rounding. So the whole training was not run: it would end as the solution's does, which "
            f"reads {runs['mean']:.2%} of the test images (the mean of {runs['runs']} runs).",
            notes=(*notes, *self._provisional(bench)),
            comparisons=(
                Comparison(
                    f"how far from the solution's the parameters are after {on_path.steps} steps, as a share of how "
                    "far they have moved",
                    on_path.off,
                    0.0,
                    path.SAME,
                ),
            ),
            figures=histories(on_path.histories, on_path.right, f" over the first {on_path.steps} steps"),
            spared=True,
        )

    def _provisional(self, bench: Bench) -> list[str]:
        """What is to be said where the dataset is not the one that marks are for."""
        name = bench.dataset.name
        return [f"Provisional: trained on {name}."] if name != bench.rubric.dataset else []

    def _consequence(self, bench: Bench, verdict: Verdict, source: str, near: str) -> Verdict:
        """The verdict where a mistake explains it: of an earlier question (`source`), or of the same one (`near`)."""
        titles = [bench.earlier[id].title for id in blame.causes(bench, self.activation, source or near)]
        if source:
            found = verdict.message.removesuffix(_DOUBT)  # nobody has to look at what is explained
            beside = f", and from {_mistakes(titles[1:])}" if titles[1:] else ""
            message = f"{found} That follows from a mistake in an earlier question{beside}."
            return replace(
                verdict, outcome=Outcome.PASSED, message=message, fraction=Decimal(1), carried_from=source
            )
        fraction = 1 - self.consequence_costs
        return replace(
            verdict,
            outcome=Outcome.PARTIAL if fraction else Outcome.FAILED,
            fraction=fraction,
            diagnosis=f"That follows from {_mistakes(titles)}. Look there first.",
        )

    def _perhaps(self, bench: Bench, verdict: Verdict, mistake: str) -> Verdict:
        """The verdict where a mistake that was found need not be why; the histories are for where there is none."""
        if verdict.outcome is not Outcome.FAILED or verdict.says_all or not mistake:
            return verdict
        return replace(verdict, diagnosis=_PERHAPS.format(title=bench.earlier[mistake].title))

    def _judged(
        self,
        bench: Bench,
        stretches: list[Stretch],
        labels: np.ndarray,
        random: np.random.Generator,
        notes: list[str],
    ) -> Verdict:
        """The verdict on a training, whose classes were relabelled."""
        data, name = bench.dataset, bench.dataset.name
        params = stretches[-1].after
        y_test = labels[data.load("y_test")]
        own = bench.lost_points(self.forward)
        if own:
            bench.student.close()  # the next worker has not seen the training data
            scores = self._own_scores(bench, params, notes)
        else:
            scores = bench.reference.answers.scores(self.activation, params, data.load("X_test"))
        predicted = scores.argmax(axis=1)
        finite = bool(np.isfinite(scores).all())
        accuracy = float((predicted == y_test).mean()) if finite else float("nan")
        runs = bench.reference.expected[name][self.activation]
        wanted = runs["mean"] - self.spreads * runs["spread"]
        notes += self._provisional(bench)
        comparisons = [Comparison("test accuracy", accuracy, runs["mean"], self.spreads * runs["spread"])]
        rule = _rule(wanted, runs)
        doubt = None
        if accuracy >= wanted:
            doubt = self._unfounded(bench, params, y_test, wanted, random) if own else None
            doubt = doubt or self._no_descent(bench, stretches, labels, random, comparisons)
            outcome, what = doubt or (
                Outcome.PASSED,
                f"The trained network reads {accuracy:.2%} of the test images; {rule}.",
            )
        else:
            outcome, what = (
                Outcome.FAILED,
                (
                    f"The trained network reads only {accuracy:.2%} of the test images; {rule}."
                    if finite
                    else "The training diverged: the trained network's scores are NaN or infinite."
                ),
            )
        original = np.argsort(labels)
        return Verdict(
            outcome,
            what,
            Decimal(outcome is Outcome.PASSED),
            says_all=doubt is not None,
            notes=tuple(notes),
            comparisons=tuple(comparisons),
            figures=self._figures(
                bench,
                [stretch.stats for stretch in stretches],
                params,
                confusion(original[y_test], original[predicted], len(labels)),
            ),
        )

    def _recipe(self, bench: Bench) -> Any:
        return bench.reference.datasets.RECIPES[bench.dataset.name]

    def _shapes(self, bench: Bench) -> Params:
        """Arrays in the shapes of the parameters; their values mean nothing."""
        recipe = self._recipe(bench)
        hidden, classes = recipe.hidden_size, recipe.num_classes
        return {
            "W1": np.empty((784, hidden)),
            "b1": np.empty(hidden),
            "W2": np.empty((hidden, classes)),
            "b2": np.empty(classes),
        }

    def _start(
        self, bench: Bench, random: np.random.Generator, notes: list[str]
    ) -> tuple[StudentNet, Params]:
        """A network in a starting state whose scores are moderate, and the state.

        On raw pixels ReLU's first scores are in the hundreds, and an unshifted softmax overflows above 709. That
        is worth a remark and no points, so no starting state is used in which it would decide the training.

        The numbers are those that the hand-in draws, in another order: a state that it brings along is worth nothing.
        """
        recipe = self._recipe(bench)
        X = bench.dataset.load("X_val")[:2000]
        for _ in range(STARTS):
            net = bench.student.new(
                784,
                recipe.hidden_size,
                recipe.num_classes,
                std=recipe.std,
                activation=self.activation,
                seed=int(random.integers(2**31)),
            )
            drawn = parameters(net, self._shapes(bench), notes)
            params = {name: _shuffled(value, random) for name, value in drawn.items()}
            with np.errstate(all="ignore"):
                if not bench.reference.answers.scores(self.activation, params, X).max() > MODERATE:
                    break
        net.set_params(params)
        return net, params

    def _brought_along(self, bench: Bench, stretch: Stretch, random: np.random.Generator) -> bool:
        """Whether train ends at the same W1 from elsewhere: from shuffled parameters, and with shuffled labels."""
        start = {name: _shuffled(value, random) for name, value in stretch.before.items()}
        labels = [random.permutation(bench.dataset.load(part)) for part in ("y_train", "y_val")]
        net = student_net(bench, self.activation, start)
        try:
            again = self._stretch(bench, net, stretch.first, stretch.epochs, start, (labels[0], labels[1]))
        except (StudentError, Malformed):
            return False
        return cosine(again.after["W1"], stretch.after["W1"]) > self.descent.same

    def _train(
        self, bench: Bench, net: StudentNet, start: Params, labels: np.ndarray, random: np.random.Generator
    ) -> list[Stretch]:
        """Train on the relabelled dataset as the notebook does, in stretches between which the parameters are read."""
        data = bench.dataset
        y, y_val = labels[data.load("y_train")], labels[data.load("y_val")]
        stretches: list[Stretch] = []
        done, before = 0, start
        for epochs in lengths(self._recipe(bench).num_epochs, random):
            stretches.append(self._stretch(bench, net, done, epochs, before, (y, y_val)))
            done, before = done + epochs, stretches[-1].after
        return stretches

    def _stretch(
        self,
        bench: Bench,
        net: StudentNet,
        first: int,
        epochs: int,
        before: Params,
        labels: tuple[np.ndarray, np.ndarray],
    ) -> Stretch:
        """Train a network, whose parameters are `before`, for some epochs of the recipe."""
        recipe, limits = self._recipe(bench), bench.rubric.limits
        X, X_val = (bench.student.array(part) for part in ("X_train", "X_val"))
        rate = recipe.learning_rate * recipe.learning_rate_decay**first
        options = options_of(recipe, learning_rate=rate, num_epochs=epochs)
        stats = ask_train(
            net,
            (X, labels[0], X_val, labels[1]),
            options,
            {"cpu": limits.train_cpu, "wall": limits.train_wall},
        )
        return Stretch(first, epochs, before, parameters(net, self._shapes(bench), []), stats)

    def _own_scores(self, bench: Bench, params: Params, notes: list[str]) -> np.ndarray:
        """The hand-in's own scores of the test images with these parameters."""
        net = student_net(bench, self.activation, params)
        shape = (len(bench.dataset.load("y_test")), self._recipe(bench).num_classes)
        return coerce.array(net.loss(bench.student.array("X_test")), shape, "the scores", notes)

    def _unfounded(
        self, bench: Bench, params: Params, y: np.ndarray, wanted: float, random: np.random.Generator
    ) -> tuple[Outcome, str] | None:
        """What is to be said of scores that do not come from the parameters: none that remain when most of these go."""
        kept = random.choice(len(params["b1"]), KEPT_UNITS, replace=False)
        cut = {**params, "W2": np.zeros_like(params["W2"])}
        cut["W2"][kept] = params["W2"][kept]
        accuracy = float((self._own_scores(bench, cut, []).argmax(axis=1) == y).mean())
        if accuracy < wanted:
            return None
        return Outcome.FAILED, (
            f"loss(X) does not compute its scores from the network's parameters: with all but {KEPT_UNITS} hidden "
            f"units cut off (their rows of W2 set to zero) they still read {accuracy:.2%} of the test images. To "
            "check by hand, set rows of params['W2'] to zero and look at the scores."
        )

    def _no_descent(
        self,
        bench: Bench,
        stretches: list[Stretch],
        labels: np.ndarray,
        random: np.random.Generator,
        comparisons: list[Comparison],
    ) -> tuple[Outcome, str] | None:
        """What is to be said where the parameters did not go where gradient descent leads; else None."""
        recipe, rule = self._recipe(bench), self.descent
        X, y = bench.dataset.load("X_train"), labels[bench.dataset.load("y_train")]
        steps = max(len(X) // recipe.batch_size, 1)

        def batch(count: int) -> tuple[np.ndarray, np.ndarray]:
            rows = random.integers(0, len(X), count * min(recipe.batch_size, len(X)))
            return X[rows], y[rows]

        found: list[tuple[float, Stretch]] = []
        ratios: list[float] = []
        for stretch in stretches:
            epochs = range(stretch.first, stretch.first + stretch.epochs)
            rates = [
                recipe.learning_rate * recipe.learning_rate_decay**e for e in epochs for _ in range(steps)
            ]
            how = (rates[0], recipe.reg, rule.batches, min(steps, rule.steps))
            led = lead(bench.reference, self.activation, stretch, batch, *how)
            found.append((likeness(stretch, led, rates, recipe.reg), stretch))
            ratios.append(
                _first(stretch.stats, "grad_magnitude_history") / led.norm if led.norm > 0 else np.nan
            )
        least, stretch = min(found, key=lambda each: each[0])
        comparisons.append(
            Comparison(
                "likeness of W1's way to where the gradients lead, at least", least, 1.0, 1.0 - rule.like
            )
        )
        wrong_otherwise = lost_among(bench, *BEFORE_TRAINING, *OF_TRAINING)
        if least < rule.like:
            what = _elsewhere(stretch, least)
            if least < rule.unlike and not wrong_otherwise:
                return Outcome.FAILED, what
            if self._brought_along(bench, stretch, random):
                return Outcome.FAILED, (
                    f"{what} From other parameters and with other labels, train ends at the same W1: it does not come "
                    "from these."
                )
            return Outcome.NEEDS_REVIEW, (f"{what}{_DOUBT}")
        if wrong_otherwise or lost_among(bench, "histories"):
            return None  # of what the histories hold then, nothing can be said
        ratio = float(np.median(ratios))
        if np.isfinite(ratio) and not 1 / rule.histories <= ratio <= rule.histories:
            return Outcome.NEEDS_REVIEW, (
                f"grad_magnitude_history does not belong to the parameters: at the beginning of {len(ratios)} parts of "
                f"the training its entries are {ratio:.3g} times the size of W1's gradient there (the median). A "
                "person has to look."
            )
        return None

    def _figures(
        self, bench: Bench, stats: list[Any], params: Params, matrix: ConfusionMatrix
    ) -> tuple[Figure, ...]:
        """Histories beside the reference's, the first layer as images, the confusion matrix."""
        reference = bench.reference.answers.histories(bench.dataset.name, self.activation)
        own: dict[str, np.ndarray] = {}
        for name in reference:
            try:
                own[name] = np.concatenate([history(part, name, []) for part in stats])
            except Malformed:
                continue  # the check of the histories says so
        return (*histories(own, reference), first_layer(params["W1"]), matrix)


def _contradiction(verdict: Verdict) -> Verdict:
    """Of a training in full that fails where its first epochs were the solution's: one of our two ways is wrong."""
    return replace(
        verdict,
        outcome=Outcome.ERROR,
        message="The training begins as the solution's does and was not found to end so; this costs no points, and a "
        "person has to look.",
        detail=f"The whole training: {verdict.message}",
        fraction=Decimal(0),
        diagnosis="",
    )


def _mistakes(titles: Sequence[str]) -> str:
    quoted = [f"\N{LEFT DOUBLE QUOTATION MARK}{title}\N{RIGHT DOUBLE QUOTATION MARK}" for title in titles]
    return f"the mistake{'s' if quoted[1:] else ''} in {' and '.join(quoted)}"


_PERHAPS = (
    "The mistake in \N{LEFT DOUBLE QUOTATION MARK}{title}\N{RIGHT DOUBLE QUOTATION MARK} may be why. Look there "
    "first."
)
_DOUBT = " A mistake in train or in the gradients may be why. A person has to look."


def _shuffled(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return random.permuted(values.ravel()).reshape(values.shape)


def _rule(wanted: float, runs: Mapping[str, Any]) -> str:
    """The sentence's part on what is wanted, of an accuracy that so many `runs` of the solution reached."""
    return (
        f"at least {wanted:.2%} is wanted ({runs['runs']} runs of the solution: {runs['mean']:.2%} on average, with a "
        f"spread of {runs['spread']:.2%})"
    )


def _first(stats: Any, name: str) -> float:
    """The first entry of a history; NaN where there is none."""
    try:
        return float(history(stats, name, [])[0])
    except Malformed:
        return float("nan")


def _elsewhere(stretch: Stretch, likeness: float) -> str:
    """What is to be said of a stretch in which the parameters went elsewhere."""
    last = stretch.first + stretch.epochs
    begun = f"after {stretch.first}" if stretch.first else "at the start"
    return (
        f"After {last} {'epoch' if last == 1 else 'epochs'} the parameters are not where gradient descent leads from "
        f"where they were {begun}: W1 moves another way than the right gradients say (likeness {likeness:.2f}; 1 is "
        "the same way, 0 has nothing to do with it). To check by hand: from the same parameters, take an epoch of "
        "steps W1 -= learning_rate * grads['W1'] with right gradients, and compare how W1 has changed."
    )
