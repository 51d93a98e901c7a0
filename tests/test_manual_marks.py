"""Marks that persons give: recorded once, shown with who and when, and never lost by grading again."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import manual_marks, report
from grader.errors import UsageError
from grader.manual_marks import Entry
from grader.model import CheckResult, GradeReport, Host, Outcome, from_json, question_result

NOW = "2026-01-31T09:00:00+00:00"


def graded(id: str, answer: str, suggested: str | None = "3") -> GradeReport:
    waiting = CheckResult(
        id="Q1-manual",
        title="Waits",
        outcome=Outcome.NEEDS_REVIEW,
        earned=Decimal(0),
        points=Decimal(5),
        message="",
        suggested=None if suggested is None else Decimal(suggested),
    )
    question = question_result("Q1", "Why", Decimal(5), [waiting], answer)
    return GradeReport(
        schema=1, submission=id, rubric="r", title="T", dataset="digits", marked_on="digits", provisional=False,
        audience="staff", earned=Decimal(0), points=Decimal(5), open_points=Decimal(5), questions=(question,), files={},
        notes=(), fingerprints={}, host=Host("A", {}, {}),
    )  # fmt: skip


@pytest.fixture
def out(tmp_path: Path) -> Path:
    for id, answer in (("ann", "Because."), ("ben", "=HYPERLINK(1)"), ("cleo", " Because. \n")):
        report.write(graded(id, answer), tmp_path / id)
    return tmp_path


def stored(out: Path, id: str) -> GradeReport:
    return from_json((out / id / "report.json").read_bytes())


def sheet(out: Path) -> list[dict[str, str]]:
    text = io.StringIO()
    manual_marks.sheet(out, "Q1", text)
    return list(csv.DictReader(io.StringIO(text.getvalue())))


def back(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, manual_marks.COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def test_a_mark_is_in_the_report_and_survives_grading_again(out: Path):
    manual_marks.record(out, [Entry("ann", "Q1", Decimal("3.5"), "kim", NOW, "half of it")])
    found = stored(out, "ann")
    assert (found.earned, found.open_points) == (Decimal("3.5"), 0)
    assert found.questions[0].outcome is Outcome.PARTIAL
    again = manual_marks.applied(graded("ann", "Because."), manual_marks.read(out))
    assert again == found
    for text in (report.render_html(found), report.render_markdown(found)):
        assert "Marked by kim on 2026-01-31, 3.5 points: half of it" in text


def test_the_last_mark_counts_and_none_is_taken_out(out: Path):
    for points in ("1", "5"):
        manual_marks.record(out, [Entry("ann", "Q1", Decimal(points), "kim", NOW)])
    assert stored(out, "ann").earned == 5
    assert (out / "marks.toml").read_text().count("[[mark]]") == 2


def test_a_mark_for_another_rubric_is_a_note(out: Path):
    manual_marks.record(out, [Entry("ann", "Q1", Decimal(5), "kim", NOW)])
    smaller = graded("ann", "Because.")
    question = question_result("Q1", "Why", Decimal(2), ())
    changed = manual_marks.applied(
        GradeReport(
            **{name: getattr(smaller, name) for name in smaller.__struct_fields__}
            | {"questions": (question,)}
        ),
        manual_marks.read(out),
    )
    assert changed.earned == 0
    assert "Q1" in changed.notes[0]


@pytest.mark.parametrize(
    ("id", "question", "points", "words"),
    [
        ("dora", "Q1", "1", ["'dora'", "ann, ben, cleo"]),
        ("ann", "Q9", "1", ["'Q9'", "Q1"]),
        ("ann", "Q1", "6", ["found 6", "0 to 5"]),
        ("ann", "Q1", "-1", ["0 to 5"]),
        ("ann", "Q1", "1.234", ["hundredths"]),
        ("ann", "Q1", "NaN", ["0 to 5"]),
        ("ann", "Q1", "many", ["'many'", "suggested"]),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_written(
    out: Path, id: str, question: str, points: str, words: list[str]
):
    with pytest.raises(UsageError) as error:
        manual_marks.record(out, [manual_marks.entry(out, id, question, points, "kim", NOW, "")])
    for word in words:
        assert word in str(error.value)
    assert not (out / "marks.toml").exists()


def test_a_suggestion_counts_once_a_person_takes_it(out: Path):
    assert stored(out, "ann").earned == 0
    manual_marks.record(out, [manual_marks.entry(out, "ann", "Q1", "suggested", "kim", NOW, "")])
    assert stored(out, "ann").earned == 3


def test_no_suggestion_is_no_zero(out: Path):
    report.write(graded("ann", "x", suggested=None), out / "ann")
    with pytest.raises(UsageError, match="suggests no points"):
        manual_marks.entry(out, "ann", "Q1", "suggested", "kim", NOW, "")


def test_a_sheet_has_equal_answers_in_one_row_and_no_formula(out: Path):
    rows = sheet(out)
    assert [(row["hand-ins"], row["suggested"]) for row in rows] == [
        ('["ann", "cleo"]', "3"),
        ('["ben"]', "3"),
    ]
    assert rows[1]["answer"] == "'=HYPERLINK(1)"


def test_a_sheet_comes_back(out: Path):
    rows = sheet(out)
    rows[0] |= {"mark": "4,5", "note": "well put"}
    entries = manual_marks.from_sheet(out, back(rows), "sheet.csv", "kim", NOW)
    assert entries == [Entry(id, "Q1", Decimal("4.5"), "kim", NOW, "well put") for id in ("ann", "cleo")]
    manual_marks.record(out, entries)
    assert sheet(out)[0]["mark"] == "4.5"


def test_every_misfit_of_a_sheet_is_named_with_its_line(out: Path):
    rows = sheet(out)
    broken = [
        rows[0] | {"mark": "six"},
        rows[0] | {"mark": "6"},
        rows[1] | {"mark": "1", "key": "0" * 12},
        rows[1] | {"mark": "1", "hand-ins": "ben"},
        rows[1] | {"mark": "1", "hand-ins": '["zoe"]'},
        rows[1] | {"mark": "2"},
        rows[1] | {"mark": "3"},
        rows[0],
    ]
    with pytest.raises(UsageError) as error:
        manual_marks.from_sheet(out, back(broken), "sheet.csv", "kim", NOW)
    lines = str(error.value).splitlines()
    assert [int(line.split(": ")[1].removeprefix("line ")) for line in lines] == [2, 3, 4, 5, 6, 8]
    assert "'six'" in lines[0]
    assert "changed" in lines[2]
    assert "further up" in lines[5]


def test_a_sheet_of_something_else_is_refused(out: Path):
    with pytest.raises(UsageError, match="line 1: no column 'question'"):
        manual_marks.from_sheet(out, "a,b\n1,2\n", "sheet.csv", "kim", NOW)


def test_a_damaged_file_is_named(out: Path):
    (out / "marks.toml").write_text("[[mark]]\nsubmission = 3\n")
    with pytest.raises(UsageError, match=r"marks\.toml"):
        manual_marks.read(out)


@given(st.text(), st.text(), st.text())
def test_any_text_can_be_read_back(tmp_path_factory: pytest.TempPathFactory, id: str, by: str, note: str):
    entry = Entry(id, "Q1", Decimal("2.25"), by, NOW, note)
    folder = tmp_path_factory.mktemp("marks")
    (folder / "marks.toml").write_text(manual_marks._toml(entry), encoding="utf-8")
    mark = manual_marks.read(folder)[id]["Q1"]
    assert (mark.points, mark.by, mark.note) == (entry.points, by, note)
