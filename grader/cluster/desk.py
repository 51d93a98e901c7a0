"""What a worker grades by: made once for the settings of a coordinator, if they can be met here."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path

import msgspec

from ..errors import GraderError
from ..grading import confinement
from ..grading.engine import Observed
from ..grading.loading import load_assignment
from ..grading.run import Run
from ..grading.runner import observe
from ..grading.settings import settings as made
from ..machine.workspace import workspace
from .handshake import of_run, of_the_program, program_refused, refused
from .host import HostSlots
from .messages import Hello, Settings, Work

RUBRIC = "GRADE_RUBRIC"
"""Names the rubric on a machine where it is at another place."""
_LOOK_S = 0.5
_TELL_S = 2.0
"""Seconds from one check to the next that is told of, at least."""
Say = Callable[[str, str], None]
"""Tells of an event of a hand-in: which kind, and its text."""


@dataclass(frozen=True)
class Desk:
    """A run on this worker, or why there is none. For several threads."""

    hello: Hello
    run: Run | None = None

    @staticmethod
    def set_up(settings: Settings, threads: int) -> Desk:
        """Load, look and try all that the settings ask for."""
        if why := program_refused(of_the_program(), settings.facts):
            return Desk(Hello(why))
        remarks: list[str] = []
        folders = ExitStack()
        try:
            rubric, reference = load_assignment(_rubric(settings))
            rubric = rubric.in_full() if settings.full else rubric
            folder = folders.enter_context(workspace())
            # Under Dask's nanny this is a process of multiprocessing's, which knows no `atexit`.
            atexit.register(folders.close)
            Finalize(None, folders.close, exitpriority=0)
            run = made(
                rubric,
                reference,
                settings.facts.dataset or "auto",
                HostSlots(settings.jobs or threads),
                folder,
                partial(confinement.sandbox_for, rubric, reference, folder),
                remarks.append,
            )
        except (GraderError, OSError) as error:
            folders.close()
            return Desk(Hello(str(error)))
        why = refused(of_run(run), settings.facts)
        return Desk(Hello(why, "" if why else run.sandbox.tier, tuple(remarks)), None if why else run)

    def observe(self, work: Work, say: Say, wanted: Callable[[], bool]) -> Observed:
        """What is to be found in a hand-in; raises as `runner.observe`, and `Cancelled` once it is not `wanted`."""
        assert self.run is not None
        stop = threading.Event()
        rubric = msgspec.structs.replace(self.run.rubric, nonce=work.nonce)
        run = replace(self.run, rubric=rubric, cancelled=stop, say=_now_and_then(partial(say, "at")))
        with _stopped_unless(wanted, stop):
            say("started", "")
            return Observed.of(*observe(work.submission(), run, material=work.material()))


def _rubric(settings: Settings) -> Path | None:
    named = os.environ.get(RUBRIC) or settings.rubric
    return Path(named) if named else None


@contextmanager
def _stopped_unless(wanted: Callable[[], bool], stop: threading.Event) -> Iterator[None]:
    """Set `stop` as soon as the work is not wanted any more: nothing ends a thread from outside."""
    done = threading.Event()

    def look() -> None:
        while not done.wait(_LOOK_S):
            if not wanted():
                stop.set()
                return

    threading.Thread(target=look, name="wanted", daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _now_and_then(say: Callable[[str], None]) -> Callable[[str], None]:
    """The same, but seldom."""
    last = [0.0]

    def sometimes(title: str) -> None:
        if time.monotonic() - last[0] >= _TELL_S:
            last[0] = time.monotonic()
            say(title)

    return sometimes
