"""Signal the grader, by every call that can; and slow it down. The harness counts what arrives."""

import ctypes
import fcntl
import os
import resource
import signal
import struct

from attempts import attempt, sockets, syscall
from facts import GRADER, GROUP

SIGNAL = signal.SIGUSR2  # the harness catches it
info = ctypes.create_string_buffer(struct.pack("=3i", SIGNAL, 0, -1), 128)


def own(set_owner):
    """Have the kernel signal the grader when its end of the socket moves."""
    for descriptor in sockets():
        set_owner(descriptor)
        fcntl.fcntl(descriptor, 10, int(SIGNAL))  # F_SETSIG
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)
    return "accepted; does a signal arrive?"


def by_descriptor():
    descriptor = syscall("pidfd_open", GRADER, 0)
    syscall("pidfd_send_signal", descriptor, int(SIGNAL), 0, 0)


attempt("kill", lambda: os.kill(GRADER, SIGNAL))
attempt("kill, only to see whether it is there", lambda: os.kill(GRADER, 0))
attempt("kill its group", lambda: os.killpg(GROUP, 0))
attempt("kill everybody", lambda: os.kill(-1, 0))
attempt("kill the parent", lambda: os.getppid() and os.kill(os.getppid(), 0), lambda _: os.getppid() != 0)
attempt("tgkill", lambda: syscall("tgkill", GRADER, GRADER, int(SIGNAL)))
attempt("rt_sigqueueinfo", lambda: syscall("rt_sigqueueinfo", GRADER, int(SIGNAL), info))
attempt("pidfd_send_signal", by_descriptor)
for name, set_owner in (
    ("F_SETOWN", lambda fd: fcntl.fcntl(fd, fcntl.F_SETOWN, GRADER)),
    ("F_SETOWN of the group", lambda fd: fcntl.fcntl(fd, fcntl.F_SETOWN, -GROUP)),
    ("F_SETOWN_EX", lambda fd: fcntl.fcntl(fd, 15, struct.pack("=2i", 1, GRADER))),
    ("FIOSETOWN", lambda fd: fcntl.ioctl(fd, 0x8901, struct.pack("=i", GRADER))),
    ("SIOCSPGRP", lambda fd: fcntl.ioctl(fd, 0x8902, struct.pack("=i", GRADER))),
):
    attempt(name, lambda set_owner=set_owner: own(set_owner), lambda _: False)
attempt("setpriority", lambda: os.setpriority(os.PRIO_PROCESS, GRADER, 1))
attempt("sched_setaffinity", lambda: os.sched_setaffinity(GRADER, os.sched_getaffinity(0)))
attempt("ioprio_set", lambda: syscall("ioprio_set", 1, GRADER, 3 << 13))
attempt("prlimit", lambda: resource.prlimit(GRADER, resource.RLIMIT_CORE))
