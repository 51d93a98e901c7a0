"""The one reader of tables: whatever a spreadsheet makes of one, the same rows come back."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.handin import tables

cells = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=6)
lines = st.lists(st.lists(cells, min_size=2, max_size=2), max_size=4)


@given(
    lines,
    st.sampled_from(",;\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    st.booleans(),
)
def test_the_same_rows_come_back(rows: list[list[str]], delimiter: str, encoding: str, told: bool):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerows([["id", "name"], *rows])
    content = (f"sep={delimiter}\r\n" if told else "") + file.getvalue()
    found = [list(row.cells) for row in tables.rows(content.encode(encoding), "x.csv")]
    assert found == [["id", "name"], *(row for row in rows if any(map(str.strip, row)))]


def test_lines_are_those_of_the_file():
    found = tables.rows(b'sep=;\r\na;b\r\n\r\n"x\ny";z\r\nlast;1\r\n', "x.csv")
    assert [row.line for row in found] == [2, 5, 6]


@pytest.mark.parametrize(("text", "number"), [("4,5", "4.5"), (" 4.5 ", "4.5"), ("4", "4"), ("four", None)])
def test_numbers_have_a_point_or_a_comma(text: str, number: str | None):
    assert tables.number(text) == (None if number is None else Decimal(number))


def test_what_is_no_table_is_named():
    with pytest.raises(UsageError, match=r"x.csv: is not UTF-8 \(byte 2\)"):
        list(tables.rows(b"a,\xfc\n", "x.csv"))
    with pytest.raises(UsageError, match=r"x\.csv, line 2: is no CSV"):
        list(tables.rows(b'a,b\n"x,y\n', "x.csv"))
