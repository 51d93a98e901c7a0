"""Wrong answers are named: what slipped, where; each with a sentence in the rubric, and numbers that differ."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from grader.assignment.rubric import Rubric
from grader.model import Outcome
from grader.written import marks
from grader.written.judge import Judge
from grader.written.judgement import Judgement, Kind

LEFT = {
    "Q1.1": r"\nabla_{a^{(2)}}J", "Q1.2": r"\nabla_{b^{(2)}}J", "Q1.3": r"\nabla_{W^{(2)}}J",
    "Q1.4": r"\nabla_{h^{(1)}}J",
        "Q1.5": r"\nabla_{b^{(1)}}J", "Q3.1": r"\theta_{t+1}", "Q3.2": r"\theta_{t+1}",
}  # fmt: skip
BACK = r"(W^{(2)})^T (h^{(2)} - y)"
SLOPE = r"h^{(1)} \odot (1 - h^{(1)})"
NAMED = {
    "Q1.1": {
        "y - h^{(2)}": "sign",
        "h^{(2)} + y": "plus-for-minus",
        r"\frac{h^{(2)} - y}{1 - h^{(2)}}": "divisor-too-many",
        "a^{(2)} - y": "pre-activation-for-activation",
        "h^{(1)} - y": "wrong-layer",
        "h^{(2)} - y + b^{(2)}": "term-too-many",
        "|h^{(2)} - y|": "absolute-value",
        "3 (h^{(2)} - y)": "factor",
    },
    "Q1.2": {"(h^{(2)} - y) (h^{(1)})^T": "factor-too-many", "(h^{(2)} - y) b^{(2)}": "bias-as-factor"},
    "Q1.3": {
        r"\sum_i (h^{(2)} - y) h^{(1)}_i": "summed-to-a-number",
        "(h^{(2)} - y)": "input-left-out",
        "(h^{(2)} - y) (a^{(1)})^T": "pre-activation-for-activation",
    },
    "Q1.4": {
        "(W^{(2)})^T (h^{(2)} + y)": "plus-for-minus",
        r"(W^{(2)})^T \frac{h^{(2)} - y}{h^{(2)} (1 - h^{(2)})}": "divisor-too-many",
        "(W^{(1)})^T (h^{(2)} - y)": "wrong-layer-weights",
        "W^{(2)} h^{(1)} (h^{(2)} - y)": "factor-too-many",
    },
    "Q1.5": {
        rf"{BACK} \odot a^{{(1)}} \odot (1 - a^{{(1)}})": "slope-at-pre-activation",
        BACK: "slope-left-out",
        rf"{BACK} \odot h^{{(1)}}": "slope-without-one-minus",
        rf"{BACK} \odot (1 - h^{{(1)}})": "half-of-slope-left-out",
        rf"(h^{{(2)}} - y) {SLOPE}": "weights-left-out",
        rf"(W^{{(2)}})^T \odot {SLOPE}": "arriving-gradient-left-out",
        rf"{BACK} \odot {SLOPE} \odot b^{{(1)}}": "factor-too-many",
        "(h^{(2)} - y) W^{(2)} h^{(1)}": "slope-without-one-minus",
    },
    "Q3.1": {
        r"\theta_t - \eta g_t - 2 \lambda \theta_t": "penalty-outside-eta",
        r"(1 - \eta \lambda) \theta_t - \eta g_t": "factor-two-missing",
        r"\theta_t - \eta (|g_t| + 2 \lambda \theta_t)": "absolute-value",
        r"\theta_t - \eta (g_t + 2 \lambda g_t)": "gradient-for-parameters",
        r"\theta_t - \eta (g_t + 3 \lambda \theta_t)": "",
        r"\theta_t - \eta (g_t + 4 \lambda \theta_t)": "wrong-number",
    },
    "Q3.2": {
        r"\theta_t - \eta (g_t + \lambda \text{sign}(g_t))": "gradient-for-parameters",
        r"\theta_t - \eta (g_t + \lambda \sum_i \text{sign}(\theta_i))": "penalty-summed",
        r"\theta_t - \eta (g_t + \lambda \|\theta_t\|_1)": "penalty-not-differentiated",
        r"\theta_t - \eta \text{sign}(g_t + \lambda \theta_t)": "",
    },
}
CASES = [(question, formula) for question in NAMED for formula in NAMED[question]]


def judged(judge: Judge, question: str, formula: str) -> Judgement:
    return judge.judge({question: f"${LEFT[question]} = {formula}$"})[question][0]


@pytest.mark.parametrize(("question", "formula"), CASES)
def test_the_slip_is_named(judge: Judge, ps3: Rubric, question: str, formula: str):
    found = judged(judge, question, formula)
    assert found.kind is Kind.INCORRECT
    assert found.mistake == NAMED[question][formula]
    assert ps3.written
    assert not found.mistake or ps3.written.mistakes[found.mistake]


@pytest.mark.parametrize(("question", "formula"), CASES)
def test_the_numbers_that_are_shown_differ(judge: Judge, question: str, formula: str):
    values = judged(judge, question, formula).values
    assert values is None or values[0] != values[1]


def test_the_place_is_said(judge: Judge):
    assert judged(judge, "Q1.1", "h^{(2)} - y + b^{(2)}").reason == "look at b2"
    formula = rf"({BACK.replace('-', '+')} \odot {SLOPE}) x^T"
    found = judge.judge({"Q1.5": rf"$\nabla_{{W^{{(1)}}}}J = {formula}$"})["Q1.5"][1]
    assert "before y" in found.reason


@pytest.mark.parametrize("switch", [False, True])
def test_what_no_mistake_explains_is_decided_only_where_the_rubric_says_so(
    judge: Judge, ps3: Rubric, switch: bool
):
    question = next(question for question in ps3.questions if question.id == "Q3.2")
    found = judged(judge, "Q3.2", r"\theta_t - \eta \text{sign}(g_t + \lambda \theta_t)")
    assert ps3.written
    final = (*ps3.written.final, "unnamed") if switch else ps3.written.final
    written = replace(ps3.written, final=final)
    (result,) = marks.results(question, "any", (found,), written, {})
    assert result.comparisons
    assert result.outcome is (Outcome.FAILED if switch else Outcome.NEEDS_REVIEW)
    assert result.suggested == (None if switch else 0)


HELD = {
    "$A = h^{(2)} + y$, $B = 1$, $LEFT = A$, $LEFT = y - h^{(2)}$": ("two results that differ", 0),
    "$LEFT = h^{(2)} - y$, $LEFT = y - h^{(2)}$": ("two results that differ", None),
    r"$\nabla_{\hat y}J = \frac{h^{(2)} - y}{h^{(2)} (1 - h^{(2)})}$": (
        "the gradient at h2 is, and the one at a2",
        0,
    ),
    r"$\nabla_{b^{(2)}}J = h^{(2)} - y$": ("the left side may be copied", None),
}


@pytest.mark.parametrize("answer", HELD)
def test_what_goes_to_a_person_comes_as_far_as_it_was_read(judge: Judge, ps3: Rubric, answer: str):
    text = answer.replace("LEFT", LEFT["Q1.1"])
    found = judge.judge({"Q1.1": text})["Q1.1"]
    question = next(question for question in ps3.questions if question.id == "Q1.1")
    assert ps3.written
    (result,) = marks.results(question, text, found, ps3.written, {})
    words, suggested = HELD[answer]
    assert result.outcome is Outcome.NEEDS_REVIEW
    assert words in result.message
    assert result.suggested == suggested
    if "two results" in words:
        assert result.notes[-1].count("$") == 4  # both are shown


@pytest.mark.parametrize(
    ("question", "formula"),
    [
        ("Q1.3", "h^{(2)} - y (h^{(1)})^T"),
        ("Q1.4", "(W^{(2)})^T h^{(2)} - y"),
        ("Q1.3", "(h^{(1)})^T h^{(2)} - y"),
    ],
)
def test_missing_brackets_are_for_a_person(judge: Judge, question: str, formula: str):
    found = judged(judge, question, formula)
    assert found.kind is Kind.UNREADABLE
    assert "brackets around h2 - y" in found.reason


def test_a_slip_in_what_each_entry_is_said_to_be(judge: Judge):
    answer = r"$\frac{\partial J}{\partial W^{(2)}_i} = (h^{(2)} + y) h^{(1)}_i$"
    (found,) = judge.judge({"Q1.3": answer})["Q1.3"]
    assert (found.kind, found.mistake) == (Kind.INCORRECT, "plus-for-minus")


def test_what_a_gradient_is_taken_by_is_no_place_of_a_slip(judge: Judge):
    answer = r"$\nabla_{W^{(2)}}J = e^{\sum W^{(2)} \times h^{(1)}_i}$ where"
    (found,) = judge.judge({"Q1.3": answer})["Q1.3"]
    assert found.kind in (Kind.INCORRECT, Kind.UNREADABLE)
