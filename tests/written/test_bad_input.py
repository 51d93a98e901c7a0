"""Answers made to hurt the reader: an answer comes back, soon, and it is never a zero."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.reference import Reference
from grader.written import process
from grader.written.judge import Judge
from grader.written.judgement import Kind

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


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_left_to_a_person(judge: Judge, name: str):
    (found,) = judge.judge({"Q1.1": f"${BAD[name]}$"})["Q1.1"]
    assert found.kind is Kind.UNREADABLE
    assert found.reason
    assert len(found.reason) < 300


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


def test_a_reader_that_is_killed_leaves_all_to_a_person(
    reference: Reference, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(process, "WALL_SECONDS", 0.01)
    found = process.judge(reference.folder, {"Q1.1": f"${LEFT}h^2 - y$"}, {"Q1.1": ("a2",)})
    assert [judgement.kind for judgement in found["Q1.1"]] == [Kind.UNREADABLE]


def test_the_process_judges_as_we_do(reference: Reference, judge: Judge):
    answers = {"Q1.1": f"${LEFT}h^2 - y$", "Q1.2": "$(h^2 - y) b^2$", "Q1.6": "words"}
    asked = {"Q1.1": ("a2",), "Q1.2": ("b2",)}
    assert process.judge(reference.folder, answers, asked) == judge.judge(answers)


def test_our_own_fault_is_no_verdict(tmp_path: Path):
    with pytest.raises(process.GraderError, match="derivations"):
        process.judge(tmp_path, {"Q1.1": "$h$"}, {"Q1.1": ("a2",)})
