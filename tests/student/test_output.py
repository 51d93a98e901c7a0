"""What student code prints is kept for the check that was running, whatever becomes of the worker."""

from __future__ import annotations

import os

import pytest

from grader.student.faults import StudentCrash, StudentTimeout
from grader.student.output import KEPT_OUTPUT, Drain, as_text
from tests.hangs import no_hang

from .conftest import MakeStudent, net_with

CUT = "\n(cut at 16 KiB)"
TALKER = net_with("""
def say(self, text): print(text)
def complain(self, text): __import__("sys").stderr.write(text)
def flood(self, size): __import__("os").write(1, b"x" * int(size))
def end(self, text): print(text); __import__("os")._exit(3)
def hang(self, text): print(text); __import__("time").sleep(60)
""")


def test_each_check_has_what_was_printed_while_it_ran(make_student: MakeStudent):
    student = make_student("print('import')\n" + TALKER)
    net = student.new()
    assert student.take_output() == "import\n"
    for number in range(200):  # the bytes are in the pipe before the answer is: not one comes late
        net.say(f"check {number}")
        net.complain("!")
        assert student.take_output() == f"check {number}\n!"
    assert student.take_output() == ""


def test_the_last_words_of_a_worker_belong_to_the_check_that_it_died_in(make_student: MakeStudent):
    student = make_student(TALKER)
    student.new().say("one")
    assert student.take_output() == "one\n"
    net = student.new()
    net.say("two")
    with pytest.raises(StudentCrash):
        net.end("last words")
    student.new().say("in the next worker")
    assert student.take_output() == "two\nlast words\nin the next worker\n"
    student.new().say("three")
    assert student.take_output() == "three\n"


@pytest.mark.slow
def test_what_was_printed_before_a_time_out_is_kept(make_student: MakeStudent):
    student = make_student(TALKER)
    with pytest.raises(StudentTimeout):
        student.new().call("hang", "waiting", wall=0.2)
    assert student.take_output() == "waiting\n"


@pytest.mark.parametrize("size", [1 << 20, 64 << 20])
def test_a_flood_is_cut_and_does_not_reach_the_next_check(make_student: MakeStudent, size: int):
    student = make_student(TALKER)
    net = student.new()
    net.say("before")
    net.flood(size)
    printed = student.take_output()
    assert printed.startswith("before\nxxx")
    assert printed.endswith(f"x{CUT}")
    assert len(printed) == KEPT_OUTPUT + len(CUT)
    net.say("after")
    assert student.take_output() == "after\n"


@pytest.mark.slow
def test_a_check_has_one_limit_over_all_its_workers(make_student: MakeStudent):
    student = make_student(TALKER)
    for _ in range(3):
        student.new().flood(KEPT_OUTPUT // 2)
        student.close()
    printed = student.take_output()
    assert printed == "x" * KEPT_OUTPUT + CUT


def test_exactly_as_much_as_is_kept_is_not_cut(make_student: MakeStudent):
    student = make_student(TALKER)
    student.new().flood(KEPT_OUTPUT)
    assert student.take_output() == "x" * KEPT_OUTPUT


def test_a_thread_that_floods_holds_up_neither_a_check_nor_the_end(make_student: MakeStudent):
    student = make_student(
        net_with("""
        def start(self):
            import os, threading
            def flood():
                while True: os.write(1, b"x" * 65536)
            threading.Thread(target=flood, daemon=True).start()
        def say(self, text): print(text)
        """)
    )
    net = student.new()
    net.start()
    with no_hang():
        for _ in range(20):
            net.say("a word")
            assert len(student.take_output()) <= KEPT_OUTPUT + len(CUT)
        student.close()


def test_what_is_in_the_pipe_is_taken_even_before_the_thread_has_seen_it():
    read, write = os.pipe()
    drain = Drain(read)
    try:
        for number in range(500):
            os.write(write, b"%d" % number)
            assert drain.take() == b"%d" % number
    finally:
        os.close(write)
        drain.stop()
    assert drain.take() == b""


def test_bytes_that_are_no_text_are_replaced():
    assert as_text(b"a\xff\x00\x1b[31m") == "a\ufffd\0\x1b[31m"  # reports make the rest harmless
    assert as_text(b"x" * (KEPT_OUTPUT - 1) + "é".encode()).endswith(f"x\ufffd{CUT}")
