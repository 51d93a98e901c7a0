"""Notebooks as students hand them in: each is graded, and what is odd about it is said in one line."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import msgspec
import pytest

from grader.grading import runner
from grader.grading.runner import Run
from grader.model import GradeReport
from grader.report import html, wording
from grader.report.audience import for_students
from tests import finding
from tests.conftest import SUBMISSIONS
from tests.grading.test_runner import without_accuracy
from tests.hangs import no_hang
from tests.notebook.notebooks import code, content, printed, prose

ALICE = SUBMISSIONS / "alice"
ANSWER = [prose("**Q1.1** [5 pts] Find it."), prose("$h^{(2)} - y$")]


@pytest.fixture
def quick(on_digits: Run) -> Run:
    """Without the trainings on the dataset, and with short deadlines for cells."""
    rubric = without_accuracy(on_digits.rubric)
    assert rubric.notebook is not None
    short = msgspec.structs.replace(rubric.notebook, execute="always", cell_wall=2.0, wall=20.0)
    return dataclasses.replace(on_digits, rubric=msgspec.structs.replace(rubric, notebook=short))


def graded(folder: Path, run: Run) -> GradeReport:
    (found,) = finding.find([folder], run.rubric.entry.class_name)
    report = runner.grade(found, run)
    assert not runner.has_errors(report)
    assert "<script>alert" not in html.render(report)
    return report


def hand_in(folder: Path, data: bytes, name: str = "ps3.ipynb") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    (folder / "mlp.py").write_bytes((ALICE / "mlp.py").read_bytes())
    return folder


def summary(report: GradeReport) -> str:
    assert report.notebook is not None
    return report.notebook.summary


FORMAT_3 = json.dumps(
    {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": "ps3"},
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 1, "source": ["Problem 1"]},
                    {"cell_type": "markdown", "source": ["**Q1.1** [5 pts] Find it."]},
                    {"cell_type": "markdown", "source": ["$h^{(2)} - y$"]},
                    {
                        "cell_type": "code",
                        "input": ["1 + 1"],
                        "language": "python",
                        "outputs": [],
                        "prompt_number": 7,
                    },
                ]
            }
        ],
    }
).encode()
COLAB = {
    "accelerator": "GPU",
    "colab": {"name": "Copy of ps3.ipynb", "provenance": [{"file_id": "x"}], "toc_visible": True},
    "kernelspec": {"display_name": "My env (conda)", "name": "conda-env-me-py"},
    "widgets": {"application/vnd.jupyter.widget-state+json": {"x": {"state": {}}}},
}
LARGE = {"output_type": "display_data", "data": {"image/png": "A" * 1_000_000}, "metadata": {}}
FILES = {
    "format 3": FORMAT_3,
    "byte order mark": b"\xef\xbb\xbf" + content([*ANSWER, "1 + 1"]),
    "Colab": content(
        [*ANSWER, code("1 + 1") | {"id": "x" * 99, "metadata": {"colab": {"height": 5}}}], metadata=COLAB
    ),
    "VS Code": content(
        [*ANSWER, code("1 + 1") | {"metadata": {"vscode": {"languageId": "python"}}}], metadata={}
    ),
    "no metadata at all": json.dumps(
        {"cells": [*ANSWER, {"cell_type": "code", "source": ["1 +", " 1"]}]}
    ).encode(),
    "50 MB": content([*ANSWER, code("1 + 1", *[LARGE] * 50)]),
    "NaN in it": content([*ANSWER, code("1 + 1")], metadata={"x": float("nan")}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_notebook_of_whatever_make_is_read_and_executed(name: str, tmp_path: Path, quick: Run):
    report = graded(hand_in(tmp_path / "s", FILES[name]), quick)
    assert summary(report) == "Its one code cell ran."
    assert report.host.outputs["code cell 1"] == "2\n"
    assert report.questions[0].earned == 5


DAMAGED = {
    "no JSON": (
        b"<html>",
        "ps3.ipynb cannot be read as a notebook: it is a web page; download the notebook itself",
    ),
    "no notebook": (b"[1, 2]", "ps3.ipynb cannot be read as a notebook: it is damaged"),
    "half of one": (content(["1"])[:-20], "ps3.ipynb cannot be read as a notebook: it is no JSON"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DAMAGED)
def test_a_notebook_that_cannot_be_read_is_one_remark(name: str, tmp_path: Path, quick: Run):
    data, note = DAMAGED[name]
    report = graded(hand_in(tmp_path / "s", data), quick)
    assert report.notes == (note,)
    assert report.notebook is None
    assert report.earned > 20  # the module is graded all the same


@pytest.mark.slow
def test_cells_that_fail_are_said_and_the_others_count(tmp_path: Path, quick: Run):
    cells = [
        "from mlp import TwoLayerMLP\n%load_ext autoreload\n%autoreload 2",
        "!pip install torch",
        "input('go on? ')",
        "while True: print('<script>alert(1)</script>' * 100)",
        "from IPython.display import HTML\nHTML('<script>alert(1)</script>')",
        "1 / 0",
        "print('<script>alert(1)</script>', TwoLayerMLP.__name__)",
    ]
    with no_hang():
        report = graded(hand_in(tmp_path / "s", content([*ANSWER, *cells])), quick)
    assert summary(report) == "4 of 7 code cells ran."
    assert [(cell.number, cell.status) for cell in report.notebook.cells if cell.status != "ran"] == [
        (2, "refused"),
        (3, "failed"),
        (4, "stopped"),
        (6, "failed"),
    ]
    assert report.earned > 20


@pytest.mark.slow
def test_of_two_notebooks_a_person_chooses_unless_the_name_says_which(tmp_path: Path, quick: Run):
    folder = hand_in(tmp_path / "s", content(["1"]), "Untitled.ipynb")
    hand_in(folder, content(["print('the larger one')"]), "homework.ipynb")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "ps3-checkpoint.ipynb").write_bytes(content(["1 / 0"] * 9))
    report = graded(folder, quick)
    assert report.notes == ("not read, as several notebooks may be meant: Untitled.ipynb, homework.ipynb",)
    hand_in(folder, content(["2"]))
    assert graded(folder, quick).notes == (
        "ps3.ipynb was read as the notebook",
        "not read, another notebook: Untitled.ipynb, homework.ipynb",
    )


@pytest.mark.slow
def test_a_changed_utils_is_reported_and_not_used(tmp_path: Path, quick: Run):
    folder = hand_in(
        tmp_path / "s", content(["import utils\nprint(utils.eval_numerical_gradient(sum, None))"])
    )
    (folder / "utils.py").write_text("def eval_numerical_gradient(*_): return 'all fine'\n")
    report = graded(folder, quick)
    assert report.notebook.notes == ("utils.py was changed; the one handed out was used for the notebook",)
    assert "all fine" not in str(report.host.outputs)


@pytest.mark.slow
def test_claims_are_compared_and_a_stale_one_is_flagged(tmp_path: Path, quick: Run):
    stale = code(
        "net = make('sigmoid')\nprint(2.5 + 0 * 1)  # net.loss(X, y, reg=0.1)", printed("1.182248\n")
    )
    report = graded(hand_in(tmp_path / "s", content(["def make(name): pass", stale])), quick)
    value = report.notebook.values[0]
    assert (value.verdict, value.claimed, value.obtained) == ("differs", 1.182248, 2.5)
    assert "the file says 1.182248, executed again it is 2.5" in html.render(report)


@pytest.mark.slow
def test_a_cell_that_shows_results_and_raises_is_flagged_for_staff_alone(tmp_path: Path, quick: Run):
    source = "net = make('sigmoid')\nloss = net.loss(1, 2, reg=0.1)\nprint(loss)"
    cells = content(["def make(name): pass", code(source, printed("1.182248\n"))])
    report = graded(hand_in(tmp_path / "s", cells), quick)
    note = "Executed again, code cell 2 raised AttributeError at line 2."
    assert wording.flags(report.notebook) == (
        f"Sigmoid: loss on the toy data: the file says 1.182248. {note}",
    )
    assert note in html.render(report) and note not in html.render(for_students(report))


@pytest.mark.slow
def test_a_cell_that_missed_a_package_or_a_changed_file_is_not_flagged(tmp_path: Path, quick: Run):
    shown = code("net = make('sigmoid')\nprint(net.loss(1, 2, reg=0.1))", printed("1.182248\n"))
    for n, first in enumerate(("import torch\ndef make(name): pass", "def make(name): return torch")):
        folder = hand_in(tmp_path / str(n), content([first, shown]))
        if n:
            (folder / "utils.py").write_text("changed = True\n")
        assert wording.flags(graded(folder, quick).notebook) == ()


@pytest.mark.slow
def test_alice_is_executed_on_digits(on_digits: Run):
    rubric = msgspec.structs.replace(without_accuracy(on_digits.rubric), notebook=on_digits.rubric.notebook)
    report = graded(ALICE, dataclasses.replace(on_digits, rubric=rubric))
    if (
        summary(report) != "All 11 code cells ran."
    ):  # whatever runs beside it may have kept cells from running
        print(report.notebook)
        report = graded(ALICE, dataclasses.replace(on_digits, rubric=rubric))
    assert summary(report) == "All 11 code cells ran."
    verdicts = [value.verdict for value in report.notebook.values]
    assert verdicts.count("agrees") == 12  # on the toy data
    assert {v.note for v in report.notebook.values if v.verdict != "agrees"} == {
        "Claimed on mnist, executed on digits."
    }
    assert all(plot.executed and plot.image for plot in report.notebook.plots)
