"""`grade --cluster` as it is typed: mistakes in a line, workers of this machine, an interrupt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from grader import gradebook
from grader.cluster.target import ROLES
from tests.classes import COMMAND, Books
from tests.cluster.faults import differences
from tests.cluster.hosts import ROOT
from tests.desks import finished
from tests.hangs import LATE


def grade(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=LATE
    )


MISTAKES = {
    "no TLS": (("--cluster", "tcp://10.0.0.1:8786"), "is not encrypted"),
    "no keys": (("--cluster", "tls://10.0.0.1:8786"), "grade cluster keys DIR"),
    "practice": (("--cluster", "local:1", "--practice"), "leave out one of both"),
    "keys alone": (("--cluster-keys", "keys"), "found keys and no --cluster"),
    "nothing": (("--cluster", "nothing"), "wanted an address"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_in_a_line_before_anything_runs(mistake: str, tmp_path: Path):
    options, said = MISTAKES[mistake]
    done = finished(ROOT, "submissions/alice", "--out", tmp_path / "out", *options)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert said in line
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    code = "from grader.cluster import crew; crew._CONNECT_S = 1; from grader.cli import main; main()"
    line = [
        sys.executable,
        "-c",
        code,
        "submissions/alice",
        "--dataset",
        "digits",
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(
        [*line, "--cluster", "tcp://127.0.0.1:9"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=LATE,
    )
    assert done.returncode == 3
    (line_said,) = done.stderr.splitlines()
    assert "tcp://127.0.0.1:9 does not answer" in line_said


@pytest.mark.slow
def test_dask_is_imported_only_where_it_is_asked_for():
    code = (
        "import sys; from grader.commands import common; import grader.grading.batch, grader.commands.grading; "
        "common.cluster_target(None, None, False); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"distributed", "dask", "cryptography", "grader.cluster"} & set(loaded)


@pytest.mark.slow
def test_keys_are_made_and_how_to_use_them_is_printed(tmp_path: Path):
    folder = tmp_path / "a folder"
    done = grade("cluster", "keys", str(folder))
    assert done.returncode == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(ROLES)
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["dask", "scheduler"],
        ["dask", "worker"],
        ["grade", "PATH"],
    ]
    assert grade("cluster", "keys", str(folder)).returncode == 2


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    base = tmp_path_factory.mktemp("books")
    base.chmod(0o711)
    return Books(base, 5)


def local(books: Books, out: Path) -> list[str]:
    return [*COMMAND, str(books.folder), *books.options, "--out", str(out), "--cluster", "local:2"]


@pytest.mark.slow
def test_workers_of_this_machine_find_what_it_finds_itself(books: Books, tmp_path: Path):
    done = subprocess.run(
        local(books, tmp_path / "out"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert differences(books.undisturbed, tmp_path / "out") == []


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_end_leaves_nothing_and_the_same_command_goes_on(
    how: signal.Signals, books: Books, tmp_path: Path
):
    out = tmp_path / "out"
    log = tmp_path / "log"
    with log.open("w") as said:
        grading = subprocess.Popen(
            local(books, out), cwd=ROOT, start_new_session=True, stdout=said, stderr=said
        )
        started = time.monotonic()
        while not begun(out) and grading.poll() is None and time.monotonic() - started < LATE:
            time.sleep(0.1)
        children = psutil.Process(grading.pid).children(recursive=True)
        os.killpg(grading.pid, how) if how == signal.SIGINT else grading.kill()
        code = grading.wait(LATE)
    assert children
    assert code == (130 if how == signal.SIGINT else -how)
    _, alive = psutil.wait_procs(children, LATE)
    assert alive == []
    assert "Traceback" not in log.read_text()
    done = subprocess.run(local(books, out), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert differences(books.undisturbed, out) == []


def begun(out: Path) -> bool:
    """Whether something is in the gradebook, and not yet all."""
    if not (out / gradebook.FILE).is_file():
        return False
    try:
        with gradebook.Gradebook(out, read_only=True) as book:
            return bool(book.findings())
    except Exception:  # it is just being made
        return False
