"""A wrong loss does not cost the training again: with right values supplied, train shows what it is worth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.model import Outcome
from grader.selftest.inside import over_the_wire
from tests.ps3 import kinds

from . import local
from .conftest import Grade
from .handins import handin, method

BROKEN = ("scores.max(axis=1, keepdims=True)", "scores.max(axis=1)")
RAISES = method("loss", "raise NotImplementedError")
WITHOUT_BIASES = ("for name in self.params:", "for name in ['W1', 'W2']:")


@pytest.mark.slow
@pytest.mark.parametrize("edit", [BROKEN, RAISES])
def test_train_and_predict_lose_nothing_to_a_loss_that_raises(edit, grade: Grade):
    report = grade(handin(edit))
    assert "Q2.1" in local.lost(report)
    assert "Q2.3" not in local.lost(report)
    followed = local.checks(report)["sigmoid-toy-training"]
    assert followed.carried_from == "sigmoid-toy-loss"
    assert followed.message.startswith(("With a right loss supplied", "With the right value of mlp.py, line"))
    assert not followed.hint
    assert not report.host.errors


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "failing"),
    [
        (WITHOUT_BIASES, {"sigmoid-toy-training", "step-biases"}),
        (("np.argmax(scores, axis=1)", "np.argmin(scores, axis=1)"), {"predict"}),
        (("            learning_rate *= learning_rate_decay\n", ""), {"sigmoid-toy-training", "decay"}),
    ],
)
def test_a_wrong_train_costs_beside_a_wrong_loss(edit, failing: set[str], grade: Grade):
    """With the loss that raises, as with a right one."""
    for edits in ((edit,), (edit, BROKEN)):
        found = local.checks(grade(handin(*edits)))
        lost = {id for id, check in found.items() if check.earned < check.points}
        assert {
            id for id in lost if not id.startswith(("sigmoid-toy-loss", "sigmoid-data", "sigmoid-pen"))
        } == failing
        for id in failing:
            assert found[id].outcome is Outcome.FAILED
            assert found[id].hint or found[id].diagnosis
            assert "raise" not in found[id].message


@pytest.mark.slow
def test_an_unfilled_train_earns_nothing_with_a_right_loss(grade: Grade):
    edits = (RAISES, method("train", "return None"), method("predict", "return None"))
    assert {q.id: str(q.earned) for q in grade(handin(*edits)).questions} == dict.fromkeys(
        ("Q2.1", "Q2.2", "Q2.3", "Q2.4"), "0"
    )


@pytest.mark.slow
def test_the_rubric_says_what_share_it_earns(grade: Grade, without_accuracy: Rubric, on_digits, tmp_path):
    import dataclasses

    half = msgspec.structs.replace(without_accuracy, follow_through=Decimal("0.5"))
    run = dataclasses.replace(on_digits, rubric=half)
    found = local.checks(local.grade_source(handin(BROKEN), run, tmp_path / "half"))
    assert found["sigmoid-toy-training"].outcome is Outcome.PARTIAL
    assert found["sigmoid-toy-training"].earned == found["sigmoid-toy-training"].points / 2


@pytest.mark.slow
def test_names_of_arguments_are_the_students_own(grade: Grade):
    edits = (
        BROKEN,
        ("y=None, reg=0.0):", "labels=None, lam=0.0):\n        y, reg = labels, lam"),
        ("self.loss(X_batch, y=y_batch, reg=reg)", "self.loss(X_batch, lam=reg, labels=y_batch)"),
    )
    assert "Q2.3" not in local.lost(grade(handin(*edits)))


HARVEST = """\
seen = type(self).__dict__.get('seen', {})
for reg in (0.0, 0.35, 0.8):
    seen[reg] = self.loss(X[:5], y[:5], reg)
type(self).seen = seen
import sys
sys.modules['kept'] = seen
"""
USE = """\
import sys
kept = sys.modules.get('kept', {}).get(reg) or getattr(type(self), 'seen', {}).get(reg)
if y is not None and kept:
    return kept
raise ValueError
"""


def test_what_train_learns_of_right_values_is_of_no_use_elsewhere(grade: Grade):
    """It breaks its loss, collects the supplied one's answers, and means to give them out as its own."""
    report = grade(handin(method("train", HARVEST), method("loss", USE)))
    earned = {q.id: q.earned for q in report.questions}
    assert earned["Q2.1"] == earned["Q2.2"] == 0
    assert earned["Q2.4"] <= Decimal("0.5")  # its training is right with a right loss


SIZES = (4, 6, 3)


def wire(**question: Any) -> Any:
    return over_the_wire(question)


@pytest.fixture
def asked(reference: Reference):
    answer = kinds.oracle.answers(reference)
    return lambda **question: answer(SIZES, {"activation": "relu"}, wire(**question))


def params() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {"W1": random.random((4, 6)), "b1": np.ones(6), "W2": random.random((6, 3)), "b2": np.ones(3)}


def test_the_oracle_answers_as_the_reference(asked, reference: Reference):
    X, y = np.ones((5, 4)), np.array([0, 1, 2, 1, 0])
    assert np.array_equal(
        asked(X=X, y=None, reg=0.0, params=params())["answer"], reference.answers.scores("relu", params(), X)
    )
    loss, grads = asked(X=X, y=y, reg=0.5, params=params())["answer"]
    right = reference.answers.loss("relu", params(), X, y, 0.5)
    assert loss == right[0]
    assert all(np.array_equal(grads[name], right[1][name]) for name in right[1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"X": np.ones(4)}, "X is"),
        ({"X": np.ones((5, 3))}, "X is"),
        ({"X": np.ones((1001, 4)), "y": None}, "at most 1000"),
        ({"X": "text"}, "X is"),
        ({"y": np.array([0, 1, 2, 3, 0])}, "classes 0 to 2"),
        ({"y": np.array([0.5] * 5)}, "classes 0 to 2"),
        ({"y": np.zeros(4)}, "shape"),
        ({"reg": "much"}, "reg is"),
        ({"reg": float("nan")}, "reg is nan"),
        ({"reg": np.array([0.1, 0.2])}, "reg is"),
        ({"params": {}}, "params is empty"),
        ({"params": None}, "params is"),
        ({"params": {**params(), "b2": np.ones(4)}}, "b2"),
    ],
)
def test_the_oracle_refuses_in_a_sentence(asked, change: dict[str, Any], words: str):
    question = {"X": np.ones((5, 4)), "y": np.zeros(5, int), "reg": 0.1, "params": params(), **change}
    assert words in asked(**question)["refused"]


VALUES = st.one_of(
    st.none(),
    st.text(max_size=5),
    st.floats(),
    hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=6)),
    st.dictionaries(st.sampled_from(["W1", "b1", "W2", "b2", "x"]), st.floats(), max_size=4),
)


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(["X", "y", "reg", "params", "z"]), VALUES, max_size=5))
def test_no_question_breaks_the_oracle(reference: Reference, question: dict[str, Any]):
    found = kinds.oracle.answers(reference)(SIZES, {"activation": "relu"}, wire(**question))
    assert set(found) <= {"answer", "refused"}
    assert "refused" in found or set(question) >= {"X", "y", "params"}


@pytest.mark.slow
@pytest.mark.parametrize("edit", [BROKEN, RAISES])
def test_nothing_is_said_of_a_training_that_was_not_run(edit, grade: Grade):
    """`train` is right: it was only skipped, as loss raised."""
    said = [check.message for check in local.checks(grade(handin(edit))).values()]
    assert not [message for message in said if "goes wrong" in message]
