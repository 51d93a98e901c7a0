"""The pure parts of the checks: conversion, comparison, hidden cases, words."""

from __future__ import annotations

from typing import ClassVar

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.checks import coerce
from grader.checks.base import Malformed
from grader.checks.compare import Tolerance, difference
from grader.student.child.protocol import Numbers, Opaque
from tests.ps3 import kinds

ARRAY = np.arange(6.0).reshape(2, 3)


class TestNumber:
    @pytest.mark.parametrize(
        ("value", "noted"), [(np.array(1.5), False), (np.array([1.5]), True), (np.array([[1.5]]), True)]
    )
    def test_takes_one_number_in_any_wrapping(self, value: np.ndarray, noted: bool):
        notes: list[str] = []
        assert coerce.number(Numbers(value, "ndarray"), "the loss", notes) == 1.5
        assert bool(notes) == noted

    @pytest.mark.parametrize(
        "value",
        [
            None,
            "1.5",
            {},
            [],
            (),
            Opaque("complex"),
            Numbers(np.ones(2), "list"),
            Numbers(np.ones(0), "list"),
        ],
    )
    def test_refuses_the_rest_in_words(self, value: object):
        with pytest.raises(Malformed, match=r"^The loss is .*; wanted (one|a) number\.$"):
            coerce.number(value, "the loss", [])

    def test_lets_nan_pass(self):
        assert np.isnan(coerce.number(Numbers(np.array(np.nan), "float"), "the loss", []))


class TestEntry:
    def test_a_missing_one_is_named_and_long_names_are_cut(self):
        value = {"W" * 2000: None, "b1": None}
        with pytest.raises(Malformed) as caught:
            coerce.entry(value, "W1", "grads")
        assert "no entry 'W1'" in str(caught.value)
        assert str(caught.value) == "grads has no entry 'W1'; it has others."
        assert "'b1'" in caught.value.words.full
        assert len(caught.value.words.full) < 200


class TestArray:
    @pytest.mark.parametrize("shape", [(2, 3), (1, 2, 3), (2, 1, 3), (2, 3, 1)])
    def test_drops_axes_of_length_one(self, shape: tuple[int, ...]):
        found = coerce.array(Numbers(ARRAY.reshape(shape), "ndarray"), (2, 3), "it", [])
        assert np.array_equal(found, ARRAY)

    def test_turns_a_column_into_a_vector(self):
        notes: list[str] = []
        found = coerce.array(Numbers(np.ones((3, 1)), "matrix"), (3,), "it", notes)
        assert found.shape == (3,)
        assert len(notes) == 2

    def test_names_a_transposed_one(self):
        with pytest.raises(Malformed, match="transposed"):
            coerce.array(Numbers(ARRAY.T, "ndarray"), (2, 3), "it", [])

    @given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=4, max_side=4)))
    def test_never_rearranges_values(self, array: np.ndarray):
        found = coerce.array(Numbers(array, "ndarray"), array.shape, "it", [])
        assert np.array_equal(found, array, equal_nan=True)
        with pytest.raises(Malformed):
            coerce.array(Numbers(array, "ndarray"), (5, *array.shape), "it", [])


class TestPair:
    LOSS = Numbers(np.array(1.0), "float")
    GRADS: ClassVar[dict[str, object]] = {"W1": None}

    @pytest.mark.parametrize("value", [(LOSS, GRADS), [LOSS, GRADS], (GRADS, LOSS), (LOSS, GRADS, None)])
    def test_loss_and_gradients_are_found_in_any_order(self, value: object):
        assert kinds.pairs.loss_and_grads(value) == (self.LOSS, self.GRADS)

    @pytest.mark.parametrize("value", [(GRADS, LOSS), (LOSS, GRADS, None), LOSS, None, GRADS, ()])
    def test_the_strict_form_is_the_notebooks(self, value: object):
        with pytest.raises(Malformed, match="return loss, grads"):
            kinds.pairs.pair(value)

    def test_a_loss_alone_has_no_gradients(self):
        assert kinds.pairs.loss_and_grads(self.LOSS) == (self.LOSS, None)

    def test_a_missing_entry_is_named(self):
        with pytest.raises(Malformed, match=r"no entry 'b1'; it has others\.") as caught:
            coerce.entry(self.GRADS, "b1", "grads")
        assert caught.value.words.full.endswith("no entry 'b1'; it has 'W1'.")


class TestSinglePrecision:
    @pytest.mark.parametrize(
        "array",
        [np.float32([0.1, 0.2]), np.float64(np.float32([0.1, 0.2])), np.array(float(np.float32(0.1)))],
    )
    def test_is_seen_by_type_or_by_value(self, array: np.ndarray):
        assert coerce.is_single_precision(Numbers(array, "ndarray"))

    @pytest.mark.parametrize("array", [np.array([0.1, 0.2]), np.arange(3)])
    def test_is_not_seen_elsewhere(self, array: np.ndarray):
        assert not coerce.is_single_precision(Numbers(array, "ndarray"))


class TestDifference:
    TIGHT = Tolerance(relative=1e-8, single=1e-5, floor=1e-10)

    def test_the_bound_is_relative_to_the_largest_entry(self):
        assert self.TIGHT.bound(np.array([-200.0, 1.0])) == pytest.approx(2e-6)
        assert self.TIGHT.bound(np.array([2.0]), single=True) == pytest.approx(2e-5)
        assert self.TIGHT.bound(np.zeros(3)) == 1e-10

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_what_is_not_finite_is_never_close(self, bad: float):
        found = difference(np.array([1.0, bad]), np.ones(2), np.inf if np.isnan(bad) else 1e300)
        assert not found.ok
        assert found.index == (1,)
        assert found.share == 0.5

    @given(hnp.arrays(np.float64, (2, 3), elements=st.floats(-1e6, 1e6)), st.floats(0, 1e3))
    def test_is_ok_just_when_no_entry_is_off(self, array: np.ndarray, bound: float):
        found = difference(array, ARRAY, bound)
        assert found.ok == bool((np.abs(array - ARRAY) <= bound).all())
        assert found.ok == (found.share == 0)
        assert abs(array - ARRAY)[found.index] == found.largest

    def test_empty_arrays_agree(self):
        assert difference(np.zeros((0, 3)), np.zeros((0, 3)), 0.0).ok


class TestHiddenCases:
    def test_the_same_secret_and_nonce_draw_the_same(self, ps3: Rubric):
        one, two = kinds.cases.hidden_cases(ps3), kinds.cases.hidden_cases(ps3)
        assert all(np.array_equal(a.X, b.X) for a, b in zip(one, two, strict=True))

    def test_no_two_pairs_of_secret_and_nonce_share_an_input(self, ps3: Rubric):
        pairs = [("one", "1"), ("one", "2"), ("two", "1"), ("one1", ""), ("", "one1"), ('one", "1', "1")]
        drawn = [
            {
                case.X.tobytes()
                for case in kinds.cases.hidden_cases(msgspec.structs.replace(ps3, secret=secret, nonce=nonce))
            }
            for secret, nonce in pairs
        ]
        assert len(set.union(*drawn)) == sum(map(len, drawn))

    def test_they_show_what_the_rubric_says(self, ps3: Rubric, reference: Reference):
        for case in kinds.cases.hidden_cases(ps3):
            net = case.net
            assert case.params["W1"].shape == (net.inputs, net.hidden)
            assert case.X.shape == (net.batch, net.inputs)
            assert (case.y.max() < net.classes - 1) or not net.missing_class
            pre = case.X @ case.params["W1"] + case.params["b1"]
            assert np.abs(pre).min() > kinds.cases.KINK
            assert (
                np.abs(reference.answers.scores("relu", case.params, case.X)).max()
                <= kinds.cases.LARGEST_SCORE
            )
            assert all(np.abs(case.params[name]).min() > 0 for name in ("b1", "b2"))

    def test_far_from_zero_a_sigmoid_is_saturated(self, ps3: Rubric, reference: Reference):
        case = kinds.cases.far_from_zero(ps3)
        pre = np.abs(case.X @ case.params["W1"] + case.params["b1"])
        assert (pre > 20).mean() > 0.5
        assert (
            np.abs(reference.answers.scores("relu", case.params, case.X)).max() <= kinds.cases.LARGEST_SCORE
        )


def test_confusion_counts_pairs():
    found = kinds.accuracy.confusion(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]), 3)
    assert found.counts == ((1, 0, 0), (0, 1, 1), (0, 0, 1))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_the_first_layer_is_drawn_whatever_it_holds(bad: float):
    W1 = np.full((784, 3), bad)
    assert len(kinds.accuracy.first_layer(W1).pixels) == 3 * 784


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_no_secret_makes_a_constant_prediction_right(ps3: Rubric, reference: Reference, activation: str):
    for number in range(100):
        rubric = msgspec.structs.replace(ps3, secret=str(number))
        for name, case in kinds.predict.networks(rubric, reference, activation):
            labels = reference.answers.scores(activation, case.params, case.X).argmax(axis=1)
            assert np.ptp(labels) > 0 or name == "a single example"
