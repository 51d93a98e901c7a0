"""Have msgspec learn a type before it is used: by one thread, while no other does.

It does so at a type's first use, and two threads in it at once end the process with a segmentation fault (msgspec 0.22,
seen where two hand-ins of a class ended in the same moment).
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
_learning = threading.Lock()
_known: set[Any] = set()


def known(kind: T) -> T:
    """The same type, which `msgspec` may be given from now on by any thread."""
    if kind not in _known:
        with _learning:
            msgspec.msgpack.Decoder(kind)
            _known.add(kind)
    return kind
