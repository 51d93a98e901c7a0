"""`grade gradebook` and the commands that read, with the real command line, on damaged files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.gradebook import FILE, Gradebook
from tests.gradebook import books

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def grade(tmp_path: Path) -> Command:
    """`grade ...` beside a folder `reports` with a gradebook."""
    books.filled(tmp_path / "reports")

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "grader", *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    return run


@pytest.mark.slow
def test_a_damaged_file_is_said_checked_repaired_and_read_again(tmp_path: Path, grade: Command):
    whole = grade("history", "ann").stdout
    assert "note 3" in whole
    done = grade("gradebook", "check")
    assert (done.returncode, done.stdout) == (0, f"reports/{FILE}: nothing is damaged\n")
    books.overwrite(tmp_path / "reports" / FILE, 0, bytes(200))
    for command in (
        ("history",),
        ("history", "ann"),
        ("diff", 1, 2),
        ("export", "--format", "csv", "--to", "-"),
    ):
        done = grade(*command)
        assert (done.returncode, done.stdout) == (3, "")
        (line,) = done.stderr.splitlines()
        assert "`grade gradebook repair --out reports`" in line
    done = grade("gradebook", "check")
    assert done.returncode == 3
    assert "damaged in" in done.stderr
    done = grade("gradebook", "repair")
    assert done.returncode == 0, done.stderr
    assert "4 marks of persons in all" in done.stdout
    assert grade("gradebook", "check").returncode == 0
    assert "nothing is damaged" in grade("gradebook", "repair").stdout


@pytest.mark.slow
def test_a_damaged_finding_is_one_line_beside_what_was_asked(tmp_path: Path, grade: Command):
    with Gradebook(tmp_path / "reports") as book:
        content = book.exhibits("k-ben")
    at = (tmp_path / "reports" / FILE).read_bytes().index(content[9000:9100])
    books.overwrite(tmp_path / "reports" / FILE, at, bytes(40))
    done = grade("history")
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert "what was found in ben is damaged" in line
    assert done.stdout.count("digits") == 2


@pytest.mark.slow
def test_pruning_keeps_what_counts_and_every_mark(tmp_path: Path, grade: Command):
    marks = books.points(tmp_path / "reports")
    assert grade("gradebook", "prune").stdout.startswith("0 finding, 0 results, 0 rubric")
    done = grade("gradebook", "prune", "--keep", 1)
    assert done.stdout.startswith("1 runs, 3 finding"), done.stdout + done.stderr
    assert books.points(tmp_path / "reports") == marks
    with Gradebook(tmp_path / "reports") as book:
        assert [run.id for run in book.runs()] == [2]
        assert [one.submission for _, one in book.hand_ins()] == list(books.IDS)
        assert [book.final(f"k-{id}") for id in books.IDS] == [2, 2, 2]
        assert len(book.results(2)) > 0
    assert grade("gradebook", "check").returncode == 0
    assert grade("diff", 1, 2).returncode == 2


@pytest.mark.slow
def test_reading_commands_leave_no_trace(tmp_path: Path, grade: Command):
    before = {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()}
    for command in (("history",), ("history", "ann"), ("diff", 1, 2), ("gradebook", "check")):
        assert grade(*command).returncode == 0
        assert {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()} == before


@pytest.mark.slow
@pytest.mark.parametrize("command", [("history",), ("diff", 1, 2), ("remark",), ("mark", "ann", "Q1", 1)])
def test_an_empty_file_is_refused_by_every_command_with_what_repairs_it(
    tmp_path: Path, grade: Command, command: tuple[object, ...]
):
    (tmp_path / "reports" / FILE).write_bytes(b"")
    done = grade(*command)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 3
    assert "is empty, and beside it stands marks.jsonl" in line and "repair --out reports" in line
    assert (tmp_path / "reports" / FILE).read_bytes() == b""
    assert grade("gradebook", "repair").returncode == 0
    assert len(books.points(tmp_path / "reports")) == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    "locale",
    [
        {},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_ids_of_folders_are_the_same_whatever_the_locale_is(tmp_path: Path, locale: dict[str, str]):
    (tmp_path / "class" / "müller").mkdir(parents=True)
    (tmp_path / "class" / "müller" / "mlp.py").write_text("x = 1\n")
    (tmp_path / "class" / "ann").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "grader", "intake", "class"],
        cwd=tmp_path,
        env={**os.environ, **locale},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "\nmüller " in done.stdout.decode()
