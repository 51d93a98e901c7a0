"""Where the hand-ins of a batch are observed: here, by threads; or elsewhere (see `grader.cluster`).

An engine is like an executor of `concurrent.futures`, for one kind of work: it takes a job and gives a future. It knows
nothing of marks, reports and other hand-ins, and the gradebook only as journals.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Protocol

import msgspec

from ..errors import GraderError
from ..gradebook import Hashes
from ..handin.submission import Submission
from ..machine.shortage import shortage
from ..marking.findings import Exhibits, Findings, packed, packed_exhibits
from . import runner
from .run import Journal, Run


@dataclass(frozen=True)
class Job:
    """A hand-in that is to be observed."""

    submission: Submission
    key: str
    """Of what will be found, if its files are still those that were seen."""
    nonce: str


@dataclass(frozen=True)
class Observed:
    """What was found in a hand-in, as the gradebook keeps it."""

    content: str
    """See `Findings.content`."""
    final: bool
    """Whether grading again would find the same."""
    findings: bytes
    exhibits: bytes

    @staticmethod
    def of(findings: Findings, exhibits: Exhibits) -> Observed:
        """Packed."""
        return Observed(
            findings.content, not findings.machine_failed, packed(findings), packed_exhibits(exhibits)
        )


@dataclass(frozen=True)
class Site:
    """What an engine is told of the batch."""

    run: Run
    settings: Hashes
    journal: Callable[[str], Journal]
    """That of the key of a finding."""
    started: Callable[[str], None]
    """Told, from any thread, that code of this hand-in is about to run."""
    at: Callable[[str, str], None]
    """Told, from any thread, which check of a hand-in is running."""
    again: Callable[[Job, Observed], None] = lambda job, observed: None
    """Told what came in of a job that was done already."""


class Engine(Protocol):
    """Observes hand-ins, many at once."""

    def submit(self, job: Job) -> Future[Observed]:
        """Begin as soon as there is room. The future raises as `runner.observe`, or `NotGraded`."""


Opening = Callable[[Site], AbstractContextManager[Engine]]
"""Makes an engine. Left by an error it stops all that is at work, and comes back when that has ended."""


class EngineGone(GraderError):
    """Nothing observes hand-ins any more: no hand-in of the run can go on."""


class NotGraded(GraderError):
    """Why a hand-in could not be graded, in a line, and the traceback where that is the grader's own fault."""

    def __init__(self, why: str, trace: str = "") -> None:
        super().__init__(why)
        self.trace = trace


def not_graded(error: Exception) -> NotGraded:
    """What an error says to everybody; to be called where it is caught."""
    if isinstance(error, NotGraded):
        return error
    told = str(error) if isinstance(error, GraderError) else shortage(error)
    # Not the exception's text, which may quote hidden values: exports and CI show this line to anybody.
    why = told or f"the grader failed ({type(error).__name__})"
    return NotGraded(why, "" if told else traceback.format_exc())


class Here:
    """Threads of this process, one for each slot."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._stops = _Stops()
        self._pool = ThreadPoolExecutor(max_workers=site.run.slots.count)

    def __enter__(self) -> Here:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._stops.all()
        self._pool.shutdown(wait=True, cancel_futures=error is not None)

    def submit(self, job: Job) -> Future[Observed]:
        """See `Engine`."""
        return self._pool.submit(self._observe, job)

    def _observe(self, job: Job) -> Observed:
        site, stop, id = self._site, self._stops.new(), job.submission.id
        site.started(id)

        def journal(content: str) -> Journal:
            return site.journal(site.settings.finding_key(content, job.nonce))

        try:
            rubric = msgspec.structs.replace(site.run.rubric, nonce=job.nonce)
            own = replace(site.run, rubric=rubric, cancelled=stop, say=partial(site.at, id))
            return Observed.of(*runner.observe(job.submission, own, journal))
        finally:
            self._stops.drop(stop)


class _Stops:
    """Stops every hand-in at work. Each has an event of its own: the end of one is not the end of all."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._events: set[threading.Event] = set()
        self._stopped = False

    def new(self) -> threading.Event:
        event = threading.Event()
        with self._mutex:
            self._events.add(event)
            if self._stopped:
                event.set()
        return event

    def drop(self, event: threading.Event) -> None:
        with self._mutex:
            self._events.discard(event)

    def all(self) -> None:
        with self._mutex:
            self._stopped = True
            for event in self._events:
                event.set()
