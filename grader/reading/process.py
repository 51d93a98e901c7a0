"""The grader's side: a process for each hand-in that reads it, confined as student code is."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from ..known_types import known
from ..model import Image
from ..notebook.answers import Answers
from ..notebook.file import is_image
from ..student.child.frames import framed
from ..student.program import WALL, Asked, CannotRead, Died, TooMuch, sources
from ..student.sandbox import Sandbox
from . import work
from .messages import FORMS, MAX_REPLY, SECONDS, HandIn, Part, Plots, Reply, Task

__all__ = ["CPU", "MEMORY", "SEEN", "CannotRead", "Confined", "Here", "Reader", "TooMuch", "checked"]

CPU = 20.0
"""Seconds for all that is read of a hand-in; an ordinary one takes a twentieth of it."""
_OF_A_PART = 5.0
MEMORY = 1 << 30
"""Bytes of address space; an ordinary hand-in takes a fifth of it."""
_BACKSTOP = 5
"""Seconds of CPU past `CPU` after which the kernel ends a reader whose timer does not."""
_FILE_SIZE = 1 << 20
_PACKAGE = Path(__file__).resolve().parent.parent
SEEN = (
    "__init__.py", "entry_point.py", "errors.py", "model",
    "assignment/__init__.py", "assignment/notebook_settings.py", "assignment/rubric.py", "assignment/secret.py",
    "assignment/strict.py",
    "handin/__init__.py", "handin/caps.py", "handin/imports.py", "handin/legacy.py", "handin/plain_files.py",
    "handin/staging.py", "handin/submission.py",
    "machine/__init__.py", "machine/shortage.py", "notebook", "reading", "student/__init__.py",
)  # fmt: skip
"""What a reader sees of this package. No answers are in it."""


class Reader(Protocol):
    """What reads one hand-in."""

    def ask(self, part: Part, outputs: Mapping[int, bytes] | None = None, on_small: bool = False) -> Any:
        """What is found, in the form of `FORMS`; `outputs`: what cells put out when executed, perhaps `on_small` data.

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

    def ask(self, part: Part, outputs: Mapping[int, bytes] | None = None, on_small: bool = False) -> Any:
        """See `Reader`. Threads may ask side by side; they are answered one after the other."""
        with self._mutex:
            seconds = min(SECONDS.get(part, _OF_A_PART), self.left)
            if seconds <= 0:
                raise TooMuch(f"takes more than {CPU:g} seconds of computing")
            task = Task(part, seconds, dict(outputs or {}), on_small)
            try:
                try:
                    reply = self._started().ask(task)
                except Died:  # the machine may have been to blame
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

    def ask(self, part: Part, outputs: Mapping[int, bytes] | None = None, on_small: bool = False) -> Any:
        """See `Reader`."""
        reply = self._reader.do(Task(part, 0.0, dict(outputs or {}), on_small))
        if reply.trace or reply.too_much:
            raise CannotRead(reply.trace or reply.too_much)
        return checked(part, bytes(reply.found))

    def close(self) -> None:
        """Nothing."""


def checked(part: Part, content: bytes) -> Any:
    """What was found, of the right form, and with no image that is not one."""
    try:
        found = msgspec.msgpack.decode(content, type=known(FORMS[part]))
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


class _Running(Asked):
    """The process that reads one hand-in."""

    def __init__(
        self, sandbox: Sandbox, handin: HandIn, folder: Path, cpu: int, cancelled: threading.Event
    ) -> None:
        super().__init__(
            sandbox,
            "reader",
            folder,
            folder=Path(handin.folder),
            memory=MEMORY,
            cpu=cpu,
            file_size=_FILE_SIZE,
            readable=(
                *sources(_PACKAGE, SEEN),
                *((Path(handin.notebook),) if handin.notebook else ()),
            ),
            settings={"package": str(_PACKAGE.parent), "work": work.__name__},
            cancelled=cancelled,
        )
        self._greeting = framed(msgspec.msgpack.encode(handin))

    def ask(self, task: Task) -> Reply:
        """One task and its reply."""
        greeting, self._greeting = self._greeting, b""
        deadline = time.monotonic() + WALL
        try:
            self.send(greeting + framed(msgspec.msgpack.encode(task)), deadline)
            return msgspec.msgpack.decode(self.receive(MAX_REPLY, deadline), type=known(Reply))
        except (EOFError, OSError):
            raise self.why(f"the process that reads {task.part}", task.seconds) from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise CannotRead(f"reading {task.part} gave something else: {error}") from None
