"""What Dask calls on a worker: two functions, by name, that take bytes and give bytes.

They raise nothing: Dask would send an exception as a pickle, and its text may quote what is hidden.
"""

from __future__ import annotations

import threading
from typing import Any

from ..grading.engine import not_graded
from ..machine.shortage import shortage
from ..student.process import Cancelled
from .desk import Desk
from .handshake import wrong_tier
from .messages import Answer, Changed, Hello, Settings, Work, opened, sealed

_MOST_DESKS = 2
"""Settings that a worker keeps what they take for: those of the run, and of one before."""


def hello(payload: bytes) -> bytes:
    """Whether this worker grades by these settings: `Settings` to `Hello`."""
    try:
        return sealed(_desk(opened(payload, Settings)).hello)
    except Exception as error:  # whatever it is, it is this worker's, and the others go on
        return sealed(Hello(f"it cannot be asked ({_said(error)})"))


def grade_one(payload: bytes) -> bytes:
    """What is to be found in a hand-in: `Work` to `Answer`."""
    worker = _worker()
    try:
        work = opened(payload, Work)
    except Changed as why:
        return sealed(Answer("", worker.address, short=f"what came in was changed on its way: {why}"))
    try:
        return sealed(_answer(work, worker))
    except Cancelled:
        return sealed(Answer(work.key, worker.address, short="it was stopped"))
    except Exception as error:
        if lack := shortage(error):
            return sealed(Answer(work.key, worker.address, short=lack))
        fault = not_graded(error)
        return sealed(Answer(work.key, worker.address, failed=str(fault), trace=fault.trace))


def _answer(work: Work, worker: Any) -> Answer:
    desk = _desk(work.settings)
    if desk.run is None:
        return Answer(work.key, worker.address, refused=desk.hello.refused)
    if desk.run.sandbox.tier != work.tier:
        return Answer(work.key, worker.address, refused=wrong_tier(desk.run.sandbox.tier, work.tier))
    task = worker.get_current_task()

    def say(kind: str, text: str) -> None:
        worker.log_event(
            work.topic, {"kind": kind, "key": work.key, "worker": worker.address, "text": text, "task": task}
        )

    def wanted() -> bool:
        known = worker.state.tasks.get(task)
        return known is not None and known.state != "cancelled" and worker.status.name != "closed"

    found = desk.observe(work, say, wanted)
    return Answer(work.key, worker.address, found.content, found.final, found.findings, found.exhibits)


def _desk(settings: Settings) -> Desk:
    """The one of these settings on this worker; made by the first that asks, while others wait for it."""
    worker = _worker()
    # On the worker, as Dask means it: several can run in one process.
    desks: dict[bytes, tuple[threading.Lock, list[Desk]]] = vars(worker).setdefault("grader_desks", {})
    key = sealed(settings)
    lock, made = desks.setdefault(key, (threading.Lock(), []))
    with lock:
        if not made:
            made.append(Desk.set_up(settings, worker.state.nthreads))
            for other in list(desks)[:-_MOST_DESKS]:
                desks.pop(other, None)
    return made[0]


def _worker() -> Any:
    """Dask's, on which this runs."""
    from distributed import get_worker

    return get_worker()


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, Changed) else type(error).__name__
