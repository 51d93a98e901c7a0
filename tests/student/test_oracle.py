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


SIGNATURES = {
    "self, X, y=None, reg=0.0": "X[None], X, 0.25",
    "self, data, labels=None, lam=0.0": "X[None], lam=0.25, labels=X",
    "self, X, y=None, *, reg=0.0": "X[None], X, reg=0.25",
    "self, X, y=None, reg=0.0, more=None": "X[None], reg=0.25, more=1, y=X",
    "self, X, y=None, **more": "X[None], reg=0.25, y=X",
    "self, *all": "X[None], X, 0.25, 'more'",
    "self, *all, **more": "X[None], reg=0.25, y=X",
}


@pytest.mark.parametrize("signature", SIGNATURES)
def test_arguments_find_their_places_whatever_they_are_called(make_student: MakeStudent, signature: str):
    methods = f"""
    def loss({signature}):
        raise RuntimeError

    def train(self, X):
        return self.loss({SIGNATURES[signature]})
    """
    loss, grads = make_student(net_with(methods), oracle=answer).new(7).train(np.array([3.0, 1.0]))
    assert float(loss) == 0.25
    assert grads["W"].array.shape == (2, 3)


def test_an_argument_that_the_students_loss_does_not_know_is_refused_as_theirs_would(
    make_student: MakeStudent,
):
    net = make_student(ASKS, oracle=answer).new(7)
    with pytest.raises(StudentError, match="unexpected keyword argument 'reg'"):
        net.loss(np.zeros((1, 2)), np.zeros(1), reg=0.1)


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


def test_a_question_while_an_object_is_made_ends_the_worker(make_student: MakeStudent):
    """The oracle does not know the object yet; the template's constructor asks nothing."""
    source = ASKS.replace('"b": np.zeros(3)}', '"b": np.zeros(3)}\n        self.loss(np.zeros((1, 1)))')
    with pytest.raises(StudentProtocolFault):
        make_student(source, oracle=answer).new(7)


def test_a_question_that_no_frame_holds_is_an_exception_in_the_students_code(make_student: MakeStudent):
    huge = ASKS + "\n    def huge(self):\n        return self.loss(np.zeros((5 << 20, 1)))\n"
    net = make_student(huge, oracle=answer).new(7)
    with pytest.raises(StudentError, match="more than 32 MB"):
        net.huge()
    assert np.array_equal(net.train(np.array([3.0, 1.0])).array, [10.0, 0.25])


def test_a_fault_of_the_oracles_is_ours_and_leaves_no_worker(make_student: MakeStudent):
    def broken(*_: Any) -> dict[str, Any]:
        raise ZeroDivisionError

    student = make_student(ASKS, oracle=broken)
    with pytest.raises(ZeroDivisionError):
        student.new(7).train(np.array([3.0]))
    assert not student.is_alive
