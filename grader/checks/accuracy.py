"""Training on the real dataset: does the network learn to read digits?"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..model import Comparison, ConfusionMatrix, Curves, Figure, ImageGrid, Series
from ..reference import Params
from ..student.client import StudentNet
from ..student.faults import StudentError
from . import blame, coerce
from .base import Bench, Check, Malformed, Verdict, carried, failed, passed
from .cases import generator
from .training import OF_TRAINING, ask_train, history, parameters

POINTS_OF_A_CURVE = 400
MODERATE = 600.0
"""Largest score of a starting state on the validation images."""
STARTS = 8
"""Starting states that are tried; with the template's weights two in three are moderate."""


class Accuracy(Check, frozen=True):
    """Test accuracy after the notebook's training, against the spread of the reference's own runs.

    The trained parameters are read back and the right forward pass is applied to them here, so that no
    label of the test images enters the worker and `predict` is not marked twice. Where the hand-in's own
    forward pass is wrong (and has cost its points), its own scores are used.
    """

    kind: ClassVar[str] = "accuracy"
    own_worker: ClassVar[bool] = True
    activation: str
    spreads: float
    """How many standard deviations below the reference's mean is still a pass."""
    forward: str
    """Id of the check that judges the forward pass for this activation."""

    def run(self, bench: Bench) -> Verdict:
        """Train, judge, and draw what a person wants to see of a training."""
        source = blame.candidate(bench, self.activation)
        if source and bench.skipped_among(*OF_TRAINING):
            return carried(
                "Not run: train does not get through the toy data, and that has cost its points.", source
            )
        notes: list[str] = []
        net = self._start(bench, notes)
        start = parameters(net, self._shapes(bench), notes) if source else {}

        def explained(after: Params | None = None) -> bool:
            """Whether the earlier mistake is why the training came to nothing."""
            return bool(source) and blame.follows(bench, self.activation, self._recipe(bench), start, after)

        try:
            stats = self._train(bench, net)
        except StudentError as fault:
            if not explained():
                raise
            return carried(
                f"The training stopped with {fault.kind}. That follows from a mistake in an earlier question.",
                source,
                detail=f"{fault.own_kind}: {fault.text}",
            )
        data, name = bench.dataset, bench.dataset.name
        classes = self._recipe(bench).num_classes
        params = parameters(net, self._shapes(bench), notes)
        y_test = data.load("y_test")
        if bench.lost_points(self.forward):
            answer = net.loss(bench.student.array("X_test"))
            scores = coerce.array(answer, (len(y_test), classes), "the scores", notes)
        else:
            scores = bench.reference.scores(self.activation, params, data.load("X_test"))
        predicted = scores.argmax(axis=1)
        finite = bool(np.isfinite(scores).all())
        accuracy = float((predicted == y_test).mean()) if finite else float("nan")
        runs = bench.reference.expected[name][self.activation]
        wanted = runs["mean"] - self.spreads * runs["spread"]
        if name != bench.rubric.dataset:
            notes.append(f"Provisional: measured on {name}, not on {bench.rubric.dataset}.")
        evidence = {
            "notes": tuple(notes),
            "comparisons": (
                Comparison("test accuracy", accuracy, runs["mean"], self.spreads * runs["spread"]),
            ),
            "figures": self._figures(bench, stats, params, confusion(y_test, predicted, classes)),
        }
        rule = (
            f"at least {wanted:.2%} is wanted ({runs['runs']} runs of the solution: {runs['mean']:.2%} on "
            f"average, with a spread of {runs['spread']:.2%})"
        )
        if accuracy >= wanted:
            return passed(f"The trained network reads {accuracy:.2%} of the test images; {rule}.", **evidence)
        what = (
            f"The trained network reads only {accuracy:.2%} of the test images; {rule}."
            if finite
            else "The training diverged: the trained network's scores are NaN or infinite."
        )
        if explained(params):
            return carried(f"{what} That follows from a mistake in an earlier question.", source, **evidence)
        return failed(what, **evidence)

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

    def _start(self, bench: Bench, notes: list[str]) -> StudentNet:
        """A network in a starting state whose scores are moderate.

        On raw pixels ReLU's first scores are in the hundreds, and an unshifted softmax overflows above 709. That
        is worth a remark and no points, so no starting state is used in which it would decide the training.
        """
        recipe = self._recipe(bench)
        random = generator(bench.rubric, "start", self.activation)
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
            params = parameters(net, self._shapes(bench), notes)
            with np.errstate(all="ignore"):
                if not bench.reference.scores(self.activation, params, X).max() > MODERATE:
                    break
        return net

    def _train(self, bench: Bench, net: StudentNet) -> Any:
        """Train on the dataset, as the notebook does; what `train` returned."""
        recipe, limits = self._recipe(bench), bench.rubric.limits
        parts = tuple(bench.student.array(part) for part in ("X_train", "y_train", "X_val", "y_val"))
        options = {
            "learning_rate": recipe.learning_rate,
            "learning_rate_decay": recipe.learning_rate_decay,
            "reg": recipe.reg,
            "num_epochs": recipe.num_epochs,
            "batch_size": recipe.batch_size,
            "verbose": False,
        }
        return ask_train(net, parts, options, {"cpu": limits.train_cpu, "wall": limits.train_wall})

    def _figures(
        self, bench: Bench, stats: Any, params: Params, matrix: ConfusionMatrix
    ) -> tuple[Figure, ...]:
        """Histories beside the reference's, the first layer as images, the confusion matrix."""
        reference = bench.reference.histories(bench.dataset.name, self.activation)
        own: dict[str, np.ndarray] = {}
        for name in reference:
            try:
                own[name] = history(stats, name, [])
            except Malformed:
                continue  # the check of the histories says so
        figures: list[Figure] = [
            _curves("Loss", "iteration", "loss", {"loss": "loss_history"}, own, reference, log_y=True),
            _curves(
                "Accuracy",
                "epoch",
                "share read correctly",
                {"last mini-batch": "train_acc_history", "validation": "val_acc_history"},
                own,
                reference,
            ),
            _curves(
                "Size of W1's gradient",
                "iteration",
                "Frobenius norm",
                {"norm": "grad_magnitude_history"},
                own,
                reference,
                log_y=True,
            ),
            first_layer(params["W1"]),
            matrix,
        ]
        return tuple(figures)


def confusion(y: np.ndarray, predicted: np.ndarray, classes: int) -> ConfusionMatrix:
    """Count (true, predicted) pairs of labels 0..classes-1."""
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (np.asarray(y, dtype=int), predicted), 1)
    rows = tuple(tuple(int(n) for n in row) for row in counts)
    return ConfusionMatrix(
        "True digit (row) and what the network read (column)", tuple(map(str, range(classes))), rows
    )


def first_layer(W1: np.ndarray) -> ImageGrid:
    """Each column of `W1` (784, H) as a 28x28 image; one grey scale for all, mid-grey is zero."""
    size = float(np.nanmax(np.abs(np.where(np.isfinite(W1), W1, 0.0)), initial=0.0)) or 1.0
    grey = np.clip(np.clip(np.nan_to_num(W1.T / size), -1, 1) * 127.5 + 127.5, 0, 255).astype(np.uint8)
    return ImageGrid("First-layer weights, one image for each hidden unit", 28, 28, grey.tobytes())


def _curves(
    title: str,
    x_label: str,
    y_label: str,
    names: dict[str, str],
    own: dict[str, np.ndarray],
    reference: dict[str, np.ndarray],
    log_y: bool = False,
) -> Curves:
    series = [_series(label, own[name]) for label, name in names.items() if len(own.get(name, ()))]
    series += [_series(label, reference[name], is_reference=True) for label, name in names.items()]
    return Curves(title, x_label, y_label, tuple(series), log_y)


def _series(name: str, values: np.ndarray, is_reference: bool = False) -> Series:
    """A history, thinned to means over equal stretches; counted from 1."""
    stretch = -(-len(values) // POINTS_OF_A_CURVE)
    edges = np.arange(0, len(values), stretch)
    with np.errstate(all="ignore"):
        means = np.add.reduceat(values, edges) / np.diff([*edges, len(values)])
    x = [float(min(e + (stretch + 1) / 2, len(values))) for e in edges]
    return Series(name, tuple(x), tuple(float(f"{m:.6g}") for m in means), is_reference)
