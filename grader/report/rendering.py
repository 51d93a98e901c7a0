"""Write reports in a process beside the grader, so that drawing never holds up the hand-ins that are at work.

The process reads reports from its standard input and ends at its end, however the grader ended.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Protocol

import msgspec

from ..errors import GraderError
from ..known_types import known
from ..machine import processes
from ..marking.findings import packed, unpacked
from ..model import GradeReport
from .files import write

FEW = 8
"""Reports that are drawn in the time that it takes to start a process that draws them."""
_MOST_WAITING = 8
"""Reports on their way: each may take a megabyte."""
_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
"""Errors that are not about one folder."""
_LENGTH = 8
"""Bytes of the length before each message."""


class _Job(msgspec.Struct, frozen=True):
    folder: str
    report: bytes


class _Done(msgspec.Struct, frozen=True):
    fingerprint: str = ""
    """Of the files that were written; empty where they were not."""
    refused: str = ""
    """Why the report cannot be written; empty where it is."""
    every: bool = True
    """Whether no other one can be written either."""
    trace: str = ""
    """The traceback of a fault of ours; empty where there was none."""


def _write(report: GradeReport, folder: Path) -> _Done:
    try:
        return _Done(write(report, folder))
    except OSError as error:
        return _Done(refused=error.strerror or str(error), every=error.errno in _OF_THE_DISK)
    except Exception:  # our own fault, in one report of many: the others are written all the same
        return _Done(trace=traceback.format_exc())


def _tell(done: _Done, folder: Path, future: Future[str]) -> None:
    if done.refused and not done.every:
        future.set_exception(CannotRender(folder, f"written ({done.refused})"))
    elif done.refused:
        future.set_exception(
            GraderError(
                f"{folder}: the report cannot be written ({done.refused}); make room, and give the command again: the "
                "marks are in the gradebook"
            )
        )
    elif done.trace:
        future.set_exception(CannotRender(folder, "drawn", done.trace))
    else:
        future.set_result(done.fingerprint)


class CannotRender(Exception):
    """One report of many that cannot be written; `trace` is the traceback of a fault of the grader's own, or empty."""

    def __init__(self, folder: Path, why: str, trace: str = "") -> None:
        super().__init__(f"{folder}: the report cannot be {why}; its marks are in the gradebook")
        self.trace = trace


class Renderer(Protocol):
    """What writes reports."""

    def submit(self, report: GradeReport, folder: Path) -> Future[str]:
        """Write report.html, report.md and report.json into a folder; the fingerprint of what was written comes.

        `CannotRender` where this one cannot be written, `GraderError` where none can.
        """


class Here:
    """Writes in the caller's thread, before `submit` returns."""

    def submit(self, report: GradeReport, folder: Path) -> Future[str]:
        """Write now."""
        future: Future[str] = Future()
        _tell(_write(report, folder), folder, future)
        return future


class Beside:
    """Writes in a process of its own. Used with `with`: the end waits for what is on its way."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            processes.command("grader.report.rendering"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._waiting: SimpleQueue[tuple[Future[str], Path] | None] = SimpleQueue()
        self._room = threading.Semaphore(_MOST_WAITING)
        self._sending = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Beside:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        assert self._process.stdin and self._process.stdout
        with self._sending:
            self._waiting.put(None)
            with contextlib.suppress(BrokenPipeError):  # whoever waits for a report is told by the reader
                self._process.stdin.close()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def submit(self, report: GradeReport, folder: Path) -> Future[str]:
        """Send the report over; waits where too many are on their way."""
        assert self._process.stdin
        message = msgspec.msgpack.encode(_Job(str(folder), packed(report)))
        done: Future[str] = Future()
        self._room.acquire()
        with self._sending:
            self._waiting.put((done, folder))
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(len(message).to_bytes(_LENGTH) + message)
                self._process.stdin.flush()
        return done

    def _read(self) -> None:
        assert self._process.stdout
        while (waiting := self._waiting.get()) is not None:
            future, folder = waiting
            reply = _receive(self._process.stdout)
            self._room.release()
            done = (
                _Done(refused="the process that writes reports has ended")
                if reply is None
                else msgspec.msgpack.decode(reply, type=known(_Done))
            )
            _tell(done, folder, future)


class Several:
    """Writes a few reports here, and those after them in several such processes, one in each in turn. Used with `with`.

    A process takes as long to start as some reports to draw: where few have changed, none is started.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._few = FEW
        self._stack = contextlib.ExitStack()
        self._turns: Iterator[Renderer] | None = None
        self._mutex = threading.Lock()

    def __enter__(self) -> Several:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def submit(self, report: GradeReport, folder: Path) -> Future[str]:
        """Write the report, or send it to the next process."""
        with self._mutex:
            if self._few:
                self._few -= 1
                chosen: Renderer = Here()
            else:
                if self._turns is None:
                    started = [self._stack.enter_context(Beside()) for _ in range(self._count)]
                    self._turns = itertools.cycle(started)
                chosen = next(self._turns)
        return chosen.submit(report, folder)


def _receive(stream: IO[bytes]) -> bytes | None:
    """The next message; None at the end of the stream."""
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    length = int.from_bytes(head)
    body = stream.read(length)
    return body if len(body) == length else None


def main() -> None:
    """The process: reports in, one answer each."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # a terminal sends it to all; the grader decides when this ends
    while (message := _receive(sys.stdin.buffer)) is not None:
        job = msgspec.msgpack.decode(message, type=_Job)
        written = _write(unpacked(job.report, GradeReport), Path(job.folder))
        body = msgspec.msgpack.encode(written)
        sys.stdout.buffer.write(len(body).to_bytes(_LENGTH) + body)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
