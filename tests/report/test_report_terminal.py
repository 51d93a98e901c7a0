from __future__ import annotations

import io
import re

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.model import GradeReport
from grader.report.terminal import render as render_terminal
from tests.report import report_samples as samples


def piped(report: GradeReport, width: int = 80) -> str:
    stream = io.StringIO()
    render_terminal(report, Console(file=stream, width=width))
    return stream.getvalue()


def squeezed(report: GradeReport) -> str:
    return re.sub(r"\s+", " ", piped(report))


def test_eighty_columns_and_no_ansi(either: GradeReport) -> None:
    text = piped(either)
    assert "\x1b" not in text
    assert max(cell_len(line) for line in text.splitlines()) <= 80


def test_no_control_characters_even_in_colour() -> None:
    stream = io.StringIO()
    render_terminal(
        samples.hostile(), Console(file=stream, width=80, force_terminal=True, color_system="truecolor")
    )
    # Only the styles of rich itself: letters, digits and semicolons up to an "m".
    text = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert "title" not in text or "\x1b]" not in text


def test_markup_and_emoji_codes_are_printed_as_they_are() -> None:
    assert "[red]bold[/red] :smile:" in squeezed(samples.hostile())


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = io.StringIO()
    render_terminal(samples.partly_failed(), Console(file=stream, width=80, force_terminal=True))
    colours = re.findall(r"\x1b\[([0-9;]*)m", stream.getvalue())
    assert not [code for code in colours if re.search(r"(?:^|;)(?:3[0-9]|4[0-9]|9[0-7])(?:;|$)", code)]


def test_signs_and_words_stand_together() -> None:
    text = piped(samples.partly_failed())
    for label in ("✓ passed", "✗ failed", "◐ partly", "– not run", "? for a person"):
        assert label in text


def test_content() -> None:
    text = squeezed(samples.partly_failed())
    assert "Automatic part 11.33 / 18; 10 points wait for a person" in text
    assert "What to do: Multiply the penalty by 0.5" in text
    assert "Diagnosis: The penalty" in text
    assert "no points lost here" in text
    assert "PROVISIONAL Accuracy was measured on digits, not on MNIST." in squeezed(samples.provisional())
    assert "PRACTICE" in squeezed(samples.errors())
    assert "ZeroDivisionError" in squeezed(samples.errors())


def test_a_terminal_without_unicode() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    for report in samples.all_samples().values():
        render_terminal(report, Console(file=stream, width=80))
    stream.flush()
    text = raw.getvalue().decode("ascii")
    assert "+ passed" in text
    assert "x failed" in text
    assert "Zo\\xeb" in text


def test_surrogates_do_not_stop_it() -> None:
    report = msgspec.structs.replace(samples.full_marks(), submission="caf\udce9")
    assert "caf\\udce9" in piped(report)
