"""`grade similar` on a class in a gradebook."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from grader.gradebook import Gradebook
from grader.model import Person
from tests.desks import Desk, Member
from tests.similar.sources import SHARED, own

FORMATS = ("csv", "canvas", "gradescope", "moodle", "json", "junit", "markdown")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = Desk(tmp_path)
    members = [Member(f"s{i:02}", sources={"mlp.py": own(i)}) for i in range(12)]
    members += [Member(f"t{i}", sources={"mlp.py": own(100 + i) + SHARED}) for i in range(2)]
    failed = Member("failed", sources={"mlp.py": own(100) + SHARED}, trouble="It could not be read.")
    found.grade(*members, Member("nothing", notebook=False), failed)
    return found


def pairs(desk: Desk) -> list[dict[str, object]]:
    return json.loads((desk.out / "similar.json").read_bytes())["pairs"]  # type: ignore[no-any-return]


def test_page_and_data(desk: Desk):
    done = desk("similar")
    assert done.code == 0, done.said
    assert "14 hand-ins compared; 1 pair above the line" in done.out
    assert "nothing: not compared: it holds no code and no answer" in done.err
    assert "failed: not compared: It could not be read\n" in done.err
    assert (pairs(desk)[0]["left"], pairs(desk)[0]["right"]) == ("t0", "t1")
    assert 'href="t0/report.html"' in (desk.out / "similar.html").read_text()


@pytest.mark.slow
def test_the_same_class_gives_the_same_bytes(desk: Desk):
    desk("similar")
    before = {name: (desk.out / name).read_bytes() for name in ("similar.html", "similar.json")}
    desk("similar")
    assert {name: (desk.out / name).read_bytes() for name in before} == before


@pytest.mark.slow
def test_a_look_is_kept_and_shown(desk: Desk):
    assert desk("similar", "--looked", "t1", "t0", "--note", "same tutor", "--by", "jo").code == 0
    desk("similar")
    assert pairs(desk)[0]["looked"]["note"] == "same tutor"  # type: ignore[index]
    desk("similar", "--looked", "t0", "t1", "--note", "<b>asked</b> both", "--by", "jo")
    assert pairs(desk)[0]["looked"]["note"] == "<b>asked</b> both"  # type: ignore[index]
    assert "&lt;b&gt;asked" in (desk.out / "similar.html").read_text()
    with Gradebook(desk.out, read_only=True) as book:
        assert [row[-2] for row in book.rows("looked")] == ["same tutor", "<b>asked</b> both"]
        assert book.all_marks() == []


def members(first: str) -> list[Member]:
    """The class of `desk`, of whom t0 has handed in this."""
    found = [Member(f"s{i:02}", sources={"mlp.py": own(i)}) for i in range(12)]
    return [
        *found,
        Member("t0", sources={"mlp.py": first}),
        Member("t1", sources={"mlp.py": own(101) + SHARED}),
    ]


@pytest.mark.slow
def test_a_look_is_for_what_both_held_then(desk: Desk):
    noted = ("similar", "--looked", "t0", "t1", "--note", "same tutor")
    desk(*noted)  # before there is a page
    desk.grade(*members(own(100) + SHARED), Member("later", sources={"mlp.py": own(50)}))
    desk("similar")
    assert ">looked at<" in (desk.out / "similar.html").read_text()  # graded again, and one more in the class
    desk.grade(*members(own(100) + SHARED + "print(1)"))
    desk("similar")
    assert ">changed since it was looked at<" in (desk.out / "similar.html").read_text()
    assert pairs(desk)[0]["looked"]["note"] == "same tutor"  # type: ignore[index]
    desk(*noted)
    assert ">looked at<" in (desk.out / "similar.html").read_text()


@pytest.mark.slow
def test_a_page_of_another_assignment_is_left_alone(desk: Desk):
    desk("similar")
    data = desk.out / "similar.json"
    data.write_text(data.read_text().replace(json.loads(data.read_bytes())["title"], "Another"))
    before = data.read_bytes()
    assert "will show it" in desk("similar", "--looked", "t0", "t1").err
    assert data.read_bytes() == before


@pytest.mark.slow
def test_two_hand_ins_of_one_person_are_no_pair(tmp_path: Path):
    desk = Desk(tmp_path)
    both = Member(
        "t0", sources={"mlp.py": SHARED}, persons=(Person("Ana", number="7"), Person("Ben", number="8"))
    )
    alone = Member("t1", sources={"mlp.py": SHARED}, persons=(Person("Ana", number="7"),))
    other = Member("t2", sources={"mlp.py": SHARED}, persons=(Person("Cem", number="9"),))
    desk.grade(*(Member(f"s{i:02}", sources={"mlp.py": own(i)}) for i in range(5)), both, alone, other)
    desk("similar")
    assert {(one["left"], one["right"]) for one in pairs(desk)} == {("t0", "t2"), ("t1", "t2")}


@pytest.mark.slow  # a second for each derivation
def test_the_same_slip_in_a_derivation(tmp_path: Path):
    desk = Desk(tmp_path)
    slip = {"Q3.1": r"$\theta \leftarrow \theta - \eta (g + \lambda \theta)$"}  # the 2 is missing
    right = {"Q3.1": r"$\theta \leftarrow \theta - \eta (g + 2 \lambda \theta)$"}
    class_ = [Member(f"s{i}", right, judged=True) for i in range(5)]
    desk.grade(*class_, *(Member(f"t{i}", slip, judged=True) for i in range(2)))
    assert desk("similar").code == 0
    (one,) = [one for one in pairs(desk) if "mistakes" in one["amounts"]]  # type: ignore[operator]
    assert (one["left"], one["right"]) == ("t0", "t1")
    assert next(it["text"] for it in one["evidence"] if it["kind"] == "mistakes").startswith("Q3.1: ")  # type: ignore[attr-defined]


def test_a_look_survives_a_repair(desk: Desk):
    desk("similar", "--looked", "t0", "t1", "--note", "same tutor")
    with closing(sqlite3.connect(desk.out / "gradebook.sqlite")) as db, db:
        db.execute("UPDATE run SET tier = 'Z'")
    assert "damaged" in desk("similar").err
    assert desk("gradebook", "repair").code == 0
    with Gradebook(desk.out, read_only=True) as book:
        assert [row[-2] for row in book.rows("looked")] == ["same tutor"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--looked", "t0", "t0"), "both are t0"),
        (("--looked", "t0", "zz"), "there is no hand-in 'zz'"),
        (("--note", "x"), "--note and --by: are for --looked"),
        (("--against", "a/2024", "--against", "b/2024"), "two are called 2024"),
        (("--against", "missing"), "no such file or folder"),
    ],
)
def test_mistakes_on_the_command_line(desk: Desk, arguments: tuple[str, ...], said: str):
    done = desk("similar", *arguments)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.said


def test_a_folder_without_a_gradebook(tmp_path: Path):
    desk = Desk(tmp_path)
    done = desk("similar")
    assert done.code == 2
    assert "grade first" in done.err


@pytest.mark.slow
def test_the_layout_for_other_programs(desk: Desk):
    folder = desk.folder / "layout"
    assert desk("similar", "--export", folder).code == 0
    assert (folder / "submissions" / "t0" / "mlp.py").read_text() == own(100) + SHARED
    assert (folder / "given" / "given_1.py").is_file()
    rows = list(csv.DictReader((folder / "info.csv").open()))
    assert {row["filename"] for row in rows} == {
        str(path.relative_to(folder)) for path in (folder / "submissions").rglob("*.py")
    }
    assert folder.stat().st_mode & 0o077 == 0
    done = desk("similar", "--export", folder)
    assert done.code == 2
    assert "is not empty" in done.err


@pytest.mark.slow
def test_nothing_of_it_reaches_a_student(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.grade(*(Member(f"t{i}", sources={"mlp.py": SHARED}) for i in range(2)))
    desk("similar", "--looked", "t0", "t1", "--note", "Looked-At-Note")
    assert desk("similar").code == 0
    written = desk.folder / "written"
    written.mkdir()
    assert desk("feedback", written / "feedback").code == 0
    for kind in FORMATS:
        desk("export", "--format", kind, "--to", written / kind)
    files = [path for path in written.rglob("*") if path.is_file()]
    assert len(files) > len(FORMATS)
    for path in files:
        content = path.read_bytes()
        assert "similar" not in path.name
        assert b"similar.html" not in content
        assert b"Looked-At-Note" not in content
    assert "Looked-At-Note" not in desk("history", "t0").said
