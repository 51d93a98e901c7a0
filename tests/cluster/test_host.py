"""One hand-in has a machine to itself, though several workers run on it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from grader.cluster.host import HostSlots
from grader.errors import GraderError
from tests.hangs import no_hang


def test_alone_is_alone_among_all_workers_of_a_machine(tmp_path: Path):
    workers = [HostSlots(2, tmp_path) for _ in range(3)]
    mutex, running, most, met = threading.Lock(), [0], [0], []

    def hand_in(slots: HostSlots, again: bool) -> None:
        with slots.one():
            with mutex:
                running[0] += 1
                most[0] = max(most[0], running[0])
            barrier.wait(timeout=20)  # all six at once, or the test proves nothing
            with mutex:
                running[0] -= 1
            if again:
                with slots.alone():
                    with mutex:
                        running[0] += 1
                        met.append(running[0])
                    with mutex:
                        running[0] -= 1

    barrier = threading.Barrier(6)
    threads = [
        threading.Thread(target=hand_in, args=(slots, i % 2 == 0)) for i, slots in enumerate(workers * 2)
    ]
    with no_hang():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert most[0] == 6
    assert met == [1, 1, 1]


def test_nobody_begins_while_another_worker_is_alone(tmp_path: Path):
    first, second = HostSlots(1, tmp_path), HostSlots(1, tmp_path)
    begun = threading.Event()

    def other() -> None:
        with second.one():
            begun.set()

    with no_hang():
        with first.one():
            with first.alone():
                thread = threading.Thread(target=other)
                thread.start()
                assert not begun.wait(0.1)
            assert begun.wait(30)
        thread.join()


def test_a_lock_that_somebody_has_put_there_is_told(tmp_path: Path):
    slots = HostSlots(1, tmp_path)
    (tmp_path / "elsewhere").write_text("")
    slots._room.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GraderError, match="TMPDIR"), slots.one():
        pass
