"""Hand-ins in flight: sent, lost, sent again, and taken in once.

Dask sends a hand-in of a lost worker to another one by itself. What is done here is what it does not know: that three
workers were lost with the same hand-in, that one is silent or hangs, and that an answer was changed on its way.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from ..assignment.rubric import Rubric
from ..grading.engine import EngineGone, Job, NotGraded, Observed, Site
from ..handin.staging import collect
from . import work
from .messages import Answer, Changed, opened, sealed, work_of
from .roll import Roll

MOST_LOSSES = 3
"""Workers that are lost on one hand-in before a person has to look at it."""
_TICK_S = 1.0
_KILLED = "KilledWorker"


@dataclass(frozen=True)
class Patience:
    """How long is waited, in seconds."""

    hand_in: float
    """For one hand-in from its start: then its worker hangs. Longer than all limits of a hand-in together."""
    silence: float = 60.0
    """Until a hand-in of a worker that is not heard of is given to another one, too."""
    deserted: float = 600.0
    """For any worker that may grade, once there is none left."""

    @staticmethod
    def of(rubric: Rubric) -> Patience:
        """For the hand-ins of a rubric: twice all its limits, for second tries, and for others that are alone."""
        notebook = rubric.notebook.wall if rubric.notebook is not None else 0.0
        return Patience(2 * (float(rubric.limits.submission_wall) + 2 * float(notebook)) + 600)


@dataclass(eq=False)
class Try:
    """A hand-in as Dask has it."""

    key: str
    """Dask's name of it."""
    future: Any
    allowed: frozenset[str]
    """Workers that it may run on; empty for all that there are."""
    on: str = ""
    """Which one runs it; empty where none does."""
    since: float = 0.0
    is_silent: bool = False
    """Whether its worker is not heard of any more, and another one has it, too."""


@dataclass(eq=False)
class Flight:
    """A hand-in on its way."""

    job: Job
    done: Future[Observed]
    losses: list[str] = field(default_factory=list)
    tries: dict[asyncio.Task[Any], Try] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    count: int = 0
    """Of all its tries."""

    def lose(self, why: str) -> None:
        self.losses.append(why)
        self.news.set()


class Flying:
    """The engine of a batch (see `grading.engine.Engine`), on the workers of a roll."""

    def __init__(self, roll: Roll, loop: asyncio.AbstractEventLoop, site: Site, patience: Patience) -> None:
        self._roll = roll
        self._loop = loop
        self._site = site
        self._patience = patience
        self._topic = f"grade-{secrets.token_hex(8)}"  # nobody else's events
        self._waiting: deque[tuple[Job, Future[Observed]]] = deque()
        self._flights: dict[str, Flight] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._strays: set[asyncio.Task[Any]] = set()
        self._deserted_since = 0.0
        roll.on_change, roll.on_gone = self._others, self._gone
        loop.call_soon_threadsafe(self._begin)

    def _begin(self) -> None:
        self._roll.client.subscribe_topic(self._topic, self._heard)
        self._ticking = asyncio.create_task(self._tick())

    def submit(self, job: Job) -> Future[Observed]:
        """See `Engine`."""
        future: Future[Observed] = Future()
        self._loop.call_soon_threadsafe(self._enqueue, job, future)
        return future

    async def close(self) -> None:
        """Stop all that is at work, and forget it."""
        self._roll.on_change, self._roll.on_gone = lambda: None, lambda address: None
        self._waiting.clear()
        ends = [self._ticking, *self._tasks, *self._strays]
        tries = [one for flight in self._flights.values() for one in flight.tries.values()]
        for task in ends:
            task.cancel()
        with contextlib.suppress(Exception):  # whoever is gone needs no telling
            await self._roll.client.cancel([one.future for one in tries], force=True)
        await asyncio.gather(*ends, return_exceptions=True)
        self._roll.client.unsubscribe_topic(self._topic)

    # ---- what comes in ----

    def _enqueue(self, job: Job, future: Future[Observed]) -> None:
        self._waiting.append((job, future))
        self._pump()

    def _pump(self) -> None:
        """Send what there is room for. What waits stays as it is: no more of it is in memory than is sent."""
        if self._roll.is_lost:
            self._fail_all("the scheduler does not answer any more")
        while self._waiting and len(self._flights) < self._roll.room:
            job, future = self._waiting.popleft()
            flight = Flight(job, future)
            self._flights[job.key] = flight
            task = asyncio.create_task(self._fly(flight))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _others(self) -> None:
        """There are other workers than before: who waits for some, or for one that is gone, looks again."""
        self._pump()
        for flight in self._flights.values():
            flight.news.set()

    def _fail_all(self, why: str) -> None:
        error = EngineGone(
            f"{why}; what is done is in the gradebook, and the same command goes on from there"
        )
        waiting, self._waiting = self._waiting, deque()
        for future in [*(f for _, f in waiting), *(flight.done for flight in self._flights.values())]:
            if not future.done():
                future.set_exception(error)

    def _heard(self, event: tuple[float, Any]) -> None:
        """An event of a worker; what it says is looked at, and nothing more."""
        _, told = event
        if not isinstance(told, dict) or (flight := self._flights.get(str(told.get("key")))) is None:
            return
        one = next((one for one in flight.tries.values() if one.key == str(told.get("task"))), None)
        if one is None:
            return
        id = flight.job.submission.id
        if told.get("kind") == "at":
            self._site.at(id, str(told.get("text"))[:200])
            return
        if one.on:  # it was begun before, and Dask has begun it again without our hearing of a loss
            flight.lose(f"{one.on} was lost")
        one.on, one.since = str(told.get("worker")), time.monotonic()
        self._site.started(id)

    def _gone(self, address: str) -> None:
        for flight in list(self._flights.values()):
            for one in flight.tries.values():
                if one.on == address:
                    one.on = ""
                    flight.lose(f"{address} was lost")

    async def _tick(self) -> None:
        """Look for what hangs or is silent."""
        while True:
            await asyncio.sleep(_TICK_S)
            now = time.monotonic()
            silent = self._roll.silent(self._patience.silence)
            if silent:
                with contextlib.suppress(OSError):
                    await self._mark_silent(silent)
            for flight in list(self._flights.values()):
                for task, one in list(flight.tries.items()):
                    if one.on and not one.is_silent and now - one.since > self._patience.hand_in:
                        self._give_up(flight, task, one)
            self._deserted_since = 0.0 if self._roll.grading else self._deserted_since or now
            if self._deserted_since and now - self._deserted_since > self._patience.deserted:
                self._fail_all("there is no worker left that may grade")

    async def _mark_silent(self, silent: set[str]) -> None:
        at_work = await self._roll.client.scheduler.processing(workers=list(silent))
        theirs = {key for keys in at_work.values() for key in keys}
        for flight in list(self._flights.values()):
            for one in flight.tries.values():
                if one.key in theirs and not one.is_silent and set(self._roll.grading) - silent:
                    one.is_silent = True
                    flight.news.set()

    def _give_up(self, flight: Flight, task: asyncio.Task[Any], one: Try) -> None:
        """A worker hangs: its hand-in goes to another one, and its nanny, if it has one, starts it anew."""
        del flight.tries[task]
        task.cancel()
        self._forget(one)
        self._roll.refuse(
            one.on, f"it has not answered for {self._patience.hand_in:.0f} seconds; start it anew"
        )
        self._beside(self._roll.client.restart_workers([one.on], raise_for_error=False))
        flight.lose(f"{one.on} did not answer")

    # ---- one flight ----

    async def _fly(self, flight: Flight) -> None:
        try:
            observed = await self._observed(flight)
            if not flight.done.done():
                flight.done.set_result(observed)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # told where the future is waited for
            if not flight.done.done():
                flight.done.set_exception(error)
        finally:
            self._leave(flight)
            self._pump()

    async def _observed(self, flight: Flight) -> Observed:
        payload = await asyncio.to_thread(self._packed, flight.job)
        while True:
            if len(flight.losses) >= MOST_LOSSES:
                raise NotGraded(
                    f"the machine: {MOST_LOSSES} workers were lost with it ({'; '.join(flight.losses)}); give the "
                    "command again to try it once more"
                )
            self._drop_hopeless(flight)
            if all(one.is_silent for one in flight.tries.values()):
                self._send(flight, payload)
            news = asyncio.ensure_future(flight.news.wait())
            try:
                await asyncio.wait({news, *flight.tries}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                news.cancel()
            flight.news.clear()
            for task in [task for task in flight.tries if task.done()]:
                one = flight.tries.pop(task)
                if (observed := self._taken(flight, task, one)) is not None:
                    return observed

    def _packed(self, job: Job) -> bytes:
        material = collect(job.submission)
        roll = self._roll
        return sealed(
            work_of(job.submission, material, roll.settings, job.key, job.nonce, roll.tier, self._topic)
        )

    def _send(self, flight: Flight, payload: bytes) -> None:
        """Give it to Dask, for any of the workers that grade now, but those that are silent."""
        grading = set(self._roll.grading)
        allowed = (
            grading - {one.on for one in flight.tries.values()} - self._roll.silent(self._patience.silence)
        )
        if not allowed:
            return  # the next change of the roll is news
        if len(allowed) == len(self._roll.members):
            allowed = (
                set()
            )  # a newcomer looks for itself whether it may; to name all costs the scheduler time
        flight.count += 1
        key = f"{self._topic}-{flight.job.key}-{flight.count}"
        future = self._roll.client.submit(
            work.grade_one,
            payload,
            key=key,
            workers=sorted(allowed) or None,
            allow_other_workers=False,
            pure=False,
        )
        one = Try(key, future, frozenset(allowed))
        flight.tries[asyncio.ensure_future(_result(future))] = one

    def _forget(self, one: Try) -> None:
        """Have Dask drop a try; whoever runs it sees that, and stops."""
        self._beside(self._roll.client.cancel([one.future], force=True))

    def _beside(self, doing: Any) -> None:
        """Have something done that nobody waits for, and that may fail: whom it is for may be gone."""

        async def do() -> None:
            with contextlib.suppress(Exception):
                await doing

        task = asyncio.create_task(do())
        self._strays.add(task)
        task.add_done_callback(self._strays.discard)

    def _drop_hopeless(self, flight: Flight) -> None:
        """Take back what none of its workers is there for any more: Dask would wait for them."""
        for task, one in list(flight.tries.items()):
            gone = one.allowed and not one.allowed & set(self._roll.grading)
            if gone and not task.done():
                del flight.tries[task]
                task.cancel()
                self._forget(one)

    def _taken(self, flight: Flight, task: asyncio.Task[Any], one: Try) -> Observed | None:
        """What a try gave; None where that is nothing, and it has to be sent again."""
        if task.cancelled():
            return None
        if (error := task.exception()) is not None:
            flight.lose(f"{one.on or 'a worker'} was lost ({type(error).__name__})")
            return None
        try:
            answer = opened(task.result(), Answer)
            if answer.key not in ("", flight.job.key):
                raise Changed(f"it is of {answer.key}, wanted {flight.job.key}")
        except Changed as why:
            flight.lose(f"{one.on or 'a worker'} gave what was changed on its way")
            self._roll.refuse(one.on, f"its answer was changed on its way: {why}; look at that machine")
            return None
        if answer.refused:
            self._roll.refuse(answer.worker, answer.refused)
            return None
        if answer.short:
            flight.lose(f"{answer.worker}: {answer.short}")
            return None
        if answer.failed:
            raise NotGraded(answer.failed, answer.trace)
        return Observed(answer.content, answer.final, answer.findings, answer.exhibits)

    def _leave(self, flight: Flight) -> None:
        """Forget a flight; tries that another worker still has are heard out: they have to say the same."""
        self._flights.pop(flight.job.key, None)
        for task, one in flight.tries.items():
            if flight.done.done() and not flight.done.exception():
                stray = asyncio.create_task(self._compare(flight, task, one))
                self._strays.add(stray)
                stray.add_done_callback(self._strays.discard)
            else:
                task.cancel()
                self._forget(one)

    async def _compare(self, flight: Flight, task: asyncio.Task[Any], one: Try) -> None:
        await asyncio.wait({task})
        if (observed := self._taken(flight, task, one)) is not None:
            self._site.again(flight.job, observed)


async def _result(future: Any) -> Any:
    return await future
