"""What student code prints: untrusted bytes, of which the first few are kept and the rest is thrown away."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time

KEPT_OUTPUT = 16 << 10
"""Bytes of stdout and stderr that are kept of each check; the rest is read and thrown away."""
_PIECE = 1 << 18
_LARGEST_PIPE = 1 << 20
"""Bytes that Linux lets a program make a pipe hold; it starts with a sixteenth of that."""


def as_text(printed: bytes) -> str:
    """The bytes that are kept, as text; the last line says so where there were more."""
    text = printed[:KEPT_OUTPUT].decode("utf-8", "replace")
    return f"{text}\n(cut at {KEPT_OUTPUT >> 10} KiB)" if len(printed) > KEPT_OUTPUT else text


class Drain(threading.Thread):
    """Reads a pipe for as long as its worker lives, so that no flood fills a disk or blocks.

    It keeps one byte more than `KEPT_OUTPUT`, which tells that there were more.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(daemon=True)
        os.set_blocking(descriptor, False)  # `take` may have read what the thread's poll has seen
        self._descriptor = descriptor
        self._reading = threading.Lock()
        self._end = float("inf")
        self._kept = b""
        self.start()

    def run(self) -> None:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        # Not until end of file alone: a survivor may keep the other end open, or go on printing.
        while time.monotonic() < self._end:
            if not poll.poll(100):
                if self._end < float("inf"):
                    break
                continue
            with self._reading:
                if self._read() == b"":
                    break
        with self._reading:
            os.close(self._descriptor)
            self._descriptor = -1

    def take(self) -> bytes:
        """What was printed since the last time; all that is in the pipe now is in it."""
        with self._reading:
            # No further than what can be in it now: a thread that prints on would hold us up for ever.
            left = _LARGEST_PIPE if self._descriptor >= 0 else 0
            while left > 0 and (piece := self._read()):
                left -= len(piece)
            kept, self._kept = self._kept, b""
        return kept

    def stop(self) -> None:
        """Take in what the dead process has left in the pipe, and end."""
        self._end = time.monotonic() + 1
        self.join()

    def _read(self) -> bytes | None:
        """The next piece; empty at the end of the file, None where nothing waits."""
        with contextlib.suppress(BlockingIOError):
            piece = os.read(self._descriptor, _PIECE)
            self._kept += piece[: KEPT_OUTPUT + 1 - len(self._kept)]
            return piece
        return None
