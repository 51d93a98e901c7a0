"""One run at a time grades into a folder; one process at a time writes marks."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from ..errors import GraderError

_GRADING, _MARKING = "gradebook.lock", "marks.lock"


@contextlib.contextmanager
def grading(folder: Path) -> Iterator[None]:
    """Be the only one who grades into a folder; `GraderError` where another run does. Marks may be given meanwhile."""
    try:
        lock = (folder / _GRADING).open("a+")
    except OSError as error:
        raise GraderError(f"{folder / _GRADING}: cannot be written ({error.strerror})") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            who = lock.read(20).strip()
            raise GraderError(
                f"{folder}: another run{f' (process {who})' if who.isdigit() else ''} is grading into this folder; "
                "wait for its end, or name another folder with --out"
            ) from None
        with contextlib.suppress(OSError):  # who it is is a courtesy; on a full disk the gradebook speaks
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
        yield


@contextlib.contextmanager
def marking(folder: Path) -> Iterator[None]:
    """Wait for who is writing marks, and keep others waiting: the table and the file beside it change together."""
    try:
        lock = (folder / _MARKING).open("a")
    except OSError as error:
        raise GraderError(
            f"{folder / _MARKING}: cannot be written ({error.strerror}); make its folder writable, or name another "
            "one with --out"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            raise GraderError(
                f"{folder / _MARKING}: cannot be locked ({error.strerror}); name a folder on another file system "
                "with --out"
            ) from None
        yield


@contextlib.contextmanager
def no_marking(folder: Path) -> Iterator[None]:
    """Wait for who is writing marks, without writing anything: for those who read both."""
    try:
        lock = (folder / _MARKING).open()
    except OSError:  # nobody has ever written one here, or may
        yield
        return
    with lock:
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_SH)
        yield
