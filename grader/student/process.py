"""One worker process from the grader's side: its socket, its pipes, its clocks, its end."""

from __future__ import annotations

import contextlib
import math
import os
import re
import resource
import secrets
import select
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..machine.scratch import remove
from .child.protocol import (
    Channel,
    DeadlinePassed,
    PeerGone,
    ProtocolError,
    pack,
)
from .faults import Limit, MachineFault, Place, StudentCrash, StudentProtocolFault
from .output import Drain
from .sandbox import Launch, Process, Sandbox
from .sources import Sources

MOST_QUESTIONS = 5000
"""Questions of one call; an honest training on the toy data has 300."""
Answer = Callable[[Any], dict[str, Any]]
"""What answers a worker's question, with a body for a frame."""
_MOST_STACK = 64 << 10
"""Bytes that are read of a stack."""
_NEAR = 2.0
"""Seconds of CPU before the kernel's own limit from which on a kill is taken for that limit's."""


@dataclass(frozen=True)
class Limits:
    """Bounds on one worker, and on each call and check, from the rubric."""

    call_cpu: float
    """Seconds of CPU for one call."""
    call_wall: float
    """Seconds of wall time for one call."""
    check_cpu: float
    """Seconds of CPU for all calls of one check, except those with a limit of their own."""
    check_wall: float
    """Seconds of wall time for the same calls."""
    worker_cpu: int
    """Seconds of CPU over the life of one worker."""
    memory: int
    """Bytes of address space of one worker."""
    file_size: int
    """Bytes of any file that a worker writes."""


@dataclass(frozen=True)
class Bounds:
    """The time that one call has left."""

    deadline: float
    """On the monotonic clock."""
    wall: Limit
    """The limit that `deadline` comes from."""
    cpu_passed: Callable[[], Limit | None]
    """Reads the CPU clock: the limit that the call is past, if any."""


class Cancelled(Exception):
    """The run was stopped: the worker is dead, and the thread should end."""


class Worker:
    """One process, its socket, and the threads and pipes around it."""

    def __init__(
        self,
        sandbox: Sandbox,
        sources: Sources,
        limits: Limits,
        datasets: Mapping[str, Path],
        cancelled: threading.Event,
    ) -> None:
        folder = sources.folder
        self._cancelled = cancelled
        self._sources = sources
        self._limits = limits
        self._used = 0.0
        with contextlib.ExitStack() as undo, contextlib.ExitStack() as theirs:
            self._scratch = Path(tempfile.mkdtemp(prefix="scratch-", dir=folder.parent))
            undo.callback(remove, self._scratch)
            arrays = {name: _opened(path, theirs) for name, path in datasets.items()}
            ours, socket_end = socket.socketpair()
            undo.callback(ours.close)
            theirs.callback(socket_end.close)
            self._stack, stack_end = _pipe(undo, theirs)
            output, output_end = _pipe(undo, theirs)
            self._process: Process = sandbox.start(
                Launch(
                    folder=folder,
                    scratch=self._scratch,
                    socket=socket_end.fileno(),
                    stack=stack_end,
                    output=output_end,
                    arrays=arrays,
                    memory=limits.memory,
                    cpu=limits.worker_cpu,
                    file_size=limits.file_size,
                )
            )
            self._channel = Channel(ours)
            self._drain = Drain(output)
            undo.pop_all()

    def take_output(self) -> bytes:
        """What it has printed since the last time."""
        return self._drain.take()

    def cpu_seconds(self) -> float:
        """Seconds of CPU that it has used so far; of one that ended by itself, what was seen last."""
        self._used = max(self._used, self._process.cpu_seconds())
        return self._used

    def ask(self, body: dict[str, Any], bounds: Bounds, answer: Answer | None = None) -> Any:
        """One request and its reply within the bounds; a `StudentFault` or `OutOfTime` otherwise.

        Where there is an `answer`, the worker may put questions to it before it replies.
        """
        request_id = secrets.randbits(62)

        def tick() -> None:
            if self._cancelled.is_set():
                raise Cancelled
            if self._process.has_ended(0):
                raise PeerGone  # a process that it left behind may hold the connection open
            # First called after 50 ms: short calls, which are nearly all, never pay for reading the clock.
            if passed := bounds.cpu_passed():
                raise passed.fault(self._where())

        frame = pack(request_id, body)  # what does not fit is an error of the check's
        try:
            self._channel.send_packed(frame, bounds.deadline, tick)
            reply_id, reply = self._channel.receive(bounds.deadline, tick)
            asked = 0
            while answer and reply_id == request_id and isinstance(reply, dict) and set(reply) == {"ask"}:
                if (asked := asked + 1) > MOST_QUESTIONS:
                    raise StudentProtocolFault(f"more than {MOST_QUESTIONS} questions")
                self._channel.send(request_id, answer(reply["ask"]), bounds.deadline, tick)
                reply_id, reply = self._channel.receive(bounds.deadline, tick)
        except DeadlinePassed:
            raise bounds.wall.fault(self._where()) from None
        except PeerGone:
            if not self._process.has_ended(0.5):
                raise StudentProtocolFault("it closed the connection") from None
            self.cpu_seconds()  # after `kill` there is no process to ask
            raise self._ended(self._process.kill()) from None
        except ProtocolError as error:
            raise StudentProtocolFault(str(error)) from None
        if reply_id != request_id:
            raise StudentProtocolFault("a reply to something that was not asked")
        return reply

    def _ended(self, status: int) -> StudentCrash | MachineFault:
        """Whose doing it is that the process has ended by itself.

        Its code cannot send itself SIGKILL, give itself a lower limit, or exit with a number that looks like a
        signal's (see `child.syscalls`): a SIGKILL that is not of the kernel's limit on CPU came from outside, from
        a machine that is short of memory, say.
        """
        if status == -signal.SIGKILL and self._used < self._limits.worker_cpu - _NEAR:
            return MachineFault(
                "a process with the hand-in's code was killed, and neither by it nor by the grader"
            )
        if status < 0 and (limits := lowered(self._limits)):
            return MachineFault(
                f"a process with the hand-in's code ended by signal {-status}, where {limits}"
            )
        return StudentCrash(status)

    def _where(self) -> tuple[Place, ...]:
        """Ask the worker for its stack and find the student's lines in it, outermost first; empty where it is mute."""
        self._read_stack(0, 0)  # what student code wrote there itself
        self._process.ask_for_stack()
        text = self._read_stack(0.5, 0.1)  # the dump comes in one go
        frames = re.findall(
            r'^  File "([^"\n]*)", line (\d{1,9}) in ([^\n]*)$', text.decode("utf-8", "replace"), re.MULTILINE
        )
        folder = self._sources.folder
        own = [
            self._sources.place(os.path.relpath(file, folder), int(line), function)
            for file, line, function in frames
            if file.startswith(f"{folder}{os.sep}")
        ]
        return tuple(place for place in reversed(own[:4]) if place is not None)

    def _read_stack(self, patience: float, then: float) -> bytes:
        """What comes from the stack pipe: wait `patience` seconds for the first bytes, `then` for each next."""
        text = b""
        poll = select.poll()
        poll.register(self._stack, select.POLLIN)
        deadline = time.monotonic() + patience
        while len(text) < _MOST_STACK and not self._cancelled.is_set():
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                break
            piece = os.read(self._stack, 4096)
            if not piece:
                break
            text += piece
            deadline = min(deadline, time.monotonic() + then)
        return text

    def kill(self) -> None:
        self._process.kill()
        self._channel.close()
        self._drain.stop()
        os.close(self._stack)
        remove(self._scratch)


def granted(which: int) -> float:
    """What the grader's own process may use of a resource (`resource.RLIMIT_...`), which its workers inherit."""
    return min(math.inf if bound == resource.RLIM_INFINITY else bound for bound in resource.getrlimit(which))


def lowered(limits: Limits) -> str:
    """Which of the rubric's limits the machine grants less of than a worker may use; empty for none.

    Workers would fail there for what their code is allowed.
    """
    wanted = (
        (resource.RLIMIT_AS, limits.memory, "memory (ulimit -v)", 1 << 20, "MB"),
        (resource.RLIMIT_DATA, limits.memory, "memory (ulimit -d)", 1 << 20, "MB"),
        (resource.RLIMIT_CPU, limits.worker_cpu, "computing (ulimit -t)", 1, "s"),
    )
    return "; ".join(
        f"{what} is limited to {granted(which) / unit:.0f} {name}, and a hand-in may use {wants / unit:.0f} {name}"
        for which, wants, what, unit, name in wanted
        if granted(which) < wants
    )


def _opened(path: Path, theirs: contextlib.ExitStack) -> int:
    """A descriptor of a file, for the worker, which need not be able to see its path."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    theirs.callback(os.close, descriptor)
    return descriptor


def _pipe(undo: contextlib.ExitStack, theirs: contextlib.ExitStack) -> tuple[int, int]:
    """A pipe whose read end is closed by `undo` and whose write end by `theirs`."""
    read, write = os.pipe()
    undo.callback(os.close, read)
    theirs.callback(os.close, write)
    return read, write
