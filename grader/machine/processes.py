"""Processes of our own beside the grader. Whatever ends the grader, even SIGKILL, ends them with it.

`python -m grader.machine.processes PARENT MODULE ARGUMENTS...` runs a module of ours as a program, tied to its parent
from before the module's first import. (What runs student code ties itself: see `student.child.lockdown`.)
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

_PR_SET_PDEATHSIG = 1
"""prctl(2)."""
_MANY = 50_000
"""New objects after which garbage is looked for: at Python's 700 that takes a tenth of the time in which `grade`
starts, as the modules that it imports stay, and a twentieth of a selftest's."""


def command(module: str, *arguments: str) -> list[str]:
    """What starts a module such as `grader.report.rendering` as a process that ends with this one.

    It ends with the thread that starts it, too: start it in one that waits for it, or in the main thread.
    """
    return [sys.executable, "-P", "-m", "grader.machine.processes", str(os.getpid()), module, *arguments]


def pool(count: int, deaf_to: Collection[int] = ()) -> ProcessPoolExecutor:
    """Processes for work that is plain functions; they ignore the signals `deaf_to`. Use it in the main thread."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Spawned: this process has threads, and a copy of it could wait for a lock that one of them held. An initializer
    # of this module alone: whatever is unpickled first is imported before the process is tied.
    return ProcessPoolExecutor(count, get_context("spawn"), _begin, (os.getpid(), tuple(deaf_to)))


def end_with(parent: int) -> None:
    """Be killed when `parent`, which started this process, ends; at once where it has ended already."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before it could be heard of
        os._exit(1)


def collect_rarely() -> None:
    """For a process of ours, before it imports much."""
    gc.set_threshold(_MANY)


def _begin(parent: int, deaf_to: Collection[int]) -> None:
    end_with(parent)
    collect_rarely()
    for number in deaf_to:
        signal.signal(number, signal.SIG_IGN)


def main() -> None:
    """Be tied to the parent, then be the module."""
    end_with(int(sys.argv[1]))
    collect_rarely()
    import runpy

    module, sys.argv = sys.argv[2], sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
