"""A deadline for what has to come to an end: so late that only a hang meets it, on however slow a machine."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

LATE = 120
"""Seconds: a hundred times and more what any of it takes. What is quadratic, or waits for nothing, takes longer."""


@contextlib.contextmanager
def no_hang(seconds: float = LATE) -> Iterator[None]:
    """Fail where what is done here has not come to an end; for the main thread."""

    def stop(*_: object) -> None:
        raise AssertionError(f"has not come to an end after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
