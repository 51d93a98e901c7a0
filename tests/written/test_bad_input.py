"""Answers made to hurt the reader: an answer comes back, soon, and it is never a zero."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.model import Outcome
from grader.written import marks, process
from grader.written.judge import Judge
from grader.written.judgement import Kind
from grader.written.matrices import Value
from grader.written.scene import Scene

LEFT = r"\nabla_{a^{(2)}}J = "
BAD = {
    "ten megabytes": "x" * 10_000_000,
    "ten megabytes of formula": LEFT + "h + " * 2_500_000,
    "round brackets": LEFT + "(" * 10_000 + "h^2" + ")" * 10_000,
    "braces": LEFT + "{" * 10_000 + "h^2" + "}" * 10_000,
    "scripts": LEFT + "h" + "^{h" * 5_000 + "}" * 5_000,
    "fractions": LEFT + r"\frac{1}{" * 45 + "h^2" + "}" * 45,
    "bars": LEFT + "|" * 3_990,
    "many factors": LEFT + "h^2 " * 17,
    "ambiguous product": LEFT + " * ".join(["h^1 W^1 x"] * 5) + " + z",
    "doubling definitions": r" \\ ".join(f"g_{{{i + 1}}} = g_{{{i}}} g_{{{i}}}" for i in range(200))
    + r"\\"
    + LEFT
    + "g_{200}",
    "definitions in a circle": rf"u = v \\ v = u + u \\ u = v + v \\ {LEFT} u",
    "a thousand redefinitions": "g = y" + r" \\ g = (g)^T g" * 390 + r"\\" + LEFT + " g + z",
    "division by zero": LEFT + r"\frac{h^2 - y}{h^2 - h^2}",
    "overflow": LEFT + "e^{e^{e^{e^{9}}}}",
    "huge number": LEFT + "9" * 3_000,
    "derivatives of derivatives": LEFT + r"\nabla_{W^1}" * 20 + " a^2",
    "rows": LEFT + r"\\ " * 2_000,
    "matrices": LEFT + r"\begin{bmatrix}" + " & ".join(["h^1_1"] * 900) + r"\end{bmatrix}",
    "only brackets": "(" * 39,
    "control characters": "\x00\x1b[31m = \x7f",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_left_to_a_person(judge: Judge, name: str):
    (found,) = judge.judge({"Q1.1": f"${BAD[name]}$"})["Q1.1"]
    assert found.kind is Kind.UNREADABLE
    assert found.reason
    assert len(found.reason) < 300


@pytest.mark.slow
def test_a_contradiction_is_not_hidden_behind_too_much_work(judge: Judge):
    heavy = ", ".join(f"$u_{i} = {' * '.join(['h^1 W^1 x'] * 5)}$, $u_{i} = y$" for i in range(40))
    answer = f"{heavy}, $A = y - h^2$, $A = h^2 - y$, ${LEFT} A$"
    (found,) = judge.judge({"Q1.1": answer})["Q1.1"]
    assert found.kind is Kind.UNREADABLE


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            [*r"$()[]{}^_=+-*/|'&.,123eTfhWaby", r"\frac", r"\nabla", r"\partial", r"\\", r"\theta", r"\sum", r"\hat",
             r"\begin{cases}", r"\end{cases}", r"\text{sign}", r"\left", r"\right", r"\|", r"\odot", r"\lambda", " J "]
        )
    )
)  # fmt: skip
def test_any_soup_gets_a_verdict_or_a_reason(judge: Judge, soup: list[str]):
    for question in ("Q1.1", "Q3.2"):
        for found in judge.judge({question: "".join(soup)})[question]:
            assert found.kind is not Kind.UNREADABLE or found.reason


def ending(monkeypatch: pytest.MonkeyPatch, *statuses: int) -> list[int]:
    """Have the process end so, one try after the other, and then as it does; what was left is told."""
    real, left = subprocess.run, list(statuses)

    def run(*arguments: Any, **options: Any) -> Any:
        if left:
            return subprocess.CompletedProcess(arguments, left.pop(0), b"", b"")
        return real(*arguments, **options)

    monkeypatch.setattr(process.subprocess, "run", run)
    return left


RIGHT = {"Q1.1": f"${LEFT}h^2 - y$"}


@pytest.mark.slow
@pytest.mark.parametrize("status", [-signal.SIGKILL, -signal.SIGTERM, 1])
def test_a_process_that_something_else_has_ended_gets_another_try(
    reference: Reference, ps3: Rubric, monkeypatch: pytest.MonkeyPatch, status: int
):
    left = ending(monkeypatch, status)
    found = process.judge(reference.folder, RIGHT, ps3)
    assert not left
    assert [judgement.kind for judgement in found["Q1.1"]] == [Kind.CORRECT]


@pytest.mark.parametrize("status", [-signal.SIGKILL, 1])
def test_one_that_is_ended_twice_leaves_all_open_as_no_fault_of_the_answers(
    reference: Reference, ps3: Rubric, monkeypatch: pytest.MonkeyPatch, status: int
):
    ending(monkeypatch, status, status)
    found = process.judge(reference.folder, RIGHT, ps3)
    assert [judgement.kind for judgement in found["Q1.1"]] == [Kind.ERROR]
    assert process.traces(found)


def test_answers_that_take_all_the_time_are_left_to_a_person(
    reference: Reference, ps3: Rubric, monkeypatch: pytest.MonkeyPatch
):
    ending(monkeypatch, -signal.SIGXCPU)
    found = process.judge(reference.folder, RIGHT, ps3)
    assert [judgement.kind for judgement in found["Q1.1"]] == [Kind.UNREADABLE]


def test_a_machine_too_busy_to_read_leaves_all_open(
    reference: Reference, ps3: Rubric, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(process, "WALL_SECONDS", 0.01)
    found = process.judge(reference.folder, RIGHT, ps3)
    assert [judgement.kind for judgement in found["Q1.1"]] == [Kind.ERROR]


@pytest.mark.slow
def test_the_process_judges_as_we_do(reference: Reference, ps3: Rubric):
    answers = {"Q1.1": f"${LEFT}h^2 - y$", "Q1.2": "$(h^2 - y) b^2$", "Q1.6": "words"}
    judge = Judge(reference.derivations, process.given(ps3), ps3.key)
    assert process.judge(reference.folder, answers, ps3) == judge.judge(answers)


@pytest.mark.slow
def test_our_own_fault_is_no_verdict(tmp_path: Path, ps3: Rubric):
    found = process.judge(tmp_path, {"Q1.1": "$h$", "Q1.5": "$h$"}, ps3)
    assert [judgement.kind for id in found for judgement in found[id]] == [Kind.ERROR] * 3
    assert "derivations" in process.traces(found)["Q1.5-W1"]


def test_our_own_fault_in_one_claim_costs_that_claim(
    reference: Reference, ps3: Rubric, monkeypatch: pytest.MonkeyPatch
):
    judge = Judge(reference.derivations, process.given(ps3), ps3.key)
    right = judge.right

    def fails(question: str, asked: str, scene: Scene) -> Value:
        if asked == "b1":
            raise KeyError(asked)
        return right(question, asked, scene)

    monkeypatch.setattr(judge, "right", fails)
    back = r"(W^{2T} (h^2 - y)) \odot h^1 \odot (1 - h^1)"
    answers = {
        "Q1.1": f"${LEFT}h^2 - y$",
        "Q1.5": rf"$\nabla_{{b^1}}J = {back}$, $\nabla_{{W^1}}J = ({back}) x^T$",
    }
    found = judge.judge(answers)
    assert [judgement.kind for id in found for judgement in found[id]] == [
        Kind.CORRECT,
        Kind.ERROR,
        Kind.CORRECT,
    ]
    question = next(question for question in ps3.questions if question.id == "Q1.5")
    assert ps3.written
    results = marks.results(question, answers["Q1.5"], found["Q1.5"], ps3.written, {})
    assert [result.outcome for result in results] == [Outcome.ERROR, Outcome.PASSED]
    assert results[0].earned == 0
    assert "KeyError" not in results[0].message + results[0].detail
    assert "KeyError" in process.traces(found)["Q1.5-b1"]
