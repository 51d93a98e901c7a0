"""The system calls by which a process locks itself up: by ctypes, with the names of the kernel's documentation.

There is no module in the standard library for these, and a worker has nothing else. Numbers are those of
x86_64, the one architecture on which they were tried; on any other `SystemCallFilter` and `Landlock` refuse.
Sources: `asm/unistd_64.h`, `linux/landlock.h`, `linux/seccomp.h`, `linux/prctl.h`, prctl(2), landlock(7),
seccomp(2). Every function raises `OSError` where the kernel says no.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import struct
from collections.abc import Iterable, Mapping
from typing import NamedTuple

ARCHITECTURE = "x86_64"
_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _syscall(name: str, number: int, *arguments: int | bytes | None) -> int:
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    return _check(int(_libc.syscall(ctypes.c_long(number), *words)), name)


def _right_architecture() -> None:
    found = platform.machine()
    if found != ARCHITECTURE:
        raise OSError(errno.ENOSYS, f"the lock-down was tried on {ARCHITECTURE} only, not on {found}")


# ---- prctl, capabilities, mount -----------------------------------------------------------------

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECUREBITS = 28
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
SECBIT_NO_SETUID_FIXUP = 4
"""access(2), too, goes by a process's capabilities, and not by its user's having none."""
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
_LINUX_CAPABILITY_VERSION_3 = 0x20080522
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT, _MS_BIND = 1, 2, 4, 8, 32, 4096
_OF_MEMORY = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
_AT_FDCWD = -100
_OPEN_TREE_CLONE = 1
_MOVE_MOUNT_F_EMPTY_PATH = 4
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000


def prctl(option: int, argument: int) -> None:
    """prctl(2) with one argument."""
    words = [ctypes.c_ulong(word) for word in (option, argument, 0, 0, 0)]
    _check(_libc.prctl(*words), f"prctl {option}")


def keep_capabilities(kept: Iterable[int] = ()) -> None:
    """Give up every capability but those `kept`, in the effective, permitted and inheritable sets."""
    mask = sum(1 << capability for capability in kept)
    header = struct.pack("=Ii", _LINUX_CAPABILITY_VERSION_3, 0)
    sets = struct.pack("=6I", mask, mask, 0, 0, 0, 0)  # of the first 32 and the last 32 capabilities
    _check(_libc.capset(header, sets), "capset")


def mount_tmpfs(folder: str, megabytes: int, files: int, owner: int, mode: int = 0o700) -> None:
    """Mount an empty memory file system that holds so much and so many files, for one owner."""
    options = f"size={megabytes}m,nr_inodes={files},mode={mode:o},uid={owner},gid={owner}"
    _mount("tmpfs", folder, _OF_MEMORY, options)


def make_read_only(folder: str) -> None:
    """Nothing is written any more to what `mount_tmpfs` has mounted."""
    _mount("tmpfs", folder, _OF_MEMORY | _MS_REMOUNT | _MS_RDONLY | _MS_BIND, "")


def _mount(what: str, folder: str, flags: int, options: str) -> None:
    kind = what.encode()
    result = _libc.mount(kind, os.fsencode(folder), kind, ctypes.c_ulong(flags), options.encode())
    _check(result, f"mount {folder}")


def take_mount(folder: str) -> int:
    """A descriptor of a mount of `folder`, to be put elsewhere: see `put_mount`; as it is mounted there."""
    flags = _OPEN_TREE_CLONE | os.O_CLOEXEC
    return _syscall("open_tree", 428, _AT_FDCWD, os.fsencode(folder), flags)


def put_mount(mount: int, folder: str) -> None:
    """Mount what `take_mount` has taken."""
    _syscall("move_mount", 429, mount, b"", _AT_FDCWD, os.fsencode(folder), _MOVE_MOUNT_F_EMPTY_PATH)


def unshare(namespaces: int) -> None:
    """unshare(2): namespaces of its own; that of processes for those that it starts."""
    _check(_libc.unshare(ctypes.c_int(namespaces)), "unshare")


def enter_own_processes(itself: int) -> None:
    """Start processes in its own namespace again; `itself`: a descriptor of this process."""
    _check(_libc.setns(ctypes.c_int(itself), ctypes.c_int(CLONE_NEWPID)), "setns")


# ---- Landlock -----------------------------------------------------------------------------------

_LANDLOCK_CREATE_RULESET_VERSION = 1
_LANDLOCK_RULE_PATH_BENEATH = 1
_ACCESS_FS_WRITE_FILE = 1 << 1
_ACCESS_FS_READ_FILE = 1 << 2
_ACCESS_FS_READ_DIR = 1 << 3
_ACCESS_FS_MAKE_SOCKET = 1 << 9
_ACCESS_FS_TRUNCATE = 1 << 14
_ACCESS_FS_OF_FILES = _ACCESS_FS_WRITE_FILE | _ACCESS_FS_READ_FILE | _ACCESS_FS_TRUNCATE
_ACCESS_FS_EXECUTE_AND_IOCTL = 1 << 0 | 1 << 15
_FS_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""ABI to the number of file rights that it knows: each ABI has all bits of the one before."""
_NET_RIGHTS = 0b11  # bind and connect TCP, from ABI 4
_SCOPES = 0b11  # abstract Unix sockets and signals, from ABI 6


def landlock_abi() -> int:
    """Version of Landlock that the running kernel offers; 0 for none."""
    try:
        return _syscall("landlock", 444, None, 0, _LANDLOCK_CREATE_RULESET_VERSION)
    except OSError:
        return 0


class Landlock:
    """An allow-list of files: what no rule names can be neither read nor written, listed, made or removed."""

    def __init__(self) -> None:
        _right_architecture()
        abi = landlock_abi()
        if not abi:
            raise OSError(errno.ENOSYS, "the kernel has no Landlock, or it was switched off at boot")
        self._known = (1 << max(bits for since, bits in _FS_RIGHTS.items() if since <= abi)) - 1
        words = [self._known, *([_NET_RIGHTS] if abi >= 4 else []), *([_SCOPES] if abi >= 6 else [])]
        attributes = struct.pack(f"={len(words)}Q", *words)
        self._ruleset = _syscall("landlock_create_ruleset", 444, attributes, len(attributes), 0)

    def allow_reading(self, path: str) -> None:
        """Read a file, or all files of a folder and below."""
        self._allow(path, _ACCESS_FS_READ_FILE | _ACCESS_FS_READ_DIR)

    def allow_listing(self, path: str) -> None:
        """See the names in a folder and below, and read none of the files."""
        self._allow(path, _ACCESS_FS_READ_DIR)

    def allow_sockets(self, path: str) -> None:
        """Make sockets in a folder; to make one at all is for the filter of system calls to allow."""
        self._allow(path, _ACCESS_FS_MAKE_SOCKET)

    def allow_writing(self, path: str) -> None:
        """Everything but to execute."""
        self._allow(path, self._known & ~_ACCESS_FS_EXECUTE_AND_IOCTL)

    def _allow(self, path: str, rights: int) -> None:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            return  # what is not there cannot be read
        try:
            if not os.path.isdir(path):
                rights &= _ACCESS_FS_OF_FILES
            rule = struct.pack("=Qi", rights & self._known, descriptor)
            _syscall("landlock_add_rule", 445, self._ruleset, _LANDLOCK_RULE_PATH_BENEATH, rule, 0)
        finally:
            os.close(descriptor)

    def enforce(self) -> None:
        """From now on, for good; needs no_new_privs."""
        _syscall("landlock_restrict_self", 446, self._ruleset, 0)
        os.close(self._ruleset)


# ---- seccomp ------------------------------------------------------------------------------------

_AUDIT_ARCH_X86_64 = 0xC000003E
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_FILTER_FLAG_TSYNC = 1
_RET_KILL_PROCESS, _RET_ERRNO, _RET_ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_LOAD, _AND, _JUMP_EQUAL, _JUMP_GREATER, _RETURN = 0x20, 0x54, 0x15, 0x25, 0x06
_NUMBER, _ARCH = 0, 4
"""Offsets in `struct seccomp_data`."""
_CLONE3 = 435
_NEWEST = 450
"""Calls with higher numbers came after this list was made: the C library expects ENOSYS from an older kernel."""

ALLOWED = {
    "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8,
    "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigprocmask": 14, "rt_sigreturn": 15,
    "pread64": 17, "pwrite64": 18, "readv": 19, "writev": 20, "access": 21, "select": 23, "sched_yield": 24,
    "mremap": 25, "msync": 26, "dup": 32, "dup2": 33, "pause": 34,
    "nanosleep": 35, "getitimer": 36, "alarm": 37, "setitimer": 38, "getpid": 39, "sendfile": 40,
    "sendto": 44, "recvfrom": 45, "shutdown": 48, "getsockname": 51, "getpeername": 52, "getsockopt": 55,
    "uname": 63, "fsync": 74, "fdatasync": 75, "truncate": 76, "ftruncate": 77,
    "getdents": 78, "getcwd": 79, "chdir": 80, "fchdir": 81, "rename": 82, "mkdir": 83, "rmdir": 84,
    "creat": 85, "unlink": 87, "readlink": 89, "umask": 95, "gettimeofday": 96, "getrlimit": 97,
    "getrusage": 98, "times": 100, "getuid": 102, "getgid": 104, "geteuid": 107,
    "getegid": 108, "getppid": 110, "getpgrp": 111, "rt_sigpending": 127, "rt_sigtimedwait": 128,
    "rt_sigsuspend": 130, "sigaltstack": 131, "statfs": 137, "fstatfs": 138, "sched_get_priority_max": 146,
    "sched_get_priority_min": 147, "arch_prctl": 158, "gettid": 186, "time": 201,
    "getdents64": 217, "set_tid_address": 218, "restart_syscall": 219,
    "openat": 257, "mkdirat": 258, "newfstatat": 262, "unlinkat": 263, "renameat": 264, "readlinkat": 267,
    "faccessat": 269, "pselect6": 270, "ppoll": 271, "set_robust_list": 273,
    "fallocate": 285, "dup3": 292, "getcpu": 309, "renameat2": 316, "getrandom": 318, "membarrier": 324,
    "copy_file_range": 326, "statx": 332, "rseq": 334, "close_range": 436, "faccessat2": 439,
}  # fmt: skip
"""What a program needs that computes and reads files, with whatever arguments.

Not among them: fork, exec, sockets (the one that is open already can be used), pipes, shared memory, mounts,
namespaces, keys, tracing, and all that touches a file's owner, mode or times, which Landlock does not rule. Nor what
two hand-ins of one run could talk through: locks of files that both can read (`flock`), which of their pages are in
memory (`mincore`, `fadvise64`), how much memory and how many threads the machine has in use (`sysinfo`), and what asks
about other processes (`getpriority`, `get_robust_list`, the `sched_get` calls).
"""

OF_RECEIVERS = {"recvmsg": 47}
"""What a reader needs beside that: to be handed open files over the connection that it has."""
OF_NOTEBOOKS = {
    "sendmsg": 46, "recvmsg": 47, "epoll_wait": 232, "epoll_ctl": 233, "epoll_pwait": 281, "eventfd2": 290,
    "epoll_create1": 291, "sched_getparam": 143, "sched_getscheduler": 145,
}  # fmt: skip
"""What a kernel of Jupyter and its client need beside that: to talk over the connections that they have, and for
each thread of libzmq's to look how it is scheduled."""
PRETENDED = {"sched_setscheduler": 144}
"""Calls of a notebook's that do nothing and succeed: a thread of libzmq's that starts late ends the process else."""
OF_THE_CLIENT = {"wait4": 61, "waitid": 247}
"""What its client needs beside that: to see whether the kernel lives."""

# dup and flags. Not F_SETOWN: it sends signals. No locks on bytes: the kernel bounds neither number nor memory.
_FCNTL = (0, 1, 2, 3, 4, 1030)
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIO(N)CLEX
_PRCTL = (2, 3, 15, 16, 39, 0x53564D41)  # to look, and to name threads and memory: PR_SET_NAME, PR_SET_VMA
# For this process alone: not what merges pages with others' (12), or throws a shared file's out (20, 21).
_MADVISE = (0, 1, 2, 3, 4, 8, 10, 11, 14, 15, 16, 17, 18, 19, 102, 103)
_CLOCKS = tuple(range(12))  # the machine's and its own; numbers below zero are other processes' clocks
_MAP_SHARED, _MAP_ANONYMOUS, _MAP_HUGETLB = 0x01, 0x20, 0x40000
_FUTEX_PRIVATE = 0x80
_CLONE_THREAD = 0x00010000
_CLONE_NEW_NAMESPACES = 0x7E020000


class _Where(NamedTuple):
    """What an argument of a system call has to be: one of `values`, or, with `never`, none of them.

    Only its low 32 bits are looked at, where the kernel, too, takes it as a 32-bit integer; with `high` the others.
    """

    argument: int
    values: tuple[int, ...]
    mask: int = 0
    high: bool = False
    never: bool = False

    @property
    def instructions(self) -> int:
        """How many it takes: load, mask, one comparison each, and the refusal."""
        return 1 + bool(self.mask) + len(self.values) + 1


class SystemCallFilter:
    """A seccomp filter that allows what `ALLOWED` names and, of a few calls, harmless arguments."""

    def __init__(
        self, own_pid: int, watchdog: int, more: Mapping[str, int] | None = None, child: int | None = None
    ) -> None:
        """`own_pid`: the only process that may be sent signals, beside its `child` where it has one.

        `watchdog`: a signal whose handler stays; `more`: calls that are allowed beside `ALLOWED`; with them, those
        `PRETENDED` seem to be.
        """
        _right_architecture()
        self._program: list[tuple[int, int, int, int]] = []
        self._add(_LOAD, _ARCH)
        self._add(_JUMP_EQUAL, _AUDIT_ARCH_X86_64, 1, 0)
        self._add(_RETURN, _RET_KILL_PROCESS)
        self._add(_LOAD, _NUMBER)
        for number in PRETENDED.values() if more else ():
            self._add(_JUMP_EQUAL, number, 0, 1)
            self._add(_RETURN, _RET_ERRNO)  # with zero for an error
        for number in (*ALLOWED.values(), *(more or {}).values()):
            self._add(_JUMP_EQUAL, number, 0, 1)
            self._add(_RETURN, _RET_ALLOW)
        # Of shared memory all pages stay while one is mapped: RLIMIT_AS would see that one. Huge pages come out of
        # one pool for all.
        kind = _MAP_SHARED | _MAP_ANONYMOUS | _MAP_HUGETLB
        not_both = _Where(3, (0, _MAP_SHARED, _MAP_ANONYMOUS), mask=kind)
        self._only("mmap: not shared and anonymous, no huge pages", 9, not_both)
        self._only("madvise", 28, _Where(2, _MADVISE))
        # Threads wait for, and wake, those of their own process: at any page of a file that two processes read it would
        # do else. "Look again" is what one hears that comes too late: the C library waits so for the end of a thread.
        private = _Where(1, (_FUTEX_PRIVATE,), mask=_FUTEX_PRIVATE)
        self._only("futex", 202, private, otherwise=_RET_ERRNO | errno.EAGAIN)
        self._only("sched_getaffinity", 204, _Where(0, (0, own_pid)))
        for name, number in (("clock_gettime", 228), ("clock_getres", 229), ("clock_nanosleep", 230)):
            self._only(name, number, _Where(0, _CLOCKS))
        self._only("fcntl", 72, _Where(1, _FCNTL))
        self._only("ioctl", 16, _Where(1, _IOCTL))
        self._only("prctl", 157, _Where(0, _PRCTL))
        # To look at its own. What follows keeps student code from an end that would look like the machine's doing:
        # by a limit that it has lowered, by SIGKILL from itself, by exit with a number that stands for a signal.
        self._only("prlimit64", 302, _Where(0, (0,)), _Where(2, (0,)), _Where(2, (0,), high=True))
        for name, number, argument, own in (("kill", 62, 1, (own_pid,)), ("tgkill", 234, 2, (own_pid,))):
            if child is None:
                self._only(name, number, _Where(0, own), _Where(argument, (signal.SIGKILL,), never=True))
            else:  # the client of a notebook, in which no student code runs, ends its kernel
                self._only(name, number, _Where(0, (*own, child) if name == "kill" else own))
        for name, number in (("exit", 60), ("exit_group", 231)):
            self._only(name, number, _Where(0, (0,), mask=0x80), otherwise=_RET_KILL_PROCESS)
        self._only(
            "clone: threads only", 56, _Where(0, (_CLONE_THREAD,), mask=_CLONE_THREAD | _CLONE_NEW_NAMESPACES)
        )
        self._only("rt_sigaction", 13, _Where(0, (watchdog,), never=True))
        # The C library falls back to clone, whose flags can be looked at: those of clone3 are in memory.
        self._add(_JUMP_EQUAL, _CLONE3, 1, 0)
        self._add(_JUMP_GREATER, _NEWEST, 0, 1)  # also every call of the x32 kind
        self._add(_RETURN, _RET_ERRNO | errno.ENOSYS)
        self._add(_RETURN, _RET_ERRNO | errno.EPERM)

    def enforce(self) -> None:
        """From now on, for good, for all threads of this process; needs no_new_privs in each."""
        code = b"".join(
            struct.pack("=HBBI", code, then, otherwise, k) for code, then, otherwise, k in self._program
        )
        buffer = ctypes.create_string_buffer(code)
        program = struct.pack("@HP", len(self._program), ctypes.addressof(buffer))
        result = _syscall("seccomp", 317, _SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, program)
        if result:  # the id of a thread that could not follow
            raise OSError(errno.EBUSY, f"seccomp: thread {result} has another filter")

    def _add(self, code: int, k: int, then: int = 0, otherwise: int = 0) -> None:
        """One instruction; `then` and `otherwise` are how many to jump over."""
        self._program.append((code, then, otherwise, k))

    def _only(
        self, name: str, number: int, *conditions: _Where, otherwise: int = _RET_ERRNO | errno.EPERM
    ) -> None:
        """Allow call `number` (its `name` is for the reader) where all conditions hold; else do `otherwise`."""
        self._add(_JUMP_EQUAL, number, 0, sum(c.instructions for c in conditions) + 1)
        for condition in conditions:
            self._add(_LOAD, 16 + 8 * condition.argument + 4 * condition.high)
            if condition.mask:
                self._add(_AND, condition.mask)
            if (
                condition.never
            ):  # the last comparison goes on with the next condition, the others with what is below
                for left in range(len(condition.values) - 1, -1, -1):
                    self._add(_JUMP_EQUAL, condition.values[-1 - left], left, 0 if left else 1)
            else:
                for left in range(len(condition.values) - 1, -1, -1):
                    self._add(_JUMP_EQUAL, condition.values[-1 - left], left + 1, 0)
            self._add(_RETURN, otherwise)
        self._add(_RETURN, _RET_ALLOW)
