"""The points at which formulas are tried hide nothing, and nobody knows them beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.written.comparing import WIDTHS, WRITTEN_OUT
from grader.written.judge import Judge
from grader.written.judgement import Kind
from grader.written.process import given

KEYS = [f"key {n}" for n in range(20)]
SIGNED = ("x", "W1", "W2", "b1", "b2", "theta", "g")
ASKED = ("a2", "b2", "W2", "h1", "b1", "W1", "theta")


def judge_of(reference: Reference, ps3: Rubric, key: str) -> Judge:
    return Judge(reference.derivations, given(ps3), key)


@pytest.mark.parametrize("widths", [WIDTHS, WRITTEN_OUT])
def test_every_entry_of_every_symbol_and_gradient_takes_both_signs(
    reference: Reference, ps3: Rubric, widths: tuple[tuple[int, int], ...]
):
    for key in KEYS:
        points = judge_of(reference, ps3, key).scene("Q1.1", widths).points
        for pair in set(widths):
            alike = [point for point, width in zip(points, widths, strict=True) if width == pair]
            slopes = [reference.derivations.gradients(point) for point in alike]
            signs = {name: np.sign([point[name] for point in alike]) for name in SIGNED}
            signs |= {f"gradient {name}": np.sign([slope[name] for slope in slopes]) for name in ASKED}
            for name, found in signs.items():
                assert (found.min(0) == -1).all(), (key, name)
                assert (found.max(0) == 1).all(), (key, name)


def test_the_label_is_zero_and_one_and_between(reference: Reference, ps3: Rubric):
    for key in KEYS:
        labels = {float(point["y"][0, 0]) for point in judge_of(reference, ps3, key).scene("Q1.1").points}
        assert {0.0, 1.0} < labels
        assert any(0 < label < 1 for label in labels)


def test_nothing_has_fewer_than_three_inputs_or_hidden_units(reference: Reference):
    assert min(min(pair) for pair in (*WIDTHS, *WRITTEN_OUT)) >= 3
    for example in reference.derivations.examples():
        assert min(example["x"].size, example["h1"].size) >= 3


def test_the_loss_is_what_the_problem_says(reference: Reference, ps3: Rubric):
    answer = {
        "Q1.1": r"$J = -y \ln h^{(2)} - (1 - y) \ln(1 - h^{(2)})$, $L = J$, $\nabla_{a^{(2)}}J = h^{(2)} - y$"
    }
    point = judge_of(reference, ps3, "any").scene("Q1.1").points[2]
    h, y = point["h2"], point["y"]
    assert np.allclose(point["J"], -y * np.log(h) - (1 - y) * np.log(1 - h))
    (found,) = judge_of(reference, ps3, "any").judge(answer)["Q1.1"]
    assert (found.kind, found.false_link) == (Kind.CORRECT, "")


def test_points_are_those_of_the_key(reference: Reference, ps3: Rubric):
    one, again, other = (
        judge_of(reference, ps3, key).scene("Q1.1").points for key in ("one", "one", "other")
    )
    assert all(np.array_equal(a["x"], b["x"]) for a, b in zip(one, again, strict=True))
    assert not any(np.array_equal(a["x"], b["x"]) for a, b in zip(one, other, strict=True))


def test_what_fits_the_points_of_one_key_is_not_right_by_another(reference: Reference, ps3: Rubric):
    points = judge_of(reference, ps3, "one").scene("Q1.1").points
    labels = sorted({float(point["y"][0, 0]) for point in points})
    formula = r"$\nabla_{a^{(2)}}J = h^{(2)} - y + " + "".join(f"(y - {label!r})" for label in labels) + "$"
    (found,) = judge_of(reference, ps3, "other").judge({"Q1.1": formula})["Q1.1"]
    assert found.kind is Kind.INCORRECT
