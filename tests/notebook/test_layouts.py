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

from grader import assignment
from grader.errors import RubricError
from grader.notebook import answers, file
from grader.reference import Reference
from grader.rubric import Rubric
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


@pytest.mark.parametrize("name", [name for name, _, _ in layouts.NOTEBOOKS])
def test_answers_are_found_in_any_layout(ps3: Rubric, reference: Reference, name: str):
    build, expected = next((build, expected) for other, build, expected in layouts.NOTEBOOKS if other == name)
    wrong = faults(found(ps3, reference, build()), expected)
    if name == _QUOTES_OTHERS:
        wrong = [fault for fault in wrong if "the answer to Q1.1 is in it" not in fault]
    assert wrong == []


@settings(max_examples=150, deadline=None)
@given(mixtures())
def test_each_answer_goes_to_its_own_question_and_to_no_other(mixture: Mixture):
    rubric, reference = assignment.load_assignment()
    texts = answers.answers(mixture.cells, rubric.questions, reference.templates(()))
    for id, marks in mixture.marks.items():
        assert [mark for mark in marks if mark not in texts[id]] == []
        others = [mark for other, some in mixture.marks.items() if other != id for mark in some]
        assert [mark for mark in others if mark in texts[id]] == []
        assert marks or texts[id] == ""


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
        assignment.load_assignment(rubric)
    earlier.parent.mkdir()
    earlier.write_text("{}")
    with pytest.raises(RubricError, match=r"2015\.ipynb: is no notebook"):
        assignment.load_assignment(rubric)
    cells = [{"cell_type": "markdown", "source": [source]} for source in _EARLIER]
    earlier.write_text(json.dumps({"cells": cells}))
    loaded, reference = assignment.load_assignment(rubric)
    assert reference.templates(loaded.earlier_notebooks)[1] == _EARLIER
    assert reference.fingerprint != Reference(ROOT / "reference" / "ps3").fingerprint
