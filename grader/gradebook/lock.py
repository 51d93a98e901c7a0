"""One run at a time grades into a folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from ..errors import GraderError

_LOCK = "gradebook.lock"


@contextlib.contextmanager
def grading(folder: Path) -> Iterator[None]:
    """Be the only one who grades into a folder; `GraderError` where another run does. Marks may be given meanwhile."""
    try:
        lock = (folder / _LOCK).open("a+")
    except OSError as error:
        raise GraderError(f"{folder / _LOCK}: cannot be written ({error.strerror})") from None
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
