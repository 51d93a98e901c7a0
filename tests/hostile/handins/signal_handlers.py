"""Harmless handlers for every signal, and alarms every ten milliseconds: the solution goes on all the same."""

import contextlib
import signal

for number in signal.valid_signals():
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
print("held: handlers are the student's own affair")
