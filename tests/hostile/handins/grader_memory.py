"""Look into the grader's process, its parent's or its neighbours': memory, descriptors, environment."""

import ctypes
import os

from attempts import attempt, read, syscall
from facts import GRADER

PTRACE_DETACH, PTRACE_SEIZE = 17, 0x4206
buffer = ctypes.create_string_buffer(64)
local = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
remote = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)


def seize(pid):
    syscall("ptrace", PTRACE_SEIZE, pid, 0, 0)
    syscall("ptrace", PTRACE_DETACH, pid, 0, 0)


def take(pid):
    return syscall("pidfd_getfd", syscall("pidfd_open", pid, 0), 0, 0)


own = os.getpid()
for pid in sorted({GRADER, os.getppid(), 1} - {0, own}):
    for name in (
        "mem",
        "maps",
        "environ",
        "cmdline",
        "status",
        "auxv",
        "root/etc/passwd",
        "cwd/pyproject.toml",
        "fd/0",
    ):
        attempt(f"/proc/{pid}/{name}", lambda pid=pid, name=name: read(f"/proc/{pid}/{name}"))
    attempt(f"list /proc/{pid}/fd", lambda pid=pid: os.listdir(f"/proc/{pid}/fd"))
    attempt(f"ptrace {pid}", lambda pid=pid: seize(pid))
    attempt(
        f"process_vm_readv {pid}", lambda pid=pid: syscall("process_vm_readv", pid, local, 1, remote, 1, 0)
    )
    attempt(f"kcmp {pid}", lambda pid=pid: syscall("kcmp", pid, own, 2, 0, 0))
    attempt(f"pidfd_open {pid}", lambda pid=pid: syscall("pidfd_open", pid, 0))
    attempt(f"pidfd_getfd {pid}", lambda pid=pid: take(pid))
attempt(
    "any process in /proc", lambda: [n for n in os.listdir("/proc") if n.isdigit() and int(n) != own], bool
)
