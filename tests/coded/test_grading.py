"""What a hand-in earns by checks of the assignment's own, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from grader.coded import supplying
from grader.grading.loading import load_assignment
from grader.model import Outcome
from grader.report import wording
from tests.coded.making import CHECKS, SOLUTION, assignment, lost, results

OTHERWISE = '''
import numpy as np

class Net(object):
    """Written differently: loops, other names, lists."""

    def __init__(self, n):
        self.params = dict(w=np.zeros(n))

    def loss(self, data, factor=1.0):
        total = 0
        for a, b in zip(self.params["w"], data):
            total += factor * a * b
        return [total, [factor * b for b in data]]

    def train(self, data, count):
        for _ in range(count):
            self.params["w"] -= 0.1 * np.array(self.loss(data)[1])
'''


def edited(*pairs: tuple[str, str]) -> str:
    source = OTHERWISE
    for old, new in pairs:
        assert source.count(old) == 1
        source = source.replace(old, new)
    return source


NEGATED = ("total += factor", "total -= factor")
DOUBLED = ("[factor * b for", "[2 * factor * b for")
UPHILL = ("-= 0.1", "+= 0.1")


@pytest.mark.parametrize(
    ("edits", "costs", "named"),
    [
        ((), {}, ()),
        ((NEGATED,), {"loss": 2}, ("negated",)),
        ((DOUBLED,), {"gradient": 2}, ("doubled",)),
        ((UPHILL,), {"train": 2}, ("uphill",)),
        ((NEGATED, DOUBLED), {"loss": 2, "gradient": 2}, ("negated", "doubled")),
        ((NEGATED, UPHILL), {"loss": 2, "train": 2}, ("negated", "uphill")),
        ((DOUBLED, UPHILL), {"gradient": 2, "train": 2}, ("doubled", "uphill")),
        ((NEGATED, DOUBLED, UPHILL), {"loss": 2, "gradient": 2, "train": 2}, ("negated", "doubled", "uphill")),
        # One mistake for loss and gradient: it costs where it is seen first.
        ((("total = 0", "total = 0; data = data * data"),), {"loss": 2}, ("squared",)),
        # Nothing that is known: each check that is wrong costs, and nothing is named.
        ((("total = 0", "total = 1"),), {"loss": 2}, ()),
        ((("return [total,", "return [None,"),), {"loss": 2}, ()),
        ((("return [total,", "return ['a',"),), {"loss": 2}, ()),
        ((("total = 0", "raise ValueError('no')"),), {"loss": 2, "gradient": 2}, ()),
        ((("def train", "def fit"),), {"train": 2}, ()),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) and value and isinstance(value[0], str) else None,
)  # fmt: skip
def test_each_mistake_costs_once_where_it_is(tmp_path: Path, edits, costs, named):
    report = assignment(tmp_path).grade(edited(*edits))
    assert lost(report) == costs
    assert {name for r in results(report).values() for name in r.mistakes} == set(named)
    assert not report.host.errors


def test_what_is_carried_says_where_it_has_cost(tmp_path: Path):
    whole = assignment(tmp_path).grade(edited(("total = 0", "total = 0; data = data * data")))
    report = results(whole)
    assert report["gradient"].carried_from == "loss"
    assert "Loss" in wording.carried(whole, report["gradient"])
    assert report["train"].carried_from == "gradient" or report["train"].carried_from == "loss"
    assert report["loss"].diagnosis == "Everything is squared first."


def test_two_mistakes_in_one_value_are_found_as_a_pair(tmp_path: Path):
    both = edited(NEGATED, ("total = 0", "total = 0; data = data * data"))
    report = assignment(tmp_path).grade(both)
    found = results(report)
    assert set(found["loss"].mistakes) == {"negated", "squared"}
    assert found["loss"].diagnosis == "The loss has the wrong sign. Everything is squared first."
    assert lost(report) == {"loss": 2}


def test_nothing_handed_in_earns_nothing_and_says_so(tmp_path: Path):
    report = assignment(tmp_path).grade(None)
    assert sum(lost(report).values()) == 6
    assert "Nothing was handed in" in results(report)["usable"].message


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("class Other:\n    pass", "small.py defines no class Net; it defines Other."),
        ("x = 1", "small.py defines no class Net; it defines no class at all."),
        ("import nothing_of_the_kind", "imports nothing_of_the_kind"),
        ("class Net:\n  def", "not valid Python"),
    ],
)
def test_a_module_that_cannot_be_used(tmp_path: Path, source: str, said: str):
    report = assignment(tmp_path).grade(source)
    assert said in results(report)["usable"].message
    assert all(
        r.outcome in (Outcome.SKIPPED, Outcome.NEEDS_REVIEW)
        for id, r in results(report).items()
        if id != "usable"
    )


def test_an_exception_in_a_check_is_the_instructors_and_costs_nobody(tmp_path: Path):
    one = assignment(
        tmp_path, checks=CHECKS.replace('right.loss(x)[1], "the gradient"', 'right.loss(x)[7], "x"')
    )
    for source in (OTHERWISE, SOLUTION, edited(NEGATED)):
        report = one.grade(source)
        assert results(report)["gradient"].outcome is Outcome.ERROR
        assert (
            "checks.py" in report.host.errors["gradient"] and "IndexError" in report.host.errors["gradient"]
        )
    assert lost(report)["loss"] == 2


def test_an_exception_of_the_hand_ins_is_told_with_its_line(tmp_path: Path):
    found = results(assignment(tmp_path).grade(edited(("total = 0", "total = 0 / 0"))))
    assert "ZeroDivisionError" in found["loss"].message and found["loss"].place.line == 11


def test_a_function_is_found_in_a_notebook(tmp_path: Path):
    one = assignment(
        tmp_path,
        solution="def double(x):\n    return 2 * x\n",
        checks="""
            from grader.api import check

            @check("Double", points=1)
            def double(t):
                x = t.random().standard_normal(3)
                t.close(t.student.double(x), t.solution.double(x), "double(x)")
            """,
        mistakes="",
        entry='functions = ["double"]',
    )
    cells = [
        "import numpy as np",
        "def helper(x):\n    return x + x",
        "def double(x):\n    return helper(x)",
        "double(3)",
    ]
    made = [
        {
            "cell_type": "code",
            "id": str(i),
            "metadata": {},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }
        for i, text in enumerate(cells)
    ]
    notebook = json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    report = one.grade(None, notebook)
    assert not lost(report)
    assert any("double that small.ipynb defines was graded" in note for note in report.notes)
    assert lost(one.grade(None, notebook.replace("x + x", "x"))) == {"double": 1}
    assert not lost(one.grade("def double(x):\n    return x * 2\n"))
    report = one.grade("double = 3")
    assert "defines no function double" in results(report)["usable"].message


def test_hidden_values_are_in_no_message_and_shown_ones_are(tmp_path: Path):
    one = assignment(tmp_path, checks=CHECKS.replace('question="Q1")', 'question="Q1", hidden=False)'))
    found = results(one.grade(edited(NEGATED)))
    assert "it should be" in found["loss"].message and not found["loss"].hidden
    assert results(assignment(tmp_path / "b").grade(edited(NEGATED)))["loss"].message == "The loss is wrong."


def test_the_same_hand_in_gives_the_same_report(tmp_path: Path):
    one = assignment(tmp_path)
    reports = [one.grade(edited(NEGATED, UPHILL)) for _ in range(2)]
    assert results(reports[0]) == results(reports[1])


def test_the_rubric_decides_points_title_hint_and_tolerance(tmp_path: Path):
    more = """
        [checks.loss]
        points = 5
        title = "The first"
        hint = "Look there."
        [checks.gradient]
        relative = 2.0
        """
    report = assignment(tmp_path, more=more, mistakes="").grade(edited(NEGATED, DOUBLED))
    assert lost(report)["loss"] == 5 and "gradient" not in lost(report)
    assert (results(report)["loss"].title, results(report)["loss"].hint) == ("The first", "Look there.")


def test_a_constant_of_the_solution_is_the_rubrics(tmp_path: Path):
    solution = SOLUTION.replace("class Net", "FACTOR = 1.0\n\nclass Net").replace("self.params[\"w\"] * x).sum()", "FACTOR * self.params[\"w\"] * x).sum()")  # fmt: skip
    one = assignment(tmp_path, solution, more="[constants]\nFACTOR = -1.0\n", mistakes="")
    assert lost(one.grade(OTHERWISE)) == {"loss": 2}
    assert not lost(one.grade(edited(NEGATED)))


@pytest.mark.parametrize(
    "value",
    ["float('nan')", "np.zeros((10, 10))", "object()", "{}", "'x' * 10**6", "[[1], [2, 3]]", "lambda: 1"],
)
def test_odd_answers_are_lost_and_no_fault_of_ours(tmp_path: Path, value: str):
    report = assignment(tmp_path).grade(
        edited(("return [total, [factor * b for b in data]]", f"return {value}, {value}"))
    )
    assert {"loss", "gradient"} <= set(lost(report))
    assert not report.host.errors


@pytest.mark.parametrize(
    ("question", "refused"),
    [
        ({"method": "loss", "params": {"w": [1.0, 2, 3, 4]}, "x": [1.0, 2, 3, 4]}, False),
        ({"method": "loss", "params": {"w": [1.0, 2, 3]}, "x": [1.0, 2, 3]}, True),  # another shape than was made
        ({"method": "loss", "params": {"w": [1.0, 2, 3, 4], "more": [1.0]}, "x": [1.0, 2, 3, 4]}, True),
        ({"method": "train", "params": {"w": [1.0, 2, 3, 4]}, "x": [1.0, 2, 3, 4], "steps": 10**9}, True),
        ({"method": "loss", "params": {"w": [1.0, 2, 3, 4]}, "x": "text"}, True),
        ({"method": "loss", "params": {"w": [1.0, 2, 3, 4]}, "y": [1.0]}, True),
        ({"method": "loss", "params": {"w": [1.0, 2, 3, 4]}, "x": np.zeros((4000, 4))}, True),
        ({"method": "loss", "params": {"w": [1.0, 2, 3, 4]}, "x": np.array(["a"])}, True),
        ({"method": "loss"}, True),
        ({}, True),
        (None, True),
        ([1], True),
    ],
)  # fmt: skip
def test_what_is_supplied_answers_questions_of_the_right_form_alone(tmp_path: Path, question, refused: bool):
    _, reference = load_assignment(assignment(tmp_path).rubric)
    answer = supplying.answers(reference.variants.solution(), ("loss",))
    if isinstance(question, dict):
        question = {k: np.array(v) if isinstance(v, list) else v for k, v in question.items()}
        if isinstance(question.get("params"), dict):
            question["params"] = {k: np.array(v) for k, v in question["params"].items()}
    assert ("refused" in answer((4,), {}, question)) is refused
