from __future__ import annotations

import csv
import io
import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Person
from grader.report.rows import Fixed, Rows
from grader.report.safe_text import as_written, harmless, printable
from tests.export import export_samples as samples
from tests.export.export_samples import head, text, told

COLUMNS = [
    "id", "name", "email", "number", "login", "section", "submitted", "Q1.1", "Q2.1", "earned", "open",
    "late deduction", "total", "outcome", "remark", "tier", "dataset", "provisional", "published secret",
]  # fmt: skip


def rows(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content, newline="")))


def test_columns_and_a_row_that_is_all_decided() -> None:
    content = text("csv")
    assert content.splitlines()[0].split(",") == COLUMNS
    alice = rows(content)[0]
    assert list(alice.values()) == [
        "alice", "Novak, Alice", "alice@example.org", "1001", "anovak", "Group 1", "2026-03-15T00:59:59+01:00",
        "4.5", "1.34", "5.84", "0", "1.17", "4.67", "graded", "Handed in 1 day and 1 hour late.",
        "A: bubblewrap", "mnist", "no", "no",
    ]  # fmt: skip


def test_what_a_person_decides_is_no_zero() -> None:
    bob = rows(text("csv"))[1]
    assert (bob["Q1.1"], bob["Q2.1"], bob["earned"], bob["open"], bob["total"]) == ("", "0", "0", "6", "")
    assert bob["outcome"] == "waits for a person"
    assert rows(text("csv", include_open=True))[1]["total"] == "0"


def test_no_policy_no_deduction_and_a_provisional_run() -> None:
    carol = rows(text("csv"))[2]
    assert (carol["late deduction"], carol["total"], carol["name"]) == ("", "10", "")
    on_digits = msgspec.structs.replace(samples.nobody().report, dataset="digits", provisional=True)
    entry = msgspec.structs.replace(samples.nobody(), report=on_digits)
    content, said = told("csv", [entry], head(dataset="digits"))
    assert rows(content)[0]["provisional"] == "yes"
    assert said[0] == "Provisional: Accuracy was measured on digits, not on MNIST."


def test_those_without_marks_come_last() -> None:
    failed, absent = rows(text("csv"))[3:]
    assert (failed["id"], failed["outcome"]) == ("eve", "not graded")
    assert failed["remark"] == "the archive holds a path that leads out of it"
    assert (absent["name"], absent["outcome"]) == ('Dan "Danny" O\'Neil', "handed in nothing")
    for row in (failed, absent):
        assert [row[c] for c in ("Q1.1", "Q2.1", "earned", "open", "late deduction", "total")] == [""] * 6


def test_sentences() -> None:
    assert told("csv")[1] == [
        "1 hand-in waits for a person: the total is left empty; --include-open writes what was earned so far (bob).",
        "1 hand-in without a known time of handing in: nothing is taken off for being late (bob).",
        "1 hand-in could not be graded and has no marks (eve).",
    ]
    assert (
        "waits for a person: the total is what was earned so far (bob)."
        in told("csv", include_open=True)[1][0]
    )


def is_formula(cell: str) -> bool:
    return cell.lstrip()[:1] in tuple("=+-@＝＋－＠")


@given(st.text(), st.sampled_from(["", "=", "+", "-", "@", " =", "\t=", "\r\n@", "'", "＝", '"', ",", ";"]))
def test_any_name_stays_one_cell_and_no_formula(name: str, first: str) -> None:
    person = Person(*[first + name] * 6)
    entry = msgspec.structs.replace(samples.done(), person=person)
    content = text("csv", [entry], head(absent=(person,), failed={first + name: first + name}))
    table = list(csv.reader(io.StringIO(content, newline="")))
    assert [len(row) for row in table] == [len(COLUMNS)] * 4
    assert not any(is_formula(cell) for row in table for cell in row)
    assert content.count("\n") == 4


def test_hostile_text() -> None:
    table = list(
        csv.reader(io.StringIO(text("csv", [samples.hostile()], samples.hostile_head()), newline=""))
    )
    assert {len(row) for row in table} == {len(COLUMNS) - 1}
    assert not any(is_formula(cell) for row in table for cell in row)
    assert "\x1b" not in str(table)


def test_harmless_gives_the_text_back_without_its_first_apostrophe() -> None:
    assert [harmless(t) for t in ("=1", " @a", "'a", "a=1", "")] == ["'=1", "' @a", "''a", "a=1", ""]


SIGNS = tuple("=+-@'＝＋－＠﹢﹣﹦﹫−")
parts = st.one_of(
    st.sampled_from([*SIGNS, *'\n\t\r; ,"|', "\r\n", "\xa0", "\x0b", "\x1b[2J", "\u202e", "\0"]),
    st.text(max_size=3),
)


@given(st.lists(parts, max_size=12).map("".join))
def test_no_part_of_a_cell_is_a_formula_and_the_text_comes_back(written: str) -> None:
    cell = harmless(written)
    for part in re.split(r"[\n\t;]", cell):
        assert not part.lstrip().startswith(tuple(set(SIGNS) - {"'"})), cell
    assert as_written(cell) == printable(written)
    assert not re.search("[\r\x1b\0\u202e]", cell)


def test_what_is_ours_stays_as_it_is() -> None:
    file = io.StringIO()
    Rows(file).write(Fixed("-1"), Fixed("-"), "-1", "x")
    assert file.getvalue() == "-1,-,'-1,x\n"
