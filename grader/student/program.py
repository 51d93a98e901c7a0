"""A program of ours in a sandbox, from the grader's side: its socket, its output, its working folder, its end.

A worker, which runs student code for marks, has more around it: see `process`.
"""

from __future__ import annotations

import contextlib
import math
import mmap
import os
import resource
import select
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, Literal

from ..errors import GraderError
from ..machine.scratch import remove
from .child.frames import LENGTH
from .output import Drain, as_text
from .process import Cancelled, granted
from .sandbox import Launch, Process, Sandbox

WALL = 600.0
"""Seconds on the clock for what takes some of CPU, on a machine that is far too busy."""
_TICK_MS = 50
_OUT_OF_TIME = (-signal.SIGPROF, -signal.SIGXCPU) if hasattr(signal, "SIGPROF") else ()
_CRASHES = tuple(-getattr(signal, name, 0) for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE"))


def sources(package: Path, names: Iterable[str]) -> tuple[Path, ...]:
    """These files and folders of a package, and beside each file what Python has compiled of it, if it has.

    Without it a process, which may write nowhere, compiles the file each time: a quarter of what its start costs.
    """
    paths = [package / name for name in names]
    files = (Path(cache_from_source(path)) for path in paths if path.suffix == ".py")
    return (*paths, *(path for path in files if path.is_file()))


class TooMuch(Exception):
    """What was handed in cannot be read within the limits; the text says what there is too much of: `takes ...`."""


class CannotRead(GraderError):
    """Reading failed by a fault of the grader's or the machine's."""


class Died(CannotRead):
    """The process has ended, and neither the hand-in nor a fault in our code is known to be why."""

    def __init__(self, what: str, status: int, said: str) -> None:
        super().__init__(f"{what} ended with {status}: {said or 'it said nothing'}")
        self.status = status
        """Its exit status; negative: the signal."""
        self.said = said


class Program:
    """One process, and what is around it."""

    def __init__(
        self,
        sandbox: Sandbox,
        name: Literal["notebook", "reader"],
        beside: Path,
        *,
        folder: Path,
        memory: int,
        cpu: int,
        file_size: int,
        readable: tuple[Path, ...] = (),
        settings: Mapping[str, Any],
    ) -> None:
        """`beside`: a private folder, for its working folder. The others are as in `Launch`.

        `OSError` where the machine cannot start it.
        """
        self.memory = memory
        with contextlib.ExitStack() as undo, contextlib.ExitStack() as theirs:
            self._scratch = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=beside))
            undo.callback(remove, self._scratch)
            self.socket, their_socket = socket.socketpair()
            undo.callback(self.socket.close)
            theirs.callback(their_socket.close)
            output, their_output = os.pipe()
            undo.callback(os.close, output)
            theirs.callback(os.close, their_output)
            self.process: Process = sandbox.start(
                Launch(
                    folder=folder,
                    scratch=self._scratch,
                    socket=their_socket.fileno(),
                    output=their_output,
                    arrays={},
                    memory=memory,
                    cpu=cpu,
                    file_size=file_size,
                    program=name,
                    readable=readable,
                    settings=settings,
                )
            )
            self._drain = Drain(output)
            undo.pop_all()

    def said(self) -> str:
        """What it has put out since the last time."""
        return as_text(self._drain.take())

    def kill(self) -> None:
        """End it, and remove what it has left."""
        self.process.kill()
        self.socket.close()
        self._drain.stop()
        remove(self._scratch)


class Asked(Program):
    """A program that is sent messages and answers with messages (see `child.frames`); what it answers is untrusted."""

    def __init__(self, *args: Any, cancelled: threading.Event, **launch: Any) -> None:
        """See `Program`."""
        super().__init__(*args, **launch)
        self._cancelled = cancelled
        self.socket.setblocking(False)

    def send(self, message: bytes, deadline: float, file: int | None = None) -> None:
        """Send framed messages, the first with a descriptor if there is a `file`; see `receive` for what is raised."""
        left = memoryview(message)
        if file is not None:
            self._wait(select.POLLOUT, deadline)
            left = left[socket.send_fds(self.socket, [left[:LENGTH]], [file]) :]
        while left:
            self._wait(select.POLLOUT, deadline)
            left = left[self.socket.send(left[: 1 << 20]) :]

    def receive(self, most: int, deadline: float) -> bytes:
        """The next message.

        Raises:
            EOFError, OSError: the process has ended: see `why`.
            CannotRead: it is larger than `most` bytes, or did not come before the `deadline` (monotonic).
            Cancelled: the run was stopped.
        """
        length = int.from_bytes(self._exactly(LENGTH, deadline), "little")
        if length > most:
            raise CannotRead(f"reading gave {length:,} bytes")
        return self._exactly(length, deadline)

    def why(self, what: str, seconds: float) -> TooMuch | Died:
        """Why it has ended while it did something that it had so many `seconds` of CPU for."""
        self.process.has_ended(1)
        status = self.process.kill()
        said = self.said().strip()
        if status in _OUT_OF_TIME:
            return TooMuch(f"takes more than {seconds:g} seconds of computing")
        if status in _CRASHES:
            return TooMuch("makes the program crash that reads it")
        if "MemoryError" in said and _machine_has(self.memory):
            return TooMuch(f"takes more than {self.memory >> 20:,} MB of memory")
        return Died(what, status, said)

    def _exactly(self, length: int, deadline: float) -> bytes:
        found = bytearray()
        while len(found) < length:
            self._wait(select.POLLIN, deadline)
            piece = self.socket.recv(min(length - len(found), 1 << 20))
            if not piece:
                raise EOFError
            found += piece
        return bytes(found)

    def _wait(self, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(self.socket, event)
        while not poll.poll(_TICK_MS):
            if self._cancelled.is_set():
                raise Cancelled
            if self.process.has_ended(0):
                raise EOFError
            if time.monotonic() > deadline:
                raise CannotRead(f"reading has not ended after {WALL:g} seconds")


def _machine_has(memory: int) -> bool:
    """Whether a process of ours can have so many bytes here, as far as limits and a try now say."""
    limit = min(granted(resource.RLIMIT_AS), granted(resource.RLIMIT_DATA))
    if math.isfinite(limit):  # which this process has a part of in use: a try would say nothing of others
        return limit >= memory
    try:
        mmap.mmap(-1, memory, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except OSError:
        return False
    return True
