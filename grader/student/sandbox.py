"""What stands between student code and the machine. One protocol, one class for each tier.

At present there is one tier: separate processes with resource limits. It keeps accidents and clumsy code
from doing harm; it does not stop a program that means harm.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil

CHILD = Path(__file__).parent / "child"


@dataclass(frozen=True)
class Launch:
    """What a worker needs: the staged hand-in, descriptors to inherit, and hard limits."""

    folder: Path
    scratch: Path
    """Working folder of the process, empty and private to it."""
    socket: int
    stack: int
    output: int
    """Write end of the pipe that takes stdout and stderr."""
    readable: Sequence[Path]
    """Files outside `folder` that the worker may map: the dataset."""
    memory: int
    """Bytes of address space."""
    cpu: int
    """Seconds of CPU over the worker's life, the backstop behind the per-call limits."""
    file_size: int
    """Bytes of any file that it writes."""


class Process(Protocol):
    """A running worker."""

    def cpu_seconds(self) -> float:
        """CPU time used so far; 0.0 once it has ended."""

    def ask_for_stack(self) -> None:
        """Make it write its Python stack to the `stack` descriptor, if it still can."""

    def has_ended(self, patience: float) -> bool:
        """Whether it ends by itself within so many seconds."""

    def kill(self) -> int:
        """SIGKILL it and all that it started; return its exit status (negative: the signal)."""


class Sandbox(Protocol):
    """A way of starting workers; `tier` goes into every report."""

    tier: str

    def start(self, launch: Launch) -> Process:
        """Start a worker; `OSError` where the machine cannot."""


class ProcessSandbox:
    """Own session, own scratch folder, clean environment, resource limits set before student code runs."""

    tier = "process"

    def start(self, launch: Launch) -> Process:
        """Start `child/worker.py` under the grader's own Python."""
        config = {
            "socket": launch.socket,
            "stack": launch.stack,
            "folder": str(launch.folder),
            "packages": package_folders(),
            "limits": {"memory": launch.memory, "cpu": launch.cpu, "file_size": launch.file_size},
        }
        popen = subprocess.Popen(
            # -P -s -S: no script folder, no user site, no .pth file that would put the grader's answers on the
            # path. Not -I: it would ignore PYTHONHASHSEED, and a set of names must have the same order each time.
            [sys.executable, "-P", "-s", "-S", "-B", "-u", str(CHILD / "worker.py"), json.dumps(config)],
            stdin=subprocess.DEVNULL,
            stdout=launch.output,
            stderr=launch.output,
            cwd=launch.scratch,
            env=_environment(launch.scratch),
            pass_fds=(launch.socket, launch.stack),
            start_new_session=True,
        )
        return _Running(popen, str(launch.scratch))


class _Running:
    # The process is waited for in `kill` alone: until then its id, and that of its group, cannot be given
    # to a stranger, whom our signals would hit.

    def __init__(self, popen: subprocess.Popen[bytes], scratch: str) -> None:
        self._popen = popen
        self._scratch = scratch

    def cpu_seconds(self) -> float:
        try:
            times = psutil.Process(self._popen.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    def ask_for_stack(self) -> None:
        if self._popen.returncode is None:
            os.kill(self._popen.pid, signal.SIGUSR1)

    def has_ended(self, patience: float) -> bool:
        end = time.monotonic() + patience
        while self._popen.returncode is None:
            if os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None:
                break
            if time.monotonic() >= end:
                return False
            time.sleep(0.005)
        return True

    def kill(self) -> int:
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
        return int(self._popen.returncode)

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


def package_folders() -> list[str]:
    """Where installed packages are. An environment may be layered over another, so not just one folder.

    The grader's own checkout, which an editable install puts on the path, is no such folder.
    """
    return [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]


def _environment(scratch: Path) -> dict[str, str]:
    """No secrets, no user settings; one BLAS thread, so that workers do not fight over the cores."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "MPLCONFIGDIR": str(scratch),
        "MPLBACKEND": "Agg",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "VECLIB_MAXIMUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
