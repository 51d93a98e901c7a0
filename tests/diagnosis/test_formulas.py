"""What comes of one pass is what each question by itself would have brought; pairs left out are denied by a number."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest

from tests.ps3 import diagnosis

from .conftest import ACTIVATIONS, bound

KEYS = ("scores", "toy-loss", "data", "penalty", "W1", "b1", "W2", "b2")


def plainly(ask):
    try:
        return np.squeeze(np.asarray(ask(), dtype=np.float64))
    except (ValueError, IndexError):
        return None


def assert_answers_plainly(about: diagnosis.fitting.Known, form: type) -> None:
    activation = about.subject.activation
    asked = diagnosis.formulas.Formulas(form, about.right, activation)
    for case in about.subject.cases.values():
        scores = plainly(partial(form(activation, case.params).scores, case.X))
        loss = partial(form(activation, case.params).loss, case.X, case.y, 0.0)
        assert diagnosis.fitting.same(asked.scores(case), scores, lambda _: 0.0), form
        assert diagnosis.fitting.same(asked.data(case), plainly(lambda: loss()[0]), lambda _: 0.0), form  # noqa: B023


@pytest.mark.slow
def test_answers_are_those_of_a_network_for_each_question(known):
    with np.errstate(all="ignore"):
        for about in known["loss"]:
            own = [form for form in about.forms if form.scores is about.right.scores]
            pairs = [pair.network for pair in itertools.islice(about.pairs(own), 0, None, 97)]
            for form in [*about.forms, *pairs]:
                assert_answers_plainly(about, form)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_of_pairs_nothing_is_left_out_that_one_number_does_not_deny(known, activation: str):
    about: diagnosis.fitting.Known = known["loss"][ACTIVATIONS.index(activation)]
    forms = about.forms[::23]
    for key, mistake in itertools.product(
        KEYS, (about.right, forms[1], next(about.pairs(forms[:4])).network)
    ):
        fitting = diagnosis.fitting.Fitting(about, about.answers(mistake), bound)
        wanted = [p for p in about.pairs(forms) if not fitting._denied_at_first(p.network, key)]
        assert about.like(key, forms, bound, fitting.observed[key]) == wanted


def test_what_is_kept_of_known_mistakes_is_kept_for_each_bound(known):
    """Nothing stale: what is told apart closely is alike loosely, whichever is asked first."""
    about: diagnosis.fitting.Known = known["loss"][0]
    form = next(f for f in about.forms if f.name == "loss-summed")
    answers = about.answers(about.right)
    for _ in range(2):
        assert diagnosis.fitting.Fitting(about, answers, bound)._differs_from_right(form, "data")
        assert not diagnosis.fitting.Fitting(about, answers, _anything)._differs_from_right(form, "data")


def _anything(expected: object) -> float:
    return 1e9


def test_a_table_takes_what_has_no_number_and_no_other_shape():
    firsts = [
        diagnosis.first_numbers.First("a", (2,), 1.0, 3.0),
        diagnosis.first_numbers.First("a", None),
        diagnosis.first_numbers.First("a", (3,), 1.0, 3.0),
        diagnosis.first_numbers.First("a", (2,), 2.0, 3.0),
    ]
    table = diagnosis.first_numbers.Table("abcd", firsts, lambda largest: 0.01 * largest)
    assert table.not_denied({"a": np.array([1.02, 9.0])}) == ["a", "b"]
    assert table.not_denied({"a": np.array([1.02, 9.0, 0.0])}) == ["b", "c"]
    assert table.not_denied({"a": None}) == ["b"]
    assert table.not_denied({"a": np.array([np.nan, 0.0])}) == ["b"]
