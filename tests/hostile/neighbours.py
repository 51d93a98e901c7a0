"""Two workers at once, of which one takes all the threads that it can get: the other must get its own."""

from __future__ import annotations

from pathlib import Path

from grader.student.client import Student
from grader.student.faults import StudentError
from grader.student.process import Limits
from grader.student.sandbox import Sandbox

_SOURCE = """
import threading

threading.stack_size(32 << 10)


class Threads:
    def take(self, wanted):
        self.over = threading.Event()
        try:
            for taken in range(wanted):
                threading.Thread(target=self.over.wait, daemon=True).start()
        except RuntimeError:
            return taken
        return wanted
"""
_LIMITS = Limits(
    call_cpu=10, call_wall=30, check_cpu=20, check_wall=60, worker_cpu=30, memory=1 << 30, file_size=1 << 20
)
_WANTED = 8
"""Threads that an innocent hand-in may well start."""


def starve(sandbox: Sandbox, folder: Path) -> list[str]:
    """Let one worker take threads until it is refused, then another one a few; say where that gets none."""
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "mlp.py").write_text(_SOURCE)
    with (
        Student(sandbox, folder, _LIMITS, "Threads") as greedy,
        Student(sandbox, folder, _LIMITS, "Threads") as modest,
    ):
        try:
            taken = int(float(greedy.new().take(1000)))
            found = int(float(modest.new().take(_WANTED)))
        except StudentError as error:
            return [f"the attempt failed: {error}"]
    if found < _WANTED:
        return [f"while another hand-in had {taken} threads, one got {found} of {_WANTED}"]
    return []
