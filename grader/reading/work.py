"""The confined side: read what was handed in, a part at a time (see `messages`). It runs nothing of it."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from ..handin.imports import imported
from ..handin.legacy import supplied_names
from ..notebook import answers, choose, file, plots, values, workplace
from ..notebook.file import Notebook, Printed, Shown
from ..student.child.frames import framed, received
from .messages import MAX_REPLY, Cells, HandIn, Names, Part, Plots, Reply, Task

_DEEP = 60_000
"""Calls within one another: source that Python compiles at all is some thousands deep, and a visitor takes six each."""
_STACK = 256 << 20


def serve(connection: socket.socket, limit: bool = True) -> None:
    """Answer until the grader closes the connection; `limit`: whether to end at the limits that it sets."""
    # In a thread, which may have a larger stack than the process.
    sys.setrecursionlimit(_DEEP)
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_serve, args=(connection, limit))
    thread.start()
    thread.join()


def _serve(connection: socket.socket, limit: bool) -> None:
    handin = received(connection)
    if handin is None:
        return
    reader = Reader(msgspec.msgpack.decode(handin, type=HandIn))
    while (message := received(connection)) is not None:
        task = msgspec.msgpack.decode(message, type=Task)
        if limit and hasattr(signal, "ITIMER_PROF"):
            # At its end the process is killed by the signal, whatever it is doing.
            signal.setitimer(signal.ITIMER_PROF, task.seconds)
        started = time.process_time()
        found = reader.do(task)
        reply = msgspec.msgpack.encode(msgspec.structs.replace(found, seconds=time.process_time() - started))
        connection.sendall(framed(reply))


class Reader:
    """Reads one hand-in."""

    def __init__(self, handin: HandIn) -> None:
        self._handin = handin
        self._folder = Path(handin.folder)

    def do(self, task: Task) -> Reply:
        """Read one part."""
        parts: dict[Part, Callable[[Task], Any]] = {
            "cells": self._cells,
            "answers": self._answers,
            "changed": self._changed,
            "module": self._module,
            "names": self._names,
            "outputs": self._outputs,
            "values": self._values,
            "plots": self._plots,
        }
        try:
            found = msgspec.msgpack.encode(_sound(parts[task.part](task)))
        except MemoryError:
            return Reply(too_much="takes more memory than it may")
        except RecursionError:
            return Reply(too_much="has too much inside each other")
        except Exception:  # our own fault, in one part of many
            return Reply(trace=traceback.format_exc())
        if len(found) > MAX_REPLY // 2:
            return Reply(too_much=f"has more than {MAX_REPLY >> 21} MB")
        return Reply(found=msgspec.Raw(found))

    @cached_property
    def _notebook(self) -> Notebook:
        handin = self._handin
        if not handin.notebook:
            return Notebook(handin.notebook_name, problem=handin.notebook_problem)
        return file.read(handin.notebook_name, Path(handin.notebook).read_bytes())

    def _cells(self, task: Task) -> Cells:
        cells = self._notebook.cells
        code = {i: cell.source for i, cell in enumerate(cells) if cell.kind == "code"}
        return Cells(code, len(cells), self._notebook.problem, self._notebook.notes)

    def _answers(self, task: Task) -> answers.Answers:
        return answers.read(self._notebook.cells, self._handin.questions, self._handin.templates)

    def _changed(self, task: Task) -> tuple[str, ...]:
        """Names of staged files that differ from those handed out."""
        return tuple(
            name
            for name, source in self._handin.handed_out.items()
            if name != self._handin.entry.module
            and (copy := self._folder / name).is_file()
            and not workplace.same_code(copy.read_bytes(), source.encode())
        )

    def _module(self, task: Task) -> choose.Chosen:
        staged = self._folder / self._handin.entry.module
        module = staged.read_bytes().decode("utf-8", "replace") if staged.exists() else None
        settings = self._handin.settings
        prefer = settings.prefer if settings is not None else "module"
        template = self._handin.handed_out.get(self._handin.entry.module, "")
        return choose.choose(module, self._notebook, prefer, self._handin.entry, template)

    def _names(self, task: Task) -> Names:
        return Names(
            supplied_names(self._folder, self._handin.compat),
            imported(self._folder, self._handin.entry.module),
        )

    def _shown(self, task: Task) -> dict[int, Shown]:
        """What cells have put out, up to the characters that are looked at."""
        left = file.MAX_OUTPUTS
        found = {}
        for i, outputs in task.outputs.items():
            shown = file.shown(outputs)
            if len(shown.text) > left:
                shown = Shown("", shown.images, shown.error)
            left -= len(shown.text)
            found[i] = shown
        return found

    def _outputs(self, task: Task) -> dict[int, Printed]:
        shown = self._shown(task)
        return {i: file.printed(outputs, shown[i]) for i, outputs in task.outputs.items()}

    def _values(self, task: Task) -> values.Values:
        if self._handin.settings is None:
            return values.Values()
        executed = {i: shown.text for i, shown in self._shown(task).items()}
        return values.find(self._handin.settings, self._notebook.cells, executed)

    def _plots(self, task: Task) -> Plots:
        if self._handin.settings is None:
            return Plots()
        executed = self._shown(task)
        return Plots(plots.find(self._handin.settings, self._notebook.cells, executed, task.on_small))


def _sound(value: Any) -> Any:
    """The same with lone surrogates, which are no Unicode, as escapes."""
    try:
        msgspec.msgpack.encode(value)
    except UnicodeEncodeError:
        return _escaped(msgspec.to_builtins(value))
    return value


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_escaped(key): _escaped(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(item) for item in value]
    return value
