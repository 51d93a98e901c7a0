"""What an enemy found: as a student, who earns by a mistake; as an instructor, whose files are wrong in every way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.model import Outcome
from tests.coded.making import CHECKS, MISTAKES, SOLUTION, Assignment, assignment, lost, results
from tests.coded.test_faults import said
from tests.coded.test_grading import DOUBLED, OTHERWISE, edited

LIN = """
import numpy as np

def f(x, w, y):
    difference = x @ w - y
    return np.mean(difference**2), x.T @ difference / len(x)
"""
LIN_CHECKS = """
from grader.api import check

def drawn(t):
    random = t.random()
    return random.standard_normal((5, 3)), random.standard_normal(3), random.standard_normal(5)

@check("Loss", points=1, question="Q1")
def loss(t):
    given = drawn(t)
    t.close(t.student.f(*given)[0], t.solution.f(*given)[0], "the loss")

@check("Both", points=5, question="Q2")
def both(t):
    given = drawn(t)
    own, right = t.student.f(*given), t.solution.f(*given)
    t.close(own[0], right[0], "the loss")
    t.close(own[1], right[1], "the gradient")
"""
LIN_MISTAKES = """
from grader.api import mistake

MISTAKES = [
    mistake("summed", "The loss is summed.", {"np.mean(difference**2)": "np.sum(difference**2)"}),
    mistake("transposed", "The examples are transposed.", {"x @ w": "x.T @ w"}),
]
"""
SUMMED = (
    "import numpy as np\n\ndef f(x, w, y):\n    d = np.dot(x, w) - y\n    return (d * d).sum(), {gradient}\n"
)


@pytest.mark.parametrize(
    ("source", "costs", "named"),
    [
        (SUMMED.format(gradient="d @ x / len(d)"), {"loss": 1}, {"summed"}),
        (SUMMED.format(gradient="None"), {"loss": 1, "both": 5}, {"summed"}),  # the rest was never looked at
        (SUMMED.format(gradient="d @ x"), {"loss": 1, "both": 5}, {"summed"}),
        ("def f(x, w, y):\n    raise Exception('ha')\n", {"loss": 1, "both": 5}, set()),
        ("def f(x, w, y):\n    raise ValueError('ha')\n", {"loss": 1, "both": 5}, set()),
    ],
)
def test_nothing_is_carried_that_is_wrong_in_another_way_too(tmp_path: Path, source, costs, named):
    report = assignment(tmp_path, LIN, LIN_CHECKS, LIN_MISTAKES, 'functions = ["f"]').grade(source)
    assert lost(report) == costs
    assert {m for r in results(report).values() for m in r.mistakes} == named


def test_a_check_that_asks_for_what_is_supplied_asks_the_hand_in(tmp_path: Path):
    own = 't.close(net.loss(x)[1], right.loss(x)[1], "the gradient")\n    t.close(net.params["w"], right'
    checks = CHECKS.replace('t.close(net.params["w"], right', own)
    assert lost(assignment(tmp_path, checks=checks).grade(edited(DOUBLED))) == {"gradient": 2, "train": 2}


def test_one_check_finds_nothing_of_what_another_left_in_the_solution(tmp_path: Path):
    solution = SOLUTION.replace("class Net:", "ASKED = []\n\nclass Net:")
    solution = solution.replace(
        "return factor * (", "ASKED.append(1)\n        return len(ASKED) * factor * ("
    )
    one = assignment(tmp_path, solution, mistakes="")
    assert not lost(one.grade(OTHERWISE)) and not lost(one.grade(OTHERWISE))


@pytest.mark.parametrize(
    "wrong",
    [
        't.close(net.loss(x)[0], None, "the loss")',
        't.close(net.loss(x)[0], float("nan"), "the loss")',
        "t.close(net.loss(x)[0], right.loss(x)[0], 3)",
        "t.part(-1, 'no')",
        "t.part(float('nan'), 'no')",
        "t.part(1.5, 'no')",
        "t.that(False, 3)",
        "t.remark(3)",
        "net.nothing(x)",
        "t.student.nothing(x)",
        "net.loss(object())",
        "net.loss(len)",
        "raise SystemExit",
        "right.params_of",
    ],
)
def test_what_is_wrong_in_a_check_is_no_hand_ins_fault(tmp_path: Path, wrong: str):
    one = assignment(
        tmp_path, checks=CHECKS.replace('t.close(net.loss(x)[0], right.loss(x)[0], "the loss")', wrong)
    )
    report = one.grade(OTHERWISE)
    outcomes = {id: r.outcome for id, r in results(report).items()}
    assert outcomes.pop("loss") is Outcome.ERROR
    assert set(outcomes.values()) == {Outcome.PASSED}
    assert "checks.py" in report.host.errors["loss"]


def test_what_the_hand_in_does_not_have_is_said(tmp_path: Path):
    found = results(assignment(tmp_path).grade(edited(("def train", "def fit"))))
    assert found["train"].message == "Your code has no train, which is asked for here."


def edits(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


NEGATED = '{"return factor * (": "return -factor * ("}'
CHECKS_AT = r"checks\.py:\d+: TypeError: @check: "
MISTAKE_AT = r"mistakes\.py:\d+: "


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (CHECKS + CHECKS, r"checks\.py:\d+: NameError: @check: the name 'loss' is taken"),
        (edits(CHECKS, ("def loss(t):", "async def loss(t):")), CHECKS_AT + "loss is async"),
        (edits(CHECKS, ('"the loss")', '"the loss")\n    yield')), CHECKS_AT + "loss is async or yields"),
        (edits(CHECKS, ("def loss(t):", "def loss():")), CHECKS_AT + "loss takes 0 arguments"),
        (edits(CHECKS, ("def loss(t):", "def loss(t, name):")), CHECKS_AT + "loss takes 2 arguments"),
        (edits(CHECKS, ('"Loss"', "3")), CHECKS_AT + "title"),
        (edits(CHECKS, ('"Loss", points=2', '"Loss", points="2"')), CHECKS_AT + "points"),
        (edits(CHECKS, ('"Loss", points=2', '"Loss", points=float("nan")')), CHECKS_AT + "points"),
        (edits(CHECKS, ('"Loss", points=2', '"Loss", points=-1')), CHECKS_AT + "points"),
        (edits(CHECKS, ('"Loss", points=2', '"Loss", points=2, relative=-1')), CHECKS_AT + "relative"),
        (edits(CHECKS, ('question="Q2"', 'question="Q2", after="loss"')), CHECKS_AT + "after"),
        (edits(CHECKS, ('"Loss", points=2', '"Loss of {name}", points=2, each=(1,)'), ("loss(t):", "loss(t, x):")), r"checks\.py:\d+: title: found 'Loss of \{name\}'"),
        (CHECKS + "\nraise SystemExit\n", r"checks\.py:\d+: SystemExit"),
    ],
)  # fmt: skip
def test_a_fault_in_checks(tmp_path: Path, text: str, wanted: str):
    assert re.search(wanted, said(assignment(tmp_path, checks=text)))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("MISTAKES = None\n", r"mistakes\.py: MISTAKES: wanted a list"),
        ("MISTAKES = ['a']\n", r"mistakes\.py: MISTAKES: wanted a list"),
        (edits(MISTAKES, ('"The loss has the wrong sign."', "3")), MISTAKE_AT + "TypeError: mistake 'negated': found 3"),
        (edits(MISTAKES, ('"return -factor * ("', "3")), MISTAKE_AT + "TypeError: mistake 'negated': wanted pieces"),
        (edits(MISTAKES, ('"negated"', '"a b"')), MISTAKE_AT + "TypeError: mistake 'a b': wanted a name"),
        (edits(MISTAKES, ('"return -factor * ("', '"return -factor * (("')), MISTAKE_AT + r"mistake 'negated': solution\.py with it cannot be run: SyntaxError"),
        (edits(MISTAKES, (NEGATED, '{"class Net": "raise SystemExit\\nclass Net"}')), MISTAKE_AT + "mistake 'negated': .*SystemExit"),
        (edits(MISTAKES, (NEGATED, '{"class Net": "while 1 / 0: pass\\nclass Net"}')), MISTAKE_AT + "mistake 'negated': .*ZeroDivisionError"),
        (edits(MISTAKES, (NEGATED, '{"return factor": "return -factor", "factor * (": "factor * -("}')), MISTAKE_AT + "mistake 'negated': its pieces overlap"),
        (edits(MISTAKES, (NEGATED, '{"class Net": "class Other"}')), MISTAKE_AT + "defines no class Net"),
    ],
)  # fmt: skip
def test_a_fault_in_mistakes(tmp_path: Path, text: str, wanted: str):
    assert re.search(wanted, said(assignment(tmp_path, mistakes=text)))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (SOLUTION + "\nraise SystemExit\n", r"solution\.py:\d+: it cannot be run: SystemExit"),
        (edits(SOLUTION, ("class Net:", "Net = 3\nclass Other:")), r"solution\.py: defines no class Net"),
    ],
)
def test_a_fault_in_the_solution(tmp_path: Path, text: str, wanted: str):
    assert re.search(wanted, said(assignment(tmp_path, solution=text)))


def with_questions(*ids: str) -> str:
    return "".join(f'[[questions]]\nid = "{id}"\ntitle = "a"\n' for id in ids)


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("mistakes = 'x'\n", r"small\.toml: line \d+: mistakes"),
        ("[mistakes]\nnegated = 3\n", r"small\.toml: .*mistakes"),
        ("[checks.loss]\nrelative = -1.0\n", r"small\.toml: line \d+: checks\.loss\.relative"),
        ("[checks.loss]\nrelative = inf\n", r"small\.toml: line \d+: checks\.loss\.relative"),
        (with_questions("Q1"), r"checks\.py:\d+: question: found 'Q2'; the rubric has Q1"),
        (with_questions("Q1", "Q2", "Q3", "Q4"), r"checks\.py: no check is in question 'Q4'"),
    ],
)
def test_a_fault_in_the_rubric(tmp_path: Path, more: str, wanted: str):
    assert re.search(wanted, said(assignment(tmp_path, more=more)))


@pytest.mark.slow
def test_a_template_that_is_no_python_is_told(tmp_path: Path):
    from tests.coded.test_faults import trouble

    one: Assignment = assignment(tmp_path)
    one.write("handout/small.py", "class Net:\n    def loss(self:\n")
    assert any(re.search(r"handout/small\.py:2: is no Python", line) for line in trouble(one))


@pytest.mark.parametrize("name", ["class", "numpy", "random", "Upper", "a-b", "1a", ""])
def test_a_name_that_is_no_modules(name: str, tmp_path: Path):
    from grader.coded.new import write
    from grader.errors import UsageError

    with pytest.raises(UsageError):
        write(name, tmp_path)


def test_what_grade_new_makes_is_sound_and_is_not_written_twice(tmp_path: Path):
    from grader.coded.new import write
    from grader.errors import UsageError
    from tests.coded.test_faults import trouble

    write("small", tmp_path)
    assert trouble(Assignment(tmp_path, tmp_path / "rubrics/small.toml")) == []
    with pytest.raises(UsageError, match="is there already"):
        write("small", tmp_path)
