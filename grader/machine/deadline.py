"""A time limit on code of our own side that runs in a thread of this process: an instructor's, mostly.

Python code is interrupted between two of its steps; a call into C is not until it returns.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import threading
import time
from collections.abc import Iterator

_TICK = 0.25
"""Seconds between two looks at the clock."""


class NoEnd(BaseException):
    """It took longer than it may. No `Exception`: code that catches these is not to go on."""


class _Watch:
    """One thread that looks after all limits of the process."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._ends: dict[int, tuple[float, int]] = {}
        """What is running: when it has to have ended, and in which thread."""
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def begin(self, seconds: float) -> int:
        with self._mutex:
            number = next(self._numbers)
            self._ends[number] = (time.monotonic() + seconds, threading.get_ident())
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="deadlines", daemon=True)
                self._thread.start()
            return number

    def end(self, number: int) -> bool:
        """Whether it was interrupted, perhaps only after its last step: what has not come yet does not any more."""
        with self._mutex:
            if self._ends.pop(number, None) is not None:
                return False
            _interrupt(threading.get_ident(), None)
            return True

    def _look(self) -> None:
        while True:
            time.sleep(_TICK)
            with self._mutex:
                now = time.monotonic()
                for number, (end, thread) in list(self._ends.items()):
                    if now > end:
                        del self._ends[number]
                        _interrupt(thread, NoEnd)


def _interrupt(thread: int, error: type[BaseException] | None) -> None:
    raised = ctypes.py_object(error) if error is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)


_WATCH = _Watch()


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise `NoEnd` in this thread where the block takes longer, also where it has caught that itself."""
    number = _WATCH.begin(seconds)
    late = False
    try:
        yield
    finally:
        late = _WATCH.end(number)
    if late:
        raise NoEnd
