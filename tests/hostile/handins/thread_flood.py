"""Threads with the smallest stacks, as many as it gets; it stops at 3,000."""

import threading

from attempts import attempt
from facts import THREADS

threading.stack_size(32 << 10)
over = threading.Event()
started = []


def flood():
    try:
        while len(started) < 3000:
            thread = threading.Thread(target=over.wait, daemon=True)
            thread.start()
            started.append(thread)
    except (RuntimeError, MemoryError):
        pass
    return len(started)


attempt(f"more than {THREADS} threads", flood, lambda count: count > THREADS)
over.set()
for thread in started:
    thread.join()
