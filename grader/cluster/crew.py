"""A cluster for one run: connected, its workers asked, and an engine for the batch."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import dask.config
from distributed import Client, LocalCluster, Security

from ..assignment import assets
from ..errors import GraderError
from ..grading.engine import Engine, Site
from ..grading.run import Run
from . import handshake, keys
from .engine import Flying, Patience
from .messages import Settings
from .roll import Roll
from .target import Local, Remote

T = TypeVar("T")
WAIT_S = 120.0
"""Seconds for the first worker to come and to be found fit; Slurm starts them one after the other."""
_LOOK_S = 1.0
_CONNECT_S = 30.0
_AWAY_S = 60.0
"""Seconds that a scheduler may not answer."""
_CLOSE_S = 20.0
"""Until what a cluster of this machine has not ended by itself is killed."""
_DAYS = 30
"""Longer than any run, for keys that end with it."""
_CONFIG = {
    "distributed.admin.large-graph-warning-threshold": "1 GiB",  # a notebook of 64 MB is no mistake of ours
    "distributed.comm.tls.min-version": 1.3,
    # For the workers of `local:N`: nobody looks at profiles and monitors, which take a part of each second.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
}


@dataclass
class Crew:
    """Workers that grade by the settings of a run. For several threads."""

    roll: Roll
    loop: asyncio.AbstractEventLoop
    patience: Patience

    @property
    def tier(self) -> str:
        """In which all hand-ins are."""
        return self.roll.tier

    @property
    def threads(self) -> int:
        """Hand-ins that are observed at once, as things stand."""
        return sum(one.threads for one in self.roll.grading.values())

    @contextmanager
    def engine(self, site: Site) -> Iterator[Engine]:
        """See `grading.engine.Opening`."""
        flying = Flying(self.roll, self.loop, site, self.patience)
        try:
            yield flying
        except BaseException:
            self.call(flying.close())
            raise
        self.call(flying.close())

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Have the loop do it, and wait."""
        return waited(work, self.loop)


def waited(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    """Have a loop do it, and wait; an interrupt ends it there, too."""
    doing = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        return doing.result()
    except BaseException:
        doing.cancel()
        raise


def settings_of(run: Run, jobs: int | None) -> Settings:
    """What workers are told of a run."""
    path = run.rubric.path.resolve()
    named = "" if path == assets.default_rubric().resolve() else str(path)
    return Settings(handshake.of_run(run), named, run.rubric.trains_in_full, jobs or 0)


@contextmanager
def connected(
    target: Local | Remote,
    run: Run,
    jobs: int | None,
    say: Callable[[str], None],
    patience: Patience | None = None,
) -> Iterator[Crew]:
    """The workers of a scheduler, or new ones on this machine, with `jobs` student processes each.

    Without `jobs` as many as a running worker has threads; and of new ones each has one.

    Raises:
        GraderError: there is no scheduler, or none of its workers may grade; nothing was graded.
    """
    if patience is None:
        patience = Patience.of(run.rubric)
    settings = settings_of(run, jobs)
    with _loop() as loop, dask.config.set(_CONFIG), _quiet():
        opened = _Opened()
        try:
            roll = waited(opened.open(target, settings, jobs or 1, run.workspace, say), loop)
            yield Crew(roll, loop, patience)
        finally:
            waited(opened.stack.aclose(), loop)


@dataclass
class _Opened:
    """What has to be closed again, in the loop."""

    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def open(
        self,
        target: Local | Remote,
        settings: Settings,
        jobs: int,
        workspace: Path,
        say: Callable[[str], None],
    ) -> Roll:
        if isinstance(target, Local):
            made = keys.make(_DAYS)  # others on this machine reach its loopback, too
            security = security_of(made)
            cluster = LocalCluster(
                n_workers=target.workers or None,
                threads_per_worker=jobs,
                processes=True,
                host="127.0.0.1",
                protocol="tls",
                security=security,
                dashboard_address="127.0.0.1:0",
                worker_dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
                asynchronous=True,
                local_directory=str(workspace),
                preload="grader.cluster.deaf",
                memory_limit=0,  # what takes memory are students' processes, which have a limit of their own
            )
            address: Any = await cluster.__aenter__()
            self.stack.push_async_callback(_ended, cluster)
        else:
            address = target.address
            tls = bool(target.security)
            security = Security(require_encryption=tls, **target.security)
        client = Client(
            address,
            security=security,
            asynchronous=True,
            set_as_default=False,
            timeout=_CONNECT_S,
            # Workers on other hosts need not be reachable from here: the scheduler passes on what they found.
            direct_to_workers=isinstance(target, Local),
        )
        await _reached(client, target)
        self.stack.push_async_callback(_closed, client)
        roll = Roll(client, settings, say)
        looking = asyncio.create_task(_look_on(roll))
        self.stack.push_async_callback(_cancelled, looking)
        await _first(roll, looking)
        return roll


def security_of(made: keys.Keys) -> Security:
    """Keys of all roles, in memory."""
    roles = {
        f"tls_{role}_{name}": text
        for name, by_role in (("cert", made.certs), ("key", made.keys))
        for role, text in by_role.items()
    }
    return Security(require_encryption=True, tls_ca_file=made.ca, **roles)


async def _reached(client: Client, target: Local | Remote) -> None:
    try:
        await client
    except (OSError, TimeoutError) as error:
        with contextlib.suppress(Exception):
            await client.close(timeout=1)
        where = target.address if isinstance(target, Remote) else "the scheduler of this run"
        raise GraderError(
            f"--cluster: {where} does not answer, or takes other keys ({type(error).__name__}: {error}); start it, and "
            "give the command again"
        ) from None


async def _first(roll: Roll, looking: asyncio.Task[None]) -> None:
    """Wait until all workers that are there have answered, and one is fit."""
    ends = time.monotonic() + WAIT_S
    while not (roll.are_all_asked and roll.grading):
        if looking.done():
            looking.result()
        if time.monotonic() > ends and roll.grading:
            break
        if time.monotonic() > ends or (roll.are_all_asked and not roll.grading):
            refused = [one for one in roll.members.values() if one.hello is not None]
            why = f"all {len(refused)} were refused" if refused else "none has come"
            raise GraderError(
                f"no worker may grade ({why}); nothing was graded: start some, and give the command again"
            )
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await roll.changed.wait()
        roll.changed.clear()
    roll.choose_tier()


async def _look_on(roll: Roll) -> None:
    """Look who is there, again and again; the scheduler may be away for a while."""
    away = 0.0
    while True:
        started = time.monotonic()
        try:
            async with asyncio.timeout(
                _CONNECT_S
            ):  # `wait_for` of Python 3.11 can swallow that it is cancelled
                await roll.look()
            away = 0.0
        except (OSError, TimeoutError):
            away += time.monotonic() - started + _LOOK_S
            if away > _AWAY_S:
                roll.is_lost = True
                roll.on_change()
                return
        await asyncio.sleep(_LOOK_S)


async def _cancelled(task: asyncio.Task[None]) -> None:
    """End a task, also one that has not heard it the first time."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1)


async def _ended(cluster: Any) -> None:
    """Close a cluster of this machine; what of it does not end by itself is killed."""
    with contextlib.suppress(Exception):  # whatever is left of it, the run is over
        async with asyncio.timeout(_CLOSE_S):
            await cluster.close()
            return
    for nanny in list(cluster.workers.values()):
        process: Any = getattr(getattr(nanny, "process", None), "process", None)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                await process.kill()


async def _closed(client: Client) -> None:
    with contextlib.suppress(Exception):  # whatever is left of a connection, the run is over
        await client.close(timeout=5)


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="cluster", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask logs what it recovers from; here that is told in our own words."""
    logger = logging.getLogger("distributed")
    before, logger.level = logger.level, logging.CRITICAL
    try:
        yield
    finally:
        logger.setLevel(before)
