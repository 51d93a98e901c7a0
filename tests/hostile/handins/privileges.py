"""Gain or regain rights: capabilities, identities, limits, priorities, being dumped."""

import ctypes
import os
import resource
import stat
import struct

from facts import MARK

from attempts import attempt, checked, libc, syscall


def capabilities():
    data = ctypes.create_string_buffer(24)
    syscall("capget", ctypes.create_string_buffer(struct.pack("=Ii", 0x20080522, 0)), data)
    effective, permitted, _, effective_high, permitted_high, _ = struct.unpack("=6I", data.raw)
    return effective | permitted | effective_high | permitted_high


def dumpable():
    checked(libc.prctl(4, 1, 0, 0, 0))
    return libc.prctl(3, 0, 0, 0, 0)


def raise_limit(which):
    before = resource.getrlimit(which)
    resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return before, resource.getrlimit(which)


def realtime():
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    return os.sched_getscheduler(0)


def nice():
    before = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, -10)
    return os.getpriority(os.PRIO_PROCESS, 0) - before


attempt("capabilities", capabilities, bool)
attempt("be dumped again", dumpable, bool)
attempt("new privileges", lambda: libc.prctl(39, 0, 0, 0, 0), lambda value: value == 0)
attempt("clear no_new_privs", lambda: checked(libc.prctl(38, 0, 0, 0, 0)))
attempt("take the securebits", lambda: checked(libc.prctl(28, 0, 0, 0, 0)))
for name in (
    "AS",
    "DATA",
    "CPU",
    "NPROC",
    "FSIZE",
    "NOFILE",
    "CORE",
    "MEMLOCK",
    "MSGQUEUE",
    "NICE",
    "RTPRIO",
):
    attempt(
        f"raise RLIMIT_{name}",
        lambda name=name: raise_limit(getattr(resource, f"RLIMIT_{name}")),
        lambda limits: limits[0] != limits[1],
    )
attempt("be root", lambda: os.setresuid(0, 0, 0), lambda _: False)
attempt("be somebody else", lambda: os.setresuid(12345, 12345, 12345))
attempt("join a group", lambda: os.setgroups([0, 6, 27]))
attempt("a device", lambda: os.mknod(f"{MARK}-device", stat.S_IFBLK | 0o600, os.makedev(254, 0)))
attempt(
    "a set-uid file",
    lambda: os.fchmod(os.open(f"{MARK}-suid", os.O_CREAT | os.O_RDWR), 0o4755),
    lambda _: False,
)
attempt("real time", realtime, lambda policy: policy == os.SCHED_FIFO)
attempt("a better priority", nice, lambda change: change < 0)
attempt("another host name", lambda: checked(libc.sethostname(b"localhost", 9)), lambda _: False)
