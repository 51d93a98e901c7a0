"""What a selftest finds: nothing where all is as it should be; else which solution, where, and why."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.errors import AnswersError
from grader.grading.attempts import Attempts
from grader.grading.runner import Run
from grader.selftest import load, without
from grader.selftest.bank import Equivalent, Lines
from grader.selftest.inside import Inside
from grader.selftest.prove import MUTANT, RIGHT, WRONG, Done, Known, Row, graded, solutions
from grader.selftest.show import totals
from grader.student.slots import Slots
from tests.checks import local
from tests.conftest import ROOT
from tests.ps3 import kinds


def selftest(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", "selftest", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the rubric, with its reference beside it."""
    for folder in ("rubrics", "reference"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path / "rubrics" / "ps3.toml"


def rewritten(rubric: Path, old: str, new: str) -> Path:
    text = rubric.read_text()
    assert old in text
    rubric.write_text(text.replace(old, new))
    return rubric


@pytest.fixture(scope="module")
def inverted() -> subprocess.CompletedProcess[str]:
    """The solutions of one name, several at a time."""
    return selftest("--only", "relu mask inverted", "--jobs", 4)


@pytest.mark.slow
def test_finds_nothing_in_the_rubric_as_it_is(inverted: subprocess.CompletedProcess[str]):
    done = inverted
    assert done.returncode == 0, done.stdout
    assert "3 wrong: 0 with full marks" in done.stdout
    assert "No surprises." in done.stdout
    assert "SURPRISE" not in done.stdout
    assert not done.stderr


@pytest.mark.slow
def test_says_the_same_twice_whatever_runs_at_the_same_time(inverted: subprocess.CompletedProcess[str]):
    alone = selftest("--only", "relu mask inverted", "--jobs", 1)
    # The last line says how long it took.
    assert alone.stdout.splitlines()[:-1] == inverted.stdout.splitlines()[:-1]


@pytest.mark.slow
def test_a_blunt_check_lets_wrong_solutions_through(course: Path):
    blunt = 'param = "b2", tolerance = { relative = 1e9'
    done = selftest(
        rewritten(course, 'param = "b2", tolerance = { relative = 1e-8', blunt), "--only", "db2 summed"
    )
    assert done.returncode == 1
    assert "SURPRISE wrong: db2 summed, not averaged" in done.stdout
    assert "should lose in: Q2.2" in done.stdout
    assert "1 surprise." in done.stdout


@pytest.mark.slow
def test_too_sharp_a_check_costs_right_solutions(course: Path):
    sharp = 'part = "data", tolerance = { relative = 1e-30, single = 1e-30, floor = 1e-300 }'
    fair = 'part = "data", tolerance = { relative = 1e-8, single = 1e-5, floor = 1e-10 }'
    done = selftest(rewritten(course, fair, sharp), "--only", "float32 arithmetic")
    assert done.returncode == 1
    assert "SURPRISE right: float32 arithmetic" in done.stdout
    assert "loses points in Q2.1" in done.stdout
    assert "- sigmoid-data-loss: " in done.stdout


@pytest.mark.slow
def test_a_reference_without_a_bank_is_one_line(course: Path):
    shutil.rmtree(course.parent.parent / "reference" / "ps3" / "bank")
    done = selftest(course)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "bank: is missing; it holds the solutions that `grade selftest` grades" in done.stderr


@pytest.mark.slow
def test_a_name_that_no_solution_has_is_one_line():
    done = selftest("--only", "no such solution")
    assert done.returncode == 2
    assert done.stderr == "grade: --only: no solution has 'no such solution' in its name\n"


def test_help_says_what_the_exit_codes_mean():
    assert "1 surprises" in " ".join(selftest("--help").stdout.split())


@pytest.mark.slow
def test_what_mutants_toml_says_of_a_mutant_that_is_gone_is_an_error(ps3: Rubric, reference: Reference):
    bank = load(reference.folder)
    gone = replace(bank, remarks={"loss: a -> b": Equivalent(mutant="loss: a -> b", why="")})
    with pytest.raises(AnswersError, match=r"mutants.toml: there is no mutant 'loss: a -> b' any more"):
        solutions(gone, ps3, reference)
    gone = replace(bank, lines=(*bank.lines, Lines(function="loss", questions=(), start="x = 1")))
    with pytest.raises(AnswersError, match=r"there is no line 'x = 1' in loss any more"):
        solutions(gone, ps3, reference)


@pytest.mark.slow
def test_a_solution_that_ends_the_process_is_one_line(course: Path):
    bank = course.parent.parent / "reference" / "ps3" / "bank" / "right.toml"
    edit = 'old = "import numpy as np"\nnew = "import os; os._exit(0)"'
    bank.write_text(f'{bank.read_text()}\n[[right]]\nname = "leaves at once"\n[[right.edits]]\n{edit}\n')
    done = selftest(course, "--only", "leaves at once")
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "'leaves at once', or one soon after it, ended the process that graded it" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["as it is", "relu mask inverted", "predict one-hot"])
def test_a_solution_is_graded_inside_as_in_a_worker(
    name: str, on_digits: Run, reference: Reference, tmp_path: Path
):
    bank = load(reference.folder)
    source = next(bank.source(one) for one in (*bank.right, *bank.wrong) if one.name.startswith(name))
    run = replace(on_digits, rubric=without(on_digits.rubric, {kinds.accuracy.Accuracy.kind}))
    worker = local.grade_source(source, run, tmp_path / "worker")
    inside = local.grade_source(source, replace(run, worker=Inside, slots=Slots(1)), tmp_path / "inside")
    assert inside.questions == worker.questions


@pytest.mark.slow
def test_checks_that_are_done_are_not_done_again_and_the_report_is_the_same(on_digits: Run, monkeypatch):
    """What is kept is of one source, while it is graded: nothing that could grow old."""
    source = next(bank.source(one) for bank in [load(on_digits.reference.folder)] for one in bank.right)
    whole = replace(on_digits, rubric=without(on_digits.rubric, ()), worker=Inside, slots=Slots(1))
    quick = replace(whole, rubric=without(whole.rubric, {kinds.accuracy.Accuracy.kind}))
    anew = graded(source, whole)
    done = Done()
    graded(source, quick, done)
    run: list[str] = []
    first = Attempts.first
    monkeypatch.setattr(
        Attempts, "first", lambda self, bench: run.append(bench.spec.kind) or first(self, bench)
    )
    assert graded(source, whole, done).questions == anew.questions
    assert set(run) == {kinds.accuracy.Accuracy.kind}


def test_a_rubric_without_some_kinds_adds_up(ps3: Rubric):
    short = without(ps3, {kinds.accuracy.Accuracy.kind})
    assert {check.kind for check in short.checks.values()} & {kinds.accuracy.Accuracy.kind} == set()
    assert set(short.checks) == {spec.id for question in short.questions for spec in question.checks}
    assert all(
        question.points == sum(spec.points for spec in question.checks) for question in short.questions
    )
    assert short.points == sum(question.points for question in short.questions) == Decimal(23)
    assert without(ps3, ()).points == 25


def row(group: str, questions: tuple[str, ...], lost: dict[str, int], **fields: object) -> Row:
    known = Known(group, "x", "", questions)
    points = {question: Decimal(value) for question, value in lost.items()}
    return replace(Row(known, points, (), True, (), (), ()), **fields)


@pytest.mark.parametrize(
    ("found", "surprises"),
    [
        (row(RIGHT, (), {}), []),
        (row(RIGHT, (), {"Q2.1": 1}), ["loses points in Q2.1, where it should not"]),
        (row(WRONG, ("Q2.1",), {"Q2.1": 1}), []),
        (row(WRONG, ("Q2.1",), {}), ["earns every point; it should lose some in Q2.1"]),
        (
            row(WRONG, ("Q2.1", "Q2.2"), {"Q2.1": 1, "Q2.3": 1}),
            ["loses points in Q2.3, where it should not", "loses nothing in Q2.2, where it should"],
        ),
        (row(RIGHT, (), {}, open=("predict",)), ["not decided: predict"]),
        (row(RIGHT, (), {}, faults=("x: KeyError",)), ["a fault of the grader's own: x: KeyError"]),
    ],
)
def test_what_is_a_surprise(found: Row, surprises: list[str]):
    assert list(found.surprises) == surprises


def test_names_of_mistakes_are_compared_where_they_are_known():
    known = Known(WRONG, "x", "", ("Q2.1",), mistakes=("momentum",))
    named = row(WRONG, ("Q2.1",), {"Q2.1": 1}, named=("momentum",))
    assert not replace(named, known=known).surprises
    other = replace(named, known=known, named=("loss-sign",))
    assert list(other.surprises) == ["is named loss-sign; it should be momentum"]
    assert not replace(other, known=replace(known, mistakes=None)).surprises


def test_totals_count_each_group():
    rows = [
        row(RIGHT, (), {}),
        row(WRONG, ("Q2.1",), {}),
        row(WRONG, ("Q2.1",), {"Q2.2": 1}),
        row(MUTANT, ("Q2.1",), {"Q2.1": 1}, trained=False),
        row(MUTANT, (), {}),
    ]
    lines = totals(rows)
    assert lines[0] == "1 right: 1 with full marks."
    assert lines[1] == "2 wrong: 1 with full marks, 1 in other questions."
    assert lines[2].startswith(
        "2 mutants: 1 wrong, 0 of them with full marks, 0 in other questions; 1 equivalent"
    )
    assert lines[3].startswith("4 of 5 were trained")
    assert lines[-1] == "2 surprises."
    assert totals(rows[:1])[-1] == "No surprises."
