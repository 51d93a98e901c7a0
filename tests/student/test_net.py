"""A held object is made, and given parameters, with the first call of a method: it answers as one made before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.student.client import Student
from grader.student.faults import StudentError

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
