"""Questions that a worker puts to the grader in the middle of a call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.student.faults import StudentError, StudentProtocolFault

from .conftest import MakeStudent, net_with

ASKS = net_with("""
def loss(self, data, labels=None, strength=0.0):
    raise RuntimeError("this loss is not the one that is called")

def train(self, X):
    return [self.loss(X)[0, 0], Net.loss(self, X, strength=0.25, labels=X[0])[0]]

def flood(self):
    while True:
        self.loss(np.zeros((1, 1)))
""")
FORGES = net_with("""
def loss(self, X):
    import sys
    frame = sys._getframe()
    while "channel" not in frame.f_locals:
        frame = frame.f_back
    frame.f_locals["channel"].send(frame.f_locals["request_id"], {"ask": {"X": 1.0}})
    return 1.0
""")


def answer(args: tuple[Any, ...], keywords: dict[str, Any], question: Any) -> dict[str, Any]:
    """Scores that show what was asked: the first input, and the arguments of the object."""
    if question["y"] is None:
        return {"answer": np.full((1, 2), float(np.ravel(question["X"].array)[0]) + args[0])}
    return {"answer": (float(question["reg"]), {"W": np.array(question["params"]["W"])})}


def test_loss_asks_the_grader(make_student: MakeStudent):
    net = make_student(ASKS, oracle=answer).new(7, activation="relu")
    found = net.train(np.array([3.0, 1.0]))
    assert np.array_equal(found.array, [10.0, 0.25])


def test_without_an_oracle_loss_is_the_students(make_student: MakeStudent):
    with pytest.raises(StudentError, match="not the one that is called"):
        make_student(ASKS).new(7).train(np.array([3.0]))


def test_a_refusal_is_an_exception_in_the_students_code(make_student: MakeStudent):
    net = make_student(ASKS, oracle=lambda *_: {"refused": "X is odd."}).new(7)
    with pytest.raises(StudentError, match="X is odd") as caught:
        net.train(np.array([3.0]))
    assert caught.value.kind == "ValueError"
    assert caught.value.places[-1].function == "train"


def test_a_question_that_nobody_answers_ends_the_worker(make_student: MakeStudent):
    with pytest.raises(StudentProtocolFault):
        make_student(FORGES).new(7).loss(np.array([3.0]))


def test_questions_are_counted(make_student: MakeStudent, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("grader.student.process.MOST_QUESTIONS", 50)
    net = make_student(ASKS, oracle=answer).new(7)
    with pytest.raises(StudentProtocolFault, match="more than 50 questions"):
        net.flood()
