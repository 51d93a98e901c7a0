"""Memory of the kernel's own: pipes made large, socket buffers, file locks. It stops at 1 GB."""

import fcntl
import os
import socket

from attempts import attempt
from facts import BUFFERS_MB


def pipes():
    held = 0
    ends = []
    try:
        while held < 1 << 30:
            ends += os.pipe()
            fcntl.fcntl(ends[-1], fcntl.F_SETPIPE_SZ, 1 << 20)
            os.set_blocking(ends[-1], False)
            held += os.write(ends[-1], bytes(1 << 20))
    except OSError:
        pass
    for end in ends:
        os.close(end)
    return held >> 20


def pairs():
    held = 0
    kept = []
    try:
        while held < 1 << 30:
            kept += socket.socketpair()
            kept[-1].setblocking(False)
            kept[-1].setsockopt(socket.SOL_SOCKET, 32, 64 << 20)  # SO_SNDBUFFORCE: for privileged processes
            held += fill(kept[-1])
    except OSError:
        pass
    return held >> 20


def fill(end):
    held = 0
    try:
        while held < 64 << 20:
            held += end.send(bytes(1 << 16))
    except BlockingIOError:
        pass
    return held


attempt(f"pipes of more than {BUFFERS_MB} MB", pipes, lambda mb: mb > BUFFERS_MB)
attempt(f"socket buffers of more than {BUFFERS_MB} MB", pairs, lambda mb: mb > BUFFERS_MB)
