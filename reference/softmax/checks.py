"""What is asked of a softmax classifier, 10 points."""

import numpy as np

from grader.api import check
from grader.batteries import labelled, numerical, untouched

SIZES = ((7, 4, 3), (5, 6, 4))
"""Examples, features, classes."""


def inputs(t):
    for examples, features, classes in SIZES:
        W = 0.5 * t.random("W", features).standard_normal((features, classes))
        yield W, *labelled(t, examples, features, classes)


@check("Probabilities", points=1, question="Q1", hint="Each row is exp of the scores over the row's sum.")
def probabilities(t):
    for W, X, _ in inputs(t):
        t.close(t.student.softmax(X @ W), t.solution.softmax(X @ W), "softmax(scores)")


@check(
    "Large scores", points=1, hint="exp overflows past 709. What can be taken from all scores of a row first?"
)
def large_scores(t):
    for W, X, _ in inputs(t):
        t.close(t.student.softmax(1e4 * X @ W), t.solution.softmax(1e4 * X @ W), "softmax of large scores")


@check(
    "Loss without penalty",
    points=2,
    question="Q2",
    hint="The mean of minus the log of the right class's share.",
)
def data_loss(t):
    for W, X, y in inputs(t):
        own, right = (side.softmax_loss(W, X, y, 0.0) for side in (t.student, t.solution))
        t.close(own[0], right[0], "the loss with reg = 0")


@check("Penalty", points=1, hint="Half of reg times the sum of the squared weights.")
def penalty(t):
    for W, X, y in inputs(t):
        own, right = (
            [side.softmax_loss(W, X, y, reg)[0] for reg in (0.7, 0.0)] for side in (t.student, t.solution)
        )
        t.close(float(own[0]) - float(own[1]), right[0] - right[1], "what reg adds to the loss")


@check(
    "Gradient without penalty", points=2, question="Q3", hint="Compare with central differences of your loss."
)
def gradient(t):
    for W, X, y in inputs(t):
        right = numerical(lambda at: t.solution.softmax_loss(at, X, y, 0.0)[0], W)  # noqa: B023
        t.close(t.student.softmax_loss(W, X, y, 0.0)[1], right, "the gradient with reg = 0", relative=1e-5)


@check("Gradient of the penalty", points=1, hint="What is the derivative of half a square?")
def penalty_gradient(t):
    for W, X, y in inputs(t):
        own, right = (
            [side.softmax_loss(W, X, y, reg)[1] for reg in (0.7, 0.0)] for side in (t.student, t.solution)
        )
        t.close(np.asarray(own[0]) - np.asarray(own[1]), right[0] - right[1], "what reg adds to the gradient")


@check("The arguments stay as they are", points=1, hint="Which line writes into an array that was given?")
def pure(t):
    W, X, y = next(inputs(t))
    t.close(
        t.student.softmax(X @ W), t.solution.softmax(X @ W), "softmax(scores)"
    )  # of nothing, nothing is changed
    untouched(t, t.student, "softmax_loss", W, X, y, 0.1)
    untouched(t, t.student, "softmax", X @ W)


@check("Predicted labels", points=1, question="Q4", hint="The number of the highest score, for each example.")
def predict(t):
    for W, X, _ in inputs(t):
        t.equal(t.student.predict(W, X), t.solution.predict(W, X), "the labels")
