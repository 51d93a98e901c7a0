"""What reports say about a hand-in's notebook."""

from __future__ import annotations

import msgspec
import pytest

from grader.model import (
    CellRun,
    GradeReport,
    Image,
    NotebookPlot,
    NotebookResult,
    PrintedValue,
    question_result,
)
from grader.report.audience import for_students
from grader.report.html import render as render_html
from grader.report.markdown import render as render_markdown
from tests.report import report_samples as samples
from tests.report.test_report_html import Page
from tests.report.test_report_terminal import piped, squeezed

EDITED = PrintedValue("Sigmoid: test accuracy", "Q2.3", 10, "differs", 0.99, 0.8639, 0.8639, 0.03)
NEARLY = PrintedValue("Loss", "Q2.1", 3, "differs", 1.18224798, 1.18224799, None, 1e-9)
PLOTS = (
    NotebookPlot("Loss history", "Q2.3", Image("plot", "image/png", "aGk="), True),
    NotebookPlot(
        "Weights", "Q2.3", Image("plot", "image/png", "aG8="), False, "Not drawn when executed again."
    ),
    NotebookPlot("Accuracies", "Q2.3", None, False, "There is no such plot in the notebook."),
)
CELLS = (
    CellRun(1, "import numpy", "ran"),
    CellRun(2, "!pip install torch", "refused", "Not run: !pip install torch"),
    CellRun(3, "1 / 0", "failed", "ZeroDivisionError: division by zero"),
)
NOTEBOOK = NotebookResult(
    "ps3.ipynb",
    "2 of 3 code cells ran.",
    CELLS,
    (EDITED, PrintedValue("Loss", "Q2.1", 3, "agrees", 1.182248, 1.182248, 1.182248, 1e-6)),
    PLOTS,
    ("utils.py was changed",),
)


def with_notebook(notebook: NotebookResult = NOTEBOOK) -> GradeReport:
    question = question_result("Q2.3", "Training", samples.points("2"), [samples.check()])
    return msgspec.structs.replace(samples.report(question), notebook=notebook)


def test_staff_see_claims_cells_and_plots():
    page = Page(render_html(with_notebook()))
    flag = "Sigmoid: test accuracy: the file says 0.99, executed again it is 0.8639."
    for text in (
        flag,
        "2 of 3 code cells ran.",
        "Not run: !pip install torch",
        "ZeroDivisionError",
        "utils.py was changed",
    ):
        assert text in page.text
    sources = [value for tag, name, value in page.attributes if (tag, name) == ("img", "src")]
    assert sources == ["data:image/png;base64,aGk=", "data:image/png;base64,aG8="]
    assert "There is no such plot in the notebook." in page.text
    for rendered in (render_markdown(with_notebook()), squeezed(with_notebook())):
        assert "0.99" in rendered and "0.8639" in rendered and "2 of 3 code cells ran." in rendered


def test_students_see_their_cells_and_plots_and_no_flags():
    report = for_students(with_notebook())
    for rendered in (render_html(report), render_markdown(report), squeezed(report)):
        assert "0.99" not in rendered and "utils.py was changed" not in rendered
        assert "ZeroDivisionError" in rendered
    assert "data:image/png;base64,aGk=" in render_html(report)


def test_two_numbers_that_differ_never_look_equal():
    notebook = msgspec.structs.replace(NOTEBOOK, values=(NEARLY,))
    assert "the file says 1.18224798, executed again it is 1.18224799." in render_html(
        with_notebook(notebook)
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_any_number_can_be_shown(value: float | None):
    odd = PrintedValue("Loss", "Q2.1", 3, "not compared", value, value, value, None, "Not printed.")
    report = with_notebook(msgspec.structs.replace(NOTEBOOK, values=(odd,)))
    Page(render_html(report))
    render_markdown(report)
    piped(report)


def test_only_some_failures_are_named_in_the_terminal():
    failed = tuple(CellRun(n, "x", "failed", "NameError: x") for n in range(1, 10))
    text = squeezed(with_notebook(msgspec.structs.replace(NOTEBOOK, cells=failed)))
    assert "Code cell 5, failed" in text and "Code cell 6" not in text and "and 4 more" in text


def test_hostile_text_stays_text():
    bad = samples.HOSTILE
    notebook = NotebookResult(
        bad,
        "1 of 2 code cells ran.",
        (CellRun(1, bad, "failed", bad),),
        (msgspec.structs.replace(EDITED, note=bad),),
        (NotebookPlot("Loss", "Q2.3", None, False, bad),),
        (bad,),
    )
    page = Page(render_html(with_notebook(notebook)))
    assert "script" not in page.tags
    assert "\x1b" not in render_markdown(with_notebook(notebook)) + piped(with_notebook(notebook))
    assert "<script>" not in render_markdown(with_notebook(notebook))
