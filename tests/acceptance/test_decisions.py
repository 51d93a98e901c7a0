"""Nothing that a person decided is undone or lost: with the command line, on classes that need no grading."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from grader.model import Person
from tests.desks import Desk, Member

JANE = Person("Doe, Jane", "jane@example.org", "4711", "jdoe")
ANSWER = {"Q1.6": "Because it is stored."}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def four(desk: Desk) -> Desk:
    """Ann and Ben wrote the same, Cleo something else, Dora nothing."""
    desk.grade(
        Member("ann", ANSWER, persons=(JANE,)),
        Member("ben", ANSWER),
        Member("cleo", {"Q1.6": "It is slower."}),
        Member("dora"),
    )
    return desk


def ok(desk: Desk, *arguments: object) -> str:
    done = desk(*arguments)
    assert done.code == 0, done.said
    return done.said


def marks(desk: Desk) -> dict[str, str]:
    return {id: row["Q1.6"] for id, row in desk.rows().items()}


def student_page(desk: Desk, id: str) -> str:
    ok(desk, "feedback", desk.folder / "feedback")
    return (desk.folder / "feedback" / f"{id}.html").read_text()


# ---- 1: sheets, withdrawing, who is meant ----


@pytest.mark.slow
def test_a_sheet_taken_back_unchanged_undoes_no_mark_given_since(four: Desk):
    rows = four.sheet()
    ok(four, "mark", "ann", "Q1.6", "3", "--by", "kim")
    done = four.take(rows, "--by", "lee")
    assert (done.code, marks(four)) == (0, {"ann": "3", "ben": "", "cleo": "", "dora": ""})
    assert "0 marks taken; 3 rows as before" in done.out
    assert "by lee" not in ok(four, "history", "ann")


@pytest.mark.slow
def test_groups_are_split_by_mark_and_nobody_elses_mark_is_given_to_all(four: Desk):
    assert [row["hand-ins"] for row in four.sheet()] == ['["ann", "ben"]', '["cleo"]', '["dora"]']
    ok(four, "mark", "ann", "Q1.6", "3", "--note", "nearly", "--by", "kim")
    rows = four.sheet()
    assert [(row["hand-ins"], row["mark"]) for row in rows] == [
        ('["ann"]', "3"), ('["ben"]', ""), ('["cleo"]', ""), ('["dora"]', ""),
    ]  # fmt: skip
    assert four.take(rows).code == 0
    assert marks(four)["ben"] == ""
    rows[1] |= {"mark": "2"}
    assert "ben Q1.6: open -> 2 (by lee) of 5" in four.take(rows, "--by", "lee").out
    assert marks(four) == {"ann": "3", "ben": "2", "cleo": "", "dora": ""}
    assert "3 by kim: nearly" in ok(four, "history", "ann")


SINCE = [
    # what somebody did after the sheet was written, what the sheet says, what then counts, whether it is refused
    (["3"], {"mark": "4"}, "3", True),
    (["4"], {"mark": "4"}, "4", False),
    (["4", "--note", "other"], {"mark": "4"}, "4", True),
    (["4", "--note", "x"], {"mark": "4", "note": "x"}, "4", False),
    (["3"], {}, "3", False),
    (["3"], {"mark": "3,0"}, "3", False),
]


@pytest.mark.slow
@pytest.mark.parametrize(("since", "said", "counts", "refused"), SINCE)
def test_a_row_that_meets_a_newer_mark(four: Desk, since: list[str], said: dict, counts: str, refused: bool):
    rows = four.sheet()
    ok(four, "mark", "cleo", "Q1.6", *since, "--by", "kim")
    rows[1] |= said
    rows[2] |= {"mark": "0"}
    done = four.take(rows, "--by", "lee")
    assert (done.code, marks(four)["cleo"]) == (2 if refused else 0, counts)
    assert marks(four)["dora"] == "0", "the other rows count"
    if refused:
        assert f"line 3: cleo Q1.6: the sheet says {said['mark']}" in done.err
        assert "Marked by kim" in done.err


@pytest.mark.slow
def test_a_row_over_a_mark_that_it_showed_changes_it(four: Desk):
    ok(four, "mark", "ann", "Q1.6", "3", "--note", "nearly")
    rows = four.sheet()
    rows[0] |= {"mark": "4.5", "note": ""}
    assert four.take(rows).code == 0
    assert marks(four)["ann"] == "4.5"
    for changed in ({"mark": ""}, {"mark": "", "note": ""}):
        done = four.take([four.sheet()[0] | changed])
        assert done.code == 2
        assert "withdraw" in done.err
    assert four.take([four.sheet()[0] | {"mark": "withdraw"}]).code == 0
    assert marks(four)["ann"] == ""


@pytest.mark.slow
def test_a_row_counts_as_a_whole_and_the_rest_only_where_wanted(four: Desk):
    rows = four.sheet()
    ok(four, "mark", "ben", "Q1.6", "1", "--by", "kim")
    rows[0] |= {"mark": "4"}
    rows[1] |= {"mark": "2"}
    done = four.take(rows, "--all-or-nothing")
    assert (done.code, marks(four)["cleo"]) == (2, "")
    assert four.take(rows).code == 2
    assert marks(four) == {"ann": "", "ben": "1", "cleo": "2", "dora": ""}
    assert four.take([rows[2] | {"note": "ask her"}]).code == 2


@pytest.mark.slow
def test_an_answer_or_points_that_changed_meanwhile_are_refused_where_the_row_says_something(four: Desk):
    rows = four.sheet()
    four.grade(Member("cleo", {"Q1.6": "Something else."}))
    assert four.take(rows).code == 0
    rows[1] |= {"mark": "2"}
    done = four.take(rows)
    assert done.code == 2
    assert "have changed since the sheet was written" in done.err


@pytest.mark.slow
def test_a_mark_is_withdrawn_and_the_automatic_one_stands_beneath_all_along(four: Desk):
    first = four.rows()["ann"]
    done = four("mark", "ann", "Q2.1", "1", "--by", "kim")
    assert "ann (Doe, Jane) Q2.1: 5 (automatic) -> 1 (by kim) of 5; total 25 -> 21 of 80" in done.out
    page = (four.out / "ann/report.html").read_text()
    assert "The checks alone give 5 of 5 points." in page
    assert "The checks alone give 5 of 5 points." in (four.out / "ann/report.md").read_text()
    done = four("mark", "ann", "Q2.1", "--withdraw", "--by", "lee", "--note", "was ben's")
    assert "1 (by kim) -> 5 (automatic) of 5; total 21 -> 25" in done.out
    assert four.rows()["ann"] == first
    assert "Marked by" not in (four.out / "ann/report.html").read_text()
    history = ok(four, "history", "ann")
    assert "Q2.1: 1 by kim" in history
    assert "Q2.1: withdrawn by lee: was ben's" in history
    lines = [json.loads(line) for line in (four.out / "marks.jsonl").read_text().splitlines()]
    assert [line["points"] for line in lines] == ["1", "withdrawn"]
    again = four("mark", "ann", "Q2.1", "--withdraw")
    assert again.code == 2
    assert "has no mark of a person" in again.err
    assert ok(four, "mark", "ann", "Q2.1", "2")
    assert four.rows()["ann"]["Q2.1"] == "2"


WORDS = ["ANN", "an", "4711", "JDoe", "Doe, Jane", "jane@example.org"]


@pytest.mark.slow
def test_who_and_what_is_meant(desk: Desk):
    desk.grade(Member("ann", ANSWER, persons=(JANE,)), Member("ben", ANSWER))
    for number, word in enumerate(WORDS):
        assert "ann (Doe, Jane) Q1.6" in ok(desk, "mark", word, "Q1.6", number / 2)
    for question in ("q1.6", "1.6", " Q1.6 "):
        assert "ann (Doe, Jane) Q1.6" in ok(desk, "mark", "jane doe", question, 1)


WRONG = [
    (("anne", "Q1.6", "4"), "did you mean ann (Doe, Jane)"),
    (("bne", "Q1.6", "4"), "did you mean ben"),
    (("zzzz", "Q1.6", "4"), "there is no hand-in 'zzzz'"),
    (("ann", "Q9", "4"), "it has Q1.1"),
    (("ann", "Q1.6", "six"), "wanted a number"),
    (("ann", "Q1.6", "6"), "0 to 5"),
    (("ann", "Q1.6"), "mark: wanted ID QUESTION POINTS"),
    (("ann", "Q1.6", "4", "--withdraw"), "mark: wanted ID QUESTION POINTS"),
    (("--question", "Q1.6"), "mark: wanted ID QUESTION POINTS"),
    (("--question", "Q2.1", "--empty", "0"), "answered by code"),
    (("--question", "Q1.6", "--empty", "9"), "0 to 5"),
]


@pytest.mark.slow
def test_what_is_not_meant_is_one_line(four: Desk):
    for arguments, words in WRONG:
        done = four("mark", *arguments)
        assert done.code == 2
        assert words in done.err
    assert not (four.out / "marks.jsonl").exists() or not (four.out / "marks.jsonl").read_text()


def test_a_beginning_that_several_have_is_refused_with_all(desk: Desk):
    desk.grade(Member("student-001"), Member("student-002"), Member("student-00"))
    done = desk("mark", "student-0", "Q1.6", "1")
    assert done.code == 2
    assert "can be 3 hand-ins" in done.err
    assert ok(desk, "mark", "student-00", "Q1.6", "1").startswith("student-00 Q1.6")


# ---- 2: handed in again with another answer ----

AGAIN = [
    # question, before, after, whether the mark still counts
    ("Q1.6", Member("ann", {"Q1.6": "a b"}), Member("ann", {"Q1.6": " a\n b "}), True),
    ("Q1.6", Member("ann", {"Q1.6": "a b"}), Member("ann", {"Q1.6": "a b", "Q3": "more"}, code="2"), True),
    ("Q1.6", Member("ann", {"Q1.6": "a b"}), Member("ann", {"Q1.6": "a c"}), False),
    ("Q1.6", Member("ann", {"Q1.6": "a b"}), Member("ann"), False),
    ("Q1.6", Member("ann"), Member("ann", {"Q1.6": "a b"}), False),
    ("Q1.6", Member("ann"), Member("ann", notes=("derivations.pdf was not read",)), False),
    ("Q1.6", Member("ann"), Member("ann", notes=("read one folder deeper",)), True),
    ("Q1.6", Member("ann", pictures=("Q1.6",)), Member("ann", pictures=("Q1.6",), picture="d29ybGQ="), False),
    ("Q1.6", Member("ann", pictures=("Q1.6",)), Member("ann", pictures=("Q1.6",), code="2"), True),
    ("Q1.6", Member("ann"), Member("ann", pictures=("Q1.6",)), False),
    ("Q1.6", Member("ann", unread="it was damaged"), Member("ann", {"Q1.6": "a b"}), False),
    ("Q2.1", Member("ann"), Member("ann", code="2"), False),
    ("Q2.1", Member("ann"), Member("ann", {"Q1.6": "a b"}), True),
    ("Q2.1", Member("ann"), Member("ann", failed=("sigmoid-scores",)), True),
]


@pytest.mark.slow
def test_handed_in_again(desk: Desk):
    """One class: each line of the table is a hand-in of its own."""
    cases = {f"h{number:02}": case for number, case in enumerate(AGAIN)}
    desk.grade(*(replace(before, id=id) for id, (_, before, _, _) in cases.items()))
    for id, (question, _, _, _) in cases.items():
        ok(desk, "mark", id, question, "2", "--by", "kim")
    desk.grade(*(replace(after, id=id) for id, (_, _, after, _) in cases.items()))
    rows = desk.rows()
    for id, (question, _, _, counts) in cases.items():
        assert rows[id][question] == ("2" if counts else ""), (id, cases[id])
        assert (question in rows[id]["remark"]) == (not counts), (id, cases[id])


@pytest.mark.slow
def test_a_mark_for_another_answer_waits_everywhere_and_no_student_reads_of_it(four: Desk):
    ok(four, "mark", "cleo", "Q1.6", "3", "--by", "kim", "--note", "half of it")
    four.grade(Member("cleo", {"Q1.6": "Something else."}))
    said = ok(four, "remark")
    assert "1 mark of a person does not count" in said
    assert "cleo Q1.6: 3 points by kim" in said
    page = (four.out / "index.html").read_text()
    assert 'id="misfits"' in page
    assert "mark waits for a look" in page[page.index('id="review"') :], "the review queue"
    row = next(row for row in four.sheet() if "cleo" in row["hand-ins"])
    assert (row["mark"], "3 by kim" in row["found"]) == ("", True)
    export = four("export", "--format", "csv", "--to", "-")
    assert "cleo Q1.6" in export.err
    assert "a person's mark waits for a look: 3 points by kim" in four.rows()["cleo"]["remark"]
    report = (four.out / "cleo/report.html").read_text()
    assert "half of it" in report
    student = student_page(four, "cleo")
    for secret in ("kim", "half of it", "look whether"):
        assert secret not in student
    assert ok(four, "mark", "cleo", "Q1.6", "4", "--by", "lee")
    assert marks(four)["cleo"] == "4"
    assert "not count" not in ok(four, "remark")


@pytest.mark.slow
def test_a_mark_that_waits_can_be_withdrawn(four: Desk):
    ok(four, "mark", "cleo", "Q2.1", "3", "--by", "kim")
    four.grade(Member("cleo", code="2"))
    ok(four, "mark", "cleo", "Q2.1", "--withdraw")
    assert four.rows()["cleo"]["Q2.1"] == "5"


@pytest.mark.slow
def test_students_read_notes_and_no_logins(four: Desk):
    ok(four, "mark", "cleo", "Q1.6", "3", "--by", "kim_the_tutor", "--note", "half of it")
    page = student_page(four, "cleo")
    assert "half of it" in page
    assert "kim_the_tutor" not in page
    assert "Marked by a person" in page
    for kind in ("gradescope", "junit", "moodle"):
        ok(four, "export", "--format", kind, "--to", four.folder / kind)
        texts = [p.read_text() for p in (four.folder / kind).rglob("*") if p.is_file()]
        texts += [(four.folder / kind).read_text()] if (four.folder / kind).is_file() else []
        assert texts
        assert not any("kim_the_tutor" in text for text in texts)


# ---- 3: a question whose points changed ----

POINTS = {
    # policy: what marks of 0, 3, 3.33, 4 and 5 count under 10 and under 3 points in place of 5 (empty: they wait)
    "wait": (["", "", "", "", ""], ["", "", "", "", ""]),
    "scale": (["0", "6", "6.66", "8", "10"], ["0", "1.8", "2", "2.4", "3"]),
    "keep": (["0", "3", "3.33", "4", "5"], ["0", "3", "", "", ""]),
}
GIVEN = {"a": "0", "b": "3", "c": "3.33", "d": "4", "e": "5"}


@pytest.mark.slow
@pytest.mark.parametrize("policy", POINTS)
def test_other_points(desk: Desk, policy: str):
    desk.grade(*(Member(id, ANSWER) for id in GIVEN))
    for id, given in GIVEN.items():
        ok(desk, "mark", id, "Q1.6", given, "--by", "kim")
    if policy != "wait":
        desk.edit('given_marks = "wait"', f'given_marks = "{policy}"')
    for points, wanted in zip(("10", "3"), POINTS[policy], strict=True):
        worth(desk, points)
        said = ok(desk, "remark")
        assert list(marks(desk).values()) == wanted
        waits, counts = wanted.count(""), 5 - wanted.count("")
        assert (f"{waits} marks of persons do not count" in said) == (waits > 0)
        assert (f"{counts} marks of persons count for other points" in said) == (counts > 0)
        assert said.count(f"had 5 points then, and has {points} now") == 5
        page = (desk.out / "index.html").read_text()
        assert ('id="adjusted"' in page, 'id="misfits"' in page) == (counts > 0, waits > 0)
        assert ("given as 0 of 5" in (desk.out / "a/report.html").read_text()) == (counts > 0)
    worth(desk, "5")
    assert "marks of persons" not in ok(desk, "remark")
    assert marks(desk) == GIVEN


def worth(desk: Desk, points: str) -> None:
    """Give Q1.6, and with it the whole, so many points."""
    text = desk.path.read_text()
    at = text.index('id = "Q1.6"')
    now = float(re.search(r"points = ([\d.]+)", text[at:])[1])  # type: ignore[index]
    end = text.find("[[questions]]", at)
    question = re.sub(r"points = [\d.]+", f"points = {points}", text[at:end], count=1)
    parts = re.split(r"(?=\[\[questions\.expect\]\])", question)
    text = text[:at] + parts[0] + text[end:]
    total = float(re.search(r"(?m)^points = ([\d.]+)", text)[1])  # type: ignore[index]
    desk.path.write_text(
        re.sub(r"(?m)^points = [\d.]+", f"points = {total + float(points) - now:g}", text, count=1)
    )


def test_a_rubric_that_says_something_else_of_marks_is_refused(desk: Desk):
    desk.grade(Member("ann", ANSWER))
    desk.edit('given_marks = "wait"', 'given_marks = "drop"')
    done = desk("remark")
    assert done.code == 2
    assert "given_marks" in done.err


# ---- 4: late days in the students' reports ----


@pytest.mark.slow
def test_feedback_shows_the_late_days_and_extensions_that_exports_take_off(desk: Desk):
    policy = "[late]\ndue = 2026-03-01T12:00:00+00:00\npercent_per_day = 10\n\n[limits]\n"
    desk.edit("[limits]\n", policy)
    roster = desk.folder / "roster.csv"
    roster.write_text(
        "id,name,submitted,extension_hours\n"
        "late,Ann,2026-03-02T11:00:00+00:00,\nextended,Ben,2026-03-02T11:00:00+00:00,24\n"
        "intime,Cy,2026-03-01T11:00:00+00:00,\nunknown,Di,,\n"
        "both,Ed,2026-03-03T11:00:00+00:00,24\n"
    )
    desk.grade(*(Member(id) for id in ("late", "extended", "intime", "unknown", "both")), roster=roster)
    rows = desk.rows()
    assert [rows[id]["late deduction"] for id in ("late", "extended", "intime")] == ["2.5", "0", "0"]
    pages = {id: " ".join(student_page(desk, id).split()) for id in rows}
    assert "takes off 2.5 points. Total so far: 25 − 2.5 = 22.5 of 80 points." in pages["late"]
    assert "which is 1 day later than for the class. Handed in in time." in pages["extended"]
    assert 'class="late"' not in pages["intime"]
    assert "Nobody knows when this was handed in" in pages["unknown"]
    assert "1 day later than for the class. Handed in 23 hours late" in pages["both"]
    assert "Ann" in pages["late"]


def test_members_of_a_group_with_times_of_their_own_each_read_theirs(desk: Desk):
    desk.edit("[limits]\n", "[late]\ndue = 2026-03-01T12:00:00+00:00\npoints_per_day = 2\n\n[limits]\n")
    roster = desk.folder / "roster.csv"
    roster.write_text("number,name,extension_hours\n1,Ann,\n2,Ben,48\n")
    both = (Person("Ann", number="1"), Person("Ben", number="2"))
    desk.grade(Member("pair", persons=both, submitted="2026-03-02T11:00:00+00:00"), roster=roster)
    page = student_page(desk, "pair")
    assert "Ann: Handed in 23 hours late" in page
    assert "Ben: Due 2026-03-03 12:00+00:00, which is 2 days later than for the class." in page


# ---- 14: names that a course system takes back ----


def test_feedback_for_canvas_begins_as_its_own_names_do(desk: Desk):
    jane = Person("doejane", course_id="101", returned_as="doejane_101_5001_")
    rick = Person("roerick", course_id="102", returned_as="roerick_LATE_102_5002_")
    desk.grade(
        Member("doejane_101", persons=(jane,), origin="Canvas download"),
        Member("lodi_103", persons=(Person("lodi", course_id="103"),), origin="Canvas download"),
        Member("roerick_102", persons=(rick,), origin="Canvas download"),
    )
    said = ok(desk, "feedback", desk.folder / "feedback")
    assert sorted(path.name for path in (desk.folder / "feedback").iterdir()) == [
        "doejane_101_5001_report.html", "lodi_103.html", "roerick_LATE_102_5002_report.html",
    ]  # fmt: skip
    assert "Canvas cannot take back the pages of 1 hand-ins (lodi_103)" in said


@pytest.mark.slow
def test_feedback_draws_only_what_has_changed(four: Desk):
    folder = four.folder / "feedback"
    assert "4 reports in" in ok(four, "feedback", folder)
    assert "4 of them as they were" in ok(four, "feedback", folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    ok(four, "mark", "ann", "Q1.6", "4")
    (folder / "ben.html").write_bytes(before["ben.html"][:-200])
    (folder / "cleo.html").unlink()
    assert "1 of them as they were" in ok(four, "feedback", folder)
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {name for name in before if before[name] != after[name]} == {"ann.html"}


# ---- 5: no answer, not readable, in another file ----

EMPTY = [
    # the hand-in, how it was answered, what is suggested, whether `--empty 0` gives it 0
    (Member("a"), "no answer", "0", True),
    (Member("a", notebook=False), "no answer", "0", True),
    (Member("a", unread="ps3.ipynb was not read: it is no JSON"), "not readable", "", False),
    (Member("a", notebook=False, notes=("derivations.pdf was not read",)), "in another file", "", False),
    (Member("a", notes=("scan 1.JPG was left out: not read",)), "in another file", "", False),
    (Member("a", {"Q1.6": "see derivations.pdf"}), "in another file", "", False),
    (Member("a", {"Q1.6": "See attached photo."}), "in another file", "", False),
    (Member("a", {"Q1.6": "in my handwritten sheet, see the scan"}), "in another file", "", False),
    (Member("a", {"Q1.6": "siehe Foto"}), "in another file", "", False),
    (Member("a", pictures=("Q1.6",)), "a picture", "", False),
    (Member("a", {"Q1.6": "![photo](photo.png)"}), "a picture", "", False),
    (Member("a", {"Q1.6": "![photo](attachment:photo.png)"}), "a picture", "", False),
    (Member("a", {"Q1.6": '<img src="x">'}), "a picture", "", False),
    (Member("a", {"Q1.6": "No idea."}), "", "0", False),
]


@pytest.mark.slow
def test_what_is_suggested_for_an_answer_that_is_not_there(desk: Desk):
    """One class: each line of the table is a hand-in of its own."""
    cases = {f"h{number:02}": case for number, case in enumerate(EMPTY)}
    desk.grade(*(replace(member, id=id) for id, (member, _, _, _) in cases.items()))
    rows = {id: row for row in desk.sheet() for id in json.loads(row["hand-ins"])}
    for id, (_, told, suggested, _) in cases.items():
        assert (rows[id]["found"].partition(":")[0], rows[id]["suggested"]) == (told, suggested), cases[id]
    done = desk("mark", "h02", "Q1.6", "suggested")
    assert done.code == 2
    assert "suggests no points" in done.err
    said = ok(desk, "mark", "--question", "Q1.6", "--empty", "0", "--by", "kim")
    assert f"{sum(case[-1] for case in EMPTY)} wrote nothing" in said
    given = marks(desk)
    for id, case in cases.items():
        assert given[id] == ("0" if case[-1] else ""), case


@pytest.mark.slow
def test_three_kinds_are_three_groups_and_marks_stay_as_they_are(desk: Desk):
    desk.grade(
        Member("a"), Member("b"), Member("c", unread="it was damaged"), Member("d", notes=("x.pdf was not read",)),
        Member("e"), Member("f", {"Q1.6": "Because."}),
    )  # fmt: skip
    assert len(desk.sheet()) == 4
    ok(desk, "mark", "b", "Q1.6", "3", "--by", "lee", "--note", "told me")
    said = ok(desk, "mark", "--question", "q1.6", "--empty", "0", "--by", "kim", "--note", "nothing written")
    assert {id: row["Q1.6"] for id, row in desk.rows().items()} == {
        "a": "0", "b": "3", "c": "", "d": "", "e": "0", "f": "",
    }  # fmt: skip
    assert "marked before, and left as they are: b" in said
    assert "for a person to look at: c, d" in said
    assert "0 wrote nothing" in ok(desk, "mark", "--question", "q1.6", "--empty", "0")
    assert "0 by kim: nothing written" in ok(desk, "history", "a")


# ---- 6: what changed between two runs ----


def test_diff_compares_hand_ins_of_both_runs_and_names_the_others_in_a_line(desk: Desk):
    members = [Member(f"s{i:02}") for i in range(20)]
    desk.grade(*members)
    desk.grade(Member("s03", failed=("sigmoid-scores",)))
    lines = ok(desk, "diff", 1, 2).splitlines()
    assert [line for line in lines if line.startswith("s")] == ["s03: 25 -> 23  (other files were handed in)"]
    assert [line for line in lines if line.startswith("only in run")] == [
        "only in run 1, and not compared: 19 hand-ins (s00, s01, s02, s04, s05, s06, s07, s08, ...)"
    ]
    assert lines[-1] == "1 of 1 hand-ins changed"
    desk.grade(*members, Member("new"))
    lines = ok(desk, "diff", 1, 3).splitlines()
    assert lines[-2:] == ["only in run 3, and not compared: 1 hand-in (new)", "0 of 20 hand-ins changed"]
    assert ok(desk, "diff", 1, 1).splitlines()[-1] == "0 of 20 hand-ins changed"
