"""The temporary folder of one run. A run that was killed leaves one, which the next run removes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil

from . import scratch

_PREFIX = "grade-run-"
_LOCK = "lock"
_MOMENT_S = 60


@contextlib.contextmanager
def workspace() -> Iterator[Path]:
    """A private folder below the system's temporary one, removed at the end.

    Raises:
        OSError: there is no place to make one.
    """
    # First: of any number of runs, each killed at its start, there is one folder left and not more and more.
    sweep(Path(tempfile.gettempdir()))
    folder, lock = _locked()
    try:
        if os.geteuid() == 0:
            # Workers become another user, who has to pass through to the folders in it. Their names are
            # random, and nobody can list them.
            folder.chmod(0o711)
        yield folder
    finally:
        scratch.remove(folder)
        lock.close()


def sweep(temporary: Path) -> None:
    """Remove what killed runs of this user's have left in the temporary folder."""
    for folder in temporary.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
            if not (folder / _LOCK).exists() and time.time() - folder.stat().st_mtime < _MOMENT_S:
                continue  # one that is just being made
            with (folder / _LOCK).open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails where its run is alive
                _end_processes(folder)
                scratch.remove(folder)


def _end_processes(folder: Path) -> None:
    """Kill what still names a folder that is to go.

    Workers die with their grader. But a bubblewrap that has just begun, and has not yet asked to die with its
    parent, waits for that parent for ever.
    """
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.uids().real == os.geteuid() and any(str(folder) in part for part in process.cmdline()):
                process.kill()


def _locked() -> tuple[Path, IO[str]]:
    """A new folder, and in it a file that is locked for as long as this process lives, however it ends."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = (folder / _LOCK).open("a")
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / _LOCK).exists():
            return folder, lock
        lock.close()  # a sweep was quicker than the lock
