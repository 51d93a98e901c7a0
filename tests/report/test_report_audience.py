from __future__ import annotations

import io
import math
import re

import msgspec
from rich.console import Console

from grader.model import (
    Comparison,
    ConfusionMatrix,
    Curves,
    GradeReport,
    Host,
    ImageGrid,
    Outcome,
    Series,
    question_result,
    to_json,
)
from grader.report.audience import for_students
from grader.report.html import render as render_html
from grader.report.markdown import render as render_markdown
from grader.report.terminal import render as render_terminal
from tests.report import report_samples as samples

SECRET = "Sentinel"
"""Starts every hidden text; hidden numbers start with the digits 7319."""


def secretive() -> GradeReport:
    hidden = samples.check(
        "hidden-check",
        "Networks that you have not seen",
        Outcome.FAILED,
        "0",
        "2",
        "Two of five networks disagree.",
        hint="the hint stays",
        diagnosis="the diagnosis stays",
        mistakes=("named-for-staff",),
        notes=("the note stays",),
        detail=f"{SECRET}Detail 7319.5",
        comparisons=(
            Comparison(f"{SECRET}Label", 7319.25, 7319.125, 7319e-12),
            Comparison("shape", f"{SECRET}Observed", f"{SECRET}Expected"),
            Comparison("last", math.nan, 7319.75),
        ),
        figures=(
            Curves(
                f"{SECRET}Curves",
                f"{SECRET}X",
                f"{SECRET}Y",
                (Series(f"{SECRET}Series", (7319.0, 7320.0), (7319.5, 7319.875), is_reference=True),),
            ),
            ImageGrid(f"{SECRET}Images", 2, 2, b"7319"),
            ConfusionMatrix(f"{SECRET}Matrix", (f"{SECRET}Class",), ((7319,),)),
        ),
        hidden=True,
        carried_from="open-check",
        formula="h - y",
        suggested=samples.points("1"),
        waits_for="open-check",
    )
    visible = samples.check("open-check", "Toy network", detail=f"{SECRET}OpenDetail 7319")
    host = Host(
        tier="A",
        versions={"python": "3.11"},
        timings={"hidden-check": 0.25},
        stacks={"hidden-check": "mlp.py, line 3, in loss"},
        errors={"hidden-check": f"{SECRET}Error 7319"},
        outputs=dict.fromkeys(("hidden-check", "open-check", "no check"), f"{SECRET}Output 7319"),
    )
    return samples.report(
        question_result("2.1", "Forward", samples.points("4"), (visible, hidden)), host=host
    )


def all_renders(report: GradeReport) -> dict[str, str]:
    terminal = io.StringIO()
    render_terminal(report, Console(file=terminal, width=80))
    return {
        "html": render_html(report),
        "markdown": render_markdown(report),
        "terminal": terminal.getvalue(),
        "json": to_json(report).decode(),
    }


def test_no_hidden_value_in_any_format_for_students() -> None:
    for name, text in all_renders(for_students(secretive())).items():
        assert SECRET not in text, name
        assert "7319" not in text, name
        # The pixels as base64, as JSON has them.
        assert "NzMxOQ" not in text, name
        assert "<img" not in text, name
        assert "<svg" not in text, name


def test_the_same_values_are_there_for_staff() -> None:
    renders = all_renders(secretive())
    for name in ("html", "markdown", "json"):
        assert "7319.25" in renders[name]
        assert f"{SECRET}Detail" in renders[name]
        assert f"{SECRET}Error" in renders[name]
        assert renders[name].count(f"{SECRET}Output") == 3


def test_no_format_shows_students_what_was_printed_even_if_it_was_not_stripped() -> None:
    report = msgspec.structs.replace(secretive(), audience="student")
    renders = all_renders(report)
    for name in ("html", "markdown", "terminal"):
        assert f"{SECRET}Output" not in renders[name], name


def test_what_a_student_may_see_of_a_hidden_check_stays() -> None:
    for name, text in all_renders(for_students(secretive())).items():
        plain = re.sub(r"\s+", " ", text)
        for kept in (
            "Networks that you have not seen",
            "Two of five",
            "hint stays",
            "diagnosis stays",
            "note stays",
        ):
            assert kept in plain, (name, kept)
    assert "mlp.py, line 3" in render_html(for_students(secretive()))


def test_redaction_keeps_points_and_visible_evidence() -> None:
    report = samples.partly_failed()
    redacted = for_students(report)
    assert redacted.audience == "student"
    assert (redacted.earned, redacted.points, redacted.open_points) == (
        report.earned,
        report.points,
        report.open_points,
    )
    before = report.questions[1].checks
    after = redacted.questions[1].checks
    assert after[0].comparisons == before[0].comparisons
    assert redacted.questions[2].checks[0].figures == report.questions[2].checks[0].figures
    assert [check.earned for check in after] == [check.earned for check in before]
    assert redacted.questions[0].answer == report.questions[0].answer


def test_a_hidden_check_keeps_named_fields_only() -> None:
    """A field that is added to the model later is kept back until somebody lists it."""
    kept = {"id", "title", "outcome", "earned", "points", "message", "hint", "diagnosis", "notes", "hidden"}
    kept |= {"carried_from", "formula", "place"}
    before = secretive().questions[0].checks[1]
    after = for_students(secretive()).questions[0].checks[1]
    for field in msgspec.structs.fields(before):
        same = getattr(before, field.name) == getattr(after, field.name)
        assert same == (field.name in kept), field.name


def test_redaction_is_idempotent(sample: GradeReport) -> None:
    once = for_students(sample)
    assert to_json(for_students(once)) == to_json(once)
