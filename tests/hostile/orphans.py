"""A hand-in that does all it can to outlive its grader: grade it in a process of its own, and kill that.

python -m tests.hostile.orphans TIER FOLDER
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from .cases import NOTHING, Case

ORPHAN = Case("orphan", "", NOTHING, cpu=100, wall=100)
_AT_WORK = 0.7
"""Seconds of CPU by which a worker has imported NumPy and is in the attack's loop."""


def survive(tier: str, folder: Path) -> list[str]:
    """Kill a grader at work, and say what is still alive two seconds later; those are killed."""
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as own:
        command = [sys.executable, "-m", "tests.hostile.orphans", tier, own]
        grader = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        offspring = _at_work(grader)
        grader.kill()
        grader.wait()
        if not offspring:
            return ["no worker was at work within 30 seconds"]
        _, alive = psutil.wait_procs(offspring, timeout=2)
        found = []
        for process in alive:
            with contextlib.suppress(psutil.Error):
                found.append(f"still alive: {' '.join(process.cmdline())[:100]}")
                process.kill()
        return found


def _at_work(grader: subprocess.Popen[bytes]) -> list[Any]:
    end = time.monotonic() + 30
    while time.monotonic() < end and grader.poll() is None:
        offspring: list[Any] = psutil.Process(grader.pid).children(recursive=True)
        for process in offspring:
            with contextlib.suppress(psutil.Error):
                if process.cpu_times().user > _AT_WORK:
                    return offspring
        time.sleep(0.05)
    return []


if __name__ == "__main__":
    from .suite import Suite, temporary_in

    with temporary_in(Path(sys.argv[2])) as made:
        Suite(sys.argv[1], Path(sys.argv[2]), made).one(ORPHAN)
