"""Kill a grader at a random moment: how long its workers live on, and what the next run finds to remove."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
    """Seconds until there was none; infinite where one was still there after the patience."""
    folders: int
    """Folders of it that stayed."""


def kill_at(moment: float, tier: str, submissions: Sequence[str], temporary: Path, patience: float) -> Killed:
    """Start grading with `temporary` for TMPDIR, kill the grader after so many seconds, and look."""
    command = [sys.executable, "-m", "grader", *(str(ROOT / "submissions" / name) for name in submissions)]
    options = ["--dataset", "digits", "--out", str(temporary / "reports"), "--jobs", "2"]
    options += ["--practice"] if tier == "practice" else []
    path = {"PATH": "/nonexistent"} if tier == "B" else {}
    grader = subprocess.Popen(
        [*command, *options],
        env={**os.environ, "TMPDIR": str(temporary), **path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(moment)
    workers = len(of_run(temporary, grader.pid))
    grader.kill()
    start = time.monotonic()
    grader.wait()
    while of_run(temporary) and time.monotonic() - start < patience:
        time.sleep(0.002)
    gone_after = float("inf") if of_run(temporary) else time.monotonic() - start
    return Killed(workers, gone_after, len(folders(temporary)))


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


def folders(temporary: Path) -> list[Path]:
    """Workspaces in it."""
    return sorted(temporary.glob("grade-run-*"))


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
