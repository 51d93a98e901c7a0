"""Memory that no limit on the address space counts: memfd, System V, POSIX shared memory and queues."""

import ctypes
import mmap
import os

from attempts import attempt, checked, libc, syscall
from facts import MARK, SHM_KEY

libc.shmat.restype = ctypes.c_void_p


def memfd():
    descriptor = syscall("memfd_create", b"hostile", 0)
    return os.write(descriptor, bytes(1 << 20))


def posix():
    descriptor = os.open(f"/dev/shm/{MARK}", os.O_CREAT | os.O_RDWR, 0o600)
    return os.write(descriptor, bytes(1 << 20))


attempt("memfd_create", memfd)
attempt("memfd_secret", lambda: syscall("memfd_secret", 0))
attempt("System V shared memory", lambda: checked(libc.shmget(SHM_KEY, 1 << 20, 0o1600)))
attempt("System V message queue", lambda: syscall("msgget", SHM_KEY, 0o1600))
attempt("System V semaphores", lambda: syscall("semget", SHM_KEY, 1, 0o1600))
attempt("shm_open", posix)
attempt("POSIX message queue", lambda: syscall("mq_open", b"hostile", os.O_CREAT | os.O_RDWR, 0o600, 0))
attempt("huge pages", lambda: mmap.mmap(-1, 2 << 20, flags=0x40022))
