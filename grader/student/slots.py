"""How many student processes may be alive at once, and how one gets the machine to itself."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator


class Slots:
    """A counted resource, shared by all threads of a run. A thread holds at most one slot."""

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"found {count} slots, wanted at least one")
        self.count = count
        self._free = count
        self._waiting = 0
        """Threads in `alone` that are not yet alone: newcomers let them pass, or they might wait for ever."""
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot; waits for a free one."""
        with self._changed:
            self._changed.wait_for(lambda: self._free > 0 and not self._waiting)
            self._free -= 1
        try:
            yield
        finally:
            self._give(1)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """For the holder of a slot: hold all of them for a while."""
        self._take_the_others()
        try:
            yield
        finally:
            self._give(self.count - 1)

    def _take_the_others(self) -> None:
        """Wait until no other thread holds a slot, except those that wait here too."""
        with self._changed:
            self._waiting += 1
            self._free += 1
            self._changed.notify_all()
            try:
                self._changed.wait_for(lambda: self._free == self.count)
                self._free -= self.count
            except BaseException:
                self._free -= 1  # interrupted: the caller still holds, and gives back, its own
                raise
            finally:
                self._waiting -= 1
                self._changed.notify_all()

    def _give(self, count: int) -> None:
        with self._changed:
            self._free += count
            self._changed.notify_all()
