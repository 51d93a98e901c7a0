from __future__ import annotations

import csv
import html.parser
import io

import msgspec

from grader.model import Person
from tests.export import export_samples as samples
from tests.export.export_samples import SECRET, head, text, told

COLUMNS = [
    "Identifier", "Full name", "Email address", "Status", "Grade", "Maximum grade", "Grade can be changed",
    "Last modified (submission)", "Last modified (grade)", "Feedback comments",
]  # fmt: skip


def rows(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content, newline="")))


def test_columns() -> None:
    assert next(csv.reader([text("moodle").splitlines()[0]])) == COLUMNS


def test_a_row() -> None:
    alice = rows(text("moodle"))[0]
    assert list(alice.values())[:-1] == [
        "Participant 4711", "Novak, Alice", "alice@example.org", "Submitted for grading", "4.67", "10", "Yes",
        "2026-03-15T00:59:59+01:00", "-",
    ]  # fmt: skip
    assert alice["Feedback comments"] == (
        "<p>5.84 / 10 points</p><p>Handed in 1 day and 1 hour late.</p><ul>"
        "<li>Q1.1 Derive the gradient: 4.5 / 6. a sign is wrong</li>"
        "<li>Q2.1 Forward pass: 1.34 / 4. The penalty is counted twice.</li></ul>"
    )


def test_grade_and_feedback_wait_for_a_person() -> None:
    bob = rows(text("moodle"))[1]
    assert (bob["Grade"], bob["Feedback comments"]) == ("", "")
    bob = rows(text("moodle", include_open=True))[1]
    assert bob["Grade"] == "0"
    assert "6 points open, for a person to decide." in bob["Feedback comments"]
    assert "ReLU is not applied." in bob["Feedback comments"]
    assert SECRET not in bob["Feedback comments"]
    assert "90210" not in bob["Feedback comments"]


def test_who_is_left_out_and_who_is_absent() -> None:
    content, said = told("moodle")
    dan = rows(content)[-1]
    assert (dan["Identifier"], dan["Status"], dan["Grade"]) == ("Participant 4714", "No submission", "")
    assert len(rows(content)) == 3
    assert any("left out for want of a Moodle participant number (carol)" in sentence for sentence in said)


def test_an_identifier_may_be_the_bare_number_or_moodle_s_own() -> None:
    for given, wanted in {"12": "Participant 12", "Participant 12": "Participant 12", "x12": ""}.items():
        entry = msgspec.structs.replace(samples.done(), person=Person(course_id=given))
        found = [row["Identifier"] for row in rows(text("moodle", [entry], head(absent=())))]
        assert found == ([wanted] if wanted else [])


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        assert not attrs


def test_hostile_text_is_neither_markup_nor_a_formula() -> None:
    found = rows(text("moodle", [samples.hostile()], samples.hostile_head()))
    tags = Tags()
    for row in found:
        assert list(row) == COLUMNS
        tags.feed(row["Feedback comments"])
        for name, cell in row.items():
            assert cell == "-" or cell.lstrip()[:1] not in tuple("=+-@"), name
    assert tags.found == {"p", "ul", "li"}
