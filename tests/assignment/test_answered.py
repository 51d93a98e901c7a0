"""Answers that are kept: the same question is answered once, another one anew, and old ones go."""

from __future__ import annotations

import numpy as np
import pytest

from grader.assignment.reference import Reference
from tests.ps3 import answered as of_ps3


def test_a_question_of_the_same_content_is_answered_once():
    answered = of_ps3.Answered(2)
    assert answered((np.arange(4.0), "relu", 0.1), lambda: "first") == "first"
    assert answered((np.arange(4.0), "relu", 0.1), lambda: "second") == "first"


@pytest.mark.parametrize(
    "other",
    [
        (np.arange(4.0), "relu", 0.2),
        (np.arange(4.0), "sigmoid", 0.1),
        (np.arange(4.0).reshape(2, 2), "relu", 0.1),
        (np.arange(4), "relu", 0.1),
        (np.array([0.0, 1.0, 2.0, np.nextafter(3.0, 4.0)]), "relu", 0.1),
        (np.repeat(np.arange(4.0), 2)[::2], "relu", 0.1),
    ],
    ids=["number", "text", "shape", "type", "last bit", "how it lies in memory"],
)
def test_another_question_is_answered_anew(other: tuple[object, ...]):
    answered = of_ps3.Answered(2)
    answered((np.arange(4.0), "relu", 0.1), lambda: "first")
    assert answered(other, lambda: "second") == "second"


def test_what_was_not_asked_for_longest_goes():
    answered = of_ps3.Answered(2)
    for question in ("a", "b", "a", "c"):
        answered((question,), lambda question=question: f"first {question}")
    assert [answered((question,), lambda: "anew") for question in ("a", "c", "b")] == [
        "first a",
        "first c",
        "anew",
    ]


def test_nobody_changes_what_others_are_answered(reference: Reference):
    params, (X, y) = reference.own("toy").toy_params(), reference.own("toy").toy_data()
    loss, grads = reference.answers.loss("relu", params, X, y, 0.1)
    with pytest.raises(ValueError, match="read-only"):
        grads["W1"] += 1.0
    del grads["b1"]
    again, others = reference.answers.loss("relu", {**params, "W1": params["W1"].copy()}, X, y, 0.1)
    assert again == loss
    assert set(others) == set(params)


def test_asking_draws_nothing(reference: Reference):
    params, (X, y) = reference.own("toy").toy_params(), reference.own("toy").toy_data()
    np.random.seed(3)
    reference.answers.loss("relu", params, X, y, 0.125)
    reference.answers.scores("relu", params, X)
    drawn = np.random.rand()
    np.random.seed(3)
    assert drawn == np.random.rand()
