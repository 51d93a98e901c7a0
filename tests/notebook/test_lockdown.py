"""What two processes with threads need to be locked down while they run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

LATE = """
import ctypes, os, threading
from grader.student.child import syscalls
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
go, results = threading.Event(), []

def late():
    go.wait()
    parameters = ctypes.c_int(0)  # as libzmq does in each of its threads
    results.append(ctypes.CDLL(None).sched_setscheduler(0, 0, ctypes.byref(parameters)))
    try:
        os.fork()
        results.append("forked")
    except OSError as error:
        results.append(error.strerror)

thread = threading.Thread(target=late)
thread.start()
syscalls.SystemCallFilter(os.getpid(), 64, {MORE}).enforce()
go.set()
thread.join()
print(results)
"""


@pytest.mark.parametrize(("more", "scheduling"), [("syscalls.OF_NOTEBOOKS", 0), ("None", -1)])
def test_the_filter_holds_for_threads_that_were_there_before(more: str, scheduling: int):
    code = LATE.replace("{MORE}", more)
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == f"[{scheduling}, 'Operation not permitted']\n"
