"""Each answer goes to its own question, however a notebook is laid out, and to no other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.errors import RubricError
from grader.grading.loading import load_assignment
from grader.notebook import answers, file
from tests.conftest import ROOT
from tests.notebook import layouts
from tests.notebook.mixtures import Mixture, mixtures

Cell = tuple[str, str]


def found(rubric: Rubric, reference: Reference, notebook: Any) -> dict[str, str]:
    """The answers in a notebook of nbformat."""
    cells = file.read("ps3.ipynb", nbformat.writes(notebook).encode()).cells
    return answers.read(cells, rubric.questions, reference.templates(())).texts


def squeezed(text: str) -> str:
    return "".join(text.split())


def faults(texts: Mapping[str, str], expected: Mapping[str, str | None]) -> list[str]:
    """What is wrong with the answers that were found, in words."""
    wrong = []
    for id, part in expected.items():
        text = squeezed(texts.get(id, "(not found)"))
        if part is None:
            wrong += [f"{id}: found {texts.get(id)!r}, wanted nothing"] if text else []
            continue
        if squeezed(part) not in text:
            wrong.append(f"{id}: found {texts.get(id)!r}, wanted {part!r} in it")
        for other in layouts.QUESTIONS:
            answer, asked = layouts.ANSWER[other], layouts.TEXT[other].split("\n\n")[-1]
            if (
                other != id
                and squeezed(answer) in text
                and squeezed(answer) not in squeezed(layouts.ANSWER[id])
            ):
                wrong.append(f"{id}: the answer to {other} is in it")
            if squeezed(asked) in text:
                wrong.append(f"{id}: the text of {other} is in it")
    return wrong


_QUOTES_OTHERS = "answers open with another gradient"


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, _, _ in layouts.NOTEBOOKS])
def test_answers_are_found_in_any_layout(ps3: Rubric, reference: Reference, name: str):
    build, expected = next((build, expected) for other, build, expected in layouts.NOTEBOOKS if other == name)
    wrong = faults(found(ps3, reference, build()), expected)
    if name == _QUOTES_OTHERS:
        wrong = [fault for fault in wrong if "the answer to Q1.1 is in it" not in fault]
    assert wrong == []


def held(rubric: Rubric, reference: Reference, mixture: Mixture) -> None:
    """Each mark is in the answer to its own question, and in no other; what is not answered is empty."""
    texts = answers.answers(mixture.cells, rubric.questions, reference.templates(()))
    for id, marks in mixture.marks.items():
        assert [mark for mark in marks if mark not in texts[id]] == []
        others = [mark for other, some in mixture.marks.items() if other != id for mark in some]
        assert [mark for mark in others if mark in texts[id]] == []
        assert marks or texts[id] == ""


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(mixture=mixtures())
def test_each_answer_goes_to_its_own_question_and_to_no_other(
    ps3: Rubric, reference: Reference, mixture: Mixture
):
    held(ps3, reference, mixture)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(mixture=mixtures())
def test_hundreds_of_mixtures_are_found(ps3: Rubric, reference: Reference, mixture: Mixture):
    held(ps3, reference, mixture)


# ---- one form of labels, headings, answers for all questions ---------------------------------------


def laid_out(form: str, opening: str = "", heading: str = "", place: str = "below") -> list[Cell]:
    """The problem set, asked in one form, with each answer's opening and place."""
    cells = [layouts.INTRO, layouts.PROBLEM_1]
    end = []
    for q in layouts.QUESTIONS:
        cells += [layouts.PROBLEM_2, "### Train the network on MNIST"] if q == "Q2.5" else []
        cells += [layouts.PROBLEM_3] if q == "Q3.1" else []
        asked, answer = (
            layouts.ask(q, form),
            opening.replace("{q}", q).replace("{n}", q[1:]) + layouts.ANSWER[q],
        )
        match place:
            case "below":
                cells += [asked, heading + answer]
            case "beside":
                cells.append(f"{asked}\n\n{heading}{answer}")
            case "own cell":
                cells += [asked, opening.replace("{q}", q).replace("{n}", q[1:]), heading + layouts.ANSWER[q]]
            case "second cell":
                cells += [asked, "By the chain rule.", heading + answer]
            case _:
                cells.append(asked)
                end.append(answer)
    return [("markdown", source) for source in (*cells, *end)]


def wrong(rubric: Rubric, reference: Reference, cells: list[tuple[str, str]]) -> list[str]:
    return faults(answers.answers(cells, rubric.questions, reference.templates(())), layouts.ALL)


PLAIN = "**{q} [{p}pts]** {t}"


@pytest.mark.parametrize(
    "form",
    [
        "Q {n}: {t}", "{n}. {t}", "{n}: {t}", "Exercise {n}: {t}", "### Problem {n} ({p} pts)\n\n{t}", "__{q}__ {t}",
        "`{q}` {t}", "{q}\n\n{t}", "{q}\n{t}", "**{q}:** ({p} points)\n\n{t}", "|{q}| {t}", "**{p} points — {q}:** {t}",
        "<h3>{q}</h3>\n{t}", "<font color='red'>{q}</font> {t}", "**Question {q}** {t}", "{q}. [{p} points] {t}",
        "[{q}] {t}", "Task {n}) {t}", "{q} ({p}P) {t}", "##{q} {t}", "#### {n}) {t}", "**{q}** *[{p} marks]* — {t}",
        "&nbsp;**{q}** {t}", "{q}- {t}", "# {q}\n\n{t}", "###### {q}\n\n{t}",
    ],
)  # fmt: skip
def test_a_question_may_be_labelled_in_any_form(ps3: Rubric, reference: Reference, form: str):
    assert wrong(ps3, reference, laid_out(form)) == []


@pytest.mark.parametrize("place", ["below", "beside", "at the end"])
@pytest.mark.parametrize(
    "opening",
    [
        "{q}: ", "**{q}:**\n\n", "Answer {n}: ", "Ans {n}) ", "Solution {n}.\n\n", "**Solution to {q}**\n\n",
        "# {q} Solution\n\n", "## Answer {n}\n", "({q}) ", "[{q}] ", "**{n}** ", "{n}) ", "### {q}\n", "A{n}) ",
        "Ans{n}: ", "Q{n}'s answer: ", "Answer for question {n}: ", "# My Solution for {q}\n",
    ],
)  # fmt: skip
def test_an_answer_may_be_labelled_in_any_form(ps3: Rubric, reference: Reference, opening: str, place: str):
    assert wrong(ps3, reference, laid_out(PLAIN, opening, place=place)) == []


@pytest.mark.parametrize("place", ["below", "beside", "own cell"])
@pytest.mark.parametrize(
    "opening",
    [
        "Ans: ", "**A:** ", "Sol. ", "Here is my solution:\n\n", "**Claim.** ", "1. ", "(1) ", "a) ", "*Solution.* ",
        "What is the gradient? Let us see.\n\n", "As you can see, it is easy.\n\n", "Find the derivative first. ",
        "Q1.1 gives the first factor, and\nQ1.2 the second one.\n\n", "(1.1) $x = 3$\n\n(1.2) $y = 4$\n\n",
        "It is called in the first question, which is\nQ1.1: the error.\n\n", "1. one step\n2. another\n\n",
        "**(a)** first\n\n**(b)** second\n\n", "| a | b |\n|---|---|\n| 1 | 2 |\n\n", "**Note:** one example.\n\n",
        "```python\n# Q1.1\nx = 1\n```\n\n", "Problem 1 says that all nodes are sigmoid.\n\n", "Part 1: b\n\n",
        "0.5 is the factor. 1.5 times that.\n\n1.2 is not it.\n\n", "(5 points please!)\n\n", "5 points for this\n\n",
        "Unlike L1 and L2 norms, and which activation one would choose\n\n",
    ],
)  # fmt: skip
def test_what_an_answer_begins_with_makes_no_other_of_it(
    ps3: Rubric, reference: Reference, opening: str, place: str
):
    assert wrong(ps3, reference, laid_out(PLAIN, opening, place=place)) == []


@pytest.mark.parametrize("place", ["below", "beside", "second cell"])
@pytest.mark.parametrize("form", [PLAIN, "# {q}\n\n{t}", "### {q} {t}", "###### {q}\n\n{t}"])
@pytest.mark.parametrize(
    "heading",
    ["# Backprop", "## Why ReLU", "# Result", "### Calculation", "# Part 1", "#### a", "###### Idea"],
)
def test_headings_of_any_level_belong_to_an_answer(
    ps3: Rubric, reference: Reference, heading: str, form: str, place: str
):
    assert wrong(ps3, reference, laid_out(form, heading=f"{heading}\n\n", place=place)) == []


@pytest.mark.parametrize(
    "placeholder",
    [
        "Your answer here", "[Your answer]", "<your answer>", "(Your answer goes here)", "**Answer:** *fill in*",
        "Write your solution in this cell.", "*Type your answer here, replacing this text.*", "### Your answer:",
        "Type *Markdown* and LaTeX: $\\alpha^2$", "`[double click here to add a solution]`", "YOUR ANSWER HERE",
        "Double-click __here__ for the solution.", "<!-- your answer here -->", "...", "Answer: ___", "$$\n\n$$",
        "Insert your derivation here.", "**Answer**", "{q} Answer:", "TODO", "---", "<br>",
    ],
)  # fmt: skip
def test_a_placeholder_is_no_answer(ps3: Rubric, reference: Reference, placeholder: str):
    asked = [(layouts.ask(q), placeholder.replace("{q}", q)) for q in layouts.QUESTIONS]
    cells = [("markdown", source) for pair in asked for source in pair]
    assert answers.answers(cells, ps3.questions, reference.templates(())) == dict.fromkeys(
        layouts.QUESTIONS, ""
    )


@pytest.mark.parametrize("joint", ["\n\n", "\n"])
def test_left_sides_say_which_answer_is_which(ps3: Rubric, reference: Reference, joint: str):
    first = layouts.QUESTIONS[:6]
    answer = joint.join(layouts.ANSWER[q] for q in first)
    for asked in ([layouts.ask(q) for q in first], ["\n\n".join(layouts.ask(q) for q in first)]):
        cells = [("markdown", source) for source in (*asked, answer)]
        texts = answers.answers(cells, ps3.questions, reference.templates(()))
        assert faults(texts, {q: layouts.PART[q] for q in first}) == []


# ---- notebooks that were handed out ----------------------------------------------------------------


def test_the_courses_own_empty_notebook_answers_nothing(ps3: Rubric, reference: Reference):
    notebook = nbformat.read(reference.handed_out / "ps3.ipynb", 4)  # type: ignore[no-untyped-call]
    texts = found(ps3, reference, notebook)
    assert texts == {question.id: "" for question in ps3.questions if not question.checks}


_EARLIER = (
    "**Q4.1** On the gradient at the output.\n\nThe network is that of the lecture. $\\nabla_{a^{(2)}}J$ is wanted.",
    "(fill this in)",
    "**Q4.2** The same for the bias, $\\nabla_{b^{(2)}}J$.\n\nNothing has to be proved.",
    "(fill this in)",
)


@pytest.mark.parametrize("templates", [(), (_EARLIER,)])
def test_an_empty_notebook_of_an_earlier_year_answers_nothing(
    ps3: Rubric, templates: tuple[tuple[str, ...], ...]
):
    cells = [("markdown", source) for source in _EARLIER]
    texts = answers.answers(cells, ps3.questions, templates)
    assert texts.keys() == {"Q1.1", "Q1.2"}
    assert any(texts.values()) != bool(templates)


def test_answers_under_questions_of_an_earlier_year_are_found(ps3: Rubric):
    one, _, other, _ = _EARLIER
    cells = [("markdown", source) for source in (one, "$x = 1$", f"{other}\n\n$y = 2$")]
    texts = answers.answers(cells, ps3.questions, (_EARLIER,))
    assert texts == {"Q1.1": "$x = 1$", "Q1.2": "$y = 2$"}


def test_a_rubric_names_notebooks_of_earlier_years(tmp_path: Path):
    shutil.copytree(ROOT / "reference" / "ps3", tmp_path / "reference" / "ps3")
    rubric = tmp_path / "rubrics" / "ps3.toml"
    rubric.parent.mkdir()
    text = (ROOT / "rubrics" / "ps3.toml").read_text()
    rubric.write_text(text.replace("packages =", 'earlier_notebooks = ["2015.ipynb"]\npackages =', 1))
    earlier = tmp_path / "reference" / "ps3" / "earlier" / "2015.ipynb"
    with pytest.raises(RubricError, match=r"earlier_notebooks\[0\].*2015\.ipynb: cannot be read"):
        load_assignment(rubric)
    earlier.parent.mkdir()
    earlier.write_text("{}")
    with pytest.raises(RubricError, match=r"2015\.ipynb: is no notebook"):
        load_assignment(rubric)
    cells = [{"cell_type": "markdown", "source": [source]} for source in _EARLIER]
    earlier.write_text(json.dumps({"cells": cells}))
    loaded, reference = load_assignment(rubric)
    assert reference.templates(loaded.earlier_notebooks)[1] == _EARLIER
    assert reference.fingerprint != Reference(ROOT / "reference" / "ps3").fingerprint
