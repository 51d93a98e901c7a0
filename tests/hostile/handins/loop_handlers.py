"""Handlers that never return, for every signal, and an alarm that calls them."""

import contextlib
import signal


def handler(*_):
    while True:
        pass


for number in signal.valid_signals():
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, handler)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
while True:
    signal.pause()
