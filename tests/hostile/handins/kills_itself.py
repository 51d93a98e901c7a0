"""Ends that would look like the machine's doing: SIGKILL for its own process, and limits that bring it."""

import os
import resource
import signal
import threading


def attempt(name, what, *arguments):
    try:
        what(*arguments)
    except (OSError, ValueError):
        print("held:", name)
    else:
        print("WENT THROUGH:", name)


attempt("kill", os.kill, os.getpid(), signal.SIGKILL)
attempt("raise_signal", signal.raise_signal, signal.SIGKILL)
attempt("pthread_kill", signal.pthread_kill, threading.get_ident(), signal.SIGKILL)
attempt("its group", os.kill, 0, signal.SIGKILL)
attempt("everybody", os.kill, -1, signal.SIGKILL)
for limit in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_STACK, resource.RLIMIT_DATA):
    attempt(f"limit {limit}", resource.setrlimit, limit, (1, 1))
    attempt(f"limit {limit} by prlimit", resource.prlimit, 0, limit, (1, 1))
