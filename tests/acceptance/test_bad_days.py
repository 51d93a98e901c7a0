"""What the machine may refuse: each ends in a line that says what to do, and costs no student a point.

Each situation is brought about for a real command line. Then the same command is given again without it.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.classes import small_class
from tests.conftest import ROOT
from tests.desks import finished
from tests.hostile import assignment

pytestmark = pytest.mark.slow

GRADE = f"{sys.executable} -m grader"
CLASS = f"{GRADE} class --dataset digits --rubric ps3.toml --jobs 1"
STUDENTS = ("student-000", "student-001")

as_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="mounts small file systems: needs root"
)


def made(folder: Path) -> Path:
    """A folder with a class of two, and a rubric of one question: what it asks is not the point here."""
    small_class(folder / "class", 2)
    rubric = folder / "ps3.toml"
    assignment.write(ROOT / "rubrics/ps3.toml", rubric, "of a test, and long enough for one", ("Q2.1",))
    for name in ("reports", "small"):
        (folder / name).mkdir()
    folder.chmod(0o755)
    return folder


@pytest.fixture
def day(tmp_path: Path) -> Path:
    return made(tmp_path)


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = made(tmp_path_factory.mktemp("day"))
    assert shell(folder, CLASS).returncode == 0
    return folder


@pytest.fixture
def graded(graded_once: Path, tmp_path: Path) -> Path:
    """A day on which the class is graded already."""
    return shutil.copytree(graded_once, tmp_path, dirs_exist_ok=True)


def shell(day: Path, script: str, within: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        f"{within} bash -c '{script}'",
        shell=True,
        cwd=day,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )


def totals(export: str) -> dict[str, str]:
    return {row["id"]: row["total"] for row in csv.DictReader(io.StringIO(export))}


def exported(day: Path) -> str:
    """What `grade export` prints; as a process of its own it has bad days below."""
    return finished(day, *EXPORT.removeprefix(GRADE).split()).stdout


EXPORT = f"{GRADE} export --format csv --to - --rubric ps3.toml"
RIGHT = {"student-000": "5", "student-001": "5"}
"""What both have earned on a quiet day."""


def holds(done: subprocess.CompletedProcess[str], code: int, says: str) -> None:
    """It ended in that way, with lines that say why, and nobody lost a point."""
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert re.search(says, done.stderr), done.stderr
    if code:
        assert lines
        assert all(line.startswith("grade: ") for line in lines), lines
    assert not re.search(r"student-\d+: (?!5 / 5|not graded|All|.*wait).*points", done.stdout), done.stdout


def goes_on(day: Path) -> None:
    """The same command does the rest, and the marks are those of a quiet day."""
    again = shell(day, CLASS)
    assert again.returncode == 0, again.stderr
    assert totals(exported(day)) == RIGHT


@pytest.mark.parametrize(
    ("prefix", "code", "says"),
    [
        ("ulimit -n 6", 3, r"too many files are open .*the limit is 6.*ulimit -n"),
        ("ulimit -n 16", 3, r"Too many open files.*raise the limit.*give the command again"),
        ("ulimit -v 100000", 3, r"found a limit of 97 MB on memory \(ulimit -v\), wanted 512 MB or more; raise it"),
        ("ulimit -f 20", 3, r"gradebook.sqlite: .*give the command again"),
        # What is enough, though little, is so all together.
        ("ulimit -n 64; ulimit -v 2000000; ulimit -s 100; umask 777", 0, ""),
        ("export TMPDIR=/nonexistent; exec < /dev/null > /dev/null", 0, ""),
        ("export TMPDIR=/proc", 0, ""),
        # Tier B, whose workers pass closed folders by a right of their own: access(2) has to go by it, too.
        ("mkdir -m 700 own; mkdir own/temporary; export TMPDIR=$PWD/own/temporary PATH=/nonexistent", 0, ""),
        ("unset TMPDIR HOME USER LANG PATH; PATH=/usr/bin:/bin", 0, ""),
    ],
)  # fmt: skip
def test_limits_and_the_environment(day: Path, prefix: str, code: int, says: str):
    holds(shell(day, f"{prefix}; {CLASS}"), code, says)
    if code:
        goes_on(day)
    else:
        assert totals(exported(day)) == RIGHT


@as_root
@pytest.mark.parametrize(
    ("mounts", "code", "says"),
    [
        ("mount -t tmpfs -o ro none /dev/shm", 0, ""),
        ("mount -t tmpfs -o ro none reports", 3, r"reports: .*Read-only file system.*--out"),
        ("mount -t tmpfs -o ro none small; export TMPDIR=small", 0, ""),
        ("mount -t tmpfs -o size=8k none small; export TMPDIR=$PWD/small", 3, r"No space left.*make room"),
        ("mount -t tmpfs -o size=4k none reports", 3, r"reports/.*(make room|look at the disk)"),
    ],
)
def test_file_systems(day: Path, mounts: str, code: int, says: str):
    holds(shell(day, f"{mounts}; {CLASS}", "unshare -m"), code, says)
    goes_on(day)


@as_root
@pytest.mark.parametrize(
    ("room", "runs"), [("8k", 1), ("120k", 1), ("320k", 1), ("417k", 2)]
)  # where the class page alone is missing, the run has ended, and the command given again is another one
def test_a_disk_that_fills_at_any_stage_of_the_reports(day: Path, room: str, runs: int):
    """Gradebook, findings, reports, the class page: what was found before it was full is there afterwards."""
    script = (
        "mount -t tmpfs -o size=8m none reports; "
        f"head -c $((8 * 1024 * 1024 - {room[:-1]} * 1024)) /dev/zero > reports/filler; "
        f"{CLASS}; code=$?; rm reports/filler; "
        f"{CLASS} > again.txt 2>&1; echo $? >> again.txt; {EXPORT} > export.csv; {GRADE} history > runs.txt; exit $code"
    )
    holds(shell(day, script, "unshare -m"), 3, r"make room|look at the disk")
    assert (day / "again.txt").read_text().endswith("\n0\n"), (day / "again.txt").read_text()
    assert totals((day / "export.csv").read_text()) == RIGHT
    assert (day / "runs.txt").read_text().count("digits") == runs


@as_root
def test_no_room_to_stage_one_hand_in_costs_the_others_nothing(day: Path):
    with (day / "class/student-001/mlp.py").open("a") as file:
        file.write("#" * 400_000)
    done = shell(
        day, f"mount -t tmpfs -o size=100k none small; export TMPDIR=$PWD/small; {CLASS}", "unshare -m"
    )
    holds(done, 3, r"student-001: not graded: the disk cannot be written.*TMPDIR")
    assert "student-000: 5 / 5 points" in done.stdout
    goes_on(day)


@as_root
def test_no_room_to_unpack(day: Path):
    (day / "class/student-001/more.py").write_text("#" * 400_000)
    shutil.make_archive(str(day / "class"), "zip", day / "class")
    shutil.rmtree(day / "class")
    archive = CLASS.replace(" class ", " class.zip ")
    done = shell(
        day, f"mount -t tmpfs -o size=100k none small; export TMPDIR=$PWD/small; {archive}", "unshare -m"
    )
    holds(done, 3, r"no room to unpack.*TMPDIR")
    assert shell(day, archive).returncode == 0
    assert totals(exported(day)) == RIGHT


@as_root
@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("export --format csv --to small/x.csv", r"small/x.csv: cannot be written \(No space left"),
        ("export --format gradescope --to small/x", r"small/x"),
        ("export --format junit --to small/x.xml", r"small/x.xml: cannot be written \(No space left"),
        ("feedback small/feedback", r"small/feedback"),
        ("export --format csv --to - > /dev/full", "No space left"),
        ("history > /dev/full", "No space left"),
    ],
)
def test_no_room_for_what_is_made_of_the_gradebook(graded: Path, command: str, says: str):
    full = "mount -t tmpfs -o size=4k none small; head -c 4096 /dev/zero > small/filler"
    done = shell(graded, f"{full}; {GRADE} {command}", "unshare -m")
    holds(done, 3, says)
    assert totals(exported(graded)) == RIGHT


@as_root
def test_a_gradebook_that_can_only_be_read(graded: Path):
    ro = "mount --bind reports reports; mount -o remount,ro,bind reports"
    mark = f"{GRADE} mark student-000 Q2.1 1 --rubric ps3.toml"
    for command in (CLASS, mark):
        holds(shell(graded, f"{ro}; {command}", "unshare -m"), 3, r"Read-only file system|cannot be written")
    read = shell(graded, f"{ro}; {EXPORT}", "unshare -m")
    holds(read, 0, "")
    assert totals(read.stdout) == RIGHT
    goes_on(graded)


def when_one_is_done(day: Path, then: object) -> subprocess.CompletedProcess[str]:
    """Grade, and do something as soon as the first of the two is marked."""
    with (day / "out").open("w") as out, (day / "err").open("w") as err:
        grader = subprocess.Popen(CLASS.split(), cwd=day, stdout=out, stderr=err)
        while grader.poll() is None and "1/2" not in (day / "out").read_text():
            time.sleep(0.01)
        then()  # type: ignore[operator]
        code = grader.wait(300)
    return subprocess.CompletedProcess(CLASS, code, (day / "out").read_text(), (day / "err").read_text())


def test_the_reports_are_removed_meanwhile(day: Path):
    done = when_one_is_done(day, lambda: shutil.rmtree(day / "reports", ignore_errors=True))
    assert "Traceback" not in done.stderr
    if done.returncode:
        holds(done, 3, r"reports")
    goes_on(day)


def test_the_class_is_removed_meanwhile(day: Path):
    shutil.copytree(day / "class", day / "copy")
    done = when_one_is_done(day, lambda: shutil.rmtree(day / "class"))
    assert "Traceback" not in done.stderr
    assert not re.search(r"student-001: (?!5|All|not graded|.*wait)", done.stdout), done.stdout
    (day / "copy").rename(day / "class")
    goes_on(day)


CLOCK = """
import sys, time
from grader.machine import clock
clock.now = lambda: "1999-01-01T00:00:00+00:00"
time.time = lambda: 915148800.0
from grader.cli import main
main()
"""


def test_a_clock_that_was_set_back(graded: Path):
    (graded / "clock.py").write_text(CLOCK)
    back = f"{sys.executable} clock.py"
    question = "Q2.1"
    mark = f"mark student-000 {question} {{}} --rubric ps3.toml"
    assert shell(graded, f"{GRADE} {mark.format(1)}").returncode == 0
    holds(shell(graded, f"{back} {mark.format(2)}"), 0, "")
    assert shell(graded, CLASS.replace(GRADE, back) + " --again").returncode == 0
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(exported(graded)))}
    assert rows["student-000"][question] == "2", (
        "the mark that was given last counts, whatever the clock says"
    )
    assert rows["student-001"]["total"] == "5"
    holds(shell(graded, f"{GRADE} history student-000"), 0, "")
