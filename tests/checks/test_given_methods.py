"""Where `train` is given with the assignment, it earns nothing by itself, and all that it is worth with right code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from grader.assignment.rubric import HandedOut, Rubric
from grader.errors import RubricError
from grader.grading.loading import load_assignment
from grader.grading.runner import Run
from grader.marking.given_methods import counted
from grader.model import CheckResult, GradeReport, Outcome
from tests.conftest import ROOT

from . import local
from .handins import BASE, handin

GIVEN = HandedOut(methods=("train",), least=Decimal("0.5"))
TEXT = (ROOT / "rubrics" / "ps3.toml").read_text()
SAID = "\n[handed_out]\nmethods = {}\nleast = {}\n"


def filled(*gaps: tuple[str, str]) -> str:
    """The template of a year in which `train` was given whole, with some of its gaps filled."""
    source = (ROOT / "reference" / "ps3" / "handout" / "mlp.py").read_text()
    step = "for name in self.params:\n                    self.params[name] -= learning_rate * grads[name]\n"
    update = (
        "# TODO (Q2.3) one step of gradient descent on all four parameters\n                pass\n",
        step,
    )
    for old, new in (update, *gaps):
        assert source.count(old) == 1
        source = source.replace(old, new)
    return source


FORWARD = (
    ("# TODO (Q2.1) the hidden activations for the sigmoid\n            hidden = None", "hidden = sigmoid(z)"),
    ("# TODO (Q2.4) the hidden activations for ReLU\n            hidden = None", "hidden = np.maximum(0, z)"),
    ("        N = X.shape[0]\n", "        N = X.shape[0]\n        z = X @ W1 + b1\n"),
    ("scores = None", "scores = hidden @ W2 + b2"),
)  # fmt: skip
BACKWARD = (
    "        pass\n        return float(loss), grads",
    """
        d_scores = np.exp(log_probs)
        d_scores[np.arange(N), y] -= 1
        d_scores /= N
        d_hidden = d_scores @ W2.T
        d_hidden *= hidden * (1 - hidden) if self.activation == "sigmoid" else hidden > 0
        grads = {"W1": X.T @ d_hidden + reg * W1, "b1": d_hidden.sum(0),
                 "W2": hidden.T @ d_scores + reg * W2, "b2": d_scores.sum(0)}
        return float(loss), grads""",
)
PREDICT = ("labels = None", "labels = self.loss(X).argmax(axis=1)")

Grade = Callable[[str, HandedOut | None], GradeReport]


@pytest.fixture
def grade_given(inside: Run, tmp_path: Path) -> Grade:
    """Grades without the accuracy checks where some methods were given."""

    def grade(source: str, given: HandedOut | None = GIVEN) -> GradeReport:
        rubric = msgspec.structs.replace(inside.rubric, handed_out=given)
        return local.grade_source(source, replace(inside, rubric=rubric), tmp_path / "handin")

    return grade


def earned(report: GradeReport) -> dict[str, Decimal]:
    return {q.id: q.earned for q in report.questions if q.id.startswith("Q2.") and q.id != "Q2.5"}


@pytest.mark.slow
def test_an_unfilled_template_earns_nothing(grade_given: Grade):
    assert sum(earned(grade_given(filled(), None)).values()) == 3  # of 23: the accuracies are left out
    report = grade_given(filled())
    assert sum(earned(report).values()) == 0
    check = local.checks(report)["decay"]
    assert (check.outcome, check.hint, check.diagnosis, check.carried_from) == (Outcome.FAILED, "", "", "")
    assert check.message == (
        "train was given with the assignment: it counts once you have at least 50% of the points of the forward pass "
        "and of the gradients."
    )


@pytest.mark.slow
def test_an_unfilled_template_earns_nothing_for_accuracy_either(on_digits: Run, tmp_path: Path):
    rubric = msgspec.structs.replace(on_digits.rubric, handed_out=GIVEN)
    report = local.grade_source(filled(), replace(on_digits, rubric=rubric), tmp_path / "handin")
    assert sum(earned(report).values()) == 0


def test_a_forward_pass_alone_earns_what_it_is_worth_and_no_more(grade_given: Grade):
    report = grade_given(filled(*FORWARD))
    assert earned(report) | {"Q2.4": Decimal(0)} == {"Q2.1": 5, "Q2.2": 0, "Q2.3": 0, "Q2.4": 0}
    relu = next(q for q in report.questions if q.id == "Q2.4")
    # A gradient that both activations share has cost its points in Q2.2.
    own = {check.id: check.earned for check in relu.checks if check.earned and not check.carried_from}
    assert own == {
        "relu-toy-loss": Decimal("0.5"), "relu-scores": Decimal("0.5"), "relu-data-loss": Decimal("0.25"),
        "relu-penalty": Decimal("0.25"),
    }  # fmt: skip
    assert local.checks(report)["decay"].message.endswith("50% of the points of the gradients.")


def test_all_that_was_to_be_written_earns_all(grade_given: Grade):
    report = grade_given(filled(*FORWARD, BACKWARD, PREDICT))
    assert sum(earned(report).values()) == 23


@pytest.mark.slow
def test_a_mistake_costs_no_more_than_where_train_is_written_by_students(grade_given: Grade):
    for edit in (("penalty = 0.5 * reg", "penalty = reg"), ("d_z = d_h * h * (1 - h)", "d_z = d_h")):
        source = handin(edit)
        assert earned(grade_given(source)) == earned(grade_given(source, None))


@pytest.mark.slow
def test_a_given_method_that_was_broken_still_costs(grade_given: Grade):
    source = handin(("learning_rate *= learning_rate_decay", "pass"))
    lost = sum(earned(grade_given(BASE)).values()) - sum(earned(grade_given(source)).values())
    assert lost > 0
    assert earned(grade_given(source)) == earned(grade_given(source, None))


@pytest.mark.slow
def test_a_given_predict_counts_with_the_forward_pass(grade_given: Grade):
    both = HandedOut(methods=("train", "predict"), least=Decimal("0.5"))
    assert sum(earned(grade_given(filled(PREDICT), both)).values()) == 0
    assert earned(grade_given(filled(*FORWARD, PREDICT), both))["Q2.3"] == 1


def results_of(rubric: Rubric, without: dict[str, Outcome]) -> dict[str, CheckResult]:
    """All checks passed but some."""
    return {
        spec.id: CheckResult(
            spec.id, spec.title, outcome := without.get(spec.id, Outcome.PASSED),
            spec.points if outcome is Outcome.PASSED else Decimal(0), spec.points, "",
        )
        for question in rubric.questions
        for spec in question.checks
    }  # fmt: skip


def test_what_is_open_takes_nothing_away(ps3: Rubric):
    rubric = msgspec.structs.replace(ps3, handed_out=GIVEN)
    gradients = [spec.id for q in ps3.questions for spec in q.checks if spec.kind == "gradient"]
    lost = results_of(ps3, dict.fromkeys(gradients, Outcome.FAILED))
    opened = results_of(ps3, dict.fromkeys(gradients, Outcome.NEEDS_REVIEW))
    assert counted(opened, rubric) == opened
    assert counted(lost, ps3) == lost
    assert {id for id, result in counted(lost, rubric).items() if result != lost[id]} == {
        "sigmoid-toy-training", "histories", "step-weights", "step-biases", "epoch", "decay", "untouched",
        "sigmoid-accuracy", "relu-toy-training", "relu-accuracy",
    }  # fmt: skip


def test_each_activation_stands_for_itself(ps3: Rubric):
    rubric = msgspec.structs.replace(ps3, handed_out=GIVEN)
    only = [s.id for q in ps3.questions for s in q.checks if s.kind == "gradient" and s.id.startswith("relu")]
    found = counted(results_of(ps3, dict.fromkeys(only, Outcome.FAILED)), rubric)
    assert not found["relu-accuracy"].earned and found["sigmoid-accuracy"].earned


WRONG = [
    (SAID.format('["fit"]', "0.5"), r"handed_out\.methods\[0\]: found 'fit', wanted one of: predict, train"),
    (SAID.format("[]", "0.5"), r"handed_out\.methods: Expected `array` of length >= 1"),
    (SAID.format('["train"]', "0"), r"handed_out\.least: found 0, wanted more than 0 and up to 1"),
    (SAID.format('["train"]', "1.5"), r"handed_out\.least: found 1\.5, wanted more than 0 and up to 1"),
    ('\n[handed_out]\nmethods = ["train"]\n', r"handed_out: Object missing required field `least`"),
    (
        SAID.format('["train"]', "0.5") + 'lines = "all"\n',
        r"handed_out\.lines: Object contains unknown field `lines`",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("said", "wanted"), WRONG)
def test_what_is_wrong_in_the_rubric_is_one_line(tmp_path: Path, said: str, wanted: str):
    with pytest.raises(RubricError, match=wanted):
        load_assignment(edited(tmp_path, said))


def test_a_method_that_the_handout_has_not_is_an_error(tmp_path: Path, ps3: Rubric):
    path = edited(tmp_path, SAID.format('["train", "predict"]', "0.5"))
    rubric, _ = load_assignment(path)
    assert rubric.asking == ps3.asking  # marks are made anew without grading
    assert rubric.handed_out == HandedOut(methods=("train", "predict"), least=Decimal("0.5"))
    path.write_text(path.read_text().replace('class_name = "TwoLayerMLP"', 'class_name = "Net"'))
    with pytest.raises(
        RubricError, match=r"handed_out\.methods\[0\]: found 'train', which Net in .*mlp\.py has not"
    ):
        load_assignment(path)


def edited(tmp_path: Path, said: str) -> Path:
    path = tmp_path / "rubrics" / "ps3.toml"
    path.parent.mkdir()
    path.write_text(TEXT + said)
    return path
