"""How long student code may take: each call, each check, and the hand-in as a whole, on both clocks.

The threads of a hand-in share a `SubmissionTime`; each has a `Meter`, which knows the check and the worker at
work, and makes the `Bounds` of each call. All times are in seconds.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from math import inf
from operator import itemgetter

from .faults import Limit, OutOfTime
from .process import Bounds, Limits

_FRESH = 0.05
"""Seconds for which a reading of a CPU clock will do: one takes 30 us, and most calls hardly longer."""


class SubmissionTime:
    """The time of a whole hand-in. Its wall clock stands still until `start`."""

    def __init__(self, cpu: float = inf, wall: float = inf) -> None:
        self.cpu = cpu
        self.wall = wall
        self._lock = threading.Lock()
        self._used = 0.0
        self._end = inf

    def start(self) -> None:
        """Start the wall clock, where no other thread has done so before."""
        with self._lock:
            if self._end == inf:
                self._end = time.monotonic() + self.wall

    def excuse(self, seconds: float) -> None:
        """Put the end off by what a thread has waited for its turn: others' hand-ins must not cost this one's time."""
        with self._lock:
            self._end += seconds

    def charge(self, cpu: float) -> None:
        """Add CPU time that a worker has used."""
        with self._lock:
            self._used += cpu

    @property
    def used(self) -> float:
        """Seconds of CPU that have been charged."""
        return self._used

    @property
    def wall_left(self) -> float:
        """Seconds on the clock; negative where it is past its end."""
        return self._end - time.monotonic()

    def passed(self) -> Limit | None:
        """The limit that it is past, if any: CPU first, because that is the code's doing alone."""
        if self._used > self.cpu:
            return Limit("submission", True, self.cpu)
        return Limit("submission", False, self.wall) if self.wall_left <= 0 else None


class Meter:
    """The time that one thread's student code takes, in the check at work and, through `whole`, in all.

    The CPU time of a check is summed over its workers, dead ones too. What a call with a limit of its own
    uses counts for that limit and for the hand-in, but not for the check.
    """

    def __init__(self, limits: Limits, whole: SubmissionTime) -> None:
        self._limits = limits
        self._whole = whole
        self._clock: Callable[[], float] | None = None
        self._reading = 0.0
        self._read_at = -inf
        self._exempt = False
        self._cpu = 0.0
        self._wall = 0.0
        self._calls = 0

    def begin_check(self) -> None:
        """Count from zero."""
        self._read()
        self._cpu = self._wall = 0.0
        self._calls = 0

    def begin_worker(self, clock: Callable[[], float]) -> None:
        """From now on read the CPU clock of a new worker; what it has used so far is nobody's."""
        self._clock = clock
        self._reading, self._read_at = clock(), time.monotonic()

    def end_worker(self) -> None:
        """Read the worker's clock for the last time, before it is killed."""
        self._read()
        self._clock = None

    def require(self) -> None:
        """`OutOfTime` where the check or the hand-in has none left."""
        if time.monotonic() > self._read_at + _FRESH:
            self._read()
        if passed := self._check_passed() or self._whole.passed():
            raise OutOfTime(passed, None, started=self._calls > 0)

    @contextlib.contextmanager
    def call(self, cpu: float | None = None, wall: float | None = None) -> Iterator[Bounds]:
        """Meter one call, within limits of its own where they are given."""
        begun = time.monotonic()
        self._calls += 1
        start: list[float] = []
        if cpu is not None:
            self._read()  # what was used before is the check's
            start.append(self._reading)
            self._exempt = True

        def passed() -> Limit | None:
            self._read()
            # Without a limit of its own, a call's first reading is its start: short calls never pay for one.
            start[:] = start or [self._reading]
            limit = self._limits.call_cpu if cpu is None else cpu
            if self._reading - start[0] > limit:
                return Limit("call", True, limit)
            over = self._check_passed() or self._whole.passed()
            return over if over and over.cpu else None

        left, first = min(self._ends(wall), key=itemgetter(0))
        try:
            yield Bounds(begun + left, first, passed)
        finally:
            if cpu is not None:
                self._read()
                self._exempt = False
            if wall is None:
                self._wall += time.monotonic() - begun

    def _ends(self, wall: float | None) -> list[tuple[float, Limit]]:
        """Each wall limit that holds for a call, and how long from now it is reached."""
        limits = self._limits
        own = limits.call_wall if wall is None else wall
        ends = [(own, Limit("call", False, own))]
        if wall is None:
            ends.append((limits.check_wall - self._wall, Limit("check", False, limits.check_wall)))
        ends.append((self._whole.wall_left, Limit("submission", False, self._whole.wall)))
        return ends

    def _check_passed(self) -> Limit | None:
        if self._cpu > self._limits.check_cpu:
            return Limit("check", True, self._limits.check_cpu)
        if self._wall >= self._limits.check_wall:
            return Limit("check", False, self._limits.check_wall)
        return None

    def _read(self) -> None:
        """Charge what the worker has used since the last reading."""
        if self._clock is None:
            return
        used = max(0.0, self._clock() - self._reading)  # a clock may read zero once its process has ended
        self._reading += used
        self._read_at = time.monotonic()
        self._whole.charge(used)
        if not self._exempt:
            self._cpu += used
