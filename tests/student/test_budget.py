"""Each limit on time, on its two sides: what stays inside passes, what goes past is stopped, with its place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from grader.student.budget import Meter, SubmissionTime
from grader.student.client import Student
from grader.student.faults import Limit, OutOfTime, StudentCrash, StudentTimeout
from tests.hangs import no_hang

from .conftest import LIMITS, MakeStudent, net_with

WORKER = net_with("""
def compute(self, seconds):
    import time
    end = time.process_time() + seconds
    while time.process_time() < end: pass
    return 1
def wait(self, seconds):
    __import__("time").sleep(seconds)
    return 1
def compute_and_end(self, seconds):
    self.compute(seconds)
    __import__("os")._exit(1)
def burn(self):
    import threading
    def spin():
        while True: pass
    threading.Thread(target=spin, daemon=True).start()
""")


def out_of_time(call: Callable[[], object]) -> OutOfTime:
    with pytest.raises(OutOfTime) as caught:
        call()
    return caught.value


def uses(student: Student, seconds: float) -> None:
    """Wait until its worker has computed for so long."""
    assert student._worker is not None
    begun = student._worker.cpu_seconds()
    with no_hang():
        while student._worker.cpu_seconds() < begun + seconds:
            time.sleep(0.02)


def repeat(call: Callable[[], object]) -> None:
    for _ in range(1000):
        call()


# ---- a check ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_calls_that_are_short_one_by_one_can_be_too_long_for_a_check_together(make_student: MakeStudent):
    net = make_student(WORKER, call_cpu=2, check_cpu=0.8).new()
    stop = out_of_time(lambda: repeat(lambda: net.compute(0.2)))
    assert stop.limit == Limit("check", True, 0.8)
    assert stop.started


@pytest.mark.slow
def test_calls_too_short_for_a_reading_of_the_clock_count_too(make_student: MakeStudent):
    net = make_student(WORKER, check_cpu=0.5).new()
    stop = out_of_time(lambda: repeat(lambda: net.compute(0.01)))
    assert stop.limit == Limit("check", True, 0.5)


@pytest.mark.slow
def test_a_call_that_takes_a_check_past_its_cpu_limit_is_stopped_where_it_is(make_student: MakeStudent):
    student = make_student(WORKER, check_cpu=0.4)
    net = student.new()
    stop = out_of_time(lambda: net.compute(60))
    assert stop.limit == Limit("check", True, 0.4)
    assert stop.places is not None
    assert (stop.places[-1].file, stop.places[-1].function) == ("mlp.py", "compute")
    assert stop.places[-1].line > 1
    assert not student.is_alive


@pytest.mark.slow
def test_a_check_inside_its_cpu_limit_passes_and_the_next_one_has_its_own(make_student: MakeStudent):
    student = make_student(WORKER, check_cpu=0.8)
    for _ in range(4):
        student.begin_check()
        assert float(student.new().compute(0.5)) == 1


@pytest.mark.slow
def test_the_cpu_time_of_dead_workers_counts(make_student: MakeStudent):
    student = make_student(WORKER, call_cpu=2, check_cpu=1)
    for _ in range(3):
        with pytest.raises(StudentCrash):
            student.new().compute_and_end(0.25)
    stop = out_of_time(lambda: student.new().compute(0.6))
    assert stop.limit == Limit("check", True, 1)


@pytest.mark.slow
def test_a_worker_that_ends_before_its_clock_was_read_counts_too(make_student: MakeStudent):
    student = make_student(WORKER, check_cpu=0.2)

    def end() -> None:
        with pytest.raises(StudentCrash):
            student.new().compute_and_end(0.04)

    assert out_of_time(lambda: repeat(end)).limit == Limit("check", True, 0.2)
    assert student.generation < 20


@pytest.mark.slow
def test_starting_a_worker_is_not_the_codes_time(make_student: MakeStudent):
    student = make_student(WORKER, check_cpu=0.3, check_wall=0.3)
    for _ in range(8):
        student.load()
        student.close()


@pytest.mark.slow
def test_a_thread_that_computes_on_between_calls_uses_up_the_check_and_is_ended(make_student: MakeStudent):
    student = make_student(WORKER, check_cpu=0.3)
    net = student.new()
    net.burn()
    uses(student, 0.4)
    stop = out_of_time(lambda: net.compute(0))
    assert (stop.limit.scope, stop.limit.cpu, stop.places) == ("check", True, None)
    student.begin_check()
    assert float(student.new().compute(0)) == 1


@pytest.mark.slow
def test_waiting_uses_up_the_wall_limit_of_a_check_and_no_cpu(make_student: MakeStudent):
    student = make_student(WORKER, call_wall=20, check_wall=0.6, check_cpu=0.4)
    net = student.new()
    stop = out_of_time(lambda: repeat(lambda: net.wait(0.25)))
    assert stop.limit == Limit("check", False, 0.6)
    assert stop.places is not None
    assert stop.places[-1].function == "wait"
    student.begin_check()
    net = student.new()
    for _ in range(2):
        assert float(net.wait(0.2)) == 1


@pytest.mark.slow
def test_what_the_grader_does_between_calls_is_not_the_checks_time(make_student: MakeStudent):
    net = make_student(WORKER, check_wall=0.5).new()
    time.sleep(0.6)
    assert float(net.wait(0.1)) == 1


@pytest.mark.slow
def test_a_call_with_limits_of_its_own_stands_beside_the_check(make_student: MakeStudent):
    student = make_student(WORKER, call_cpu=0.2, call_wall=20, check_cpu=0.5, check_wall=1)
    net = student.new()
    assert float(net.call("compute", 0.8, cpu=5, wall=20)) == 1
    assert float(net.call("wait", 1.2, cpu=5, wall=20)) == 1
    assert float(net.compute(0.1)) == 1  # all of the check's time is left
    with pytest.raises(StudentTimeout) as caught:
        net.call("compute", 60, cpu=0.7, wall=20)
    assert (caught.value.cpu, caught.value.limit) == (True, 0.7)


# ---- a call ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_limit_that_is_reached_first_is_named(make_student: MakeStudent):
    net = make_student(WORKER, call_cpu=0.3, check_cpu=0.6).new()
    with pytest.raises(StudentTimeout) as caught:
        net.compute(60)
    assert (caught.value.cpu, caught.value.limit) == (True, 0.3)


@pytest.mark.slow
def test_a_call_inside_its_limits_passes(make_student: MakeStudent):
    net = make_student(WORKER, call_cpu=0.6, call_wall=1.2).new()
    assert float(net.compute(0.4)) == 1
    assert float(net.wait(0.8)) == 1


# ---- the submission --------------------------------------------------------------------------------


@pytest.mark.slow
def test_past_the_wall_limit_of_the_submission_a_call_ends_and_none_starts(make_student: MakeStudent):
    whole = SubmissionTime(wall=1.5)
    student = make_student(WORKER, whole=whole)
    assert float(student.new().wait(0.1)) == 1
    whole.start()
    student.begin_check()
    stop = out_of_time(lambda: student.new().wait(60))
    assert (stop.limit, stop.started) == (Limit("submission", False, 1.5), True)
    assert stop.places is not None
    assert stop.places[-1].function == "wait"
    student.begin_check()
    stop = out_of_time(student.new)
    assert (stop.limit.scope, stop.places, stop.started) == ("submission", None, False)


@pytest.mark.slow
def test_past_the_cpu_limit_of_the_submission_a_call_ends_and_none_starts(make_student: MakeStudent):
    student = make_student(WORKER, whole=SubmissionTime(cpu=0.9), check_cpu=0.7)
    for _ in range(2):
        student.begin_check()
        assert float(student.new().compute(0.3)) == 1
    student.begin_check()
    stop = out_of_time(lambda: student.new().compute(60))
    assert (stop.limit, stop.started) == (Limit("submission", True, 0.9), True)
    assert stop.places is not None
    assert stop.places[-1].function == "compute"
    student.begin_check()
    assert not out_of_time(student.new).started


@pytest.mark.slow
def test_a_call_with_limits_of_its_own_counts_for_the_submission(make_student: MakeStudent):
    net = make_student(WORKER, whole=SubmissionTime(cpu=0.5)).new()
    stop = out_of_time(lambda: net.call("compute", 60, cpu=30))
    assert stop.limit == Limit("submission", True, 0.5)


@pytest.mark.slow
def test_the_threads_of_a_submission_share_its_cpu_time(make_student: MakeStudent):
    whole = SubmissionTime(cpu=1)
    students = [make_student(WORKER, whole=whole, call_cpu=30) for _ in range(2)]
    stops: list[OutOfTime] = []

    def compute(student: object) -> None:
        stops.append(out_of_time(lambda: student.new().compute(60)))  # type: ignore[attr-defined]

    threads = [threading.Thread(target=compute, args=(student,)) for student in students]
    with no_hang():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [stop.limit for stop in stops] == [Limit("submission", True, 1)] * 2


def test_the_clock_on_the_wall_stands_still_until_it_is_started_and_starts_once():
    whole = SubmissionTime(wall=0.2)
    time.sleep(0.3)
    assert whole.passed() is None
    whole.start()
    time.sleep(0.15)
    whole.start()
    time.sleep(0.1)
    assert whole.passed() == Limit("submission", False, 0.2)


# ---- reading the clock -----------------------------------------------------------------------------


class Clock:
    """A worker's CPU clock that counts how often it is read."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.readings = 0

    def __call__(self) -> float:
        self.readings += 1
        return self.seconds


def test_short_calls_hardly_ever_pay_for_a_reading():
    meter, clock = Meter(LIMITS, SubmissionTime()), Clock()
    meter.begin_worker(clock)
    begun = time.monotonic()
    for _ in range(1000):
        meter.require()
        with meter.call():
            pass
    assert clock.readings <= 2 + (time.monotonic() - begun) / 0.05


def test_a_clock_that_falls_back_to_zero_takes_nothing_away():
    whole = SubmissionTime(cpu=5)
    meter, clock = Meter(LIMITS, whole), Clock()
    for _ in range(2):
        meter.begin_worker(clock)
        clock.seconds = 3
        meter.begin_check()
        clock.seconds = 0  # it has ended
        meter.end_worker()
    assert whole.passed() == Limit("submission", True, 5)
