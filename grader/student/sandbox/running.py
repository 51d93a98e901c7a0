"""A started worker whose process is a child of the grader's."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time

import psutil

from .base import WATCHDOG

_OF_SIGNALS = 128


class Running:
    """A worker that cannot start other processes: what there is to end is the one process."""

    # It is waited for in `kill` alone: until then its id, and that of its group, cannot be given to a
    # stranger, whom our signals would hit.

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self._popen = popen
        self._known: psutil.Process | None = None

    def cpu_seconds(self) -> float:
        """See `Process`."""
        try:
            times = self._code().cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    def ask_for_stack(self) -> None:
        """See `Process`."""
        if self._popen.returncode is None:
            with contextlib.suppress(psutil.Error):
                self._code().send_signal(WATCHDOG)

    def has_ended(self, patience: float) -> bool:
        """See `Process`."""
        end = time.monotonic() + patience
        while self._popen.returncode is None:
            if _is_over(self._popen.pid):
                break
            if time.monotonic() >= end:
                return False
            time.sleep(0.005)
        return True

    def kill(self) -> int:
        """See `Process`."""
        if self._popen.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)  # a notebook's kernel is a second one
        self._popen.kill()
        return told_alike(self._popen.wait())

    def _code(self) -> psutil.Process:
        self._known = self._known or self._find()
        return self._known

    def _find(self) -> psutil.Process:
        """The process that runs student code; `psutil.NoSuchProcess` where it is not there yet."""
        return psutil.Process(self._popen.pid)


def _is_over(child: int) -> bool:
    """Whether a child has ended, which it stays to be waited for."""
    if hasattr(os, "waitid"):
        return os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    return bool(psutil.Process(child).status() == psutil.STATUS_ZOMBIE)  # macOS, before Python 3.13


def told_alike(status: int) -> int:
    """An exit status as every tier gives it: past 128 it is a signal's.

    Bubblewrap ends with 128 plus the signal's number where its program was ended by one. The filter of system calls
    keeps student code from exiting with such a number; where there is none, it is taken for the signal too.
    """
    return status if status <= _OF_SIGNALS else _OF_SIGNALS - status
