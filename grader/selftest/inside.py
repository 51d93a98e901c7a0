"""A worker that is this process, for code of our own: what `student.process.Worker` does, without a process.

The same `Session` carries requests out, and requests and replies are what they would be at the other end of the socket
(see `arrived`), so that the checks see exactly what would come out of a worker. There is no sandbox and no
limit here but that of the clock on each call.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import math
import os
import sys
import threading
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from ..machine.deadline import NoEnd, within
from ..student.child import compat, protocol
from ..student.child.worker import Session, reply
from ..student.output import KEPT_OUTPUT
from ..student.process import Answer, Bounds, Limits, Worker
from ..student.sandbox import Sandbox
from ..student.sources import Sources


class Inside(Worker):
    """Stands in for `Worker`; one at a time, as they share the name of the module."""

    def __init__(
        self,
        sandbox: Sandbox,
        sources: Sources,
        limits: Limits,
        datasets: Mapping[str, Path],
        cancelled: threading.Event,
    ) -> None:
        self._home = str(sources.folder)
        self._arrays = {name: os.open(path, os.O_RDONLY | os.O_CLOEXEC) for name, path in datasets.items()}
        self._session = Session(self._home, self._arrays, protocol, np, compat.supply)
        self._before = {owner: _names_there(owner) for owner in (np, builtins)}
        self._modules = set(sys.modules)
        self._said = io.StringIO()
        self._silent = contextlib.redirect_stdout(self._said), contextlib.redirect_stderr(io.StringIO())

    def ask(self, body: dict[str, Any], bounds: Bounds, answer: Answer | None = None) -> Any:
        """Carry out one request; the reply is that of a worker."""

        def ask(question: Any) -> Any:
            assert answer is not None
            return arrived(answer(arrived(question)))

        try:
            with within(bounds.deadline - time.monotonic()):
                return self._reply(body, ask)
        except NoEnd:
            raise bounds.wall.fault(()) from None

    def _reply(self, body: dict[str, Any], ask: Any) -> Any:
        out, err = self._silent
        with out, err, warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
            return reply(self._session, 1, arrived(body), ask, _Unsent, self._home)

    def take_output(self) -> bytes:
        """What it printed since the last time."""
        said = self._said.getvalue().encode("utf-8", "backslashreplace")
        self._said.seek(0)
        self._said.truncate()
        return said[: KEPT_OUTPUT + 1]

    def cpu_seconds(self) -> float:
        """Its time is not measured."""
        return 0.0

    def kill(self) -> None:
        """Leave nothing of the hand-in where the next one's code would find it."""
        for name in set(sys.modules) - self._modules:
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(self._home + os.sep):
                del sys.modules[name]
        sys.path[:] = [entry for entry in sys.path if entry != self._home]
        for owner, there in self._before.items():  # names of other years that were supplied
            for name in _names_there(owner) - there:
                delattr(owner, name)
        if not hasattr(sys.modules.get("past"), "__file__"):
            for name in ("past", "past.builtins"):
                sys.modules.pop(name, None)
        for descriptor in self._arrays.values():
            os.close(descriptor)


def _names_there(owner: ModuleType) -> set[str]:
    """Those of other years that a module has."""
    return {name for name in (*compat.NUMPY, *compat.BUILTINS) if name in vars(owner)}


class _Unsent:
    """Stands in for the protocol where a worker packs its reply: there is nobody to send it to."""

    ProtocolError: ClassVar[type[Exception]] = protocol.ProtocolError

    @staticmethod
    def pack(request_id: int, body: Any) -> Any:
        """The body as it would arrive."""
        return arrived(body)


def arrived(value: Any) -> Any:
    """What arrives of a value at the other end of the socket.

    The bytes of a frame are made and read only for what is rare or large: for all, it took a third of the selftest.
    """
    try:
        return _Copy().of(value, 0)
    except _Other:
        return over_the_wire(value)


def over_the_wire(value: Any) -> Any:
    """The same by way of a frame."""
    frame = io.BytesIO(b"".join(protocol.pack(1, value)))
    header = frame.read(int.from_bytes(frame.read(4), "little"))
    _, tree, specs = protocol.unpack_header(header)
    arrays = [
        np.frombuffer(bytearray(frame.read(math.prod(shape) * dtype.itemsize)), dtype).reshape(shape)
        for dtype, shape in specs
    ]
    return protocol.decode(tree, arrays)


class _Other(Exception):
    """A value that is left to the protocol."""


_MOST_VALUES, _MOST_ARRAYS, _MOST_TEXT, _MOST_ENTRIES = 1000, 200, 1000, 8
"""Values, arrays among them, characters of each, entries of a tuple: so much travels whole in any frame, and a tuple as
a tuple."""
_SCALARS: dict[type, Any] = {
    **{float: np.float64, int: np.int64, bool: np.bool_},
    **{kind: kind for kind in (np.float64, np.float32, np.int64, np.bool_)},
}
_DTYPES = frozenset(protocol.DTYPES.values())


class _Copy:
    """A copy of one value as it would arrive, where it is made of what nearly all frames are made of."""

    def __init__(self) -> None:
        self._values, self._arrays = _MOST_VALUES, _MOST_ARRAYS
        self._bytes = protocol.MAX_PAYLOAD

    def of(self, value: Any, depth: int) -> Any:
        """The copy; `_Other` where there is something else in it. What is most frequent comes first."""
        self._values -= 1
        if self._values < 0 or depth >= protocol.MAX_DEPTH - 1:
            raise _Other
        kind = type(value)
        if kind is np.ndarray:
            return self._numbers(value.copy(), "ndarray")
        if kind is str:
            return _plain(value)
        if kind is dict:
            found = {}
            for key, item in value.items():
                found[_plain(key)] = self.of(item, depth + 1)
            return found
        if value is None:
            return None
        if kind is tuple and len(value) <= _MOST_ENTRIES:
            return tuple([self.of(item, depth + 1) for item in value])
        if kind in _SCALARS and (kind is not int or -(2**63) <= value < 2**63):
            return self._numbers(np.array(value, _SCALARS[kind]), kind.__name__)
        if kind is protocol.Numbers:
            return self._numbers(np.array(value.array, copy=True, subok=False, order="C"), value.form)
        if kind is list and value and type(value[0]) in _SCALARS:
            arrays: list[np.ndarray] = []
            if protocol.encode(value, arrays)[0] == "numbers":
                return self._numbers(arrays[0], "list")
        if kind is list and not value:
            return []
        raise _Other

    def _numbers(self, array: np.ndarray, form: str) -> protocol.Numbers:
        """An array of our own, as numbers."""
        self._bytes -= array.nbytes
        self._arrays -= 1
        if (
            self._bytes < 0
            or self._arrays < 0
            or array.dtype not in _DTYPES
            or array.ndim > protocol.MAX_DIMENSIONS
        ):
            raise _Other
        return protocol.Numbers(array, form)


def _plain(text: Any) -> str:
    if type(text) is str and len(text) <= _MOST_TEXT and text.isascii():
        return text
    raise _Other
