"""The temporary folder of a run: private, gone at the end, and swept by the next run where a run was killed."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.machine.workspace import sweep, workspace

HOLD = """
import sys, time
from grader.machine.workspace import workspace
with workspace() as folder:
    (folder / "inner" / "deep").mkdir(parents=True)
    (folder / "inner" / "deep" / "file").write_text("x")
    (folder / "inner").chmod(0)
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder, for this test and for the processes that it starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


@pytest.fixture
def holder(temporary: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that holds a workspace, and the workspace."""
    process = subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.wait()
    process.stdout.close()


def left_behind(temporary: Path, name: str = "grade-run-dead", *, locked: bool = True) -> Path:
    """What a killed run leaves: with its lock, which nobody holds, or killed before it had made one."""
    folder = temporary / name
    folder.mkdir(mode=0o700)
    (folder / "handin").mkdir()
    if locked:
        (folder / "lock").touch()
    return folder


def test_it_is_private_and_gone_at_the_end(temporary: Path):
    with workspace() as folder:
        assert folder.parent == temporary
        mode = stat.S_IMODE(folder.stat().st_mode)
        # Root's workers are another user, who may pass and not list.
        assert mode == (0o711 if os.geteuid() == 0 else 0o700)
        (folder / "inner").mkdir(mode=0)
    assert list(temporary.iterdir()) == []


def test_it_is_gone_after_an_exception(temporary: Path):
    with pytest.raises(KeyboardInterrupt), workspace():
        raise KeyboardInterrupt
    assert list(temporary.iterdir()) == []


def test_two_at_once_leave_each_other_alone(temporary: Path):
    with workspace() as first:
        with workspace() as second:
            assert first != second
            assert first.is_dir()
            sweep(temporary)
            assert {first, second} == set(temporary.iterdir())
        assert list(temporary.iterdir()) == [first]
    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_killed_run_is_removed_by_the_next_and_that_of_one_alive_is_not(
    temporary: Path, holder: tuple[subprocess.Popen[str], Path]
):
    process, theirs = holder
    with workspace():
        assert (theirs / "inner").is_dir()
    assert theirs.is_dir()
    process.kill()
    process.wait()
    assert theirs.is_dir()
    with workspace() as ours:
        assert list(temporary.iterdir()) == [ours]


def test_what_killed_runs_have_left_is_removed_before_another_folder_is_made(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
):
    """Else a run that is killed in between leaves one more."""
    left_behind(temporary)
    seen = []
    real = tempfile.mkdtemp

    def making(**how: str) -> str:
        seen.append(list(temporary.iterdir()))
        return real(**how)

    monkeypatch.setattr("tempfile.mkdtemp", making)
    with workspace():
        assert seen == [[]]


def test_one_whose_lock_is_held_elsewhere_stays(temporary: Path):
    folder = left_behind(temporary)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sweep(temporary)
        assert folder.is_dir()
    sweep(temporary)
    assert not folder.exists()


def test_one_without_a_lock_is_removed_once_it_cannot_be_one_in_the_making(temporary: Path):
    folder = left_behind(temporary, locked=False)
    sweep(temporary)
    assert (folder / "handin").is_dir()
    before = time.time() - 3600
    os.utime(folder, (before, before))
    sweep(temporary)
    assert not folder.exists()


def test_one_of_another_users_stays(temporary: Path, monkeypatch: pytest.MonkeyPatch):
    folder = left_behind(temporary)
    somebody = os.geteuid() + 1
    monkeypatch.setattr("os.geteuid", lambda: somebody)
    sweep(temporary)
    assert (folder / "handin").is_dir()


def test_a_link_and_what_it_points_to_stay(temporary: Path, tmp_path: Path):
    target = left_behind(tmp_path, "precious")
    (temporary / "grade-run-link").symlink_to(target)
    (temporary / "grade-run-nowhere").symlink_to(tmp_path / "nowhere")
    sweep(temporary)
    assert (target / "handin").is_dir()
    assert (temporary / "grade-run-link").is_symlink()


def test_a_link_inside_one_is_removed_and_what_it_points_to_stays(temporary: Path, tmp_path: Path):
    folder = left_behind(temporary)
    target = left_behind(tmp_path, "precious")
    (folder / "link").symlink_to(target)
    sweep(temporary)
    assert not folder.exists()
    assert (target / "handin").is_dir()


def test_files_and_folders_of_other_names_stay(temporary: Path):
    (temporary / "grade-run-file").write_text("x")
    left_behind(temporary, "grade-runner")
    left_behind(temporary, "other")
    sweep(temporary)
    assert {path.name for path in temporary.iterdir()} == {"grade-run-file", "grade-runner", "other"}


def test_a_sweep_that_takes_a_folder_before_it_is_locked_costs_only_another_try(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
):
    real, tries = fcntl.flock, []

    def late(lock: int, how: int) -> None:
        tries.append(how)
        if len(tries) == 1:  # just then, another run removes what it takes for a dead run's
            (made,) = temporary.iterdir()
            (made / "lock").unlink()
            made.rmdir()
        real(lock, how)

    monkeypatch.setattr("fcntl.flock", late)
    with workspace() as folder:
        assert (folder / "lock").exists()
    assert list(temporary.iterdir()) == []


def test_no_place_for_it_is_an_os_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(OSError, match="nowhere"), workspace():
        pass
