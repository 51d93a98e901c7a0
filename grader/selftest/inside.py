"""A worker that is this process, for code of our own: what `student.process.Worker` does, without a process.

Requests and replies go through the same frames, and the same `Session` carries them out, so that the checks see
exactly what would come out of a worker. There is no sandbox, no clock and no limit here.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import sys
import threading
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..student.child import compat, protocol
from ..student.child.worker import Session, reply
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

    def ask(self, body: dict[str, Any], bounds: Bounds, answer: Answer | None = None) -> Any:
        """Carry out one request; the reply is that of a worker."""

        def ask(question: Any) -> Any:
            assert answer is not None
            return over_the_wire(answer(over_the_wire(question)))

        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            frame = reply(self._session, 1, over_the_wire(body), ask, protocol, self._home)
        return _unpacked(frame)

    def take_output(self) -> bytes:
        """What it printed is not kept."""
        return b""

    def cpu_seconds(self) -> float:
        """Its time is not measured."""
        return 0.0

    def kill(self) -> None:
        """Leave nothing of the hand-in where the next one's code would find it."""
        for name in [
            name
            for name, module in list(sys.modules.items())
            if (getattr(module, "__file__", None) or "").startswith(self._home + os.sep)
        ]:
            del sys.modules[name]
        sys.path[:] = [entry for entry in sys.path if entry != self._home]
        for descriptor in self._arrays.values():
            os.close(descriptor)


def over_the_wire(value: Any) -> Any:
    """What arrives at the other end of the socket."""
    return _unpacked(protocol.pack(1, value))


def _unpacked(pieces: list[Any]) -> Any:
    frame = io.BytesIO(b"".join(pieces))
    header = frame.read(int.from_bytes(frame.read(4), "little"))
    _, tree, specs = protocol.unpack_header(header)
    arrays = [
        np.frombuffer(bytearray(frame.read(math.prod(shape) * dtype.itemsize)), dtype).reshape(shape)
        for dtype, shape in specs
    ]
    return protocol.decode(tree, arrays)
