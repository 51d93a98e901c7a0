"""The command line as a teaching assistant uses it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.acceptance.conftest import Grade
from tests.conftest import ROOT, SUBMISSIONS
from tests.hostile import assignment
from tests.warm import workers


def load(folder: Path, name: str) -> dict:
    return json.loads((folder / "reports" / name / "report.json").read_text())


def without_host(report: dict) -> dict:
    return {key: value for key, value in report.items() if key != "host"}


def untrained(folder: Path) -> Path:
    """The rubric without trainings, which tests/acceptance/test_examples.py has."""
    path = folder / "ps3.toml"
    assignment.write(ROOT / "rubrics/ps3.toml", path, "of a test, and long enough for one", written=True)
    return path


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("alice")
    options = ["--dataset", "digits", "--jobs", "2", "--rubric", str(untrained(folder))]
    done = subprocess.run(
        [sys.executable, "-m", "grader", str(SUBMISSIONS / "alice"), *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return folder, done


def test_alice_gets_every_automatic_point(alice):
    folder, done = alice
    report = load(folder, "alice")
    assert done.returncode == 0
    assert (report["earned"], report["open_points"], report["points"]) == ("68", "10", "78")


def test_the_path_of_the_report_is_printed_last(alice):
    folder, done = alice
    last = done.stdout.rstrip().rpartition("\n")[2]
    assert (folder / last).is_file()
    assert last == "reports/alice/report.html"


def test_a_run_on_digits_says_so_everywhere(alice):
    folder, done = alice
    assert load(folder, "alice")["provisional"] is True
    for text in (
        done.stdout,
        (folder / "reports/alice/report.md").read_text(),
        (folder / "reports/alice/report.html").read_text(),
    ):
        assert "provisional" in text.lower()


def test_no_colour_codes_in_a_pipe(alice):
    assert "\x1b" not in alice[1].stdout


@pytest.mark.slow
def test_the_same_again_gives_the_same_bytes_even_with_one_job(alice, grade: Grade, tmp_path: Path):
    options = ("--dataset", "digits", "--rubric", alice[0] / "ps3.toml", "--jobs", 1)
    assert grade(SUBMISSIONS / "alice", *options).returncode == 0
    assert json.dumps(without_host(load(tmp_path, "alice"))) == json.dumps(
        without_host(load(alice[0], "alice"))
    )


@pytest.mark.slow
def test_students_see_no_hidden_values(grade: Grade, tmp_path: Path):
    options = ("--dataset", "digits", "--audience", "student", "--rubric", untrained(tmp_path))
    grade(SUBMISSIONS / "regularisation_twice", *options)
    report = load(tmp_path, "regularisation_twice")
    assert report["audience"] == "student"
    hidden = [c for q in report["questions"] for c in q["checks"] if c["hidden"]]
    assert hidden
    assert not any(check["comparisons"] or check["detail"] for check in hidden)


@pytest.mark.slow
def test_fail_under_sets_the_exit_code(grade: Grade):
    nothing = SUBMISSIONS / "nothing_handed_in"
    assert grade(nothing, "--dataset", "digits").returncode == 0
    undecided = grade(nothing, "--dataset", "digits", "--fail-under", "50")
    assert undecided.returncode == 1
    assert "nothing_handed_in: not enough decided: 25 of 80 points (31.2 %), wanted 60 %" in undecided.stderr
    assert grade(nothing, "--dataset", "digits", "--fail-under", "0").returncode == 0


@pytest.mark.slow
def test_too_little_decided_does_not_pass_in_a_class_either(grade: Grade, tmp_path: Path):
    for name in ("import_error", "nothing_handed_in"):
        shutil.copytree(SUBMISSIONS / name, tmp_path / "class" / name)
    done = grade("class", "--dataset", "digits", "--fail-under", "50", "--ci")
    assert done.returncode == 1
    assert "2 hand-ins graded; 2 not enough decided" in done.stdout.replace("2 of 2", "2")
    assert [line.partition(":")[0] for line in done.stdout.splitlines() if "not enough decided:" in line] == [
        "error"
    ] * 2
    assert grade("class", "--dataset", "digits", "--fail-under", "0").returncode == 0


@pytest.mark.slow
def test_a_nonce_draws_other_inputs_and_repeats_them(grade: Grade, tmp_path: Path):
    wrong = SUBMISSIONS / "nothing_handed_in"
    for out, options in (("a", ["--nonce", "X.1"]), ("b", ["--nonce", "X.1"]), ("c", [])):
        assert grade(wrong, "--dataset", "digits", "--out", out, *options).returncode == 0
    a, b, c = (
        without_host(json.loads((tmp_path / out / "nothing_handed_in" / "report.json").read_text()))
        for out in "abc"
    )
    assert (a["nonce"], c["nonce"]) == ("X.1", "1")
    assert a == b
    assert "--nonce" in one_line(grade(wrong, "--nonce", "two words"), 2)


@pytest.mark.slow
def test_a_run_with_the_published_secret_warns_and_one_of_our_own_does_not(grade: Grade, tmp_path: Path):
    nothing = SUBMISSIONS / "nothing_handed_in"
    done = grade(nothing, "--dataset", "digits", "--out", "published")
    assert "the published secret" in one_line(done, 0)
    assert "PUBLISHED SECRET" in done.stdout
    line = grade("secret", "new", "own.secret").stdout
    rubric = tmp_path / "own" / "rubrics" / "ps3.toml"
    rubric.parent.mkdir(parents=True)
    text = (ROOT / "rubrics" / "ps3.toml").read_text()
    rubric.write_text(re.sub(r"^secret = .*\n", lambda _: line, text, flags=re.MULTILINE))
    done = grade(nothing, "--dataset", "digits", "--out", "own", "--rubric", rubric)
    assert (done.returncode, done.stderr) == (0, "")
    for out, stamped in (("published", True), ("own", False)):
        for file in (tmp_path / out / "nothing_handed_in").glob("report.*"):
            words = '"published_secret": true' if file.suffix == ".json" else "Published secret"
            assert (words in file.read_text()) is stamped, file


@pytest.mark.slow
def test_a_secret_that_is_missing_or_open_to_others(grade: Grade, tmp_path: Path):
    text = (ROOT / "rubrics" / "ps3.toml").read_text()
    rubric = tmp_path / "ps3.toml"
    rubric.write_text(re.sub(r"^secret = .*$", 'secret_file = "s"', text, flags=re.MULTILINE))
    assert "grade secret new" in one_line(grade("rubric", "check", rubric), 2)
    (tmp_path / "s").write_text("")
    assert "is empty" in one_line(grade("rubric", "check", rubric), 2)
    (tmp_path / "s").write_text("oT3x-9fQ_2mZr8LkVwYb7dHs")
    (tmp_path / "s").chmod(0o644)
    assert "chmod 600" in one_line(grade("rubric", "check", rubric), 0)


@pytest.mark.slow
def test_a_class_is_graded_one_by_one(grade: Grade, tmp_path: Path):
    for name in ("import_error", "nothing_handed_in"):
        shutil.copytree(SUBMISSIONS / name, tmp_path / "class" / name)
    done = grade("class", "--dataset", "digits")
    assert done.returncode == 0
    assert load(tmp_path, "import_error")["earned"] == load(tmp_path, "nothing_handed_in")["earned"] == "0"


def one_line(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The command ended with `code` and said why in one line."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.slow
def test_a_path_that_is_not_there(grade: Grade):
    assert "no/such/place" in one_line(grade("no/such/place"), 2)


@pytest.mark.slow
def test_an_empty_folder(grade: Grade, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    assert "empty" in one_line(grade("empty"), 2)


@pytest.mark.slow
def test_a_bad_percentage(grade: Grade):
    assert "--fail-under" in one_line(grade(SUBMISSIONS / "alice", "--fail-under", "half"), 2)


@pytest.mark.slow
@pytest.mark.parametrize("text", [b"\xff\xfe", b"points = [", b"id = 3\n"])
def test_an_unreadable_rubric(grade: Grade, tmp_path: Path, text: bytes):
    (tmp_path / "bad.toml").write_bytes(text)
    assert "bad.toml" in one_line(grade(SUBMISSIONS / "alice", "--rubric", "bad.toml"), 2)


def test_a_rubric_that_is_not_there(grade: Grade):
    assert "none.toml" in one_line(grade("rubric", "check", "none.toml"), 2)


@pytest.mark.slow
def test_the_rubric_of_the_repository_is_sound(grade: Grade):
    done = grade("rubric", "check", ROOT / "rubrics" / "ps3.toml")
    assert done.returncode == 0
    assert "80 points" in done.stdout


@pytest.mark.slow
def test_mnist_that_is_not_on_the_machine(grade: Grade, tmp_path: Path):
    done = grade(
        SUBMISSIONS / "alice", "--dataset", "mnist", GRADE_DATA="", GRADE_CACHE=str(tmp_path / "cache")
    )
    assert "grade data fetch mnist" in one_line(done, 3)


@pytest.mark.slow
def test_an_output_folder_that_cannot_be_written(grade: Grade, tmp_path: Path):
    (tmp_path / "taken").write_text("a file where a folder should be")
    assert "--out" in one_line(grade(SUBMISSIONS / "alice", "--out", "taken/reports"), 3)


@pytest.mark.slow
def test_a_damaged_notebook_is_a_remark_and_the_module_is_graded(grade: Grade, tmp_path: Path):
    folder = tmp_path / "damaged"
    shutil.copytree(SUBMISSIONS / "import_error", folder)
    (folder / "ps3.ipynb").write_text('{"cells": [')
    done = grade(folder, "--dataset", "digits")
    assert done.returncode == 0
    assert any("ps3.ipynb" in note for note in load(tmp_path, "damaged")["notes"])


@pytest.mark.slow
def test_any_name_of_a_folder(grade: Grade, tmp_path: Path):
    names = ("with space", 'o\'brien "x"', "Žofie 学生", "a\nb", "x" * 200)
    for name in names:
        shutil.copytree(SUBMISSIONS / "import_error", tmp_path / name)
    done = grade(*(tmp_path / name for name in names), "--dataset", "digits")
    assert done.returncode == 0, done.stderr
    reports = [*(tmp_path / "reports").glob("*/report.json")]
    assert [json.loads(report.read_text())["earned"] for report in reports] == ["0"] * len(names)


@pytest.mark.slow
def test_the_report_of_a_path_with_dots_stays_inside_the_output(grade: Grade, tmp_path: Path):
    shutil.copytree(SUBMISSIONS / "import_error", tmp_path / "a" / "student")
    (tmp_path / "a" / "b").mkdir()
    assert grade("a/b/../student", "--dataset", "digits", "--out", "out").returncode == 0
    assert (tmp_path / "out" / "student" / "report.html").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path, number: int):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", str(SUBMISSIONS / "endless_loop_in_train"), "--dataset", "digits"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        worker = wait_for_worker(process.pid)
        time.sleep(1.0)  # into the endless loop
        process.send_signal(number)
        _, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "interrupted" in stderr
    assert "Traceback" not in stderr
    assert not psutil.pid_exists(worker)
    assert not (tmp_path / "reports" / "endless_loop_in_train").exists()
    assert not list(temporary.glob("grade-*"))


def wait_for_worker(pid: int) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for worker in workers(pid):
            return worker.pid
        time.sleep(0.05)
    raise AssertionError([c.cmdline() for c in psutil.Process(pid).children(recursive=True)])
