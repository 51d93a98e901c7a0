"""How a hand-in gets a machine to itself on which several workers run.

Threads of one worker share `Slots`; workers of one machine, and of one user, share a lock on a file in its temporary
folder: whoever runs student code holds it with others, whoever has to be alone holds it alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import GraderError
from ..student.slots import Slots

_PAUSE_S = 0.02


class HostSlots(Slots):
    """Slots of one worker, on a machine with others."""

    def __init__(self, count: int, folder: Path | None = None) -> None:
        """`folder`: where the locks are; the same for all workers of the machine."""
        super().__init__(count)
        folder = folder or Path(tempfile.gettempdir())
        self._door = folder / f"grade-{os.geteuid()}-door.lock"
        self._room = folder / f"grade-{os.geteuid()}-room.lock"
        self._held = threading.local()

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot; waits for a free one, and while another worker has the machine to itself."""
        with super().one(), _opened(self._room) as room:
            with (
                self._through_the_door()
            ):  # whoever waits to be alone keeps it closed, or would wait for ever
                _lock(room, fcntl.LOCK_SH)
            self._held.room = room
            try:
                yield
            finally:
                del self._held.room

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """For the holder of a slot: hold the machine for a while."""
        with super().alone():
            room = self._held.room
            fcntl.flock(room, fcntl.LOCK_UN)
            try:
                with self._through_the_door():
                    _lock(room, fcntl.LOCK_EX)
                yield
            finally:
                # Never from one kind to the other by waiting: two who did would wait for each other.
                fcntl.flock(room, fcntl.LOCK_UN)
                _lock(room, fcntl.LOCK_SH)

    @contextlib.contextmanager
    def _through_the_door(self) -> Iterator[None]:
        with _opened(self._door) as door:
            _lock(door, fcntl.LOCK_EX)
            yield


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A file of ours to lock; not one that somebody else has put there."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise GraderError(f"{path}: cannot be opened ({error.strerror}); remove it, or set TMPDIR") from None
    try:
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid() or not stat.S_ISREG(status.st_mode):
            raise GraderError(f"{path}: belongs to somebody else; remove it, or set TMPDIR to another folder")
        yield descriptor
    finally:
        os.close(descriptor)  # gives up the lock


def _lock(descriptor: int, kind: int) -> None:
    """Wait for a lock by asking: a thread that sleeps in the kernel for one could not be ended."""
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(_PAUSE_S)
