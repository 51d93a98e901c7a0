"""Processes of ours end with the grader, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from grader.machine import processes

PATIENCE = 20
"""Seconds after which a process is said to live on: for a machine with much else to do."""

PARENT = """
import subprocess, sys, time
from pathlib import Path
from grader.machine import processes

def wait(pids):
    Path(pids).open("a").write(f"{os.getpid()}\\n")
    time.sleep(600)

import os
if __name__ == "__main__":
    if sys.argv[1] == "pool":
        pool = processes.pool(2)
        for _ in range(2):
            pool.submit(wait, sys.argv[2])
    else:
        child = subprocess.Popen(processes.command("tests.machine.test_processes", sys.argv[2]))
    time.sleep(600)
"""


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def until(true: object) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "count"), [("command", 1), ("pool", 2)])
def test_they_end_when_it_is_killed(kind: str, count: int, tmp_path: Path):
    script, pids = tmp_path / "parent.py", tmp_path / "pids"
    script.write_text(PARENT)
    parent = subprocess.Popen([sys.executable, str(script), kind, str(pids)])
    try:
        assert until(lambda: pids.exists() and len(pids.read_text().splitlines()) == count)
    finally:
        parent.kill()
        parent.wait()
    begun = [int(line) for line in pids.read_text().splitlines()]
    assert until(lambda: not any(map(alive, begun)))


def test_one_whose_parent_has_ended_before_it_began_does_nothing(tmp_path: Path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    command = processes.command("tests.machine.test_processes", str(tmp_path / "pids"))
    command[command.index(str(os.getpid()))] = str(gone.pid)
    done = subprocess.run(command, check=False, timeout=PATIENCE)
    assert done.returncode == 1
    assert not (tmp_path / "pids").exists()


def test_what_is_to_be_ignored_is_ignored_and_what_the_work_raises_comes_back():
    with processes.pool(1, deaf_to=[signal.SIGINT]) as pool:
        assert pool.submit(signal.getsignal, signal.SIGINT).result() is signal.SIG_IGN
        with pytest.raises(ValueError, match="twelve"):
            pool.submit(int, "twelve").result()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(f"{os.getpid()}\n")
    time.sleep(600)
