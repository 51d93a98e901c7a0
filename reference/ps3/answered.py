"""The solution's latest answers, kept by what was asked: all hand-ins of a run are compared with the same ones."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


class Answered:
    """At most so many answers; the one that was not asked for longest goes first. For several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, Any] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, question: tuple[Any, ...], answer: Callable[[], T]) -> T:
        """What `answer` returns, or has returned to the same question: of arrays, texts, numbers. Not to be changed."""
        key = _digest(question)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                kept: T = self._kept[key]
                return kept
        found = answer()
        with self._lock:
            self._kept[key] = found
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found


def _digest(question: tuple[Any, ...]) -> bytes:
    """Of the content; of arrays also of how they lie in memory, which decides how sums are rounded."""
    digest = hashlib.sha256()
    for part in question:
        is_array = isinstance(part, np.ndarray)
        digest.update(f"{(part.dtype.str, part.shape, part.strides) if is_array else part!r}\0".encode())
        if is_array:
            digest.update(np.ascontiguousarray(part).data)
    return digest.digest()
