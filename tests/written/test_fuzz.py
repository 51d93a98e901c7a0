"""Whatever an answer holds, judging it is no fault of ours: random trees over the grammar, random edits of answers."""

from __future__ import annotations

import random
import re
from collections.abc import Container, Iterable

import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.written.judge import Judge
from grader.written.judgement import Judgement, Kind
from grader.written.process import given
from grader.written.shapes import in_words, least_change
from grader.written.tokens import Unreadable

from .test_answers import GROUPS

FEW, MANY = 100, 1_000
"""Answers in the fast and in the slow test; 250 take a second."""
KEYS = 20
"""Different random points."""
LEFT = {
    "Q1.1": (r"\nabla_{a^{(2)}}J",), "Q1.2": (r"\nabla_{b^{(2)}}J",), "Q1.3": (r"\nabla_{W^{(2)}}J",),
    "Q1.4": (r"\nabla_{h^{(1)}}J",), "Q1.5": (r"\nabla_{b^{(1)}}J", r"\nabla_{W^{(1)}}J"),
    "Q3.1": (r"\theta_{t+1}",), "Q3.2": (r"\theta_{t+1}",),
}  # fmt: skip
ATOMS = [
    *"xyhWabgenJLA012", r"\theta", r"\theta_t", r"\eta", r"\lambda", r"\delta", r"\hat{y}", r"\hat y", "0.5",
    "-1", "10^9", *(f"{letter}_{k}" for letter in "hWab" for k in (1, 2)),
    *(f"{letter}^{{({k})}}" for letter in "hWab" for k in (0, 1, 2)),
    *(f"h^{{(1)}}_{i}" for i in (0, 1, 3, 4, 9, "i", "n")), "h_3^1", "h^{(2)}_1", "W^{(2)}_{3}", "W^{(1)}_{23}",
    "W^{(1)}_{i,j}", "W^{(1)}_{99}", "b^{(1)}_2", "a^{(1)}_{12}", r"\theta_i", r"\theta_{t,i}", "x_1",
    "x_7", "y_1", "J_1",
    "[h^1_1, h^1_2, h^1_3]", "[h^{(1)}_1, x_2]", r"\begin{bmatrix} h^1_1 & x_1 \\ y & 0 \end{bmatrix}",
    r"\begin{cases} 1 & \theta > 0 \\ -1 & \theta < 0 \end{cases}", r"\begin{cases} h & x > 0 \\ y & x \end{cases}",
    r"\begin{pmatrix} x \end{pmatrix}", r"\begin{bmatrix} W^{(1)} & x \end{bmatrix}",
]  # fmt: skip
AROUND = [
    "({})", "[{}]", "-{}", "({})^T", "({})'", "f({})", "f'({})", r"\sigma({})", r"\exp({})", r"\ln({})",
    r"\sqrt{{{}}}",
    "|{}|", r"\|{}\|", r"\|{}\|_1", r"\|{}\|^2", r"\text{{sign}}({})", "diag({})", r"\sum_i {}", r"\sum {}", "({})^2",
    "({})^{{-1}}", "e^{{{}}}", r"\nabla_\theta ({})", r"\nabla_{{W^{{(1)}}}} ({})", r"\nabla_{{h^{{(1)}}_3}} ({})",
    r"\nabla ({})",
    r"\frac{{\partial ({})}}{{\partial \theta}}", r"\frac{{\partial}}{{\partial a^{{(2)}}}} ({})", r"\partial {}",
    "tr({})",
    r"\boxed{{{}}}", r"\cancel{{{}}}",
]  # fmt: skip
BETWEEN = [
    " + ", " - ", " ", r" \cdot ", " * ", r" \odot ", r" \times ", "/", r" \circ ", "^", ", ", " = ", r" \\ ", " : ",
]  # fmt: skip
WORDS = [
    *[""] * 20, "so ", "not ", "or ", "where ", "**Solution** ", "This is wrong. ", "<del>", "~~", "</s>", "\n\n", "? ",
    "<!--",
]  # fmt: skip
EDITS = [
    *r"$()[]{}^_=+-*/|'&.,%0123456789eTfhWabxyJn", r"\frac", r"\nabla", r"\\", r"\theta", r"\sum", "$$", " not ", "<s>",
    "~~",
]  # fmt: skip


def tree(rng: random.Random, depth: int) -> str:
    """A random formula."""
    kind = rng.random()
    if depth == 0 or kind < 0.25:
        return rng.choice(ATOMS)
    if kind < 0.5:
        return rng.choice(AROUND).format(tree(rng, depth - 1))
    if kind < 0.6:
        return rf"\frac{{{tree(rng, depth - 1)}}}{{{tree(rng, depth - 1)}}}"
    return rng.choice(BETWEEN).join(tree(rng, depth - 1) for _ in range(rng.choice((2, 2, 3))))


def written(rng: random.Random) -> dict[str, str]:
    """Random answers to one or two questions."""
    answers = {}
    for question in rng.sample(sorted(LEFT), rng.choice((1, 2))):
        lines = [
            rng.choice(["A = ", "g = ", r"\delta = ", r"a^{(2)} = ", "", ""]) + tree(rng, 2)
            for _ in range(rng.choice((0, 1, 2)))
        ]
        lines += [f"{left} = {tree(rng, 3)}" for left in LEFT[question]]
        answers[question] = " ".join(f"{rng.choice(WORDS)}${line}${rng.choice(WORDS)}" for line in lines)
    return {question: answers[question] for question in LEFT if question in answers}


def edited(rng: random.Random) -> dict[str, str]:
    """Answers of the tables with a few random edits."""
    _, group = rng.choice(GROUPS)
    text = rng.choice(group["answers"])
    for _ in range(rng.choice((1, 1, 2, 4))):
        at, end = sorted(rng.choices(range(len(text) + 1), k=2))
        end = min(end, at + 3)
        text = text[:at] + rng.choice(["", *EDITS]) + text[rng.choice((at, end)) :]
    return {**group.get("before", {}), group["question"]: text}


def faults(found: dict[str, tuple[Judgement, ...]]) -> list[str]:
    return [one.trace for judged in found.values() for one in judged if one.kind is Kind.ERROR]


@pytest.fixture(scope="module")
def judges(reference: Reference, ps3: Rubric) -> list[Judge]:
    return [Judge(reference.derivations, given(ps3), str(key)) for key in range(KEYS)]


def fuzzed(judges: list[Judge], asked: Container[str], seeds: Iterable[int]) -> int:
    """Judge random answers; how many."""
    count = 0
    for seed in seeds:
        count += 1
        rng = random.Random(seed)
        answers = (written if seed % 2 else edited)(rng)
        found = judges[seed % KEYS].judge(answers)
        assert found.keys() == {question for question in answers if question in asked}, answers
        assert not faults(found), (seed, answers, faults(found))
        assert all(
            one.reason for judged in found.values() for one in judged if one.kind is Kind.UNREADABLE
        ), answers
    return count


def compared_at_some_width(judge: Judge, rng: random.Random) -> bool:
    """Compare a random formula with what is right, at random widths; whether it can be read."""
    question, lefts = rng.choice(list(LEFT.items()))
    widths = ((rng.randint(1, 7), rng.randint(1, 7)),) * 3
    scene = judge.scene(question, widths)
    asked = {"Q3.1": "theta", "Q3.2": "theta"}.get(question) or re.sub(r"[^a-zA-Z0-9]", "", lefts[0][6:-1])
    right = judge.right(question, asked, scene)
    try:
        node = judge.tree(tree(rng, 3))
        changes = least_change(node, scene, right)
        if changes is not None:
            assert in_words(changes, node, scene, right, scene.network.name) or not changes
    except Unreadable:
        return False
    return True


@pytest.mark.slow
def test_random_answers_are_no_fault_of_ours(judges: list[Judge], reference: Reference):
    assert fuzzed(judges, reference.derivations.ASKED, range(FEW)) == FEW


def test_random_formulas_are_compared_at_every_width(judges: list[Judge]):
    assert sum(compared_at_some_width(judges[seed % KEYS], random.Random(seed)) for seed in range(FEW)) > 10


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
def test_many_random_answers_are_no_fault_of_ours(judges: list[Judge], reference: Reference, part: int):
    count = fuzzed(judges, reference.derivations.ASKED, range(part, MANY, 2))
    widths = sum(
        compared_at_some_width(judges[n % KEYS], random.Random(f"{part}/{n}")) for n in range(count // 4)
    )
    print(f"{count} random answers and {widths} formulas at random widths, no exception")
    assert count == MANY // 2
