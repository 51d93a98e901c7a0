"""What is said of a wrong gradient that no known mistake gives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.checks.words import full
from tests.ps3 import diagnosis, kinds


@pytest.fixture
def describe(ps3: Rubric, reference: Reference) -> Callable[..., str]:
    def of(
        param: str, change: Callable[[diagnosis.structure.Pair], np.ndarray], activation: str = "relu"
    ) -> str:
        pairs = []
        for case in kinds.cases.hidden_cases(ps3):
            right = reference.answers.loss(activation, case.params, case.X, case.y, case.net.reg)[1][param]
            off = case.X @ case.params["W1"] + case.params["b1"] < 0
            pair = diagnosis.structure.Pair(case, right, right, 1e-8 * float(np.abs(right).max()), off)
            pairs.append(diagnosis.structure.Pair(case, change(pair), right, pair.bound, off))
        return diagnosis.structure.describe(param, pairs)

    return of


def test_a_constant_factor(describe):
    assert describe("b1", lambda p: 3 * p.right) == "grads['b1'] is exactly 3 times the right gradient."
    assert "exactly -0.25 times the right gradient" in describe("W2", lambda p: -0.25 * p.right)


def test_a_factor_of_one_part(describe):
    def penalty(p: diagnosis.structure.Pair) -> np.ndarray:
        return p.case.net.reg * p.case.params["W1"]

    data = describe("W1", lambda p: 3 * (p.right - penalty(p)) + penalty(p))
    assert "comes from the data is exactly 3 times" in data
    assert "the regularisation term is right" in data
    assert "regularisation term of grads['W1'] is exactly 5 times" in describe(
        "W1", lambda p: p.right + 4 * penalty(p)
    )
    both = describe("W1", lambda p: 3 * (p.right - penalty(p)) + 2 * penalty(p))
    assert "exactly 3 times" in both
    assert "term exactly 2 times" in both


def test_a_factor_that_could_tell_hidden_numbers_is_a_constant_for_students(describe):
    said = describe("b1", lambda p: np.e * p.right)
    assert said == "grads['b1'] is a constant times the right gradient."
    assert full(said) == "grads['b1'] is exactly 2.71828 times the right gradient."


def test_nan(describe):
    assert describe("b2", lambda p: p.right * np.nan) == "grads['b2'] holds NaN or infinity."


def test_where_units_are_off(describe):
    def wrong(p: diagnosis.structure.Pair) -> np.ndarray:
        found = p.right.copy()
        found[..., p.off.any(axis=0)] += 1.0
        return found

    found = describe("W1", wrong)
    assert found.startswith("No known mistake gives this.")
    assert "only at hidden units that are off for some example" in found


def test_where_a_class_is_absent(describe):
    def wrong(p: diagnosis.structure.Pair) -> np.ndarray:
        found = p.right.copy()
        found[..., ~np.isin(np.arange(p.case.net.classes), p.case.y)] += 1.0
        return found

    assert "only for classes that the batch lacks" in describe("b2", wrong)


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (lambda case: case.net.reg > 0, "only on networks with regularisation"),
        (lambda case: case.net.batch == 1, "only on a batch with a single example"),
        (lambda case: case.net.batch > 1, "only on batches of more than one example"),
    ],
)
def test_on_some_networks_only(describe, test, words: str):
    rng = np.random.default_rng(0)
    found = describe("b1", lambda p: p.right + test(p.case) * rng.standard_normal(p.right.shape))
    assert words in found


def test_how_many_and_how_large(describe):
    def wrong(p: diagnosis.structure.Pair) -> np.ndarray:
        found = p.right.copy()
        found[0] += 2 * np.abs(p.right).max()
        return found

    found = describe("b1", wrong)
    assert "% of the entries of grads['b1'] are off, by up to 2 times the largest right one" in full(found)
    assert "of the entries of grads['b1'] are off, by about as much as the largest right one" in found
