from __future__ import annotations

import csv
import io

import msgspec

from grader.model import Person
from tests.export import export_samples as samples
from tests.export.export_samples import head, text, told


def table(content: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content, newline="")))


def test_the_two_head_lines_are_canvas_s_own() -> None:
    lines = text("canvas").splitlines()
    assert lines[0] == "Student,ID,SIS User ID,SIS Login ID,Section,Problem Set 3: Neural Networks"
    assert lines[1] == "    Points Possible,,,,,10"


def test_rows() -> None:
    content, said = told("canvas")
    assert table(content)[2:] == [
        ["Novak, Alice", "4711", "1001", "anovak", "Group 1", "4.67"],
        ["Bob", "4712", "1002", "bob", "", ""],
        ['Dan "Danny" O\'Neil', "4714", "1004", "dan", "", ""],
    ]
    wanted = "1 hand-in left out for want of a Canvas ID, SIS User ID or SIS Login ID (carol)"
    assert any(sentence.startswith(wanted) for sentence in said)
    assert any("--include-open" in sentence and "(bob)" in sentence for sentence in said)
    assert any("(eve)" in sentence for sentence in said)


def test_open_points_count_when_asked_for() -> None:
    assert table(text("canvas", include_open=True))[3][-1] == "0"


def test_one_id_is_enough_and_it_is_written_as_it_is() -> None:
    def row(**ids: str) -> list[str]:
        entry = msgspec.structs.replace(samples.nobody(), person=Person(**ids))
        found = table(text("canvas", [entry], head(absent=())))[2:]
        return found[0] if found else []

    assert row(login="carol") == ["carol", "", "", "carol", "", "10"]
    assert row(number="0042") == ["carol", "", "0042", "", "", "10"]
    assert row(course_id="99") == ["carol", "99", "", "", "", "10"]
    assert row(course_id="Participant 99") == []
    assert row(login="=cmd()") == []
    assert row(name="Carol", email="carol@example.org") == []


def test_two_rows_for_one_student_are_told() -> None:
    again = msgspec.structs.replace(samples.done().report, submission="alice-2")
    entries = [samples.done(), msgspec.structs.replace(samples.done(), report=again)]
    said = told("canvas", entries)[1]
    assert "alice, alice-2 are of the same student, 4711: only one of these rows can be right." in said


def test_hostile_text() -> None:
    rows = table(text("canvas", [samples.hostile()], samples.hostile_head()))
    assert [len(row) for row in rows] == [6] * 4
    assert not any(cell.lstrip()[:1] in tuple("=+-@") for row in rows for cell in row)
    assert rows[2][-1] == "0.5"


def test_a_title_with_a_comma_stays_one_column() -> None:
    assert table(text("canvas", [], head(title='Set 3, "MLP"')))[0][5:] == ['Set 3, "MLP"']
