"""Code of our own side that does not come to an end is interrupted, and nothing else is."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.machine.deadline import NoEnd, within
from tests.hangs import no_hang


def loop() -> None:
    while True:
        pass


@pytest.mark.slow
def test_a_loop_is_interrupted_in_whatever_thread():
    def tried() -> str:
        try:
            with within(0.1):
                loop()
        except NoEnd:
            return "interrupted"
        return "ended"

    with no_hang(60), ThreadPoolExecutor(max_workers=3) as pool:
        assert [*pool.map(lambda _: tried(), range(6))] == ["interrupted"] * 6
        assert tried() == "interrupted"


@pytest.mark.slow
def test_what_ends_in_time_is_left_alone():
    with within(0.4):
        time.sleep(0.01)
    time.sleep(0.8)  # past its end: nothing comes after it
    with within(60):
        found = sum(range(1000))
    assert found == 499500


def test_one_that_catches_exceptions_is_interrupted_all_the_same():
    def catches() -> None:
        while True:
            try:
                loop()
            except Exception:
                continue

    with no_hang(60), pytest.raises(NoEnd), within(0.1):
        catches()


def test_what_has_caught_it_is_told_of_at_its_end():
    caught = []
    with no_hang(60), pytest.raises(NoEnd), within(0.1):
        try:
            loop()
        except BaseException as error:
            caught.append(type(error))
    assert caught == [NoEnd]


def test_the_inner_end_does_not_take_the_outer_one_away():
    with no_hang(60), pytest.raises(NoEnd), within(0.5):
        with within(60):
            pass
        loop()


def test_many_at_once():
    done = []

    def work() -> None:
        for _ in range(200):
            with within(30):
                pass
        done.append(True)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 8
