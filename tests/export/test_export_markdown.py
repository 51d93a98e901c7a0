from __future__ import annotations

import re

from tests.export import export_samples as samples
from tests.export.export_samples import head, text


def test_the_table() -> None:
    assert text("markdown") == (
        "# Problem Set 3: Neural Networks\n\n"
        "| Hand-in | Q1.1 (6) | Q2.1 (4) | Total (10) | Late | Waits |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| alice | 4.5 | 1.34 | 4.67 | -1.17 |  |\n"
        "| bob | – | 0 | 0 |  | 6 |\n"
        "| carol | 6 | 4 | 10 |  |  |\n"
        "\n3 graded; 1 handed in nothing.\n"
        "\nCould not be graded:\n\n"
        "- Hand-in eve: the archive holds a path that leads out of it\n"
        "\nRun 7, 2026-03-21T08:00:00Z, on MNIST, sandbox tier A: bubblewrap.\n"
    )


def test_stamps() -> None:
    content = text("markdown", [], head(dataset="digits", tier="practice"))
    assert "> **Provisional.** Accuracy was measured on digits, not on MNIST.\n" in content
    assert "> **Practice.** The submitted code ran without a sandbox" in content


def test_hostile_text_breaks_no_row_and_is_no_markup() -> None:
    content = text("markdown", [samples.hostile()], samples.hostile_head())
    rows = [line for line in content.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert len(rows) == 3
    assert "<script" not in content
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", content)


def test_no_person_is_named() -> None:
    content = text("markdown")
    for kept in ("Novak", "example.org", "1001", "anovak", "Danny"):
        assert kept not in content
