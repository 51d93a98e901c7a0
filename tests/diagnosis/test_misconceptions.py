"""The bank of known mistakes: its right formulas are right, and no two mistakes are one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from tests.ps3 import diagnosis

from .conftest import ACTIVATIONS, SUBJECTS, bound


def equal(one: diagnosis.subjects.Answers, two: diagnosis.subjects.Answers) -> bool:
    return all(
        diagnosis.fitting.same(one[key][place], two[key][place], bound) for key in two for place in two[key]
    )


def alike(
    known: list[diagnosis.fitting.Known], one: diagnosis.subjects.Form, two: diagnosis.subjects.Form
) -> bool:
    """Whether two forms answer the same everywhere, with every activation."""
    return all(equal(about.answers(one), about.answers(two)) for about in known)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_right_formulas_are_the_solutions(known, reference: Reference, activation: str):
    about = known["loss"][ACTIVATIONS.index(activation)]
    answers = about.answers(about.right)
    for place in about.subject.usual:
        case = about.subject.cases[place]
        _, grads = reference.answers.loss(activation, case.params, case.X, case.y, case.net.reg)
        scores = reference.answers.scores(activation, case.params, case.X)
        np.testing.assert_allclose(answers["scores"][place], np.squeeze(scores), rtol=1e-12, atol=1e-12)
        data = reference.answers.loss(activation, case.params, case.X, case.y, 0.0)[0]
        np.testing.assert_allclose(answers["data"][place], data, rtol=1e-12)
        for name, gradient in grads.items():
            np.testing.assert_allclose(answers[name][place], np.squeeze(gradient), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_right_training_is_the_solutions(known, reference: Reference, activation: str):
    about = known["training"][ACTIVATIONS.index(activation)]
    answers = about.answers(about.right)["parameters"]
    for place, how in about.subject.schedules.items():
        net = reference.answers.net(activation, how.params)
        net.train(
            how.X,
            how.y,
            how.X,
            how.y,
            learning_rate=how.rate,
            learning_rate_decay=how.decay,
            reg=how.reg,
            num_epochs=how.epochs,
            batch_size=how.size,
        )
        for name, value in net.params.items():
            np.testing.assert_allclose(answers[f"{place}, {name}"], np.squeeze(value), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(
    ("form", "activation", "loss"),
    [
        ("Softplus", "relu", 1.3209729331),
        ("Tanh", "relu", 1.1548595599),
        ("LeakyRelu", "relu", 1.3023589570),
        ("HalfForgotten", "relu", 1.3417187305),
        ("HalfForgotten", "sigmoid", 1.2201788196),
    ],
)
def test_toy_losses_with_a_mistake(known, form: str, activation: str, loss: float):
    """Figures computed apart from this code. The first one is what the original handout prints for ReLU."""
    about = known["loss"][ACTIVATIONS.index(activation)]
    found = about.answers({one.__name__: one for one in about.forms}[form])
    assert found["toy-loss"]["toy"] == pytest.approx(loss, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_form_is_wrong_somewhere(known, subject: str):
    right = known[subject][0].right
    assert [f for f in known[subject][0].forms if alike(known[subject], right, f)] == []


@pytest.mark.slow
@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_two_forms_give_the_same_numbers(known, subject: str):
    """So that each name can be told from every other, and no form is there twice."""
    pairs = itertools.combinations(known[subject][0].forms, 2)
    assert [(one, two) for one, two in pairs if alike(known[subject], one, two)] == []


def test_every_mistake_has_a_sentence_and_a_formula(ps3: Rubric, reference: Reference):
    assert set(ps3.mistakes) == set(reference.mistakes)
    bank = reference.own("misconceptions")
    for form in (*bank.FORWARD_AND_BACKWARD, *bank.TRAINING, *bank.PREDICTION):
        assert form.staff
        sentence = ps3.mistakes[form.name]
        assert sentence.endswith((".", "?"))
        assert not any(code in sentence for code in ("np.", "@", "axis=", "self.params[", ".T "))


def test_two_mistakes_in_one_network_do_not_meet_in_a_name_of_their_own(reference: Reference):
    """What a mistake has beside the steps, for its forms, one of another file must not have for something else."""
    bank = reference.own("misconceptions")
    steps = set(vars(bank.Network)) | {"name", "staff", "only", "__module__", "__doc__", "__annotations__"}
    owners: dict[str, set[str]] = {}
    for form in (*bank.FORWARD_AND_BACKWARD, *bank.TRAINING, *bank.PREDICTION):
        own = [base for base in form.__mro__ if issubclass(base, bank.Network)]
        for attribute in {name for base in own for name in vars(base)} - steps:
            # The class that has it first, of all that this one is made of.
            first = [base for base in own if attribute in vars(base)][-1]
            owners.setdefault(attribute, set()).add(first.__module__)
    assert {name: found for name, found in owners.items() if len(found) > 1} == {}
