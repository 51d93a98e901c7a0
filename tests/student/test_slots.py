"""Slots: never more than the count, alone means alone, and nobody waits for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from grader.student.slots import Slots


class Gauge:
    """How many threads are inside, and how many were at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.now = 0
        self.most = 0

    def __enter__(self) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.now -= 1


def run_all(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads), "a deadlock"


def test_never_more_threads_than_slots():
    slots, gauge = Slots(3), Gauge()

    def work() -> None:
        for _ in range(10):
            with slots.one(), gauge:
                time.sleep(0.001)

    run_all([work] * 12)
    assert gauge.most == 3


def test_alone_excludes_everybody_also_others_that_ask_for_it():
    slots, inside, lonely = Slots(3), Gauge(), []

    def work() -> None:
        for _ in range(5):
            with slots.one():
                with inside:
                    time.sleep(0.001)
                with slots.alone(), inside:
                    time.sleep(0.001)
                    lonely.append(inside.now)

    run_all([work] * 6)
    assert lonely == [1] * 30
    assert inside.most <= 3


def test_two_that_ask_for_all_at_once_do_not_wait_for_each_other():
    slots, both_hold_one = Slots(2), threading.Barrier(2)

    def work() -> None:
        with slots.one():
            both_hold_one.wait(5)
            with slots.alone():
                pass

    run_all([work, work])


def test_newcomers_do_not_keep_somebody_from_being_alone():
    slots, holds_one, done = Slots(2), threading.Event(), threading.Event()

    def newcomers() -> None:
        holds_one.wait(5)
        while not done.is_set():
            with slots.one():
                time.sleep(0.002)

    def work() -> None:
        with slots.one():
            holds_one.set()
            with slots.alone():
                done.set()

    run_all([newcomers, newcomers, newcomers, work])


def test_an_error_inside_gives_everything_back():
    slots = Slots(2)
    with pytest.raises(ZeroDivisionError), slots.one():
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), slots.one(), slots.alone():
        raise ZeroDivisionError
    assert slots._free == 2


def test_an_interrupted_wait_gives_nothing_away(monkeypatch: pytest.MonkeyPatch):
    slots = Slots(2)

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    with slots.one(), slots.one():
        with monkeypatch.context() as patch:
            patch.setattr(slots._changed, "wait_for", interrupted)
            with pytest.raises(KeyboardInterrupt), slots.alone():
                pass
        assert slots._free == 0
    assert slots._free == 2


def test_no_slots_at_all_is_an_error_at_once():
    with pytest.raises(ValueError, match="at least one"):
        Slots(0)
