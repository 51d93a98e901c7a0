"""What very large scores break is a remark: true, with one thing to do, and worth no points."""

from __future__ import annotations

import pytest

from grader.model import Outcome

from . import local
from .conftest import Grade
from .handins import BANK, RIGHT, handin
from .test_right import assert_full

ROW = "scores = scores - scores.max(axis=1, keepdims=True)\n"
LOG = "data_loss = -np.log(probs[np.arange(N), y]).mean()\n"
STABLE = (
    LOG,
    "data_loss = -(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))[np.arange(N), y].mean()\n",
)
DERIVATIVE = """        d_scores = probs.copy()
        d_scores[np.arange(N), y] -= 1
        d_scores = d_scores / N
"""
LABELS = "return np.argmax(scores, axis=1)\n"
NAIVE = "        e = np.exp(raw)\n        d_scores = e / e.sum(axis=1, keepdims=True)\n"
BY_QUOTIENT = """        d_p = np.zeros_like(probs)
        d_p[np.arange(N), y] = -1 / probs[np.arange(N), y] / N
        d_scores = probs * (d_p - (probs * d_p).sum(axis=1, keepdims=True))
"""
HIGH, APART = "With scores around 1000, ", "With scores that are 1000 apart, "
SHIFT = "exp(1000) is infinite. Subtracting each row's largest score"
LOG_OF_ZERO = "the right class's probability rounds to zero"

BY_SOFTMAX = "scores = np.exp(scores)\n        scores /= scores.sum(axis=1, keepdims=True)\n        "
NO_NUMBERS = "the gradients have NaN or infinite entries"

CASES = {
    "nothing": ([STABLE], ""),
    "no shift at all": ([(ROW, "pass\n")], f"{HIGH}the loss is NaN and {NO_NUMBERS}: {SHIFT}"),
    "log of a probability": ([], f"{APART}the loss is infinite: {LOG_OF_ZERO}"),
    "no shift in the gradient alone": (
        [STABLE, (ROW, "raw = scores\n        " + ROW), ("        d_scores = probs.copy()\n", NAIVE)],
        f"{HIGH}{NO_NUMBERS}: {SHIFT}",
    ),
    "a softmax without shift in predict": (
        [STABLE, (LABELS, BY_SOFTMAX + LABELS)],
        f"{HIGH}predict returns wrong labels, with smaller ones right ones: different scores become equal",
    ),
    "no shift anywhere": (
        [(ROW, "pass\n"), (LABELS, BY_SOFTMAX + LABELS)],
        f"{HIGH}the loss is NaN, {NO_NUMBERS} and predict returns wrong labels: {SHIFT}",
    ),
    "shifted by the largest of all": (
        [(ROW, "scores = scores - scores.max()\n")],
        f"{APART}the loss is NaN and {NO_NUMBERS}: exp gives zeros or infinities",
    ),
    "a quotient in the gradient": (
        [STABLE, (DERIVATIVE, BY_QUOTIENT)],
        f"{APART}{NO_NUMBERS}: a probability rounds to zero, and they divide by it",
    ),
    "floating-point errors raised": (
        [(ROW, "if scores.max() > 700:\n            raise FloatingPointError\n        " + ROW), STABLE],
        f"{HIGH}the loss raises FloatingPointError: {SHIFT}",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_one_remark_says_what_goes_wrong_and_what_to_do(name: str, grade: Grade):
    edits, remark = CASES[name]
    report = grade(handin(*edits))
    assert_full(report)
    check = local.checks(report)["sigmoid-large-scores"]
    assert check.outcome is Outcome.PASSED and not check.comparisons
    if remark:
        assert (
            check.message == "Points depend on ordinary scores alone; there is a remark on very large ones."
        )
        (note,) = check.notes
        assert note.startswith(remark)
    else:
        assert (check.message, check.notes) == ("Scores around 1000 break nothing.", ())


WRONG_FOR_ORDINARY_SCORES = {
    "no gradients": (STABLE, ("return loss, grads\n", "return loss, None\n")),
    "gradients that are NaN anyway": (STABLE, ("dW2 = h.T", "dW2 = np.nan * h.T")),
    "labels that are wrong anyway": (STABLE, (LABELS, "return np.argmin(scores, axis=1)\n")),
    "an activation after the last layer in predict": (
        STABLE,
        (LABELS, "return np.argmax(1 / (1 + np.exp(-scores)), axis=1)\n"),
    ),
    "no predict": (STABLE, (LABELS, "raise NotImplementedError\n")),
    "a loss that is NaN anyway": ((LOG, "data_loss = np.nan\n"),),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG_FOR_ORDINARY_SCORES)
def test_what_ordinary_scores_break_too_is_no_remark_on_large_ones(name: str, grade: Grade):
    check = local.checks(grade(handin(*WRONG_FOR_ORDINARY_SCORES[name])))["sigmoid-large-scores"]
    assert (check.outcome, check.notes) == (Outcome.PASSED, ())


@pytest.mark.parametrize("name", ["predict by softmax", "float32 parameters", "unshifted softmax"])
def test_solutions_of_the_bank_keep_their_points(name: str, grade: Grade):
    assert_full(grade(BANK.source(RIGHT[name])))
