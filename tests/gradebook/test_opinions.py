"""Second opinions: kept beside marks, which they change nothing of."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from grader.errors import UsageError
from grader.gradebook import FILE, Gradebook, MarkRecord, marks_file, opinions, repair
from grader.model import Mark, MarkItem
from tests.gradebook import books

SLOW = MarkItem("slow", "it is slow", Decimal(2))


def second(points: object, by: str = "lee", **more: object) -> MarkRecord:
    first = books.given("ann", 1)
    mark = Mark(Decimal(str(points)), by, books.AT, "unseen", items=(SLOW,))
    return msgspec.structs.replace(first, mark=mark, **more)


def test_an_opinion_is_kept_with_the_mark_that_it_is_on_and_changes_no_mark(tmp_path: Path):
    with Gradebook(tmp_path) as book:
        book.add_marks([books.given("ann", 1)])
        lines = (tmp_path / marks_file.FILE).read_bytes()
        opinions.add(book, second(2))
        assert opinions.last(book) == 1
        assert book.marks("ps3")["ann"]["Q1"].mark.points == 1
        book.add_marks([books.given("ann", 2)])
        (one,) = opinions.newest(book, "ps3").values()
        assert (one.second.mark.by, one.second.mark.points, one.second.mark.items) == ("lee", 2, (SLOW,))
        first = {given.digest: given.record for given in opinions.marks(book, "ps3")}[one.first]
        assert first.mark.points == 1
    assert (tmp_path / marks_file.FILE).read_bytes().startswith(lines)


def test_one_that_is_taken_back_is_one_more_row(tmp_path: Path):
    with Gradebook(tmp_path) as book:
        book.add_marks([books.given("ann", 1)])
        opinions.add(book, second(2))
        opinions.add(book, second(0, withdrawn=True))
        assert opinions.newest(book, "ps3") == {}
        assert opinions.last(book) == 2


@pytest.mark.parametrize("by", ["kim", "Kim"])
def test_nobody_seconds_herself(tmp_path: Path, by: str):
    with Gradebook(tmp_path) as book:
        book.add_marks([books.given("ann", 1)])
        with pytest.raises(UsageError, match="another person"):
            opinions.add(book, second(2, by))


def test_whoever_changed_an_item_has_not_given_the_mark(tmp_path: Path):
    """A mark that was given anew for an item's points is the first person's still."""
    first = books.given("ann", 1)
    anew = msgspec.structs.replace(
        first, mark=Mark(Decimal(1), "lee", books.AT, items=(SLOW,), since="it is worth 1")
    )
    with Gradebook(tmp_path) as book:
        book.add_marks([first])
        book.add_marks([anew])
        opinions.add(book, second(2))
        (one,) = opinions.newest(book, "ps3").values()
        assert one.first == opinions.marks(book, "ps3")[0].digest
        with pytest.raises(UsageError):
            opinions.add(book, second(2, "kim"))


def test_without_a_mark_there_is_none(tmp_path: Path):
    with Gradebook(tmp_path) as book, pytest.raises(UsageError, match="taken back"):
        opinions.add(book, second(2))


def test_opinions_are_brought_back_from_a_damaged_file(tmp_path: Path):
    file = books.filled(tmp_path)
    with Gradebook(tmp_path) as book:
        opinions.add(book, second(2, answer="hash-of-it"))
    content = file.read_bytes()
    at = content.index(b"ps3.toml")
    books.overwrite(tmp_path / FILE, at - at % books.PAGE, bytes(books.PAGE))
    repair(tmp_path)
    with Gradebook(tmp_path) as book:
        assert [one.second.answer for one in opinions.newest(book, "ps3").values()] == ["hash-of-it"]
