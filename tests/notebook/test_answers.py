"""Reading the written answers out of notebooks that students have edited, or broken."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from grader.assignment.rubric import Question
from grader.notebook import answers, file
from grader.notebook.answers import MAX_ANSWER, Answers
from grader.notebook.file import Notebook
from tests.hangs import no_hang


def question(id: str, **fields: Any) -> Question:
    return Question(id=id, title=id, points="5", **fields)


QUESTIONS = [question("Q1.1"), question("Q1.2"), question("Q1.10")]


def md(*sources: str) -> list[tuple[str, str]]:
    return [("markdown", source) for source in sources]


def notebook(*sources: str, **fields: Any) -> dict[str, Any]:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": source} for source in sources]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **fields}


def read_file(tmp_path: Path, content: Any, name: str = "ps3.ipynb") -> Notebook:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (tmp_path / name).write_bytes(data)
    return file.read(name, data)


def read(tmp_path: Path, content: Any, name: str = "ps3.ipynb") -> Answers:
    found = read_file(tmp_path, content, name)
    assert found.problem == ""
    return answers.read(found.cells, QUESTIONS)


# ---- which text belongs to which question ----------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        (md("**Q1.1** Find x.", "x = 1", "**Q1.2** Find y.", "y = 2"), {"Q1.1": "x = 1", "Q1.2": "y = 2"}),
        (md("**Q1.1** Find x.", "one", "two"), {"Q1.1": "one\n\ntwo"}),
        (md("**Q1.1** Find x.\n\nx = 1"), {"Q1.1": "x = 1"}),
        (md("**Q1.1** Find x.", "*Your answer here.*"), {"Q1.1": ""}),
        (md("**Q1.10** Find z.", "z = 3"), {"Q1.10": "z = 3"}),
        (
            md("**Q1.1** Find x.", "x, see Q1.2", "**Q1.2** Find y.", "y"),
            {"Q1.1": "x, see Q1.2", "Q1.2": "y"},
        ),
        (md("Hand in Q1.1.", "### **Q1.1** Find x.", "x = 1"), {"Q1.1": "x = 1"}),
        (md("**Q1.1** Find x.", "x = 1", "**Q1.1** again"), {"Q1.1": "x = 1\n\nagain"}),
        (md("**Q1.1** Find x.", "x = 1", "## Problem 2", "text"), {"Q1.1": "x = 1"}),
        (md("## P1", "**Q1.1** Find x.", "### My answer", "x = 1"), {"Q1.1": "### My answer\n\nx = 1"}),
        (md("### **Q1.1** Find x.", "#### Answer\nx = 1", "### Next", "y"), {"Q1.1": "#### Answer\nx = 1"}),
        (md("No question at all"), {}),
        ([], {}),
        ([("code", "# Q1.1"), *md("x")], {}),
        ([*md("**Q1.1** x?"), ("code", "1 + 1"), *md("two"), ("raw", "three")], {"Q1.1": "two\n\nthree"}),
    ],
)
def test_an_answer_is_the_prose_between_its_question_and_the_next(
    cells: list[tuple[str, str]], texts: dict[str, str]
):
    assert answers.answers(cells, QUESTIONS) == texts


def test_the_rubric_may_say_how_a_question_is_found():
    found = answers.answers(md("Why ReLU?", "It is fast."), [question("Q2", find="(?i)why relu")])
    assert found == {"Q2": "It is fast."}


HANDOUT = ("**Q1.1** Find x.", "**Q1.2** Find y.", "*Your answer here.*")


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        (md("**Q1.1** Find x.", "*Your answer here.*"), {"Q1.1": ""}),
        (md("**Q1.1** Find x.", "*Your answer here.*\n\nx = 1"), {"Q1.1": "x = 1"}),
        (md("**Q1.1** Find x.\n\nx = 1", "*Your answer here.*"), {"Q1.1": "x = 1"}),
        (md("**Q1.1**  Find\nx.\n x = 1", "and so on"), {"Q1.1": "x = 1\n\nand so on"}),
        (md("**Q1.1** What is x?", "*Your answer here.*"), {"Q1.1": ""}),
        ([*md("**Q1.1** Find x."), ("raw", "x = 1")], {"Q1.1": "x = 1"}),
        (md("**Q1.1** Find x.", "**Q1.2** Find y.", "y = 2"), {"Q1.1": "", "Q1.2": "y = 2"}),
    ],
)
def test_what_students_were_given_is_no_answer(cells: list[tuple[str, str]], texts: dict[str, str]):
    assert answers.answers(cells, QUESTIONS, (HANDOUT,)) == texts


def test_questions_of_another_year_are_found_by_what_they_ask():
    asked = [question("Q1.1", find=r"\\nabla_a"), question("Q1.2", find=r"\\nabla_b")]
    cells = md(
        "### Q1.1 Draw the graph.",
        "a drawing",
        r"[5pts] 3.2: $\nabla_a J$",
        r"$\nabla_a J = 1$, and $\nabla_b J$ comes next",
        r"**3.3** $\nabla_b J$",
        r"$\nabla_b J = 2$",
    )
    found = answers.answers(cells, asked)
    assert found == {"Q1.1": cells[3][1], "Q1.2": cells[5][1]}


def test_pasted_images_come_with_the_answer(tmp_path: Path):
    written = io.BytesIO()
    PIL.Image.new("RGB", (3, 2), "red").save(written, "PNG")
    content = notebook("**Q1.1** Find x.", "![sketch](attachment:sketch.png)", "**Q1.2** Find y.", "y")
    content["cells"][1]["attachments"] = {
        "sketch.png": {"image/png": base64.b64encode(written.getvalue()).decode()},
        "half.png": {"image/png": "iVBORw0KGgo="},
        "page.html": {"text/html": "PGI+"},
        "broken.png": {"image/png": '"><script>'},
        "vast.png": {"image/png": "A" * (file.MAX_IMAGE + 1)},
    }
    found = read(tmp_path, content)
    assert {id: [i.name for i in images] for id, images in found.images.items()} == {"Q1.1": ["sketch.png"]}
    (note,) = found.notes
    assert note.startswith("an image in the answer to Q1.1 cannot be shown")


def test_an_endless_answer_is_cut():
    (text,) = answers.answers(md("Q1.1", "x" * 10**6), QUESTIONS).values()
    assert len(text) == MAX_ANSWER


# ---- files -----------------------------------------------------------------------------------------


def test_a_notebook_is_read(tmp_path: Path):
    assert read(tmp_path, notebook("**Q1.1** x?", "x = é")).texts == {"Q1.1": "x = é"}


def test_source_may_be_a_list_of_lines(tmp_path: Path):
    content = notebook("**Q1.1** x?")
    content["cells"].append({"cell_type": "markdown", "source": ["one\n", "two"]})
    assert read(tmp_path, content).texts == {"Q1.1": "one\ntwo"}


def test_nbformat_3_is_read(tmp_path: Path):
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Problem 1"},
        {"cell_type": "markdown", "source": ["**Q1.1** x?"]},
        {"cell_type": "code", "input": ["1 + 1"], "outputs": []},
        {"cell_type": "markdown", "source": "x = 1"},
        {"cell_type": "heading", "level": 2, "source": "Problem 2"},
        {"cell_type": "markdown", "source": "more"},
    ]
    content = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    assert read(tmp_path, content).texts == {"Q1.1": "x = 1"}


def test_what_python_writes_but_json_does_not_have_is_read(tmp_path: Path):
    data = json.dumps(notebook("**Q1.1** x?", "a\ud800b", metadata={"x": float("nan")})).encode()
    assert b"NaN" in data
    assert read(tmp_path, data).texts == {"Q1.1": "a?b"}


def test_a_byte_order_mark_does_no_harm(tmp_path: Path):
    data = b"\xef\xbb\xbf" + json.dumps(notebook("**Q1.1** x?", "x")).encode()
    assert read(tmp_path, data).texts == {"Q1.1": "x"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"not a notebook", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b'{"cells": [{"cell_type": "markdown", "sou', "no JSON"),
        (b"[" * 100_000, "damaged"),
        (b'{"cells": ' * 100_000, "damaged"),
        (b'{"a": ' * 100_000, "no JSON"),
        (b"<<<<<<< HEAD\n{}", "no JSON"),
        (b"[]", "damaged"),
        (b"null", "damaged"),
        (b'{"cells": null}', "damaged"),
        (b'{"cells": [' + b"{}," * 20_000 + b"{}]}", "it has 20,001 cells, more than 2,000"),
    ],
    ids=lambda value: str(value)[:25],
)
def test_a_broken_notebook_is_a_note_and_no_answer(tmp_path: Path, data: bytes, reason: str):
    found = read_file(tmp_path, data)
    assert found.cells == ()
    assert reason in found.problem


@pytest.mark.parametrize("content", [{}, {"cells": []}, {"worksheets": []}, {"cells": [{}]}])
def test_a_notebook_without_cells_has_no_answers(tmp_path: Path, content: dict[str, Any]):
    found = read_file(tmp_path, content)
    assert answers.read(found.cells, QUESTIONS).texts == {}
    assert found.problem == ("" if found.cells else "ps3.ipynb cannot be read as a notebook: it has no cells")


@pytest.mark.parametrize("cell", [b"5", b'{"cell_type": "markdown", "source": {"a": 1}}'])
def test_a_damaged_cell_is_named_and_holds_no_answer(tmp_path: Path, cell: bytes):
    found = read_file(tmp_path, b'{"cells": [' + cell + b"]}")
    assert "damaged" in " ".join((found.problem, *found.notes))
    assert answers.read(found.cells, QUESTIONS).texts == {}


@pytest.mark.slow
@pytest.mark.parametrize("piece", [b"{},", b"[],", b'"",', b"1,", b"[{}],"])
def test_a_large_notebook_made_of_small_things_takes_bounded_time(tmp_path: Path, piece: bytes):
    data = b'{"metadata": [' + piece * (16 << 20 >> 2) + b'0], "cells": []}'
    with no_hang():
        found = read_file(tmp_path, data)
        assert answers.read(found.cells, QUESTIONS) == Answers()
