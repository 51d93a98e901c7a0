"""Which known mistakes fit: the one that was made, both where two fit, none where none does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignment.reference import Reference
from tests.ps3 import diagnosis

from .conftest import ACTIVATIONS, SUBJECTS, bound

KEYS = ("scores", "toy-loss", "data", "penalty", "W1", "b1", "W2", "b2")


def by_class(reference: Reference) -> dict[str, diagnosis.subjects.Form]:
    """The known mistakes by the names of their classes."""
    bank = reference.own("misconceptions")
    return {form.__name__: form for form in (*bank.FORWARD_AND_BACKWARD, *bank.TRAINING, *bank.PREDICTION)}


def names(fitting, key: str) -> list[tuple[str, ...]]:
    return [one.names for one in fitting.explain(key)]


@pytest.mark.slow
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_form_is_named_wherever_it_is_wrong(known, fit, activation: str):
    """The confusion matrix of the formulas themselves: each row has its own name alone."""
    for form in known["loss"][0].forms:
        fitting = fit(form, activation=activation)
        found = {key: names(fitting, key) for key in KEYS if fitting.wrong(key)}
        assert set(map(tuple, found.values())) <= {((form.name,),)}, (form, found)


@pytest.mark.slow
@pytest.mark.parametrize("subject", SUBJECTS[1:])
def test_the_same_for_training_and_prediction(known, subject: str):

    for about in known[subject]:
        (key,) = about.answers(about.right)
        for form in about.forms:
            fitting = diagnosis.fitting.Fitting(about, about.answers(form), bound)
            if fitting.wrong(key):
                assert names(fitting, key) == [(form.name,)]


def test_right_answers_are_not_wrong(fit):
    fitting = fit()
    assert not any(fitting.wrong(key) for key in KEYS)


PAIRS = [
    (
        "MaskOmitted",
        "GradientWithoutPenalty",
        "relu",
        "W1",
        ("gradient-without-penalty", "relu-mask-omitted"),
    ),
    ("HalfForgotten", "LossSummed", "sigmoid", "toy-loss", ("loss-summed", "penalty-half-forgotten")),
    ("Tanh", "GradientSummed", "sigmoid", "W1", ("softmax-gradient-without-1/N", "tanh-hidden")),
    (
        "SlopeMissing",
        "ClassTermMissing",
        "sigmoid",
        "b1",
        ("sigmoid-slope-missing", "softmax-gradient-without-right-class"),
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("one", "two", "activation", "key", "wanted"), PAIRS)
def test_two_mistakes_are_named_together(reference: Reference, fit, one, two, activation, key, wanted):
    forms = by_class(reference)
    fitting = fit(forms[one], forms[two], activation=activation)
    assert [tuple(sorted(found)) for found in names(fitting, key)] == [wanted]


def test_two_mistakes_that_meet_nowhere_are_named_one_by_one(reference: Reference, fit):
    forms = by_class(reference)
    fitting = fit(forms["HalfForgotten"], forms["FirstBiasFromData"])
    assert names(fitting, "penalty") == [("penalty-half-forgotten",)]
    assert names(fitting, "b1") == [("b1-from-dW1",)]


def test_the_mistake_that_explains_more_comes_first(reference: Reference, fit):
    """W2's gradient alone could also be a sum in that line; the other gradients tell."""
    fitting = fit(by_class(reference)["GradientSummed"])
    assert names(fitting, "W2") == [("softmax-gradient-without-1/N",)]


def test_what_is_right_refutes(reference: Reference, fit, known):
    """With b2's gradient right, the gradient at the scores is right: only W2's own line can be at fault."""
    bank = reference.own("misconceptions")
    right = known["loss"][0].answers(bank.Network)

    def mend(answers: diagnosis.subjects.Answers) -> None:
        for key in ("W1", "b1", "b2"):
            answers[key] = dict(right[key])

    assert names(fit(by_class(reference)["GradientSummed"], change=mend), "W2") == [
        ("W2-summed-not-averaged",)
    ]


def test_equally_good_ones_are_all_named(reference: Reference, fit):
    """Where only a single example is answered, a sum is a mean: two mistakes in the sign are left."""

    def hide(answers: diagnosis.subjects.Answers) -> None:
        for key in KEYS:
            for place in answers[key]:
                if key != "b2":
                    answers[key][place] = None

    fitting = fit(by_class(reference)["GradientSign"], change=hide)
    assert names(fitting, "b2") == [("gradient-sign",), ("b2-sign-reversed",)] or names(fitting, "b2") == [
        ("b2-sign-reversed",),
        ("gradient-sign",),
    ]


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["W1", "b1", "W2", "b2"]))
def test_noise_has_no_name(known, seed: int, key: str):

    about = known["loss"][0]
    random = np.random.default_rng(seed)
    answers = about.subject.of_form(about.right)
    answers[key] = {
        place: answer + random.standard_normal(answer.shape) for place, answer in answers[key].items()
    }
    assert names(diagnosis.fitting.Fitting(about, answers, bound), key) == []


@pytest.mark.parametrize(
    ("one", "two", "wanted"),
    [
        (None, None, True),
        (None, np.ones(2), False),
        (np.ones(2), None, False),
        (np.ones(2), np.ones(3), False),
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), True),
        (np.array([1.0, np.inf]), np.array([1.0, -np.inf]), False),
        (np.array([1.0, 2.0]), np.array([1.0, np.inf]), False),
        (np.array([np.nan, 2.0]), np.array([1.0, 2.0]), False),
        (np.array(1.0 + 1e-12), np.array(1.0), True),
        (np.array(1.0 + 1e-6), np.array(1.0), False),
    ],
)
def test_same(one, two, wanted: bool):
    assert diagnosis.fitting.same(one, two, bound) is wanted
