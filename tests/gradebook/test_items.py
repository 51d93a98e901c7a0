"""Marks made of items: what they are worth, how they are kept, and what an item with other points does to them."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from grader.assignment.rubric import Item
from grader.errors import RubricError, UsageError
from grader.gradebook import Crossing, Gradebook, MarkRecord, items, marks_file
from grader.marking.items import offered, worth
from grader.model import Mark, MarkItem
from tests.desks import Desk, Member
from tests.gradebook import books

WHY = "It is slow, since everything is computed again for each layer."
ITEMS = """
[[questions.items]]
text = "says why"
points = 3
key = "w"

[[questions.items]]
text = "says how much"
points = 2

[[questions.items]]
text = "something wrong beside"
points = -1
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.grade(*(Member(id, {"Q1.6": WHY}) for id in ("ann", "ben", "cleo")))
    return desk


def with_items(desk: Desk, text: str = ITEMS) -> None:
    desk.edit("[[questions.expect]]", f"{text}\n[[questions.expect]]", after='id = "Q1.6"')


def marks(desk: Desk) -> dict[str, dict[str, MarkRecord]]:
    with Gradebook(desk.out, create=False, read_only=True) as book:
        return book.marks("ps3")


def test_of_a_part_the_best_counts_and_the_sum_stays_within_the_question():
    made = [
        MarkItem("a", "a", Decimal(2), "p"),
        MarkItem("b", "b", Decimal(1), "p"),
        MarkItem("c", "c", Decimal(2)),
    ]
    assert worth(made, Decimal(0), Decimal(5)) == 4
    assert worth(made, Decimal(-1), Decimal(5)) == 3
    assert worth(made, Decimal(3), Decimal(5)) == 5
    assert worth([], Decimal(-1), Decimal(5)) == 0


def test_items_are_made_of_the_points_to_look_for(desk: Desk):
    rubric, _ = desk.assignment()
    for question in rubric.questions:
        made = offered(question)
        assert made and len({item.id for item in made}) == len(made)
        assert [item.key for item in made][:9] == [str(n + 1) for n in range(len(made))][:9]
        assert worth(made, Decimal(0), question.points) == question.points
    free = next(question for question in rubric.questions if question.id == "Q1.6")
    assert [item.text for item in offered(free)] == [one.text for one in free.expect]


def test_a_rubrics_own_items_and_keys(desk: Desk):
    with_items(desk)
    rubric, _ = desk.assignment()
    free = next(question for question in rubric.questions if question.id == "Q1.6")
    assert [(item.key, item.points) for item in offered(free)] == [("w", 3), ("1", 2), ("2", -1)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("points = 3", "points = 30", r"items\[0\].*found 30, wanted -5 to 5"),
        ("points = 3", "points = 0.001", "hundredths"),
        ('key = "w"', 'key = "g"', "key"),
        (
            'key = "w"',
            'key = "w"\n[[questions.items]]\ntext = "more"\npoints = 1\nkey = "w"',
            "'w' is taken already",
        ),
        ('text = "says how much"', 'text = "says why"', "is taken already"),
        ('text = "says why"', 'text = " "', "found nothing"),
    ],
)
def test_mistakes_in_items_are_told(desk: Desk, old: str, new: str, told: str):
    with_items(desk, ITEMS.replace(old, new, 1))
    with pytest.raises(RubricError, match=told) as error:
        desk.assignment()
    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_grade_mark_takes_items_and_keeps_what_they_were(desk: Desk):
    with_items(desk)
    done = desk(
        "mark",
        "ann",
        "Q1.6",
        "--item",
        "w",
        "--item",
        "2",
        "--adjust",
        "0,5",
        "--note",
        "good",
        "--by",
        "kim",
    )
    assert done.code == 0, done.said
    assert "2.5 (by kim) of 5" in done.out
    mark = marks(desk)["ann"]["Q1.6"].mark
    assert [(one.text, one.points) for one in mark.items] == [("says why", 3), ("something wrong beside", -1)]
    assert (mark.points, mark.adjustment, mark.note) == (Decimal("2.5"), Decimal("0.5"), "good")
    assert "+3 says why" in desk("history", "ann").out
    assert "+3 says why" in (desk.out / "ann" / "report.html").read_text()
    wrong = desk("mark", "ann", "Q1.6", "--item", "9")
    assert wrong.code == 2
    assert "found '9', wanted one of: w says why" in wrong.said
    assert desk("mark", "ann", "Q1.6", "3", "--item", "w").code == 2
    assert desk("mark", "ann", "Q1.6", "--adjust", "1").code == 2


def test_the_line_beside_holds_all_of_it(desk: Desk):
    with_items(desk)
    desk("mark", "ann", "Q1.6", "--item", "w")
    (desk.out / "gradebook.sqlite").unlink()
    desk("gradebook", "repair")
    assert [one.text for one in marks(desk)["ann"]["Q1.6"].mark.items] == ["says why"]


def test_a_number_alone_is_the_line_that_it_was(tmp_path: Path):
    with Gradebook(tmp_path) as book:
        book.add_marks([books.given("ann", 2)])
    assert b"items" not in (tmp_path / marks_file.FILE).read_bytes()


@pytest.mark.slow
def test_other_points_of_an_item_in_the_rubric_mark_everybody_anew_who_has_it(desk: Desk):
    with_items(desk)
    desk("mark", "ann", "Q1.6", "--item", "w", "--note", "mine", "--by", "kim")
    desk("mark", "ben", "Q1.6", "--item", "1", "--by", "kim")
    desk("mark", "cleo", "Q1.6", "3", "--by", "kim")
    desk.edit("points = 3\nkey", "points = 2.5\nkey")
    done = desk("remark")
    assert "1 mark of a person is given anew" in done.out
    now = marks(desk)
    assert {id: own["Q1.6"].mark.points for id, own in now.items()} == {
        "ann": Decimal("2.5"),
        "ben": 2,
        "cleo": 3,
    }
    assert now["ann"]["Q1.6"].mark.note == "mine"
    assert "“says why” is worth 2.5 now, and was 3; marked by kim before" in desk("history", "ann").out
    assert desk.rows()["ann"]["Q1.6"] == "2.5"
    assert "given anew" not in desk("remark").out


@pytest.mark.slow
def test_an_item_changed_while_marking_is_kept_with_the_marks_that_it_changes(desk: Desk):
    with_items(desk)
    desk("mark", "ann", "Q1.6", "--item", "w", "--by", "kim")
    rubric, _ = desk.assignment()
    question = next(one for one in rubric.questions if one.id == "Q1.6")
    with Gradebook(desk.out) as book:
        read_at, own = book.last_mark(), [book.marks("ps3")["ann"]["Q1.6"]]
        id = items.counting(question, {})[0].id
        edit = items.edited(rubric, {}, question, id, "says why it is slow", Decimal(4), "lee", "2026-03-03")
        again = items.remarked(rubric, {"Q1.6": [edit]}, own, "lee", "2026-03-03")
        book.add_marks(again, read_at, edited=edit)
        edits = book.edited_items("ps3")
        assert [item.points for item in items.counting(question, edits)] == [4, 2, -1]
        assert book.marks("ps3")["ann"]["Q1.6"].mark.points == 4
        with pytest.raises(Crossing, match="lee has marked it"):
            book.add_marks(again, read_at, edited=edit)
        added = items.edited(rubric, edits, question, "", "a new one", Decimal(1), "lee", "2026-03-03")
        book.add_marks([], edited=added)
        assert [item.text for item in items.counting(question, book.edited_items("ps3"))][-1] == "a new one"
    shown = desk("rubric", "items", "q1.6")
    assert shown.code == 0, shown.said
    written = tomllib.loads(f"[[questions]]\n{shown.out}", parse_float=Decimal)["questions"][0]["items"]
    assert [one["text"] for one in written] == [
        "says why it is slow", "says how much", "something wrong beside", "a new one",
    ]  # fmt: skip
    # Where the rubric says another thing than it did then, it is the newer one.
    desk.edit("points = 3\nkey", "points = 1\nkey")
    question = next(one for one in desk.assignment()[0].questions if one.id == "Q1.6")
    assert [item.points for item in items.counting(question, edits)] == [1, 2, -1]


def test_what_is_printed_can_stand_in_the_rubric(desk: Desk):
    quoted = Item(text='a "quoted" \\ text\twith \u2028 and 😀', points=Decimal("1.50"))
    question = desk.assignment()[0].questions[0]
    made = tomllib.loads(f"[[questions]]\n{items.as_toml(question, [quoted])}", parse_float=Decimal)
    item = msgspec.convert(made["questions"][0]["items"][0], Item)
    assert (item.text, item.points) == (quoted.text, quoted.points)


@pytest.mark.parametrize(
    ("id", "text", "points", "told"),
    [
        ("", " ", "1", "wanted a text"),
        ("", "more", "9", "found 9 points"),
        ("", "more", "NaN", "found NaN points"),
        ("", "says why", "1", "has one of that text"),
        ("nothing", "more", "1", "has no item 'nothing'"),
    ],
)
def test_an_item_that_makes_no_sense_is_refused(desk: Desk, id: str, text: str, points: str, told: str):
    with_items(desk)
    rubric, _ = desk.assignment()
    question = next(one for one in rubric.questions if one.id == "Q1.6")
    with pytest.raises(UsageError, match=told):
        items.edited(rubric, {}, question, id, text, Decimal(points), "kim", "now")


@pytest.mark.slow
def test_another_note_in_a_sheet_keeps_the_items(desk: Desk):
    with_items(desk)
    desk("mark", "ann", "Q1.6", "--item", "w")
    rows = desk.sheet()
    for row in rows:
        if row["mark"]:
            row["note"] = "another"
    assert desk.take(rows).code == 0
    mark = marks(desk)["ann"]["Q1.6"].mark
    assert (mark.note, [one.text for one in mark.items]) == ("another", ["says why"])


@pytest.mark.slow
def test_no_mark_of_another_answer_stands_for_having_an_item_anew(desk: Desk):
    with_items(desk)
    desk("mark", "ann", "Q1.6", "--item", "w")
    desk.grade(Member("ann", {"Q1.6": "Something else."}))
    desk.edit("points = 3\nkey", "points = 2\nkey")
    done = desk("remark")
    assert "1 mark of a person does not count" in done.said
    assert desk.rows()["ann"]["Q1.6"] == ""


def test_marks_of_the_answer_stay_comparable():
    one = Mark(Decimal(1), "kim", "now", items=(MarkItem("a", "b", Decimal(1)),))
    record = MarkRecord("ps3", "ann", "Q1", one, "answer", Decimal(5))
    values = (
        1,
        "ps3",
        "ann",
        "Q1",
        "1",
        "kim",
        "now",
        "",
        marks_file.given_for(record),
        marks_file.chosen(record),
    )
    assert marks_file.record(values) == record
