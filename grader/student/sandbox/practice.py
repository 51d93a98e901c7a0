"""No sandbox: separate processes with resource limits, for trying the grader out.

It keeps accidents and clumsy code from doing harm; it does not stop a program that means harm.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import psutil

from .base import Launch
from .command import settings, spawn
from .libraries import installed
from .running import Running, told_alike


class Practice:
    """Own session, own scratch folder, clean environment, resource limits set before student code runs."""

    tier = "practice"

    def __init__(self, packages: Collection[str] | None = None) -> None:
        """`packages`: those that hand-ins may import; None for all."""
        self._modules = None if packages is None else installed(tuple(packages)).modules

    def start(self, launch: Launch) -> Running:
        """Start a worker without a lock-down."""
        return _Unconfined(spawn(launch, settings(launch, None, self._modules)), launch.scratch)


class _Unconfined(Running):
    """A process that may have started others, which its end has to find."""

    def __init__(self, popen: subprocess.Popen[bytes], scratch: Path) -> None:
        super().__init__(popen)
        self._scratch = str(scratch)

    def kill(self) -> int:
        """See `Process`."""
        if self._popen.returncode is None:
            alive = not self.has_ended(0)
            # Stopped, it starts nothing more, and is still the parent of the orphans among its offspring.
            self._signal_group(signal.SIGSTOP)
            if alive:
                self._kill_offspring()
            self._signal_group(signal.SIGKILL)
            self._popen.wait()
            if not alive:
                self._kill_marked()
        return told_alike(int(self._popen.returncode))

    def _signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)

    def _kill_offspring(self) -> None:
        """Kill all that descends from it, also in sessions of their own, until nothing is left."""
        end = time.monotonic() + 1
        while time.monotonic() < end:
            family: list[Any] = []
            with contextlib.suppress(psutil.Error):
                family = psutil.Process(self._popen.pid).children(recursive=True)
            family = [process for process in family if _is_running(process)]
            if not family:
                return
            for process in family:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            time.sleep(0.002)

    def _kill_marked(self) -> None:
        """Kill what a worker that ended by itself has left in sessions of their own.

        Parentage no longer tells; the environment that they inherited does, unless they took a new one.
        """
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get("TMPDIR") == self._scratch:
                    process.kill()


def _is_running(process: Any) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
