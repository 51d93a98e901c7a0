"""A class as a teaching assistant grades it, with the real command line: small hand-ins, no trainings on data."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.acceptance.conftest import Grade
from tests.classes import Books, kill_and_resume, mixed, small_class
from tests.conftest import ROOT
from tests.desks import finished
from tests.hostile import assignment

TOLERANT = ('id = "sigmoid-toy-loss"', "tolerance = 1e-6", "tolerance = 0.1")
HEAVIER = ('id = "sigmoid-toy-loss"', "points = 1\n", "points = 1.5\n")
LIGHTER = ('id = "sigmoid-scores"', "points = 2\n", "points = 1.5\n")


def rubric(folder: Path, name: str, *edits: tuple[str, str, str]) -> Path:
    """The rubric without trainings, with edits (behind which text, what, for what)."""
    path = folder / "rubrics" / name
    path.parent.mkdir(exist_ok=True)
    assignment.write(ROOT / "rubrics" / "ps3.toml", path, "of a test, 4f9c2b71d8e0a635")
    text = path.read_text()
    for after, old, new in edits:
        at = text.index(old, text.index(after))
        text = text[:at] + new + text[at + len(old) :]
    path.write_text(text)
    return path


class Class:
    """A folder in which a class was graded."""

    def __init__(self, folder: Path, count: int = 6) -> None:
        self.folder = folder
        small_class(folder / "class", count)
        self.rubric = rubric(folder, "ps3.toml")

    def __call__(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """`grade ...` in it; as a process of its own tests of damage, bad days and the command line have each."""
        return finished(self.folder, *arguments)

    def grade(
        self, *arguments: object, of: str = "class", rubric: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Grade the class, as somebody at a terminal does."""
        options = ["--dataset", "digits", "--rubric", rubric or self.rubric, *arguments]
        return subprocess.run(
            [sys.executable, "-m", "grader", of, *map(str, options)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def marks(self, *arguments: object) -> dict[str, dict[str, str]]:
        """What `grade export` says, by hand-in; by default by the rubric of the last run."""
        done = self("export", "--format", "csv", "--to", "-", *arguments)
        assert done.returncode == 0, done.stderr
        return {row["id"]: row for row in csv.DictReader(io.StringIO(done.stdout))}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Class, subprocess.CompletedProcess[str]]:
    """A class of six that was graded once."""
    one = Class(tmp_path_factory.mktemp("class"))
    return one, one.grade()


@pytest.fixture
def copy(graded, tmp_path: Path) -> Class:
    """The same in a folder of the test's own."""
    shutil.copytree(graded[0].folder, tmp_path / "copy")
    one = Class.__new__(Class)
    one.folder, one.rubric = tmp_path / "copy", tmp_path / "copy" / "rubrics" / "ps3.toml"
    return one


@pytest.mark.slow
def test_a_class_is_graded_and_has_a_page(graded):
    one, done = graded
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "reports/index.html"
    assert lines[-2] == "6 of 6 hand-ins graded"
    assert sum("student-" in line for line in lines) == 6
    page = (one.folder / "reports" / "index.html").read_text()
    for i in range(6):
        assert f'href="student-00{i}/report.html"' in page
        assert (one.folder / f"reports/student-00{i}/report.html").is_file()


@pytest.mark.slow
def test_marks_are_those_of_each_alone(graded):
    assert {id: row["total"] for id, row in graded[0].marks().items()} == {
        "student-000": "23",
        "student-001": "23",
        "student-002": "21",
        "student-003": "21.5",
        "student-004": "21.75",
        "student-005": "22",
    }


@pytest.mark.slow
def test_nothing_is_run_again_for_nothing(copy: Class):
    done = copy.grade()
    assert "6 of them unchanged or copies, and not run" in done.stdout
    (copy.folder / "class" / "student-002" / "mlp.py").write_text("import nothing_like_it\n")
    done = copy.grade()
    assert "5 of them unchanged" in done.stdout
    assert copy.marks()["student-002"]["earned"] == "0"


@pytest.mark.slow
def test_a_changed_tolerance_changes_the_marks_of_exactly_those_it_concerns(copy: Class):
    """`factor_half_forgotten` is off by 0.038 there; no other one is."""
    tolerant = rubric(copy.folder, "tolerant.toml", TOLERANT)
    assert copy.grade(rubric=tolerant).returncode == 0
    done = copy("diff", 1, 2)
    lines = done.stdout.splitlines()
    assert (
        lines[0] == "rubric: questions[Q2.1].checks[sigmoid-toy-loss].params.tolerance: '0.000001' -> '0.1'"
    )
    assert lines[1] == "student-002: 21 -> 22"
    assert lines[2].startswith(
        "    Q2.1 sigmoid-toy-loss: 0 / 1 -> 1 / 1. Before, failed: The loss on the toy data is"
    )
    assert lines[-1] == "1 of 6 hand-ins changed"
    assert len([line for line in lines if line.startswith("student-")]) == 1


@pytest.mark.slow
def test_other_weights_are_marked_without_running_anything(copy: Class):
    weights = rubric(copy.folder, "weights.toml", HEAVIER, LIGHTER)
    shutil.rmtree(copy.folder / "class")  # nothing is left that could be run
    before = copy.marks()
    done = copy("remark", "--rubric", weights)
    assert done.returncode == 0, done.stderr
    assert "the marks of 1 have changed" in done.stdout
    after = copy.marks()
    assert {id for id in after if after[id]["total"] != before[id]["total"]} == {"student-002"}
    assert after["student-002"]["total"] == "20.5"
    report = json.loads((copy.folder / "reports/student-002/report.json").read_text())
    assert report["earned"] == "20.5"
    diff = copy("diff", 1, 2).stdout
    assert "Its weight changed from 1 to 1.5 points." in diff
    assert "1 of 6 hand-ins changed" in diff


@pytest.mark.slow
def test_marks_under_a_rubric_with_other_checks_are_not_made_up(copy: Class):
    """Exports by a rubric that asks something else give no marks, and say what to do."""
    tolerant = rubric(copy.folder, "tolerant.toml", TOLERANT)
    rows = copy.marks("--rubric", tolerant)
    assert {row["total"] for row in rows.values()} == {""}
    assert all("grade it again" in row["remark"] for row in rows.values())


@pytest.mark.slow
def test_a_persons_mark_counts_everywhere_and_survives(copy: Class):
    done = copy("mark", "student-003", "Q2.3", "4", "--note", "talked it over", "--by", "kim")
    assert done.returncode == 0, done.stderr
    assert copy.marks()["student-003"]["Q2.3"] == "4"
    (copy.folder / "class" / "student-003" / "mlp.py").open("a").write("# handed in again\n")
    copy.grade()
    assert copy.marks()["student-003"]["total"] == "23"
    assert json.loads((copy.folder / "reports/student-003/report.json").read_text())["earned"] == "23"
    assert "Q2.3: 4 by kim: talked it over" in copy("history", "student-003").stdout
    assert copy("diff", 1, 2).stdout.endswith("0 of 6 hand-ins changed\n")


@pytest.mark.slow
def test_every_format_and_the_feedback_for_students(copy: Class):
    for kind in ("csv", "canvas", "gradescope", "moodle", "json", "junit", "markdown"):
        done = copy("export", "--format", kind, "--to", f"out-{kind}")
        assert done.returncode == 0, done.stderr
        assert (copy.folder / f"out-{kind}").exists()
    done = copy("feedback", "feedback")
    assert done.returncode == 0, done.stderr
    pages = sorted(path.name for path in (copy.folder / "feedback").iterdir())
    assert pages == [f"student-00{i}.html" for i in range(6)]
    for path in (copy.folder / "feedback").iterdir():
        assert "fits everywhere" not in path.read_text(), "that is for staff"


@pytest.mark.slow
def test_late_days_cost_at_export_and_nowhere_else(copy: Class):
    late = copy.folder / "rubrics" / "late.toml"
    policy = "[late]\ndue = 2026-03-01T12:00:00+00:00\npercent_per_day = 10\n\n[limits]\n"
    late.write_text(copy.rubric.read_text().replace("[limits]\n", policy, 1))
    (copy.folder / "roster.csv").write_text(
        "id,name,submitted,extension_hours\n"
        "student-000,Ann,2026-03-02T11:00:00+00:00,\n"
        "student-001,Ben,2026-03-02T11:00:00+00:00,24\n"
        "nobody,Zoe,,\n"
    )
    done = copy("export", "--format", "csv", "--to", "-", "--rubric", late, "--roster", "roster.csv")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert (rows["student-000"]["earned"], rows["student-000"]["total"]) == ("23", "20.7")
    assert (rows["student-001"]["name"], rows["student-001"]["total"]) == ("Ben", "23")
    assert [row["outcome"] for row in rows.values() if row["name"] == "Zoe"] == ["handed in nothing"]
    assert json.loads((copy.folder / "reports/student-000/report.json").read_text())["earned"] == "23"


@pytest.mark.slow
def test_the_class_list_of_the_last_run_counts_until_another_is_named(copy: Class):
    """An extension must not be lost because somebody forgets an option."""
    (copy.folder / "roster.csv").write_text("id,name\nstudent-000,Ann\nnobody,Zoe\n")
    copy.grade("--roster", "roster.csv")
    assert copy.marks()["student-000"]["name"] == "Ann"
    copy("mark", "student-003", "Q2.3", "4")
    assert "Zoe" in (copy.folder / "reports" / "index.html").read_text()
    (copy.folder / "roster.csv").unlink()
    done = copy("export", "--format", "csv", "--to", "-")
    assert "roster.csv is gone" in done.stderr


@pytest.mark.slow
def test_a_file_that_cannot_be_written_is_one_line(copy: Class):
    (copy.folder / "reports" / "junit.xml").mkdir()
    one_line(copy.grade("--ci"), 3, "junit.xml")


@pytest.mark.slow
def test_a_download_of_a_course_system_is_shown_and_graded(copy: Class):
    (module,) = (ROOT / "submissions" / "renamed").glob("*.py")
    with zipfile.ZipFile(copy.folder / "canvas.zip", "w") as archive:
        archive.writestr("doejane_101_5001_mlp-1.py", module.read_text())
        archive.writestr("roeriver_LATE_102_5002_mlp.py", "import nothing_like_it\n")
    listed = copy("intake", "--list", "canvas.zip")
    assert listed.returncode == 0, listed.stderr
    assert (
        "doejane_101" in listed.stdout
        and "Canvas download" in listed.stdout
        and "2 hand-ins" in listed.stdout
    )
    done = copy.grade("--out", "canvas", of="canvas.zip")
    assert done.returncode == 0, done.stderr
    earned = {
        path.parent.name: json.loads(path.read_text())["earned"]
        for path in copy.folder.glob("canvas/*/report.json")
    }
    assert sorted(earned.values()) == ["0", "23"]


@pytest.mark.slow
def test_an_interrupt_says_how_to_go_on_and_the_same_command_does(tmp_path: Path):
    one = Class(tmp_path, 3)
    command = [sys.executable, "-m", "grader", "class", "--dataset", "digits", "--rubric", str(one.rubric)]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()  # one is done, others are at work
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: every process of the run gets it
    _, told = process.communicate(timeout=30)
    assert (process.returncode, "Traceback" in told) == (130, False), told
    assert "the same command goes on from there" in told
    assert "student-" in first
    done = one.grade()
    assert done.returncode == 0, done.stderr
    assert "of them unchanged or copies, and not run" in done.stdout
    assert one("history").stdout.count("digits") == 1, "it is the same run"


def one_line(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, done.stderr
    (line,) = done.stderr.strip().splitlines()
    for word in words:
        assert word in line


@pytest.mark.slow
def test_another_run_into_the_same_folder_is_refused(copy: Class):
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom grader.gradebook import grading\n"
        "with grading(Path('reports')):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], cwd=copy.folder, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline()
        one_line(copy.grade(), 3, "another run", str(holder.pid), "--out")
        assert copy.marks(), "reading is no grading"
    finally:
        holder.kill()
        holder.wait()


@pytest.mark.slow
def test_no_gradebook_yet(grade: Grade):
    for command in (
        ("history",),
        ("diff", 1, 2),
        ("remark",),
        ("export", "--format", "csv"),
        ("feedback", "x"),
    ):
        one_line(grade(*command), 2, "gradebook.sqlite", "grade first")


@pytest.mark.slow
def test_a_grader_killed_at_any_moment_goes_on_to_the_same_end(tmp_path: Path):
    tmp_path.chmod(0o711)
    books = Books(tmp_path, 3)
    seed = int(time.time())
    print(f"seed {seed}")  # pytest shows it where this fails
    found = [kill_and_resume(books, seed + i) for i in range(2)]
    while len(found) < 8 and not any(one.killed and one.kept for one in found):
        found.append(kill_and_resume(books, seed + len(found)))  # all were at its very start or end so far
    assert not any(one.differences for one in found), found
    assert any(one.killed and one.kept for one in found), "none was killed at work"


@pytest.mark.slow
def test_healthy_hand_ins_beside_hostile_ones_get_exactly_their_marks(tmp_path: Path):
    """`benchmarks/batch.py mixed` does the same with 100; tests/hostile has all hostile ones in every tier."""
    tmp_path.chmod(0o711)
    found = mixed(tmp_path, healthy=4, hostile=6)
    assert (found.healthy, found.hostile) == (4, 6)
    assert found.wrong == []
    assert found.failed == {}
