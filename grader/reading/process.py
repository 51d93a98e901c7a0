"""The grader's side: a process for each hand-in that reads it, confined as student code is."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from ..errors import GraderError
from ..model import Image
from ..notebook.answers import Answers
from ..notebook.file import is_image
from ..student import scratch
from ..student.output import Drain, as_text
from ..student.process import Cancelled, granted
from ..student.sandbox import Launch, Process, Sandbox
from . import work
from .messages import FORMS, LENGTH, MAX_REPLY, SECONDS, HandIn, Part, Plots, Reply, Task

CPU = 20.0
"""Seconds for all that is read of a hand-in; an ordinary one takes a twentieth of it."""
_OF_A_PART = 5.0
MEMORY = 1 << 30
"""Bytes of address space; an ordinary hand-in takes a fifth of it."""
_WALL = 600.0
"""Seconds on the clock for one part, on a machine that is far too busy."""
_TICK_MS = 50
_BACKSTOP = 5
"""Seconds of CPU past `CPU` after which the kernel ends a reader whose timer does not."""
_FILE_SIZE = 1 << 20
_PACKAGE = Path(__file__).resolve().parent.parent
_SEEN = (
    "__init__.py", "errors.py", "model.py", "rubric.py", "secret.py", "shortage.py", "submission.py", "imports.py",
    "legacy.py", "notebook", "reading", "student/__init__.py",
)  # fmt: skip
"""What a reader sees of this package. No answers are in it."""
_OUT_OF_TIME = (-signal.SIGPROF, -signal.SIGXCPU) if hasattr(signal, "SIGPROF") else ()
_CRASHES = tuple(-getattr(signal, name, 0) for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE"))


class TooMuch(Exception):
    """A part cannot be read within the limits; the text says what there is too much of, as in `it takes ...`."""


class CannotRead(GraderError):
    """Reading failed by a fault of the grader's or the machine's."""


class _Died(CannotRead):
    """The process has ended, and neither the hand-in nor a fault in our code is known to be why."""


class Reader(Protocol):
    """What reads one hand-in."""

    def ask(self, part: Part, outputs: Mapping[int, bytes] | None = None) -> Any:
        """What is found, in the form of `FORMS`; `outputs`: what cells put out when executed.

        Raises:
            TooMuch: it cannot be read within the limits.
            CannotRead: the grader or the machine is at fault.
        """

    def close(self) -> None:
        """End it."""


class Confined:
    """Reads in a process of its own, started when it is first needed, and anew where a part has ended it."""

    def __init__(self, sandbox: Sandbox, handin: HandIn, folder: Path, cancelled: threading.Event) -> None:
        """`folder`: a private one, in which the reader's working folder is made."""
        self._sandbox = sandbox
        self._handin = handin
        self._folder = folder
        self._cancelled = cancelled
        self.left = CPU
        """Seconds of CPU that reading may still take."""
        self._running: _Running | None = None
        self._mutex = threading.Lock()

    def ask(self, part: Part, outputs: Mapping[int, bytes] | None = None) -> Any:
        """See `Reader`. Threads may ask side by side; they are answered one after the other."""
        with self._mutex:
            seconds = min(SECONDS.get(part, _OF_A_PART), self.left)
            if seconds <= 0:
                raise TooMuch(f"takes more than {CPU:g} seconds of computing")
            task = Task(part, seconds, dict(outputs or {}))
            try:
                try:
                    reply = self._started().ask(task)
                except _Died:  # the machine may have been to blame
                    self._end()
                    reply = self._started().ask(task)
            except TooMuch:
                self.left -= seconds
                self._end()
                raise
            except BaseException:
                self._end()
                raise
            self.left -= min(max(reply.seconds, 0.0), seconds)
        if reply.trace:
            raise CannotRead(f"reading {part} failed:\n{reply.trace}")
        if reply.too_much:
            raise TooMuch(reply.too_much)
        return checked(part, bytes(reply.found))

    def _started(self) -> _Running:
        if self._running is None:
            cpu = int(self.left) + _BACKSTOP
            self._running = _Running(self._sandbox, self._handin, self._folder, cpu, self._cancelled)
        return self._running

    def close(self) -> None:
        """See `Reader`."""
        with self._mutex:
            self._end()

    def _end(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.kill()


class Here:
    """Reads in this process, without limits: for hand-ins of our own."""

    def __init__(self, sandbox: Sandbox, handin: HandIn, folder: Path, cancelled: threading.Event) -> None:
        self._reader = work.Reader(handin)

    def ask(self, part: Part, outputs: Mapping[int, bytes] | None = None) -> Any:
        """See `Reader`."""
        reply = self._reader.do(Task(part, 0.0, dict(outputs or {})))
        if reply.trace or reply.too_much:
            raise CannotRead(reply.trace or reply.too_much)
        return checked(part, bytes(reply.found))

    def close(self) -> None:
        """Nothing."""


def checked(part: Part, content: bytes) -> Any:
    """What was found, of the right form, and with no image that is not one."""
    try:
        found = msgspec.msgpack.decode(content, type=FORMS[part])
    except (msgspec.DecodeError, RecursionError) as error:
        raise CannotRead(f"reading {part} gave something else: {error}") from None
    images: list[Image] = []
    if isinstance(found, Answers):
        images = [image for some in found.images.values() for image in some]
    if isinstance(found, Plots):
        images = [plot.image for plot in found.found if plot.image is not None]
    if not all(map(is_image, images)):
        raise CannotRead(f"reading {part} gave an image that is none")
    return found


class _Running:
    """One process, and what is around it."""

    def __init__(
        self, sandbox: Sandbox, handin: HandIn, folder: Path, cpu: int, cancelled: threading.Event
    ) -> None:
        self._cancelled = cancelled
        with contextlib.ExitStack() as undo, contextlib.ExitStack() as theirs:
            self._scratch = Path(tempfile.mkdtemp(prefix="reading-", dir=folder))
            undo.callback(scratch.remove, self._scratch)
            self._socket, their_socket = socket.socketpair()
            undo.callback(self._socket.close)
            theirs.callback(their_socket.close)
            output, their_output = os.pipe()
            undo.callback(os.close, output)
            theirs.callback(os.close, their_output)
            notebook = (Path(handin.notebook),) if handin.notebook else ()
            self._process: Process = sandbox.start(
                Launch(
                    folder=Path(handin.folder),
                    scratch=self._scratch,
                    socket=their_socket.fileno(),
                    output=their_output,
                    arrays={},
                    memory=MEMORY,
                    cpu=cpu,
                    file_size=_FILE_SIZE,
                    program="reader",
                    readable=(*(_PACKAGE / name for name in _SEEN), *notebook),
                    settings={"package": str(_PACKAGE.parent), "work": work.__name__},
                )
            )
            self._drain = Drain(output)
            undo.pop_all()
        self._socket.setblocking(False)
        self._greeting = _framed(msgspec.msgpack.encode(handin))

    def ask(self, task: Task) -> Reply:
        """One task and its reply."""
        greeting, self._greeting = self._greeting, b""
        deadline = time.monotonic() + _WALL
        try:
            self._send(greeting + _framed(msgspec.msgpack.encode(task)), deadline)
            length = int.from_bytes(self._receive(LENGTH, deadline), "little")
            if length > MAX_REPLY:
                raise CannotRead(f"reading {task.part} gave {length:,} bytes")
            return msgspec.msgpack.decode(self._receive(length, deadline), type=Reply)
        except (EOFError, OSError):
            raise self._why(task) from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise CannotRead(f"reading {task.part} gave something else: {error}") from None

    def _why(self, task: Task) -> Exception:
        """Why it has ended."""
        self._process.has_ended(1)
        status = self._process.kill()
        said = as_text(self._drain.take()).strip()
        if status in _OUT_OF_TIME:
            return TooMuch(f"takes more than {task.seconds:g} seconds of computing")
        if status in _CRASHES:
            return TooMuch("makes the program crash that reads it")
        if (
            "MemoryError" in said
            and min(granted(resource.RLIMIT_AS), granted(resource.RLIMIT_DATA)) >= MEMORY
        ):
            return TooMuch(f"takes more than {MEMORY >> 20:,} MB of memory")
        return _Died(f"the process that reads {task.part} ended with {status}: {said or 'it said nothing'}")

    def _send(self, message: bytes, deadline: float) -> None:
        left = memoryview(message)
        while left:
            self._wait(select.POLLOUT, deadline)
            left = left[self._socket.send(left[: 1 << 20]) :]

    def _receive(self, length: int, deadline: float) -> bytes:
        found = bytearray()
        while len(found) < length:
            self._wait(select.POLLIN, deadline)
            piece = self._socket.recv(min(length - len(found), 1 << 20))
            if not piece:
                raise EOFError
            found += piece
        return bytes(found)

    def _wait(self, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._socket, event)
        while not poll.poll(_TICK_MS):
            if self._cancelled.is_set():
                raise Cancelled
            if self._process.has_ended(0):
                raise EOFError
            if time.monotonic() > deadline:
                raise CannotRead(f"reading has not ended after {_WALL:g} seconds")

    def kill(self) -> None:
        """End it, and remove what it has left."""
        self._process.kill()
        self._socket.close()
        self._drain.stop()
        scratch.remove(self._scratch)


def _framed(message: bytes) -> bytes:
    return len(message).to_bytes(LENGTH, "little") + message
