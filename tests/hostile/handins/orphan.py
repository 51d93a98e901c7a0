"""Do away with all that ties its life to the grader's, and loop for two minutes."""

import contextlib
import os
import signal
import time

from attempts import libc, sockets

for number in signal.valid_signals():
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_IGN)
libc.prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG
libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
with contextlib.suppress(OSError):
    os.setsid()
for descriptor in set(range(256)) - set(sockets()):  # without the socket, the grader ends it at once
    with contextlib.suppress(OSError):
        os.close(descriptor)
end = time.monotonic() + 120
while time.monotonic() < end:
    pass
