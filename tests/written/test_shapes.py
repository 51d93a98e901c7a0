"""What is right but for shapes is found so for every question, and what to change is said."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.assignment.rubric import Rubric
from grader.written import marks
from grader.written.judge import Judge
from grader.written.judgement import Judgement, Kind

LEFT = {"W2": "W^{(2)}", "h1": "h^{(1)}", "b1": "b^{(1)}", "W1": "W^{(1)}"}
QUESTION = {"W2": "Q1.3", "h1": "Q1.4", "b1": "Q1.5", "W1": "Q1.5"}
BACK = r"(W^{(2)})^T (h^{(2)} - y) \odot h^{(1)} \odot (1 - h^{(1)})"
SAID = {
    "W2": {
        r"(h^{(2)} - y) h^{(1)}": ["h1 is a 6x1 column here: transpose it"],
        r"h^{(1)} \times (\hat y - y)": ["h1 is a 6x1 column here: transpose it"],
        r"(h^{(2)} - y)^T h^{(1)}": ["h1 is a 6x1 column here: transpose it"],
    },
    "h1": {
        r"W^{(2)} (h^{(2)} - y)": ["W2 is a 1x6 row here: transpose it", "wanted is a 6x1 column"],
        r"(h^{(2)} - y) \times W^{(2)}": ["W2 is a 1x6 row here: transpose it"],
        r"(h^{(2)} - y)^T W^{(2)}": ["W2 is a 1x6 row here: transpose it"],
    },
    "b1": {
        r"(h^{(2)} - y) W^{(2)} h^{(1)} (1 - h^{(1)})": [
            "W2 is a 1x6 row here: transpose it", "the product of W2 and h1 (1 - h1) is elementwise", "a number",
        ],
        r"(h^{(2)} - y) \times W^{(2)} \times h^{(1)} \times (1 - h^{(1)})": ["W2 is a 1x6 row here: transpose it"],
        r"(W^{(2)})^T (h^{(2)} - y) h^{(1)} (1 - h^{(1)})": [
            "the product of W2^T and h1 (1 - h1) is elementwise", "its shapes do not fit each other",
        ],
        r"(W^{(2)})^T (h^{(2)} - y) \cdot h^{(1)} \cdot (1 - h^{(1)})": ["is elementwise"],
        r"W^{(2)} (h^{(2)} - y) \odot h^{(1)} \odot (1 - h^{(1)})": ["W2 is a 1x6 row here: transpose it"],
        rf"({BACK})^T": ["leave the transpose out"],
    },
    "W1": {
        r"(h^{(2)} - y) W^{(2)} h^{(1)} (1 - h^{(1)}) x": [
            "W2 is a 1x6 row here: transpose it", "is elementwise", "x is a 4x1 column here: transpose it",
            "wanted is a 6x4 matrix", "4 inputs and 6 hidden units",
        ],
        rf"({BACK}) x": ["x is a 4x1 column here: transpose it"],
        rf"x ({BACK})^T": ["wanted is a 6x4 matrix"],
        rf"x^T ({BACK})": ["stand in the wrong order"],
        rf"({BACK}) \odot x^T": ["is a matrix product, not an elementwise one"],
    },
}  # fmt: skip


def judged(judge: Judge, asked: str, formula: str) -> Judgement:
    answer = rf"$\nabla_{{{LEFT[asked]}}}J = {formula}$"
    found = judge.judge({QUESTION[asked]: answer})[QUESTION[asked]]
    return next(one for one in found if one.asked == asked)


@pytest.mark.parametrize(
    ("asked", "formula"), [(asked, formula) for asked, formulas in SAID.items() for formula in formulas]
)
def test_the_change_is_said(judge: Judge, ps3: Rubric, asked: str, formula: str):
    found = judged(judge, asked, formula)
    assert found.kind is Kind.SHAPE
    for words in SAID[asked][formula]:
        assert words in found.reason
    question = next(question for question in ps3.questions if question.id == QUESTION[asked])
    assert ps3.written
    results = marks.results(question, formula, (found,), ps3.written, {})
    result = next(one for one in results if one.id.endswith(asked))
    assert found.reason in result.message
    assert result.earned == ps3.written.shares["shape"] * result.points


SIGNS = [" ", r" \cdot ", r" \times ", " * "]
FACTORS = {
    "W2": [r"(h^{(2)} - y)", r"h^{(1)}"],
    "h1": [r"(h^{(2)} - y)", "W^{(2)}"],
    "b1": [r"(h^{(2)} - y)", "W^{(2)}", r"h^{(1)} (1 - h^{(1)})"],
    "W1": [r"(h^{(2)} - y)", "W^{(2)}", r"h^{(1)} (1 - h^{(1)})", "x"],
}


@st.composite
def without_shapes(draw: st.DrawFn) -> tuple[str, str]:
    """The factors of a right answer, those of b1 in any order, joined by any sign, without a transpose."""
    asked = draw(st.sampled_from(list(FACTORS)))
    factors = FACTORS[asked]
    if asked != "W1":
        factors = draw(st.permutations(factors))
    sign = draw(st.sampled_from(SIGNS))
    if asked in ("b1", "W1"):
        factors = [factor if "1 -" not in factor else f"({factor})" for factor in factors]
    return asked, sign.join(factors)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(without_shapes())
def test_right_factors_are_never_worth_less_than_a_shape(judge: Judge, answer: tuple[str, str]):
    found = judged(judge, *answer)
    assert found.kind is Kind.SHAPE, answer
    assert "x" in found.reason or "elementwise" in found.reason


@pytest.mark.parametrize(
    ("asked", "formula"),
    [
        ("b1", r"(h^{(2)} - y) W^{(2)} h^{(1)}"),
        ("b1", r"(h^{(2)} - y) W^{(2)} a^{(1)} (1 - a^{(1)})"),
        ("b1", r"(y - h^{(2)}) W^{(2)} h^{(1)} (1 - h^{(1)})"),
        ("b1", r"\sum_i (h^{(2)} - y) W^{(2)}_i h^{(1)}_i (1 - h^{(1)}_i)"),
        ("W1", r"(h^{(2)} - y) W^{(2)} h^{(1)} x"),
        ("W1", r"(h^{(2)} - y) W^{(2)} h^{(1)} (1 - h^{(1)})"),
        ("h1", r"(h^{(2)} - y) W^{(1)}"),
        ("W2", r"(h^{(2)} - y) a^{(1)}"),
    ],
)
def test_wrong_factors_are_no_matter_of_shapes(judge: Judge, asked: str, formula: str):
    assert judged(judge, asked, formula).kind in (Kind.INCORRECT, Kind.UNREADABLE)


FORWARD = {
    "W^T h + b": r"$a^{(2)} = (W^{(2)})^T h^{(1)} + b^{(2)}$",
    "in the output": r"$\hat y = \sigma((W^{(2)})^T h^{(1)} + b^{(2)})$",
    "in a gradient": r"$\nabla_{h^{(1)}} J = \delta \nabla_{h^{(1)}}[b^{(2)} + (W^{(2)})^T h^{(1)}]$",
    "h W + b": r"$a^{(2)} = h^{(1)} W^{(2)} + b^{(2)}$",
}


@pytest.mark.parametrize("forward", FORWARD)
def test_the_orientation_of_the_own_forward_pass_is_right(judge: Judge, forward: str):
    formula = {"h W + b": r"(h^{(2)} - y) (W^{(2)})^T"}.get(forward, r"W^{(2)} (h^{(2)} - y)")
    answer = rf"{FORWARD[forward]}, so $\nabla_{{h^{{(1)}}}}J = {formula}$"
    (found,) = judge.judge({"Q1.4": answer})["Q1.4"]
    assert found.kind in (Kind.TURNED, Kind.CORRECT)
