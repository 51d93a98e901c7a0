"""The confined side: open archives and lists, one after the other (see `messages`). It writes no file.

Of an archive the names of all entries are looked at first, then the contents are sent, as far as they are wanted. Bytes
are counted as they are decompressed; the sizes that an archive declares are not believed.
"""

from __future__ import annotations

import os
import signal
import socket
import traceback
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing

import msgspec

from ...student.child.frames import framed, received_with_file
from . import listed, looked, tars, zips
from .entry import BadArchive, BadEntry, Entry
from .messages import MAX_REPLY, Caps, Reply, Step, Task
from .plan import Plan, cap, is_read

_MOST_BYTES = 1 << 20
_MOST_STEPS = 1000
"""Of one reply, about."""


def serve(connection: socket.socket) -> None:
    """Say that this process is ready, then answer until the grader closes the connection."""
    connection.sendall(framed(b""))
    while (message := received_with_file(connection)) is not None:
        task = msgspec.msgpack.decode(message[0], type=Task)
        if hasattr(signal, "ITIMER_PROF"):
            # At its end the process is killed by the signal, whatever it is doing.
            signal.setitimer(signal.ITIMER_PROF, task.caps.seconds)
        for reply in replies(task, message[1]):
            connection.sendall(framed(msgspec.msgpack.encode(reply)))
        os.close(message[1])


def replies(task: Task, file: int) -> Iterator[Reply]:
    """All that is found in an open file; the last of them says that it is."""
    # Not a `MemoryError`: it ends this process, and the grader, who knows what the machine has, says whose fault it is.
    try:
        if task.kind == "list":
            yield _listed(file)
        elif task.kind == "notebook":
            with os.fdopen(file, "rb", closefd=False) as content:
                yield Reply(notebook=looked.compared(content.read(), task.handed_out), last=True)
        else:
            yield from _unpacked(task, file)
    except BadArchive as error:
        yield Reply(bad=_line(error), last=True)
    except RecursionError:
        yield Reply(bad="it has too much inside each other", last=True)
    except Exception as error:  # our own fault, in one archive of many
        if isinstance(error, MemoryError):
            raise
        yield Reply(trace=traceback.format_exc(), last=True)


def _listed(file: int) -> Reply:
    with os.fdopen(file, "rb", closefd=False) as content:
        try:
            reply = Reply(listed=listed.read(content.read()), last=True)
        except ValueError as error:
            raise BadArchive(_line(error)) from None
    if len(msgspec.msgpack.encode(reply)) > MAX_REPLY:
        raise BadArchive(f"it has names of more than {MAX_REPLY >> 20} MB")
    return reply


def _unpacked(task: Task, file: int) -> Iterator[Reply]:
    caps = task.caps
    with closing(_entries(task, file)) as entries:
        plan = Plan([(e.name, e.is_folder, e.refused) for e in _counted(entries, caps)], caps.of_class)
    with closing(_entries(task, file)) as entries:
        yield from _together(_steps(plan, entries, caps))
    outside = tuple(Step.of((path,), refused=why) for path, why in plan.outside)
    for at in range(0, len(outside), _MOST_STEPS):
        yield Reply(outside=outside[at : at + _MOST_STEPS])
    yield Reply(last=True)


def _entries(task: Task, file: int) -> Generator[Entry, None, None]:
    return zips.entries(file) if task.kind == "zip" else tars.entries(file, task.caps.read)


def _counted(entries: Iterable[Entry], caps: Caps) -> Iterator[Entry]:
    for count, entry in enumerate(entries):
        if count >= caps.entries:
            raise BadArchive(f"it has more than {caps.entries:,} entries")
        yield entry


def _together(steps: Iterable[Step]) -> Iterator[Reply]:
    waiting: list[Step] = []
    size = 0
    for step in steps:
        waiting.append(step)
        size += len(step.content)
        if size >= _MOST_BYTES or len(waiting) >= _MOST_STEPS:
            yield Reply(steps=tuple(waiting))
            waiting, size = [], 0
    yield Reply(steps=tuple(waiting))


def _steps(plan: Plan, entries: Iterable[Entry], caps: Caps) -> Iterator[Step]:
    counted = _Counted(caps, plan.depth)
    for planned, entry in zip(plan.steps, entries, strict=True):
        parts = planned.parts
        if not parts:
            continue
        why = planned.refused
        if not why and parts[-1] and is_read(parts[-1]):
            try:
                for chunk in counted.chunks(parts, entry):
                    yield Step.of(parts, chunk)
            except BadEntry as error:
                why = _line(error)
        yield Step.of(parts, refused=why)


class _Counted:
    """Counts what is taken of an archive's contents."""

    def __init__(self, caps: Caps, depth: int) -> None:
        self._caps = caps
        self._depth = depth
        self._shares: Counter[str] = Counter()
        self._total = 0

    def chunks(self, parts: tuple[str, ...], entry: Entry) -> Iterator[bytes]:
        """The content of an entry; `BadEntry` past a cap, too."""
        share = parts[min(self._depth, len(parts) - 1)]
        most, size = cap(parts[-1]), 0
        for chunk in entry.chunks():
            size += len(chunk)
            self._shares[share] += len(chunk)
            self._total += len(chunk)
            if size > most:
                raise BadEntry(f"it has more than {most:,} bytes")
            if self._shares[share] > self._caps.share or self._total > self._caps.total:
                least = min(self._caps.share, self._caps.total)
                raise BadEntry(f"past {least >> 20:,} MB in all")
            yield chunk


def _line(error: BaseException) -> str:
    """What it says in one line, all of which can be written as UTF-8."""
    return " ".join(str(error).split())[:200].encode("utf-8", "backslashreplace").decode()
