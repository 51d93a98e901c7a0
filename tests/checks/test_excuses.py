"""What excuses a wrong value agrees with everything else that was seen, tells something, and never pays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.grading.runner import Run
from grader.reading.process import Here
from grader.selftest import without
from grader.selftest.inside import Inside
from grader.student.slots import Slots

from . import local
from .cheats import over
from .conftest import Grade
from .excuses import BLAMED, EXCUSES, OFFSET
from .handins import BANK, GRADS, WRONG, handin


@pytest.mark.slow
@pytest.mark.parametrize("name", EXCUSES)
def test_a_made_up_excuse_earns_nothing(name: str, grade: Grade):
    report = grade(EXCUSES[name].source)
    assert over(EXCUSES[name], {q.id: q.earned for q in report.questions}) == {}
    assert not report.host.errors


@pytest.fixture
def grade_trained(on_digits: Run, tmp_path: Path) -> Grade:
    """Grade a source text with the trainings on a dataset, in this process."""
    run = replace(on_digits, rubric=without(on_digits.rubric, ()), worker=Inside, reader=Here, slots=Slots(1))
    return lambda source: local.grade_source(source, run, tmp_path / "handin")


@pytest.mark.slow
@pytest.mark.parametrize("name", BLAMED)
def test_a_training_that_comes_to_nothing_costs_whatever_else_is_wrong(name: str, grade_trained: Grade):
    report = grade_trained(BLAMED[name].source)
    assert over(BLAMED[name], {q.id: q.earned for q in report.questions}) == {}
    assert not report.host.errors


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "softmax gradient without 1/N",
        "always the first batch",
    ],
)
def test_a_training_that_an_earlier_mistake_explains_costs_nothing_more(name: str, grade_trained: Grade):
    assert set(local.lost(grade_trained(BANK.source(WRONG[name])))) == set(WRONG[name].questions)


@pytest.mark.slow
@pytest.mark.parametrize(
    "edits",
    [
        [("z = X.dot(W1) + b1", "z = X.dot(W1)")],
        [("data_loss = -np.log(probs[np.arange(N), y]).mean()", "data_loss = -np.log(probs[np.arange(N), y]).sum()"),
         ("        d_scores = d_scores / N\n", "")],
        [("np.sum(W2 ** 2))", "np.sum(W2 ** 2) + np.sum(b1 ** 2))"),
         ("db1 = d_z.sum(axis=0)", "db1 = d_z.sum(axis=0) + reg * b1")],
        [("z = X.dot(W1) + b1", "z = X.dot(W1)"), ("scores = h.dot(W2) + b2", "scores = h.dot(W2)")],
        [("z = X.dot(W1) + b1", "z = X.dot(W1)"), ("probs = np.exp(scores)", "probs = scores ** 2 + 1")],
        [OFFSET],
    ],
    ids=["b1 forgotten", "summed", "a bias in the penalty", "no biases", "b1 and softmax", "an offset"],
)  # fmt: skip
def test_right_formulas_for_a_wrong_forward_pass_lose_nothing(edits: list[tuple[str, str]], grade: Grade):
    assert "Q2.2" not in local.lost(grade(handin(*edits)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "entry", ["0.001 * dW1[0, 0] + dW1[0, 0]", "0.0", "1e9", "np.inf", "-np.inf", "np.nan"]
)
def test_a_gradient_of_ones_own_loss_is_excused_and_one_that_is_wrong_in_an_entry_is_not(
    entry: str, grade: Grade
):
    twice = {
        "penalty = 0.5 * reg": "penalty = reg",
        "dW1 = X.T.dot(d_z) + reg * W1": "dW1 = X.T.dot(d_z) + 2 * reg * W1",
        "dW2 = h.T.dot(d_scores) + reg * W2": "dW2 = h.T.dot(d_scores) + 2 * reg * W2",
    }
    own = tuple(twice.items())
    assert "Q2.2" not in local.lost(grade(handin(*own)))
    wrong = grade(handin(*own, (GRADS, f"        dW1[0, 0] = {entry}\n{GRADS}")))
    assert "Q2.2" in local.lost(wrong)
