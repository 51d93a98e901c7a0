"""Run the hand-in's `train` and read what came of it: what the checks of training share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from grader.assignment.rubric import Net
from grader.checks import coerce
from grader.checks.base import Bench, Malformed
from grader.checks.words import Words, tell
from grader.student.child.protocol import Numbers
from grader.student.faults import StudentError
from grader.student.net import StudentNet

from .cases import NAMES, Case, Params, ask_loss, computed_single, held_net, renamed_keyword
from .pairs import loss_and_grads

HISTORIES = ("loss_history", "grad_magnitude_history", "train_acc_history", "val_acc_history")
BEFORE_TRAINING = ("toy-loss", "scores", "loss", "gradient")
"""Kinds of check whose subject `train` builds on."""
OF_TRAINING = ("toy-training", "epoch", "update-step", "decay")
"""Kinds of check of what `train` does to the parameters."""
PREDICT = "predict"
"""The kind of check of the method of this name, which `train` calls."""
DEFAULTS: dict[str, Any] = {
    "learning_rate": 1e-3,
    "learning_rate_decay": 0.95,
    "reg": 1e-5,
    "num_epochs": 10,
    "batch_size": 200,
    "verbose": False,
}
"""What the handout's `train` takes after its four arrays, in order, with its defaults."""
MAX_HISTORY = 200_000
"""Entries of a history; the longest training, on MNIST, makes a twentieth of that."""
T = TypeVar("T")
SMALL = Net(inputs=5, hidden=7, classes=3, batch=12, reg=0.2)
WIDE = Net(inputs=24, hidden=9, classes=3, batch=36, reg=0.0)
"""Three classes as in the toy problem, and half a batch of examples that hardly ever misses one of them: a mistake
that other sizes show has its place in the questions before."""


@dataclass(frozen=True)
class Trained:
    """What came of one training."""

    net: StudentNet
    stats: Any
    before: Params
    after: Params
    single: bool
    """Whether the parameters came back in float32."""


def parameters(net: StudentNet, like: Params, notes: list[str]) -> Params:
    """The student's parameters as float64 arrays in the shapes of `like`."""
    return _as_params(net.params, like, notes)


def _as_params(values: Any, like: Params, notes: list[str]) -> Params:
    return {
        name: coerce.array(coerce.entry(values, name, "params"), like[name].shape, f"params[{name!r}]", notes)
        for name in NAMES
    }


def options_of(recipe: Any, **others: Any) -> dict[str, Any]:
    """What `train` is given beside its arrays to train as a recipe says, but for `others`."""
    named = ("learning_rate", "learning_rate_decay", "reg", "num_epochs", "batch_size")
    return {**{name: getattr(recipe, name) for name in named}, "verbose": False, **others}


def ask_train(
    net: StudentNet, arrays: tuple[Any, ...], options: dict[str, Any], limits: dict[str, float] | None = None
) -> Any:
    """`train` with keywords; by position where one of them has another name (that costs in the toy training)."""
    try:
        return net.call("train", *arrays, **options, **(limits or {}))
    except StudentError as fault:
        if not renamed_keyword(fault):
            raise
        return net.call("train", *arrays, *{**DEFAULTS, **options}.values(), **(limits or {}))


def train(
    bench: Bench, activation: str, params: Params, X: np.ndarray, y: np.ndarray, **options: Any
) -> Trained:
    """Train the student's network from `params`, with the training data as validation data too."""
    return train_on(bench, activation, params, (X, y, X, y), **options)


def train_on(
    bench: Bench, activation: str, params: Params, arrays: tuple[np.ndarray, ...], **options: Any
) -> Trained:
    """The same with any four arrays: `X`, `y`, `X_val`, `y_val`."""
    net = held_net(bench, activation, params)
    stats = ask_train(net, arrays, {**options, "verbose": False})
    values = net.params
    after = _as_params(values, params, [])
    single = computed_single(bench, activation, *(values[name] for name in NAMES))
    return Trained(net, stats, params, after, single)


def loss_history(stats: Any, notes: list[str]) -> np.ndarray:
    """`loss_history` as a float64 vector."""
    return history(stats, "loss_history", notes)


def history(stats: Any, name: str, notes: list[str]) -> np.ndarray:
    """One of the four histories as a float64 vector of at least one number."""
    value = coerce.entry(stats, name, "the result of train")
    if (isinstance(value, list | tuple) and not value) or (
        isinstance(value, Numbers) and not value.array.size
    ):
        raise Malformed(f"{name} is empty.")
    if not isinstance(value, Numbers) or value.array.size != max(value.array.shape, default=1):
        raise Malformed(tell("{} is {}; wanted a list of numbers.", name, coerce.describe(value)))
    if value.array.size > MAX_HISTORY:
        size = Words("too many", f"{value.array.size:,}")
        raise Malformed(tell("{} has {} entries; no training here makes {}.", name, size, f"{MAX_HISTORY:,}"))
    return value.array.astype(np.float64).reshape(-1)


def own_answer(bench: Bench, activation: str, case: Case) -> tuple[float | None, Params | None]:
    """The hand-in's own loss and gradients, each None where it cannot be used."""
    try:
        loss, grads = loss_and_grads(
            ask_loss(held_net(bench, activation, case.params), case.X, case.y, case.net.reg)
        )
    except (Malformed, StudentError):
        return None, None
    return _usable(lambda: coerce.number(loss, "the loss", [])), _usable(
        lambda: {n: coerce.array(coerce.entry(grads, n, "grads"), case.params[n].shape, n, []) for n in NAMES}
    )


def _usable(convert: Callable[[], T]) -> T | None:
    try:
        return convert()
    except Malformed:
        return None
