"""Whatever is left of a cluster at the end of a run, the run ends."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from grader.cluster import crew
from tests.hangs import no_hang


@pytest.mark.slow
def test_a_task_that_has_not_heard_its_end_is_told_again():
    async def deaf() -> None:
        for _ in range(2):
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                continue
        await asyncio.sleep(3600)

    async def run() -> None:
        task = asyncio.create_task(deaf())
        await asyncio.sleep(0)
        await crew._cancelled(task)
        assert task.cancelled()

    with no_hang():
        asyncio.run(run())


@pytest.mark.parametrize("how", ["hangs", "raises"])
def test_workers_of_a_cluster_that_does_not_close_are_killed(how: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(crew, "_CLOSE_S", 0.1)
    killed = []

    async def kill() -> None:
        killed.append(True)

    async def close() -> None:
        if how == "raises":
            raise AssertionError("not closed")
        await asyncio.sleep(3600)

    nannies = {
        0: SimpleNamespace(process=SimpleNamespace(process=SimpleNamespace(kill=kill))),
        1: SimpleNamespace(process=None),  # its worker has ended
    }
    with no_hang():
        asyncio.run(crew._ended(SimpleNamespace(close=close, workers=nannies)))
    assert killed == [True]


def test_a_cluster_that_closes_is_left_alone():
    async def close() -> None:
        pass

    asyncio.run(crew._ended(SimpleNamespace(close=close, workers={0: None})))
