"""Whether a mistake of an earlier question explains that the training on a dataset comes to nothing.

Any lost point stands before a bad training; only some explain it. What the training follows are the gradients and,
where they are wrong, the scores: a loss whose value alone is wrong moves no parameter. And `train` itself has to go
where these lead: it is run once more on the same images, for one epoch of steps so small that the gradients stay
what they are, whose sum does not depend on the order of the batches.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.checks.base import Bench, Malformed
from grader.model import Outcome
from grader.student.faults import StudentError

from .activations import lost_among
from .cases import Case, Params, case_of, student_net
from .training import BEFORE_TRAINING, OF_TRAINING, ask_train, options_of, own_answer, parameters

MOVES = ("scores", "gradient")
"""Kinds of check whose subject decides where the parameters go."""
BATCHES = 20
"""Batches of the dataset that the hand-in's own gradients are asked for."""
SMALL_STEP = 1e-8
"""Learning rate at which an epoch does not change the gradients."""
NEAR = 1e-2
"""Relative difference within which gradients on the dataset are right: single precision is, by far."""
ALIKE = 0.8
"""Cosine between where W1 goes and where its gradients lead; other batches than those asked for have a part in it."""


def candidate(bench: Bench, activation: str) -> str:
    """Id of the check in an earlier question whose mistake may explain a bad training; empty for none.

    That is one that this activation's scores or gradients are wrong for, or one of `train`, which all activations
    share. Where a check of this question has lost points itself, the question has its own mistake, and that explains
    the training as well.
    """
    here = {spec.id for spec in bench.question.checks}
    built_on = lost_among(bench, *BEFORE_TRAINING, activation=activation)
    of_training = lost_among(bench, *OF_TRAINING)
    if any(id in here for id in [*of_training, *built_on]):
        return ""
    wrong = [
        id
        for id, result in bench.earlier.items()
        if (check := bench.rubric.checks[id]).kind in MOVES
        and getattr(check, "activation", "") == activation
        and (bench.lost_points(id) or result.carried_from)
    ]
    named = [
        source
        for id, result in bench.earlier.items()
        if id in here
        and (source := result.carried_from)
        and source not in here
        and (id in wrong or bench.rubric.checks[source].kind in OF_TRAINING)
    ]
    followed = sorted(built_on, key=lambda id: id not in wrong)  # a loss whose value is wrong leads nowhere
    return next(iter([*(followed if wrong else []), *of_training, *named]), "")


def of_the_question(bench: Bench, activation: str) -> str:
    """Id of the first check of the same question whose mistake may explain a bad training; empty for none."""
    here = {spec.id for spec in bench.question.checks}
    lost = [*lost_among(bench, *MOVES, activation=activation), *lost_among(bench, *OF_TRAINING)]
    return next((id for id in lost if id in here and bench.earlier[id].outcome is not Outcome.SKIPPED), "")


def causes(bench: Bench, activation: str, first: str) -> list[str]:
    """Ids of the checks whose mistakes lead the training elsewhere: `first`, and others that are another mistake.

    Of `train` only steps that are wrong: that histories are, say, leads nowhere. What is not named counts once for the
    gradients of a question, and once for `train`: it may be one mistake.
    """
    steps = lost_among(bench, "toy-training", "update-step") if lost_among(bench, "update-step") else []
    of_loss = [
        result.carried_from or id
        for id, result in bench.earlier.items()
        if (check := bench.rubric.checks[id]).kind in MOVES
        and getattr(check, "activation", "") == activation
        and (bench.lost_points(id) or result.carried_from)
    ]
    home = {spec.id: question.id for question in bench.rubric.questions for spec in question.checks}
    found: list[str] = []
    told: set[Any] = set()
    for id in (first, *of_loss, *steps):
        result, unnamed = bench.earlier[id], (home[id], bench.rubric.checks[id].kind in OF_TRAINING)
        names: set[Any] = {*result.mistakes} or {unnamed}
        if told.isdisjoint(names) and result.outcome is not Outcome.SKIPPED:
            found.append(id)
        told |= names | {unnamed}
    return found


def follows(
    bench: Bench, activation: str, source: str, recipe: Any, start: Params, end: Params | None
) -> bool:
    """Whether `train` goes, from `start` and on the dataset's images, where the hand-in's own gradients lead.

    Where the mistake in check `source` is `train`'s own, these have to be right on the images, too: gradients that are
    right on small networks and wrong here are another mistake, which nothing has cost points for.

    `end` is where the whole training has ended, None where it has not. Only what has been seen to be right elsewhere is
    asked for here: `train` may have lost points for its steps.
    """
    stepping = [
        name
        for id, check in bench.rubric.checks.items()
        if check.kind == "update-step" and not bench.lost_points(id)
        for name in check.params
    ]
    own = _gradients(bench, recipe, start, lambda case: own_answer(bench, activation, case)[1])
    if own is None:
        return True  # its loss does not answer here, so that there is nothing that train could follow
    right = _gradients(bench, recipe, start, lambda case: _right(bench, activation, case))
    if bench.rubric.checks[source].kind in OF_TRAINING and not (right and _same(own, right)):
        return False
    net = student_net(bench, activation, start)
    parts = tuple(bench.student.array(part) for part in ("X_train", "y_train", "X_val", "y_val"))
    options = options_of(recipe, num_epochs=1, learning_rate=SMALL_STEP, learning_rate_decay=1.0)
    try:
        ask_train(net, parts, options)
        after = parameters(net, start, [])
    except (StudentError, Malformed):
        return False
    ways = [after] if end is None else [after, end]
    if not all(_moved(way[name] - start[name], own[name]) for way in ways for name in stepping):
        return False
    if "W1" not in stepping or lost_among(bench, "epoch"):
        return True  # of some examples alone the gradient is another one
    return _along(after["W1"] - start["W1"], own["W1"])


def _moved(step: np.ndarray, gradient: np.ndarray) -> bool:
    return bool(np.any(step)) or not np.any(gradient)


def _along(step: np.ndarray, gradient: np.ndarray) -> bool:
    """Of W1 alone: the others' gradients are small at the start, and differ from batch to batch more than that."""
    if not (np.isfinite(gradient).all() and np.any(gradient)):
        return True
    lengths = np.linalg.norm(step) * np.linalg.norm(gradient)
    return bool(-np.vdot(step, gradient) >= ALIKE * lengths > 0)


def _same(own: Params, right: Params) -> bool:
    def near(name: str) -> bool:
        return bool(np.linalg.norm(own[name] - right[name]) <= NEAR * np.linalg.norm(right[name]))

    return all(map(near, right))


def _right(bench: Bench, activation: str, case: Case) -> Params:
    gradients: Params = bench.reference.answers.loss(activation, case.params, case.X, case.y, case.net.reg)[1]
    return gradients


def _gradients(
    bench: Bench, recipe: Any, params: Params, ask: Callable[[Case], Params | None]
) -> Params | None:
    """The mean of gradients on the first batches of the dataset; None where there are none."""
    X, y = bench.dataset.load("X_train"), bench.dataset.load("y_train")
    size = min(recipe.batch_size, len(y))
    found = []
    for begin in range(0, min(len(y) - size + 1, BATCHES * size), size):
        rows = slice(begin, begin + size)
        grads = ask(case_of(params, np.asarray(X[rows], dtype=np.float64), np.asarray(y[rows]), recipe.reg))
        if grads is None:
            return None
        found.append(grads)
    return {name: np.mean([each[name] for each in found], axis=0) for name in params}
