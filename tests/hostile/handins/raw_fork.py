"""Start a process by the bare system calls, past any wrapper of the C library."""

import ctypes
import os
import signal
import struct

from attempts import attempt, syscall


def child(pid):
    if pid == 0:
        os._exit(0)
    return pid


arguments = ctypes.create_string_buffer(struct.pack("=4QQ3Q", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0), 64)
attempt("fork", lambda: child(syscall("fork")))
attempt("clone", lambda: child(syscall("clone", int(signal.SIGCHLD), 0, 0, 0, 0)))
attempt("clone3", lambda: child(syscall("clone3", arguments, 64)))
