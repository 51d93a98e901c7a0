"""The grader's side: one process after the other that opens what was handed in, confined as a worker is.

A process opens many archives. It is replaced where one has ended it, and where it has used up its time.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import msgspec

from ...errors import GraderError
from ...known_types import known
from ...machine.shortage import shortage
from ...student.child.frames import framed
from ...student.program import WALL, Asked, CannotRead, Died, sources
from ...student.sandbox import TIERS, Practice, Sandbox
from . import work
from .messages import MAX_REPLY, Reply, Task

T = TypeVar("T")
MEMORY = 1 << 30
"""Bytes of address space; an ordinary archive takes a twentieth of it."""
_MORE = 60.0
"""Seconds of CPU that a process has beside those of the archive that it is started for: for others after that."""
_BACKSTOP = 5
"""Seconds past that after which the kernel ends a process whose timer does not."""
_FILE_SIZE = 1 << 20
_PACKAGE = Path(__file__).resolve().parents[2]
SEEN = (
    "__init__.py",
    "errors.py",
    "model",
    "machine/__init__.py",
    "machine/shortage.py",
    "handin/__init__.py",
    "handin/caps.py",
    "handin/plain_files.py",
    "handin/unpacking",
    "student/__init__.py",
)
"""What the process sees of this package. No answers are in it."""


class Opener:
    """Opens files of a run, in a process that is started when it is first needed."""

    # The first tier whose lock-down succeeds. Not what a canary has tried: nothing of a hand-in is run here, and what
    # would be graded can be shown on a machine without any.

    def __init__(self, workspace: Path) -> None:
        """`workspace`: a private folder that lives as long as the run."""
        self._workspace = workspace
        self._makers: list[Callable[[], Sandbox]] = [
            *(functools.partial(tier, (), None, None) for tier in TIERS.values()),
            Practice,
        ]
        self._sandbox: Sandbox | None = None
        self._running: _Running | None = None

    def ask(self, task: Task, file: int, take: Callable[[Iterator[Reply]], T]) -> T:
        """What `take` makes of the replies to a task for an open file; it may be called a second time.

        Raises:
            TooMuch: it cannot be opened within the limits.
            CannotRead: the grader is at fault.
            GraderError: the machine is, and would be again.
        """
        try:
            return self._once(task, file, take)
        except Died:
            pass
        try:
            return self._once(task, file, take)
        except Died as error:
            # By a signal that nothing in it sends, or without the memory that it may take.
            if error.status < 0 or "MemoryError" in error.said:
                raise GraderError(
                    "the process that opens archives was ended twice, and neither by an archive nor by the grader: "
                    "the machine may be short of memory; nothing was graded; free some, and give the command again"
                ) from None
            raise

    def close(self) -> None:
        """End the process."""
        running, self._running = self._running, None
        if running is not None:
            running.kill()

    def _once(self, task: Task, file: int, take: Callable[[Iterator[Reply]], T]) -> T:
        with closing(self._replies(task, file)) as replies:
            return take(replies)

    def _replies(self, task: Task, file: int) -> Generator[Reply, None, None]:
        """Whoever breaks off ends the process."""
        ended = False
        try:
            for reply in self._started(task.caps.seconds).replies(task, file):
                if reply.trace:
                    raise CannotRead(f"opening an archive failed:\n{reply.trace}")
                ended = reply.last
                yield reply
        finally:
            if not ended:
                self.close()

    def _started(self, seconds: float) -> _Running:
        """A process that has so many seconds of CPU left."""
        if self._running is not None and self._running.left() < seconds:
            self.close()
        while self._running is None:
            try:
                self._sandbox = self._sandbox or self._makers[0]()
                self._running = _Running(self._sandbox, self._workspace, seconds + _MORE)
            except (OSError, Died) as error:
                # One that ends by itself could not lock itself down.
                refused = error.status > 0 if isinstance(error, Died) else not shortage(error)
                if not refused:
                    raise
                if len(self._makers) == 1:
                    raise GraderError(f"archives cannot be opened here: {error}") from None
                self._sandbox = None
                del self._makers[0]
        return self._running


class _Running(Asked):
    """One process."""

    def __init__(self, sandbox: Sandbox, workspace: Path, life: float) -> None:
        """`life`: seconds of CPU. `Died` where it does not get ready."""
        super().__init__(
            sandbox,
            "reader",
            workspace,
            folder=Path(__file__).resolve().parent,  # there is no hand-in that it could look into
            memory=MEMORY,
            cpu=int(life) + _BACKSTOP,
            file_size=_FILE_SIZE,
            readable=sources(_PACKAGE, SEEN),
            settings={"package": str(_PACKAGE.parent), "work": work.__name__, "receives_files": True},
            cancelled=threading.Event(),
        )
        self._life = life
        try:
            self.receive(0, time.monotonic() + WALL)
        except BaseException as error:
            if isinstance(error, EOFError | OSError):
                error = self.why("the process that opens archives", life)
            self.kill()
            raise error from None

    def left(self) -> float:
        """Seconds of CPU that it may still take."""
        return self._life - self.process.cpu_seconds()

    def replies(self, task: Task, file: int) -> Iterator[Reply]:
        """The replies to a task, the last one included; what went wrong is as in `Opener.ask`, or `Died`."""
        deadline = time.monotonic() + max(WALL, 5 * task.caps.seconds)
        try:
            self.send(framed(msgspec.msgpack.encode(task)), deadline, file)
            while True:
                reply = msgspec.msgpack.decode(self.receive(2 * MAX_REPLY, deadline), type=known(Reply))
                yield reply
                if reply.last:
                    return
        except (EOFError, OSError):
            raise self.why("the process that opens archives", task.caps.seconds) from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise CannotRead(f"opening an archive gave something else: {error}") from None
