"""A Dask client whose workers do what a test says: lose, hang, lie, answer late and twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from grader.cluster import work
from grader.cluster.messages import Answer, Hello, Work, opened, sealed

Doing = Callable[["Fake", "FakeFuture"], None]
"""What becomes of a hand-in that was sent: called once it is there."""


class FakeFuture:
    """What `submit` gives."""

    def __init__(self, key: str, payload: bytes, workers: list[str]) -> None:
        self.key = key
        self.payload = payload
        self.workers = workers
        self.result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.cancelled = False

    def __await__(self) -> Any:
        return asyncio.shield(self.result).__await__()

    @property
    def work(self) -> Work:
        return opened(self.payload, Work)

    def answer(self, content: object) -> None:
        """Give a result, if it is still wanted."""
        if not self.result.done():
            self.result.set_result(content)

    def finds(self, worker: str, findings: bytes = b"found", key: str | None = None) -> None:
        """Give findings."""
        work = self.work
        self.answer(sealed(Answer(work.key if key is None else key, worker, "", True, findings, b"exhibits")))


@dataclass
class Fake:
    """A client and its scheduler. `hellos` are the workers, each with one thread, and what they answer."""

    hellos: dict[str, Hello]
    doing: list[Doing] = field(default_factory=list)
    """For the first hand-in that is sent, the second, ...; the last one for all others."""
    sent: list[FakeFuture] = field(default_factory=list)
    seen: dict[str, float] = field(default_factory=dict)
    """By the scheduler's clock."""
    restarted: list[str] = field(default_factory=list)
    handlers: dict[str, Callable[[Any], None]] = field(default_factory=dict)

    @property
    def scheduler(self) -> Fake:
        return self

    async def identity(self, n_workers: int) -> dict[str, Any]:
        return {"workers": {a: {"nthreads": 1, "last_seen": self.seen.get(a, 0.0)} for a in self.hellos}}

    async def processing(self, workers: Iterable[str]) -> dict[str, list[str]]:
        return {
            a: [one.key for one in self.sent if a in one.workers and not one.result.done()] for a in workers
        }

    def submit(
        self, function: Any, payload: bytes, *, workers: list[str] | None = None, key: str = "", **_: object
    ) -> FakeFuture:
        future = FakeFuture(key, payload, list(workers or self.hellos))
        if function is work.hello:
            future.answer(sealed(self.hellos[future.workers[0]]))
            return future
        self.sent.append(future)
        doing = self.doing[min(len(self.sent), len(self.doing)) - 1]
        asyncio.get_running_loop().call_soon(doing, self, future)
        return future

    async def cancel(self, futures: Iterable[FakeFuture], force: bool = False) -> None:
        for future in futures:
            future.cancelled = True
            future.result.cancel()

    async def restart_workers(self, workers: list[str], raise_for_error: bool) -> None:
        self.restarted += workers

    def subscribe_topic(self, topic: str, handler: Callable[[Any], None]) -> None:
        self.handlers[topic] = handler

    def unsubscribe_topic(self, topic: str) -> None:
        del self.handlers[topic]

    def tell(self, future: FakeFuture, worker: str, kind: str = "started", text: str = "") -> None:
        """An event of a worker."""
        work = future.work
        told = {"kind": kind, "key": work.key, "worker": worker, "task": future.key, "text": text}
        self.handlers[work.topic]((0.0, told))
