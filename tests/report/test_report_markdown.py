from __future__ import annotations

import re

from grader.model import GradeReport
from grader.report.audience import for_students
from grader.report.markdown import fenced, inline
from grader.report.markdown import render as render_markdown
from tests.report import report_samples as samples


def outside_fences(text: str) -> str:
    return re.sub(r"^(`{3,})text\n.*?\n\1$", "", text, flags=re.DOTALL | re.MULTILINE)


def test_inline_escapes_what_markdown_reads() -> None:
    assert inline("a|b `c` <b> &lt; *d* [e](f)") == r"a\|b \`c\` &lt;b> &amp;lt; \*d\* \[e\](f)"
    assert inline("two\nlines\r\n# no heading") == "two lines # no heading"
    assert inline("grad_W1 _em_ R&D a & b") == r"grad_W1 \_em\_ R&amp;D a & b"


def test_a_fence_cannot_be_closed_from_inside() -> None:
    block = fenced("```\n# out\n````\n")
    assert block.startswith("`````text\n")
    assert block.endswith("\n`````")


def test_hostile_text_stays_text() -> None:
    text = render_markdown(samples.hostile())
    assert "<script" not in outside_fences(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_output_stands_at_its_check_in_a_fence() -> None:
    text = render_markdown(samples.errors())
    checks, _, run = text.partition("## About this run")
    loss, _, train = checks.partition("Training ends in time")
    assert "Printed by the code:\n\n```text\nepoch 0: <b>loss</b>\n" in loss
    assert "Printed by the code:\n\n```text\niteration 0\niteration 1\n```" in train
    assert "Printed by the code (notebook):\n\n```text\nfrom no check\n```" in run
    assert "<b>" not in outside_fences(text)
    assert "\x1b" not in text


def test_tables_are_whole(either: GradeReport) -> None:
    """Every line of a table has as many unescaped bars as its head."""
    count = 0
    for line in outside_fences(render_markdown(either)).splitlines():
        bars = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        if bars and count:
            assert bars == count, line
        count = bars


def test_same_report_same_bytes(either: GradeReport) -> None:
    assert render_markdown(either) == render_markdown(either)


def test_content() -> None:
    text = render_markdown(for_students(samples.partly_failed()))
    assert "**Automatic part 11.33 / 18; 10 points wait for a person**" in text
    assert "### ✗ failed, 0 / 2: Loss on networks that you have not seen" in text
    assert ", :" not in text  # of a check without points
    assert "**What to do:** Multiply the penalty by 0.5" in text
    assert "Already counted in “Loss on the toy network” (Q2.1), no points lost here." in text
    assert "90210" not in text
    assert "NaN from iteration 37 on" in render_markdown(samples.nan_history())
    assert "> **Provisional.**" in render_markdown(samples.provisional())
    assert "> **Practice.**" in render_markdown(samples.errors())
