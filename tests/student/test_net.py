"""A held object is made, and given parameters, with the first call of a method: it answers as one made before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.student.client import Student
from grader.student.faults import StudentError, StudentProtocolFault
from grader.student.net import Call

from .conftest import NET, MakeStudent, net_with

W = np.arange(6.0).reshape(2, 3)
METHODS = """
def total(self, X): return float(X.sum() + self.params["W"].sum()), np.random.rand()
def change(self): self.params["W"] += 1.0
def fail(self): self.params["b"] += 1.0; raise ValueError("no")
"""


def asked(student: Student, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests that go out from now on."""
    ops: list[str] = []
    request = Student.request

    def noted(self: Student, body: dict[str, Any], *more: Any) -> Any:
        ops.append(body["op"])
        return request(self, body, *more)

    monkeypatch.setattr(Student, "request", noted)
    return ops


def test_it_answers_as_one_that_was_made_before_in_one_frame(
    make_student: MakeStudent, monkeypatch: pytest.MonkeyPatch
):
    student = make_student(net_with(METHODS))
    made = student.new()
    made.set_params({"W": W})
    before = made.total(np.ones(3))
    ops = asked(student, monkeypatch)
    held = student.held(params={"W": W})
    found = held.total(np.ones(3))
    assert [float(value) for value in found] == [float(value) for value in before]
    assert ops == ["call"]


def test_parameters_travel_with_the_next_call_and_once(make_student: MakeStudent, monkeypatch):
    student = make_student(net_with(METHODS))
    held = student.held(params={"W": W})
    held.change()
    ops = asked(student, monkeypatch)
    held.set_params({"b": np.ones(3)})
    held.change()
    assert ops == ["call"]
    assert np.array_equal(held.params["W"].array, W + 2) and np.array_equal(
        held.params["b"].array, np.ones(3)
    )


def test_whoever_reads_first_reads_what_was_given(make_student: MakeStudent):
    held = make_student(net_with(METHODS)).held(params={"W": W})
    assert np.array_equal(held.params["W"].array, W)


def test_after_a_call_that_raised_the_object_is_the_same_with_the_parameters_given(make_student: MakeStudent):
    held = make_student(net_with(METHODS)).held(params={"W": W})
    with pytest.raises(StudentError, match="no"):
        held.fail()
    held.change()
    assert np.array_equal(held.params["W"].array, W + 1) and held.params["b"].array.sum() == 3


def test_what_making_it_raises_each_call_raises(make_student: MakeStudent):
    held = make_student(NET.replace("self.params =", "self.parms =") + "        self.parms['c']").held(
        params={"W": W}
    )
    for _ in range(2):
        with pytest.raises(StudentError) as caught:
            held.total()
        assert caught.value.kind == "KeyError"


def test_several_calls_are_one_frame_and_answer_as_one_after_the_other(
    make_student: MakeStudent, monkeypatch
):
    student = make_student(net_with(METHODS + "\ndef scaled(self, X, by): return self.params['W'] * by + X"))
    held = student.held(params={"W": W})
    ops = asked(student, monkeypatch)
    found = held.several("scaled", [Call((np.ones(3),), {"by": by}, {}) for by in (1.0, 2.0)])
    assert ops == ["several"]
    for by, answer in zip((1.0, 2.0), found, strict=True):
        assert np.array_equal(answer.array, W * by + 1)
    held.several("change", [Call((), {}, {})] * 2)
    assert np.array_equal(held.params["W"].array, W + 2)


def test_before_each_of_several_calls_parameters_are_overwritten(make_student: MakeStudent, monkeypatch):
    student = make_student(
        net_with(METHODS + "\ndef seen(self): return self.params['W'] + self.params['b'][0]")
    )
    held = student.held(params={"W": W})
    ops = asked(student, monkeypatch)
    b = np.array([1.0, 0.0, 0.0])
    calls = [Call((), {}, moved) for moved in ({}, {"W": 2 * W}, {"b": b}, {"W": W})]
    found = [answer.array for answer in held.several("seen", calls)]
    assert ops == ["several"]
    for answer, wanted in zip(found, (W, 2 * W, 2 * W + 1, W + 1), strict=True):
        assert np.array_equal(answer, wanted)


def test_hollow_answers_have_everything_but_what_is_in_dicts(make_student: MakeStudent):
    answers = {"pair": "(2.0, {'W': self.params['W']})", "turned": "[{'W': 1.0}, 2.0]", "alone": "{'W': 1.0}"}
    methods = "".join(f"\ndef {name}(self):\n    return {answer}\n" for name, answer in answers.items())
    held = make_student(net_with(methods)).held(params={"W": W})
    pair, turned, alone = (held.several(name, [Call((), {}, {})], hollow=True)[0] for name in answers)
    assert (pair[0].array, pair[1]) == (2.0, {}) and isinstance(pair, tuple)
    assert (turned[0], turned[1].array) == ({}, 2.0) and isinstance(turned, list)
    assert alone["W"].array == 1.0
    assert held.several("pair", [Call((), {}, {})])[0][1]["W"].array.shape == W.shape


def test_what_one_of_several_raises_is_raised(make_student: MakeStudent):
    held = make_student(net_with(METHODS)).held(params={"W": W})
    with pytest.raises(StudentError, match="no"):
        held.several("fail", [Call((), {}, {})] * 2)


@pytest.mark.parametrize("answer", ["self.params['W']", "7", "[1.0, 2.0]"])
def test_several_answers_that_are_fewer_or_more_than_asked_for_are_no_reply(
    make_student: MakeStudent, answer
):
    forged = f"""
def forge(self):
    import sys
    frame = sys._getframe()
    while frame.f_code.co_name != "several":
        frame = frame.f_back
    frame.f_locals["found"]["more"] = {answer}
"""
    student = make_student(net_with(forged))
    with pytest.raises(StudentProtocolFault, match="without an answer to each call"):
        student.held(params={"W": W}).several("forge", [Call((), {}, {})])
    assert not student.is_alive
