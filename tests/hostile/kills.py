"""Kill a grader at a random moment: how long its workers live on, and what the next run finds to remove."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
SUBMISSIONS = ("endless_loop_in_train", "alice")
TIERS = ("A", "B", "practice")
LATEST = 3.0
"""Seconds after its start by which a grader is killed at the latest: it is at work on either hand-in."""


@dataclass(frozen=True)
class Killed:
    """What was left of a run."""

    workers: int
    """Processes of it, beside the grader, at the moment of the kill."""
    gone_after: float
    """Seconds until there was none, or until patience ended."""
    left: list[str]
    """What was still at work when patience ended: id, state and command line."""
    folders: int
    """Folders of it that stayed."""
    ended: str
    """What it said last, where it had ended by itself before it was killed; empty where it was alive."""


def kill_at(
    moment: float,
    tier: str,
    submissions: Sequence[str],
    temporary: Path,
    patience: float,
    *,
    at_work: bool = False,
) -> Killed:
    """Start grading with `temporary` for TMPDIR, kill the grader after so many seconds, and look.

    `at_work`: count them from when it has its first process, however long a busy machine takes to get there.
    """
    command = [sys.executable, "-m", "grader", *(str(ROOT / "submissions" / name) for name in submissions)]
    options = ["--dataset", "digits", "--out", str(temporary / "reports"), "--jobs", "2"]
    options += ["--practice"] if tier == "practice" else []
    path = {"PATH": "/nonexistent"} if tier == "B" else {}
    with tempfile.TemporaryFile("w+") as said:
        grader = subprocess.Popen(
            [*command, *options],
            env={**os.environ, "TMPDIR": str(temporary), **path},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        while at_work and grader.poll() is None and not _offspring(grader):
            time.sleep(0.02)
        time.sleep(moment)
        workers = _offspring(grader)
        ended = grader.poll()
        grader.kill()
        start = time.monotonic()
        grader.wait()
        while (left := _at_work(temporary, workers)) and time.monotonic() - start < patience:
            time.sleep(0.002)
        gone_after = time.monotonic() - start
        said.seek(0)
        last = "" if ended is None else f"{ended}: {said.read()[-500:]}"
    return Killed(len(workers), gone_after, left, len(folders(temporary)), last)


def _offspring(grader: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Its processes: also those that are locked down, of which root in a container may not see the environment."""
    with contextlib.suppress(psutil.Error):
        return list(psutil.Process(grader.pid).children(recursive=True))
    return []


def of_run(temporary: Path, *but: int) -> list[int]:
    """Processes that name this folder on their command line or in their environment, but for those given.

    Workers, bubblewrap and the grader all do; so does a child of the grader's that is about to become a worker.
    """
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) in (os.getpid(), *but):
            continue
        try:
            known = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(temporary) in known:
            found.append(int(process.name))
    return found


def _at_work(temporary: Path, known: Sequence[psutil.Process]) -> list[str]:
    """What is left of a run that can do anything, each in a line: of what was `known` to belong to it, or says so.

    Not a bubblewrap alone: of one whose parent is killed in the millisecond in which it makes its namespace, the first
    process of that waits for ever, with nothing in it. The next run ends it.
    """
    found = []
    there = [process for process in known if process.is_running()]
    for one in {process.pid for process in there} | {*of_run(temporary)}:
        with contextlib.suppress(psutil.Error):  # ended meanwhile
            process = psutil.Process(one)
            is_over = process.status() == psutil.STATUS_ZOMBIE
            if not is_over and (process.name() != "bwrap" or process.children()):
                found.append(f"{one} {process.status()} {' '.join(process.cmdline())[:300]}")
    return found


def folders(temporary: Path) -> list[Path]:
    """Workspaces in it, but those without a lock: a run that was killed as it made or removed its own leaves one.

    Such a one is taken for one that is just being made, and goes with the first run a minute later.
    """
    return sorted(folder for folder in temporary.glob("grade-run-*") if (folder / "lock").exists())


def next_run(temporary: Path) -> int:
    """Grade something small; return how many folders are there afterwards."""
    small = str(ROOT / "submissions" / "nothing_handed_in")
    options = ["--practice", "--dataset", "digits", "--out", str(temporary / "reports")]
    subprocess.run(
        [sys.executable, "-m", "grader", small, *options],
        env={**os.environ, "TMPDIR": str(temporary)},
        check=True,
        capture_output=True,
    )
    return len(folders(temporary))
