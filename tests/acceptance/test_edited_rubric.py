"""A rubric that is edited after persons have marked: no mark is lost, or counts for something else, in silence."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.classes import tiny_class
from tests.conftest import ROOT
from tests.desks import finished
from tests.hostile import assignment

GONE, KEPT = "student-0000", "student-0001"


class Class:
    """Two hand-ins; a person has marked Q2.1 of one, and another question of the other."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.rubric = folder, folder / "ps3.toml"
        tiny_class(folder / "class", 2)
        assignment.write(ROOT / "rubrics/ps3.toml", self.rubric, "of a test, and long enough for one")
        assert self.grade().returncode == 0
        for id, question, points in ((GONE, "Q2.1", "4"), (KEPT, "Q2.2", "3")):
            assert self("mark", id, question, points, "--by", "kim", "--note", "looked").returncode == 0

    def __call__(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return finished(self.folder, *arguments)

    def grade(self, *more: object) -> subprocess.CompletedProcess[str]:
        return self("class", "--dataset", "digits", "--rubric", self.rubric, *more)

    def edit(self, *edits: tuple[str, str]) -> None:
        text = self.rubric.read_text()
        for old, new in edits:
            assert re.search(old, text), old
            text = re.sub(old, new, text, count=1)
        self.rubric.write_text(text)

    def weigh(self, more: float) -> None:
        """Give a check of Q2.1, with it the question, and with that the whole, so many points more."""
        text = self.rubric.read_text()
        for place in ("", 'id = "Q2.1"', 'id = "sigmoid-scores"'):
            at = text.index("\npoints = ", text.index(place)) + 1
            line = text[at : text.index("\n", at)]
            text = f"{text[:at]}points = {float(line.removeprefix('points = ')) + more:g}{text[at + len(line) :]}"
        self.rubric.write_text(text)

    def is_named(self, said: str, why: str) -> None:
        """On the terminal, by exports and on the page of the class: whose, what, by whom, when and why."""
        assert "1 mark of a person does not count" in said
        line = next(line for line in said.splitlines() if f"{GONE} Q2.1: " in line)
        assert re.search(rf"4 points by kim on 20\d\d-\d\d-\d\d, looked: .*{why}", line)
        export = self("export", "--format", "csv", "--to", "-")
        assert re.search(rf"1 mark of a person does not count.*{GONE} Q2.1.*{why}", export.stderr)
        (one,) = json.loads(self("export", "--format", "json", "--to", "-").stdout)["misfits"]
        assert (one["id"], one["question"], one["points"], one["by"]) == (GONE, "Q2.1", "4", "kim")
        page = (self.folder / "reports/index.html").read_text()
        assert 'id="misfits"' in page
        assert "by kim on" in page
        assert "4 points by kim" in self("history", GONE).stdout.replace("Q2.1: 4 by", "4 points by")

    def rows(self) -> dict[str, dict[str, str]]:
        done = self("export", "--format", "csv", "--to", "-")
        return {row["id"]: row for row in csv.DictReader(io.StringIO(done.stdout))}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """Graded and marked once, and kept beside as it is then."""
    one = Class(tmp_path_factory.mktemp("edited") / "class")
    shutil.copytree(one.folder, one.folder.with_name("kept"))
    return one


@pytest.fixture
def edited(once: Class) -> Class:
    """As it was then, in the same place: gradebooks remember where a rubric is."""
    shutil.rmtree(once.folder)
    shutil.copytree(once.folder.with_name("kept"), once.folder)
    once.rubric = once.folder / "ps3.toml"
    return once


@pytest.mark.slow
def test_other_points(edited: Class):
    text = edited.rubric.read_text()
    edited.weigh(1)
    done = edited("remark")
    assert done.returncode == 0, done.stderr
    edited.is_named(done.stderr, "had 5 points then, and has 6 now")
    row = edited.rows()[GONE]
    assert (row["Q2.1"], row["outcome"], row["total"]) == ("", "waits for a person", "")
    assert edited.rows()[KEPT]["Q2.2"] == "3"
    assert "1 mark of a person does not count" in edited.grade().stderr
    assert edited("mark", GONE, "Q2.1", "5.5", "--by", "lee").returncode == 0
    assert edited.rows()[GONE]["Q2.1"] == "5.5"
    assert "not count" not in edited("remark").stderr
    edited.rubric.write_text(text)
    assert "5.5 points by lee" in edited("remark").stderr


@pytest.mark.slow
def test_fewer_points_than_the_mark(edited: Class):
    edited.weigh(-1.5)
    done = edited("remark")
    assert done.returncode == 0, done.stderr
    edited.is_named(done.stderr, "had 5 points then, and has 3.5 now")
    assert edited.rows()[GONE]["Q2.1"] == ""


@pytest.mark.slow
def test_another_id_of_the_question(edited: Class):
    edited.rubric.write_text(edited.rubric.read_text().replace('"Q2.1"', '"Q2.1b"'))
    done = edited("remark")
    if done.returncode or "grade it again" in done.stderr:
        done = edited.grade()
    assert done.returncode == 0, done.stderr
    edited.is_named(done.stderr, "no such question now")


@pytest.mark.slow
@pytest.mark.parametrize("in_place", [True, False])
def test_another_id_of_the_assignment(edited: Class, in_place: bool):
    if not in_place:
        edited.rubric = edited.rubric.rename(edited.folder / "other.toml")
    edited.edit((r'(?m)^id = "[^"]*"', 'id = "renamed"'))
    done = edited("remark", "--rubric", edited.rubric)
    assert done.returncode == 2
    assert "with 2 marks of persons" in done.stderr
    done = edited.grade()
    assert "2 marks of persons do not count" in done.stderr
    assert re.search(rf"{GONE} Q2.1: 4 points by kim on .*the assignment was called", done.stderr)
    assert "2 marks of persons do not count" in edited("export", "--format", "csv", "--to", "-").stderr
    assert edited("mark", GONE, "Q2.1", "4").returncode == 0
    assert "1 mark of a person does not count" in edited.grade().stderr
