"""The right `loss` or `predict`, for a hand-in whose own is wrong: values that its other methods may ask for.

The grader's process computes them and sends them (see `student.process.Worker.ask`); no code of the answer enters
the student's process. What arrives with a question is untrusted: only numbers, only in the shapes of the network that
was made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.assignment.reference import Reference
from grader.checks import coerce
from grader.checks.base import Malformed
from grader.student.child.protocol import Numbers

from .cases import NAMES, Params

MOST_ROWS = 1000
"""Examples in one question; the largest that an honest hand-in asks about has 59."""


def answers(
    reference: Reference, always: str = ""
) -> Callable[[tuple[Any, ...], dict[str, Any], Any], dict[str, Any]]:
    """A function that answers questions; as for the activation `always`, whichever is asked about, if one is given.

    It takes the arguments that the asking object was made with (positional ones, keywords) and the question, a dict
    of `X`, `y` (None for scores), `reg`, `params` and the `method` that asks. It returns `{"answer": scores}`,
    `{"answer": (loss, grads)}`, or `{"refused": sentence}`.
    """

    def answer(args: tuple[Any, ...], keywords: dict[str, Any], question: Any) -> dict[str, Any]:
        try:
            return {"answer": _answer(reference, args, always or keywords["activation"], question)}
        except Malformed as trouble:
            return {"refused": trouble.words.full}

    return answer


def with_labels(reference: Reference) -> Callable[[tuple[Any, ...], dict[str, Any], Any], dict[str, Any]]:
    """The same, which answers questions of `predict`, too: with labels, those of the highest of the right scores."""
    values = answers(reference)

    def answer(args: tuple[Any, ...], keywords: dict[str, Any], question: Any) -> dict[str, Any]:
        if not isinstance(question, dict) or question.get("method") != "predict":
            return values(args, keywords, question)
        reply = values(args, keywords, {**question, "y": None})
        return {"answer": reply["answer"].argmax(axis=1)} if "answer" in reply else reply

    return answer


@dataclass(frozen=True)
class Question:
    """What was asked, in the shapes of the network that was made."""

    params: Params
    X: np.ndarray
    y: np.ndarray | None
    reg: float


def understood(sizes: tuple[Any, ...], question: Any) -> Question:
    """A question that student code asked: untrusted. `Malformed` where it is none about such a network."""
    inputs, hidden, classes = sizes
    if isinstance(question, dict):
        question = {"y": None, "reg": 0.0, **question}
    shapes = {"W1": (inputs, hidden), "b1": (hidden,), "W2": (hidden, classes), "b2": (classes,)}
    given = coerce.entry(question, "params", "the question")
    params = {
        name: coerce.array(coerce.entry(given, name, "params"), shapes[name], f"params[{name!r}]", [])
        for name in NAMES
    }
    X = _rows(coerce.entry(question, "X", "the question"), inputs)
    labels = coerce.entry(question, "y", "the question")
    if labels is None:
        return Question(params, X, None, 0.0)
    y = coerce.array(labels, (len(X),), "y", [])
    if not (np.isin(y, np.arange(classes)).all() and len(y)):
        raise Malformed(f"y holds something else than the classes 0 to {classes - 1}.")
    reg = coerce.number(coerce.entry(question, "reg", "the question"), "reg", [])
    if not np.isfinite(reg):
        raise Malformed(f"reg is {reg}; wanted a finite number.")
    return Question(params, X, y.astype(np.int64), reg)


def _answer(reference: Reference, sizes: tuple[Any, ...], activation: str, question: Any) -> Any:
    asked = understood(sizes, question)
    with np.errstate(all="ignore"):
        if asked.y is None:
            return reference.answers.scores(activation, asked.params, asked.X)
        return reference.answers.loss(activation, asked.params, asked.X, asked.y, asked.reg)


def _rows(value: Any, inputs: int) -> np.ndarray:
    if not isinstance(value, Numbers) or value.array.ndim != 2 or value.array.shape[1] != inputs:
        raise Malformed(f"X is {coerce.describe(value)}; wanted {inputs} numbers for each example.")
    if len(value.array) > MOST_ROWS:
        raise Malformed(f"X has {len(value.array)} examples; wanted at most {MOST_ROWS}.")
    return value.array.astype(np.float64)
