"""Whatever two programs of one machine can talk through without a file that one of them may write."""

import ctypes
import fcntl
import mmap
import os
import signal
import socket
import struct
import time

import numpy as np
from attempts import attempt, checked, libc, syscall
from facts import GRADER

FREE = struct.pack("hhqqi", fcntl.F_RDLCK, 0, 0, 1, 0)
shared = open(os.__file__, "rb")
page = mmap.mmap(shared.fileno(), 0, prot=mmap.PROT_READ)
private = mmap.mmap(shared.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
room = ctypes.create_string_buffer(65536)


def at(mapping):
    return np.frombuffer(mapping, np.uint8).ctypes.data


def raw(number, *arguments):
    return checked(libc.syscall(number, *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]))


def advise(mapping, advice):
    checked(libc.madvise(ctypes.c_void_p(at(mapping)), ctypes.c_size_t(mmap.PAGESIZE), advice))


# ---- locks and leases of a file that every hand-in can read
for name, kind in {"shared": fcntl.LOCK_SH, "exclusive": fcntl.LOCK_EX, "none": fcntl.LOCK_UN}.items():
    attempt(f"flock, {name}", lambda kind=kind: fcntl.flock(shared, kind | fcntl.LOCK_NB) or True)
attempt("flock, by number", lambda: raw(73, shared.fileno(), 5) + 1)
for name, command in {"F_GETLK": 5, "F_SETLK": 6, "F_SETLKW": 7, "F_OFD_GETLK": 36, "F_OFD_SETLK": 37}.items():
    attempt(name, lambda command=command: fcntl.fcntl(shared, command, FREE))
for name, command, value in (
    ("F_SETOWN", 8, 0),
    ("F_GETOWN", 9, 0),
    ("F_SETSIG", 10, 0),
    ("F_GETSIG", 11, 0),
    ("F_SETOWN_EX", 15, 0),
    ("F_SETLEASE", 1024, fcntl.F_RDLCK),
    ("F_GETLEASE", 1025, 0),
    ("F_NOTIFY", 1026, 1),
    ("F_SETPIPE_SZ", 1031, 4096),
    ("F_GETPIPE_SZ", 1032, 0),
    ("F_ADD_SEALS", 1033, 1),
    ("F_GET_RW_HINT", 1035, 0),
    ("F_SET_FILE_RW_HINT", 1038, 0),
    ("F_LOCK high bits", 6 | 1 << 31, 0),
):
    attempt(name, lambda command=command, value=value: raw(72, shared.fileno(), command, value) + 1)

# ---- what tells that somebody reads or changes a file
attempt("inotify", lambda: raw(253) + 1)
attempt("inotify, with flags", lambda: raw(294, 0) + 1)
attempt("inotify, a watch", lambda: raw(254, 0, os.__file__.encode(), 1))
attempt("fanotify", lambda: syscall("fanotify_init", 0, 0))
attempt("touch a file's times", lambda: os.utime(os.__file__) or True)
attempt("touch its own file's times", lambda: os.utime(__file__) or True)
attempt("utime", lambda: raw(132, os.__file__.encode(), None) + 1)

# ---- which pages of a shared file are in memory
attempt("mincore", lambda: raw(27, at(page), mmap.PAGESIZE, room) + 1)
attempt("posix_fadvise", lambda: os.posix_fadvise(shared.fileno(), 0, 0, os.POSIX_FADV_DONTNEED) or True)
attempt("readahead", lambda: raw(187, shared.fileno(), 0, mmap.PAGESIZE) + 1)
attempt("preadv2 without waiting", lambda: os.preadv(shared.fileno(), [bytearray(1)], 0, 8) + 1)
attempt("cachestat", lambda: raw(451, shared.fileno(), room, room, 0) + 1)
for name, advice in {"MERGEABLE": 12, "UNMERGEABLE": 13, "COLD": 20, "PAGEOUT": 21, "COLLAPSE": 25}.items():
    attempt(f"MADV_{name}", lambda advice=advice: advise(page, advice) or True)
attempt("process_madvise", lambda: raw(440, 0, room, 1, 21, 0) + 1)
attempt("mlock", lambda: raw(149, at(page), mmap.PAGESIZE) + 1)
attempt("sync_file_range", lambda: raw(277, shared.fileno(), 0, 0, 0) + 1)

# ---- to wait at a page of it, and to wake whoever waits there
for name, mapping in {"shared": page, "private": private}.items():
    for how, command in {"FUTEX_WAKE": 1, "FUTEX_WAKE_BITSET": 10, "FUTEX_REQUEUE": 3, "FUTEX_CMP_REQUEUE": 4}.items():
        attempt(
            f"{how}, {name} mapping",
            lambda mapping=mapping, command=command: raw(202, at(mapping), command, 1, 1, at(mapping), -1) + 1,
        )
value = int(np.frombuffer(page, np.int32)[0])
soon = struct.pack("=qq", 0, 20_000_000)
began = time.monotonic()
for mapping in (page, private):
    for command in (0, 9):
        try:
            raw(202, at(mapping), command, value, soon, None, -1)
        except OSError:
            pass  # "look again", at once
waited = time.monotonic() - began
attempt("to wait at the page of a file", lambda: waited, lambda seconds: seconds > 0.06)
attempt("futex_waitv", lambda: raw(449, room, 1, 0, None, 0) + 1)
attempt("futex_wake", lambda: raw(454, at(page), 1, 1, 2) + 1)

# ---- what the kernel says of other processes
for process in (GRADER, 1, os.getppid() or GRADER):
    attempt(f"CPU clock of {process}", lambda p=process: time.clock_gettime((~p << 3) | 2), lambda _: True)
    attempt(f"its resolution, {process}", lambda p=process: time.clock_getres((~p << 3) | 2), lambda _: True)
    attempt(f"priority of {process}", lambda p=process: os.getpriority(os.PRIO_PROCESS, p), lambda _: True)
    attempt(f"scheduler of {process}", lambda p=process: os.sched_getscheduler(p), lambda _: True)
    attempt(f"its parameters, {process}", lambda p=process: os.sched_getparam(p))
    attempt(f"cores of {process}", lambda p=process: os.sched_getaffinity(p))
    attempt(f"robust list of {process}", lambda p=process: raw(274, p, room, room) + 1)
    attempt(f"group of {process}", lambda p=process: os.getpgid(p))
    attempt(f"session of {process}", lambda p=process: os.getsid(p))
    attempt(f"kcmp with {process}", lambda p=process: syscall("kcmp", os.getpid(), p, 1, 0, 0) + 1)
    attempt(f"pidfd of {process}", lambda p=process: syscall("pidfd_open", p, 0))
    attempt(f"I/O priority of {process}", lambda p=process: raw(252, 1, p) + 1)
    attempt(f"limits of {process}", lambda p=process: raw(302, p, 7, None, room) + 1)
attempt("priorities of the user", lambda: os.getpriority(os.PRIO_USER, 0), lambda _: True)
attempt("sched_getattr", lambda: raw(315, 0, room, 48, 0) + 1)
attempt("to be less urgent", lambda: os.nice(1) + 1)
attempt("to run elsewhere", lambda: os.sched_setaffinity(0, os.sched_getaffinity(0)) or True)
attempt("the machine's memory and threads", lambda: raw(99, room) + 1)
attempt("its kernel's log", lambda: raw(103, 10, room, 0) + 1)
attempt("performance events", lambda: syscall("perf_event_open", room, 0, -1, -1, 0))

# ---- what the machine has but one pool of
attempt("huge pages", lambda: mmap.mmap(-1, 1 << 21, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000))
attempt("shared memory", lambda: mmap.mmap(-1, 4096))
attempt("a file in memory", lambda: syscall("memfd_create", b"x", 0))
attempt("SysV memory", lambda: syscall("shmget", 0x1234, 4096, 0o1666))
attempt("SysV messages", lambda: syscall("msgget", 0x1234, 0o1666))
attempt("SysV semaphores", lambda: syscall("semget", 0x1234, 1, 0o1666))
attempt("POSIX messages", lambda: syscall("mq_open", b"x", 0o102, 0o666, None))
attempt("a key", lambda: syscall("add_key", b"user", b"x", b"y", 1, -3))
attempt("an abstract socket", lambda: socket.socket(socket.AF_UNIX).bind("\0hostile") or True)
attempt("a pipe", os.pipe)
attempt("a timer that queues signals", lambda: raw(222, 0, None, room) + 1)
attempt("a queued signal", lambda: syscall("rt_sigqueueinfo", os.getpid(), signal.SIGUSR1, room) + 1)
attempt("an epoll", lambda: raw(291, 0) + 1)
attempt("a handle of a file", lambda: syscall("name_to_handle_at", -100, b"/", room, room, 0) + 1)
for name, request in {"TIOCSTI": 0x5412, "FIOASYNC": 0x5452, "FS_IOC_GETFLAGS": 0x80086601, "FIEMAP": 0xC020660B}.items():
    attempt(f"ioctl {name}", lambda request=request: raw(16, shared.fileno(), request, room) + 1)
for name, option in {"PR_SET_TIMERSLACK": 29, "PR_SET_MM": 35, "PR_SET_PTRACER": 0x59616D61, "PR_SCHED_CORE": 62}.items():
    attempt(f"prctl {name}", lambda option=option: raw(157, option, 1, 0, 0, 0) + 1)
