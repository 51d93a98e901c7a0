"""One hand-in, whatever its code does: every check gets a result, and only what is wrong costs points."""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from grader.assignment.rubric import Rubric
from grader.grading import runner
from grader.grading.runner import Run
from grader.handin.submission import Submission
from grader.model import CheckResult, GradeReport, Outcome
from grader.student.sandbox import command
from grader.student.slots import Slots
from tests import finding
from tests.conftest import ROOT
from tests.ps3 import kinds

SOLUTION = (ROOT / "reference" / "ps3" / "solution.py").read_text()


def handed_in(folder: Path, source: str, **files: str) -> Submission:
    folder.mkdir(exist_ok=True)
    (folder / "mlp.py").write_text(source)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return finding.find([folder], "TwoLayerMLP")[0]


def without(rubric: Rubric, ids: Container[str]) -> Rubric:
    """The rubric without some checks, whose points are gone too."""
    questions = []
    for question in rubric.questions:
        kept = tuple(spec for spec in question.checks if spec.id not in ids)
        points = sum((s.points for s in kept), Decimal(0)) if question.checks else question.points
        questions.append(msgspec.structs.replace(question, checks=kept, points=points))
    return msgspec.structs.replace(rubric, questions=tuple(questions))


def without_accuracy(rubric: Rubric) -> Rubric:
    """The rubric without the long trainings, and without the execution of notebooks."""
    assert rubric.notebook is not None
    still = msgspec.structs.replace(rubric.notebook, execute="never")
    long = {id for id, check in rubric.checks.items() if check.own_worker}
    return msgspec.structs.replace(without(rubric, long), notebook=still)


@pytest.fixture
def quick(on_digits: Run) -> Run:
    return replace(on_digits, rubric=without_accuracy(on_digits.rubric))


def checks(report: GradeReport) -> dict[str, CheckResult]:
    return {check.id: check for question in report.questions for check in question.checks}


def with_limits(run: Run, **limits: float) -> Run:
    changed = msgspec.structs.replace(run.rubric.limits, **limits)
    return replace(run, rubric=msgspec.structs.replace(run.rubric, limits=changed))


@pytest.mark.slow
def test_the_reference_itself_gets_every_point(tmp_path: Path, quick: Run):
    report = runner.grade(handed_in(tmp_path / "s", SOLUTION), quick)
    lost = [c.id for c in checks(report).values() if c.earned < c.points and not c.outcome.is_open]
    assert lost == []


@pytest.mark.slow
def test_a_wall_time_out_is_tried_again_and_left_to_a_person(tmp_path: Path, quick: Run):
    source = SOLUTION + "\nimport time\nTwoLayerMLP.predict = lambda self, X: time.sleep(600)\n"
    report = runner.grade(handed_in(tmp_path / "s", source), with_limits(quick, call_wall=1.0))
    found = checks(report)
    assert found["predict"].outcome is Outcome.NEEDS_REVIEW
    assert found["sigmoid-scores"].outcome is Outcome.PASSED
    assert "lambda" in report.host.stacks["predict"] or "line" in report.host.stacks["predict"]


@pytest.mark.slow
def test_a_hand_in_that_keeps_sleeping_holds_up_the_others_once(tmp_path: Path, quick: Run):
    """Alone means that all others of a run stand still."""
    alone: list[str] = []

    class Watched(Slots):
        @contextlib.contextmanager
        def alone(self) -> Iterator[None]:
            alone.append("")
            with super().alone():
                yield

    source = SOLUTION + "\nimport time\nTwoLayerMLP.loss = lambda self, *_, **__: time.sleep(600)\n"
    run = replace(with_limits(quick, call_wall=0.5), slots=Watched(2))
    found = checks(runner.grade(handed_in(tmp_path / "s", source), run))
    assert len(alone) == 1
    slept = [check for check in found.values() if check.id not in ("module", "histories")]
    assert sum(check.outcome is Outcome.NEEDS_REVIEW for check in slept) > 5
    assert not any(check.outcome is Outcome.FAILED for check in found.values())


@pytest.mark.slow
def test_computing_for_too_long_fails_and_says_where(tmp_path: Path, quick: Run):
    source = SOLUTION + "\ndef spin(self, X):\n    while True:\n        pass\nTwoLayerMLP.predict = spin\n"
    report = runner.grade(handed_in(tmp_path / "s", source), with_limits(quick, call_cpu=0.5))
    assert checks(report)["predict"].outcome is Outcome.FAILED
    assert "in spin" in report.host.stacks["predict"]


SLOW_PREDICT = """
import time

right = TwoLayerMLP.predict

def slow(self, X):
    end = time.{clock}() + {seconds}
    while time.{clock}() < end:
        time.sleep({pause})
    return right(self, X)

class TwoLayerMLP(TwoLayerMLP):
    # train looks at the accuracy by itself: predict is slow only where the grader calls it
    def train(self, *args, **kwargs):
        self.predict = lambda X: right(self, X)
        return super().train(*args, **kwargs)

TwoLayerMLP.predict = slow
"""
"""Makes each `predict` compute, or wait, for some seconds; the check calls it many times."""


def computing(seconds: float) -> str:
    return SOLUTION + SLOW_PREDICT.format(clock="process_time", seconds=seconds, pause=0)


def waiting(seconds: float) -> str:
    return SOLUTION + SLOW_PREDICT.format(clock="monotonic", seconds=seconds, pause=0.01)


def outcomes(run: Run) -> dict[str, Outcome]:
    """Every check of the rubric, passed."""
    return {spec.id: Outcome.PASSED for question in run.rubric.questions for spec in question.checks}


def of_the_automatic_part(report: GradeReport, run: Run) -> dict[str, Outcome]:
    """What the code's own checks found; written answers are not handed in here."""
    return {id: check.outcome for id, check in checks(report).items() if id in outcomes(run)}


@pytest.mark.slow
def test_many_slow_calls_fail_their_check_together(tmp_path: Path, quick: Run):
    run = with_limits(quick, call_cpu=2.0, check_cpu=0.6)
    report = runner.grade(handed_in(tmp_path / "s", computing(0.3)), run)
    found = checks(report)["predict"]
    assert found.outcome is Outcome.FAILED
    assert found.message == "Your code was stopped after 0.6 seconds of computing in this check."
    assert report.host.stacks["predict"]  # it may have been stopped between two calls
    both = dict.fromkeys(("predict", "sigmoid-large-scores"), Outcome.FAILED)  # the remark asks predict, too
    assert of_the_automatic_part(report, run) == {**outcomes(quick), **both}


@pytest.mark.slow
def test_slow_calls_inside_the_limits_of_their_checks_cost_nothing(tmp_path: Path, quick: Run):
    run = with_limits(quick, check_cpu=6.0, check_wall=30.0, submission_cpu=60.0)
    report = runner.grade(handed_in(tmp_path / "s", computing(0.1)), run)
    assert of_the_automatic_part(report, run) == outcomes(quick)
    assert report.host.stacks == {}


@pytest.mark.slow
def test_a_check_that_waits_too_long_is_tried_again_and_left_to_a_person(tmp_path: Path, quick: Run):
    run = with_limits(quick, call_wall=5.0, check_wall=0.5)
    report = runner.grade(handed_in(tmp_path / "s", waiting(0.3)), run)
    found = checks(report)["predict"]
    assert found.outcome is Outcome.NEEDS_REVIEW
    assert "more than 0.5 seconds" in found.message
    assert "in slow" in report.host.stacks["predict"]


@pytest.mark.slow
def test_the_computing_of_a_whole_hand_in_is_bounded(tmp_path: Path, quick: Run):
    run = with_limits(quick, submission_cpu=2.0)
    report = runner.grade(handed_in(tmp_path / "s", computing(60)), run)
    found = checks(report)
    stopped = [id for id in report.host.stacks if "in slow" in report.host.stacks[id]]
    assert len(stopped) == 1
    assert found[stopped[0]].outcome is Outcome.FAILED
    assert "stopped: the hand-in had used up its 2 seconds of computing" in found[stopped[0]].message
    order = list(of_the_automatic_part(report, run))
    later = [found[id] for id in order[order.index(stopped[0]) + 1 :]]
    passed = {check.id for check in later if check.outcome is Outcome.PASSED}
    assert passed <= {
        f"sigmoid-grad-{name}" for name in ("W1", "b1", "W2", "b2")
    }  # which need no further answer
    assert {check.outcome for check in later} <= {Outcome.FAILED, Outcome.SKIPPED, Outcome.PASSED}
    failed = [check.message for check in later if check.outcome is Outcome.FAILED]
    assert set(failed) == {"Not run: the hand-in had used up its 2 seconds of computing."}
    assert found["sigmoid-toy-loss"].outcome is Outcome.PASSED


ENDINGS = {
    "os._exit(0)": "ended the Python process",
    "sys.exit(0)": "ends the program",
    "os.kill(os.getpid(), 15)": "SIGTERM",
    "[os.write(fd, b'{\"ok\": 1}' * 9) for fd in range(3, 256) if is_socket(fd)]": "broke the connection",
    "ctypes.string_at(0)": "crashed",
}


@pytest.mark.slow
@pytest.mark.parametrize("code", ENDINGS)
def test_code_that_ends_or_forges_costs_its_own_check_only(tmp_path: Path, quick: Run, code: str):
    source = f"""
import ctypes, os, stat, sys

def is_socket(fd):
    try:
        return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        return False

right = TwoLayerMLP.predict

def predict(self, X):
    {code}
    return right(self, X)

class TwoLayerMLP(TwoLayerMLP):
    # train looks at the accuracy by itself: predict ends the process only where the grader calls it
    def train(self, *args, **kwargs):
        self.predict = lambda X: right(self, X)
        return super().train(*args, **kwargs)

TwoLayerMLP.predict = predict
"""
    found = checks(runner.grade(handed_in(tmp_path / "s", SOLUTION + source), quick))
    assert found["predict"].outcome is Outcome.FAILED
    assert ENDINGS[code] in found["predict"].message
    lost = [c.id for c in found.values() if c.earned < c.points and not c.outcome.is_open]
    assert lost == ["predict"]


def test_the_time_of_a_whole_hand_in_is_bounded(tmp_path: Path, quick: Run):
    report = runner.grade(handed_in(tmp_path / "s", SOLUTION), with_limits(quick, submission_wall=1e-6))
    assert {c.outcome for c in checks(report).values()} == {Outcome.NEEDS_REVIEW}
    assert report.earned == 0


@pytest.mark.slow
def test_a_fault_of_our_own_costs_nothing_and_shows(
    tmp_path: Path, quick: Run, monkeypatch: pytest.MonkeyPatch
):
    check = type(quick.rubric.checks["predict"])

    def broken(self: object, bench: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(check, "run", broken)
    report = runner.grade(handed_in(tmp_path / "s", SOLUTION), quick)
    assert checks(report)["predict"].outcome is Outcome.ERROR
    assert report.open_points == 56
    assert "ZeroDivisionError" in report.host.errors["predict"]
    assert runner.has_errors(report)


@pytest.mark.slow
def test_a_worker_that_does_not_start_is_no_zero(tmp_path: Path, quick: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "package_folders", list)  # no NumPy to be found
    report = runner.grade(handed_in(tmp_path / "s", SOLUTION), quick)
    found = checks(report)
    assert found["module"].outcome is Outcome.ERROR
    assert "No module named" in report.host.errors["names"]
    assert not any(c.outcome in (Outcome.FAILED, Outcome.SKIPPED) for c in found.values())


@pytest.mark.slow
@pytest.mark.parametrize("package", ["sklearn", "pytest"])
def test_a_package_outside_the_list_is_left_to_a_person(tmp_path: Path, quick: Run, package: str):
    report = runner.grade(handed_in(tmp_path / "s", f"{SOLUTION}\nimport {package}\n"), quick)
    found = checks(report)
    assert found["module"].outcome is Outcome.NEEDS_REVIEW
    assert package in found["module"].message
    assert report.earned == 0
    assert not any(c.outcome is Outcome.FAILED for c in found.values())


@pytest.mark.slow
def test_files_beside_the_module_come_along(tmp_path: Path, quick: Run):
    source = "from network import TwoLayerMLP\n"
    report = runner.grade(handed_in(tmp_path / "s", source, network=SOLUTION), quick)
    assert checks(report)["predict"].outcome is Outcome.PASSED
    assert set(report.files) == {"mlp.py", "network.py"}


def test_a_notebook_alone_is_left_to_a_person(tmp_path: Path, quick: Run):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "ps3.ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    (found,) = finding.find([tmp_path / "s"], "TwoLayerMLP")
    report = runner.grade(found, quick)
    assert {c.outcome for c in checks(report).values()} == {Outcome.NEEDS_REVIEW}


@pytest.mark.slow
def test_what_student_code_prints_is_kept_but_bounded(tmp_path: Path, quick: Run):
    report = runner.grade(handed_in(tmp_path / "s", SOLUTION + "\nprint('hello from mlp')\n"), quick)
    # Once for each worker: what is shown to students comes from one that has been told nothing hidden.
    public_after_hidden = ("sigmoid-toy-training", "relu-toy-loss", "relu-toy-training")
    assert report.host.outputs == dict.fromkeys(("module", *public_after_hidden), "hello from mlp\n")


@pytest.mark.slow
def test_what_is_printed_stands_at_its_check_also_where_a_worker_crashed(tmp_path: Path, quick: Run):
    crash = """
import os

def predict(self, X):
    print("last <words>")
    os._exit(3)

TwoLayerMLP.predict = predict
"""
    # `train` looks at the accuracy with `predict`: it ends there as well
    outputs = runner.grade(handed_in(tmp_path / "s", SOLUTION + crash), quick).host.outputs
    assert "last <words>" in outputs["sigmoid-toy-training"]
    assert "last <words>" in outputs["predict"]
    assert set(outputs) < set(outcomes(quick))
    assert "sigmoid-scores" not in outputs


@pytest.mark.slow
def test_the_answers_of_the_notebook_stand_in_the_report(on_digits: Run):
    (found,) = finding.find([ROOT / "submissions" / "alice"], "TwoLayerMLP")
    quick = replace(on_digits, rubric=without_accuracy(on_digits.rubric))
    answers = {q.id: q.answer for q in runner.grade(found, quick).questions}
    assert all(answers[f"Q1.{n}"] for n in range(1, 7))
    assert all(answers[id] for id in ("Q2.5", "Q3.1", "Q3.2"))
    assert "lambda" in answers["Q3.1"]


@pytest.mark.slow
def test_progress_names_every_check_that_is_run(tmp_path: Path, quick: Run):
    said: list[str] = []
    runner.grade(handed_in(tmp_path / "s", SOLUTION), replace(quick, say=said.append))
    titles = [spec.title for question in quick.rubric.questions for spec in question.checks]
    assert said == titles


@pytest.mark.slow
def test_an_answer_that_is_there_waits_and_one_that_is_missing_says_so(on_digits: Run):
    quick = replace(on_digits, rubric=without_accuracy(on_digits.rubric))
    for name, message in (("alice", ""), ("import_error", "No answer was found in a notebook.")):
        (found,) = finding.find([ROOT / "submissions" / name], "TwoLayerMLP")
        written = checks(runner.grade(found, quick))["Q1.6-manual"]
        assert (written.outcome, written.message) == (Outcome.NEEDS_REVIEW, message)


RAISES = "\n\ndef loss(self, X, y=None, reg=0.0):\n    raise NotImplementedError\n\nTwoLayerMLP.loss = loss\n"
"""Behind a solution: its loss is as good as missing, its train and predict are right."""


@pytest.mark.slow
def test_what_lost_points_is_looked_at_again_after_all_checks(tmp_path: Path, quick: Run):
    said: list[str] = []
    runner.grade(handed_in(tmp_path / "s", SOLUTION + RAISES), replace(quick, say=said.append))
    at = said.index("naming mistakes")
    titles = [spec.title for question in quick.rubric.questions for spec in question.checks]
    assert said[:at] == titles
    again = [
        spec.title
        for question in quick.rubric.questions
        for spec in question.checks
        if question.id == "Q2.3" and quick.rubric.checks[spec.id].supplied
    ]
    what = "a right loss supplied by the grader"
    assert said[at + 1 :] == [f"{title}, with {what}" for title in again]
    assert len(again) == 8


@pytest.mark.slow
@pytest.mark.parametrize("source", ["def", "import numpy\nraise ValueError", "x = 1"])
def test_what_cannot_be_imported_is_not_tried_again(tmp_path: Path, quick: Run, source: str):
    said: list[str] = []
    report = runner.grade(handed_in(tmp_path / "s", source), replace(quick, say=said.append))
    assert report.earned == 0
    assert said == [spec.title for question in quick.rubric.questions for spec in question.checks]


@pytest.mark.slow
def test_predict_shows_what_it_is_worth_where_the_loss_never_ends(tmp_path: Path, quick: Run):
    endless = RAISES.replace("raise NotImplementedError", "while True: pass")
    found = checks(
        runner.grade(handed_in(tmp_path / "s", SOLUTION + endless), with_limits(quick, call_cpu=1))
    )
    assert "stopped after 1 seconds" in found["sigmoid-toy-loss"].message
    for id in ("sigmoid-toy-training", "predict"):
        assert found[id].outcome is Outcome.PASSED
        assert found[id].carried_from == "sigmoid-toy-loss"


@pytest.mark.slow
def test_what_is_printed_with_right_values_is_dropped(tmp_path: Path, quick: Run):
    tells = """
right = TwoLayerMLP.train

def train(self, X, y, *args, **kwargs):
    print("before")
    print(self.loss(X, y, 0.0), "after")
    return right(self, X, y, *args, **kwargs)

TwoLayerMLP.train = train
"""
    report = runner.grade(handed_in(tmp_path / "s", SOLUTION + RAISES + tells), quick)
    assert checks(report)["sigmoid-toy-training"].outcome is Outcome.PASSED
    assert "after" not in str(report.host.outputs)


@pytest.mark.slow
def test_a_second_try_that_fails_for_our_own_fault_costs_nothing(
    tmp_path: Path, quick: Run, monkeypatch: pytest.MonkeyPatch
):
    def broken(reference: object) -> object:
        def answer(*_: object) -> None:
            raise ZeroDivisionError("ours")

        return answer

    monkeypatch.setattr(kinds.oracle, "answers", broken)
    report = runner.grade(handed_in(tmp_path / "s", SOLUTION + RAISES), quick)
    assert checks(report)["sigmoid-toy-training"].outcome is Outcome.ERROR
    assert "ZeroDivisionError" in report.host.errors["sigmoid-toy-training"]


@pytest.mark.slow
@pytest.mark.parametrize("condition", ["True", "y is not None"])
def test_an_accuracy_that_a_wrong_loss_prevents_earns_the_same_share(
    tmp_path: Path, on_digits: Run, condition: str
):
    """Never measured with a right loss: neither where the scores are missing, nor where only the loss is."""
    raises = RAISES.replace("    raise", f"    if {condition}:\n        raise")
    raises = "\nown = TwoLayerMLP.loss\n" + raises.replace("Error\n", "Error\n    return own(self, X)\n", 1)
    half = msgspec.structs.replace(on_digits.rubric, follow_through=Decimal("0.5"))
    report = runner.grade(handed_in(tmp_path / "s", SOLUTION + raises), replace(on_digits, rubric=half))
    found = checks(report)
    for id in ("sigmoid-toy-training", "sigmoid-accuracy"):
        assert found[id].outcome is Outcome.PARTIAL
        assert found[id].earned == found[id].points / 2
        assert found[id].carried_from == "sigmoid-toy-loss"


@pytest.mark.slow
def test_a_share_of_nothing_leaves_everything_as_it_was(tmp_path: Path, quick: Run):
    nothing = msgspec.structs.replace(quick.rubric, follow_through=Decimal(0))
    report = runner.grade(handed_in(tmp_path / "s", SOLUTION + RAISES), replace(quick, rubric=nothing))
    assert checks(report)["sigmoid-toy-training"].outcome is Outcome.SKIPPED
    assert report.earned == 0
