"""Workers forked from a parent that has NumPy imported: one is ready in a tenth of the time that it takes to start.

The parent is `child.warm`. It is started for the first worker and ends with the sandbox that it belongs to, or with
the grader.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psutil

from .base import WATCHDOG, Launch
from .command import environment, file_of

START_LIMIT = 60.0
"""Seconds for the parent to import NumPy, or to fork: generous, because a slow machine is no reason to give up."""
_MOST_MESSAGE = 4096
_TRIES = 2
Begin = Callable[[int, int], subprocess.Popen[bytes]]
"""Starts the parent: takes its end of the connection, and where its output goes."""


class Warm:
    """A parent, which is there when a worker is wanted."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._starting = threading.Lock()
        self._control: socket.socket | None = None

    def fork(self, launch: Launch, told: dict[str, Any]) -> Forked:
        """A worker; `told` are its settings. `OSError` where there is none to be had.

        Where the parent has ended since the last one, the machine may have been to blame: another is started.
        """
        for _ in range(_TRIES):
            parent = self._parent()
            try:
                return self._ask(parent, launch, told)
            except (BrokenPipeError, ConnectionResetError, EOFError):
                self._forget(parent)
        raise OSError("the parent of workers has ended")

    def _ask(self, parent: socket.socket, launch: Launch, told: dict[str, Any]) -> Forked:
        stack = launch.output if launch.stack is None else launch.stack
        theirs = [launch.socket, stack, *launch.arrays.values()]
        told = {
            **told,
            "socket": 0,
            "stack": 1,
            "arrays": {name: place for place, name in enumerate(launch.arrays, 2)},
            "environment": environment(launch.scratch),
        }
        reply, answer = socket.socketpair(type=socket.SOCK_SEQPACKET)
        reply.settimeout(START_LIMIT)
        try:
            with answer, file_of(told) as file:
                socket.send_fds(parent, [b"."], [file.fileno(), answer.fileno(), launch.output, *theirs])
            message, found, _, _ = socket.recv_fds(reply, _MOST_MESSAGE, 2)
            if not message:
                raise EOFError
            if len(found) != 2:
                raise OSError(message.decode("utf-8", "replace"))
            return Forked(reply, *found)
        except BaseException:
            reply.close()
            raise

    def _parent(self) -> socket.socket:
        """The connection to it."""
        with self._starting:
            if self._control is None:
                self._control = self._started()
                weakref.finalize(self, self._control.close)
            return self._control

    def _forget(self, ended: socket.socket) -> None:
        """It has ended; unless another thread has found that out before, and another was started."""
        with self._starting:
            if self._control is ended:
                self._control = None

    def _started(self) -> socket.socket:
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        output, their_output = os.pipe()
        ours.settimeout(START_LIMIT)
        try:
            try:
                _in_a_thread_of_its_own(lambda: self._begin(theirs.fileno(), their_output))
            finally:
                theirs.close()
                os.close(their_output)
            if not ours.recv(_MOST_MESSAGE):
                said = os.read(output, _MOST_MESSAGE).decode("utf-8", "replace").strip()
                raise OSError(f"the parent of workers did not start: {said.rpartition(os.linesep)[2]}")
        except BaseException:
            ours.close()
            raise
        finally:
            os.close(
                output
            )  # what it says later, nobody hears: it says how a worker failed to that worker's grader
        return ours


def _in_a_thread_of_its_own(begin: Callable[[], subprocess.Popen[bytes]]) -> None:
    """Start a process in a thread that waits for its end: it dies with the thread that started it."""
    started = threading.Event()
    failed: list[OSError] = []
    todo = [begin]  # which the thread lets go of: it must not keep alive what the process ends with

    def keep() -> None:
        try:
            popen = todo.pop()()
        except OSError as error:
            failed.append(error)
            return
        finally:
            started.set()
        popen.wait()

    threading.Thread(target=keep, name="warm parent", daemon=True).start()
    started.wait()
    if failed:
        raise failed[0]


class _End(msgspec.Struct):
    """How a worker ended; see `child.warm`."""

    status: int
    """Below zero: the signal's number."""
    cpu: float


class Forked:
    """A worker, and the process that waits for its end; both by descriptors, so that no stranger is ever hit."""

    def __init__(self, reply: socket.socket, worker: int, first: int) -> None:
        """`reply`: on which it is told how the worker ended; descriptors of the `worker` and of who waits for it."""
        self._reply = reply
        self._worker = worker
        self._first = first
        self._end: _End | None = None
        self._known: psutil.Process | None = None
        self._pid = _number_of(worker)

    def cpu_seconds(self) -> float:
        """See `Process`; where it has ended by itself, of its whole life."""
        if self.has_ended(0):
            return self._ended().cpu
        try:
            times = self._code().cpu_times()
        except (psutil.Error, ValueError):  # it has ended since; then it may have no number any more
            return 0.0
        return float(times.user + times.system)

    def ask_for_stack(self) -> None:
        """See `Process`."""
        self._signal(WATCHDOG)

    def has_ended(self, patience: float) -> bool:
        """See `Process`."""
        if self._end is not None:
            return True
        poll = select.poll()
        poll.register(self._first, select.POLLIN)
        return bool(poll.poll(patience * 1000))

    def kill(self) -> int:
        """See `Process`."""
        if not self.has_ended(0):
            self._signal(signal.SIGKILL)  # the first hears of it, tells how it ended, and ends
            self.has_ended(START_LIMIT)
        status = self._ended().status
        if self._worker >= 0:
            os.close(self._worker)
            os.close(self._first)
            self._worker = self._first = -1
            self._reply.close()
        return status

    def _code(self) -> psutil.Process:
        self._known = self._known or psutil.Process(self._pid)
        return self._known

    def _signal(self, number: int) -> None:
        if self._end is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._worker, number)

    def _ended(self) -> _End:
        """How it ended; where nobody could tell, something had killed both."""
        if self._end is None:
            told = b""
            with contextlib.suppress(OSError):
                told = self._reply.recv(_MOST_MESSAGE, socket.MSG_DONTWAIT)
            self._end = msgspec.json.decode(told, type=_End) if told else _End(-signal.SIGKILL, 0.0)
        return self._end


def _number_of(descriptor: int) -> int:
    """The process's number here: in its own namespace it has another."""
    lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines()
    return int(next(line.partition(":")[2] for line in lines if line.startswith("Pid:")))
