"""A sheet of all answers to a question: what is written, and what comes back. See also acceptance/test_decisions.py."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.gradebook import mark_sheet
from grader.model import GradeReport, Mark, marked
from tests.gradebook.test_manual_marks import NOW, graded, other_points


@pytest.fixture
def found() -> dict[str, GradeReport]:
    answers = (("ann", "Because."), ("ben", "=HYPERLINK(1)"), ("cleo", " Because. \n"))
    return {id: graded(id, answer) for id, answer in answers}


def sheet(found: dict[str, GradeReport]) -> list[dict[str, str]]:
    text = io.StringIO()
    mark_sheet.write(found, "Q1", text)
    return list(csv.DictReader(io.StringIO(text.getvalue().removeprefix("\ufeff"))))


def back(found: dict[str, GradeReport], rows: list[dict[str, str]]) -> mark_sheet.Taken:
    text = io.StringIO()
    writer = csv.DictWriter(text, mark_sheet.COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return mark_sheet.taken_back(found, text.getvalue().encode(), "sheet.csv", "kim", NOW)


def test_equal_answers_are_in_one_row_and_none_is_a_formula(found):
    rows = sheet(found)
    assert [(row["hand-ins"], row["suggested"]) for row in rows] == [
        ('["ann", "cleo"]', "3"),
        ('["ben"]', "3"),
    ]
    assert rows[1]["answer"] == "'=HYPERLINK(1)"


def test_no_spreadsheet_takes_a_key_for_a_number(found):
    assert all(re.fullmatch(r"k[0-9a-f]{12}-(none|[0-9a-f]{12})", row["key"]) for row in sheet(found))


def test_it_comes_back(found):
    rows = sheet(found)
    rows[0] |= {"mark": "4,5", "note": "well put"}
    taken = back(found, rows)
    assert [(one.assignment, one.submission, one.question) for one in taken.records] == [
        ("r", "ann", "Q1"),
        ("r", "cleo", "Q1"),
    ]
    assert {one.mark for one in taken.records} == {Mark(Decimal("4.5"), "kim", NOW, "well put")}
    assert (taken.refused, taken.unchanged) == ([], 1)


def test_every_row_that_does_not_fit_is_named_and_the_others_count(found):
    rows = sheet(found)
    broken = [
        rows[0] | {"mark": "six"},
        rows[0] | {"mark": "6"},
        rows[1] | {"mark": "1", "key": "0" * 12},
        rows[1] | {"mark": "1", "hand-ins": "ben"},
        rows[1] | {"mark": "1", "hand-ins": '["zoe"]'},
        rows[1] | {"mark": "2"},
        rows[1] | {"mark": "3"},
        rows[0] | {"mark": "NaN"},
        rows[0],
    ]
    taken = back(found, broken)
    lines = [int(line.split(": ")[1].removeprefix("line ")) for line in taken.refused]
    assert lines == [2, 3, 4, 5, 6, 8, 9]
    assert "'six'" in taken.refused[0]
    assert "changed" in taken.refused[2]
    assert "further up" in taken.refused[5]
    assert [(one.submission, one.mark.points) for one in taken.records] == [("ben", 2)]


def test_one_from_when_the_question_had_other_points_is_refused(found):
    rows = sheet(found)
    rows[0] |= {"mark": "4"}
    same = {id: other_points(one, "5.00") for id, one in found.items()}
    assert len(back(same, rows).records) == 2
    heavier = {id: other_points(one, "10") for id, one in found.items()}
    (line,) = back(heavier, rows).refused
    assert re.search(r"line 2: .*points of the question, have changed", line)


def test_something_else_is_refused(found):
    with pytest.raises(UsageError, match="line 1: no column 'question'"):
        mark_sheet.taken_back(found, b"a,b\n1,2\n", "sheet.csv", "kim", NOW)


@settings(max_examples=60, deadline=None)
@given(
    st.decimals(0, 5, places=2),
    st.text(st.characters(codec="utf-8")),
    st.sampled_from(["{}", " {}", "{} ", "0{}"]),
)
def test_a_row_that_nobody_changed_changes_nothing(points: Decimal, note: str, form: str):
    from grader.report.safe_text import one_line

    given = {"Q1": Mark(points, "kim", NOW, one_line(note))}
    found = {"ann": marked(graded("ann", "Because."), given)}
    (row,) = sheet(found)
    taken = back(found, [row | {"mark": form.format(row["mark"])}])
    assert (taken.records, taken.refused, taken.unchanged) == ([], [], 1)
