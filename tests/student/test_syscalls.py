"""The filter of system calls as data: what the kernel's machine for such programs makes of it, call by call."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import resource
import signal
import struct
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from grader.student.child import syscalls
from grader.student.child.syscalls import ALLOWED, SystemCallFilter
from grader.student.sandbox.base import WATCHDOG

HEADER = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
OWN = 4711
X86_64, I386, AARCH64 = 0xC000003E, 0x40000003, 0xC00000B7
X32 = 0x40000000
WORD, LONG = st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
ALLOW, KILL = "allow", "kill"
BY_ARGUMENT = {
    "mmap": 9, "fcntl": 72, "ioctl": 16, "prctl": 157, "prlimit64": 302, "kill": 62, "tgkill": 234,
    "clone": 56, "rt_sigaction": 13, "exit": 60, "exit_group": 231, "madvise": 28, "futex": 202,
    "sched_getaffinity": 204, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230,
}  # fmt: skip
EXITS = (60, 231)
NEVER = {
    "pipe": 22, "shmget": 29, "shmat": 30, "socket": 41, "connect": 42, "accept": 43, "sendmsg": 46,
    "recvmsg": 47, "bind": 49, "listen": 50, "socketpair": 53, "fork": 57, "vfork": 58, "execve": 59,
    "semget": 64, "msgget": 68, "link": 86, "symlink": 88, "chmod": 90, "chown": 92, "ptrace": 101,
    "setuid": 105, "setsid": 112, "personality": 135, "setrlimit": 160, "chroot": 161, "mount": 165,
    "umount2": 166, "setxattr": 188, "tkill": 200, "sched_setaffinity": 203, "add_key": 248, "keyctl": 250,
    "inotify_init": 253, "unshare": 272, "vmsplice": 278, "eventfd": 284, "perf_event_open": 298,
    "process_vm_readv": 310, "finit_module": 313, "seccomp": 317, "memfd_create": 319, "bpf": 321,
    "execveat": 322, "userfaultfd": 323, "io_uring_setup": 425, "pidfd_send_signal": 424, "pidfd_open": 434,
    "openat2": 437, "pidfd_getfd": 438, "process_madvise": 440, "landlock_restrict_self": 446,
    "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "setns": 308,
    "flock": 73, "mincore": 27, "sysinfo": 99, "fadvise64": 221, "readahead": 187, "getpriority": 140,
    "setpriority": 141, "get_robust_list": 274, "sched_setattr": 314, "sched_getattr": 315, "getpgid": 121,
    "getsid": 124, "kcmp": 312, "name_to_handle_at": 303, "open_by_handle_at": 304, "utimensat": 280, "utime": 132,
    "mlock": 149, "futex_waitv": 449, "timer_create": 222, "ioprio_get": 252, "semop": 65, "mq_open": 240,
    "inotify_add_watch": 254, "fanotify_init": 300, "preadv2": 327, "sync_file_range": 277, "syslog": 103,
}  # fmt: skip
"""Calls that must not be had, whatever their arguments: from the kernel's table, not from our list."""


def run(program: Sequence[tuple[int, int, int, int]], data: bytes) -> int:
    """What a seccomp program returns for a `struct seccomp_data`: the classic BPF instructions that ours has."""
    accumulator = position = 0
    while True:
        code, then, otherwise, k = program[position]
        position += 1
        match code:
            case 0x20:  # BPF_LD | BPF_W | BPF_ABS
                (accumulator,) = struct.unpack_from("=I", data, k)
            case 0x54:  # BPF_ALU | BPF_AND | BPF_K
                accumulator &= k
            case 0x15:  # BPF_JMP | BPF_JEQ | BPF_K
                position += then if accumulator == k else otherwise
            case 0x25:  # BPF_JMP | BPF_JGT | BPF_K
                position += then if accumulator > k else otherwise
            case 0x06:  # BPF_RET | BPF_K
                return k
            case _:
                raise AssertionError(f"an instruction that is none: {code:#x}")


def verdict(
    number: int, *arguments: int, arch: int = X86_64, program: Sequence[tuple[int, int, int, int]] = ()
) -> str | int:
    """ALLOW, KILL, or the error that the call ends with."""
    words = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, arch, 0, *words)
    result = run(program or PROGRAM, data)
    if result == 0x7FFF0000:
        return ALLOW
    if result == 0x80000000:
        return KILL
    assert result >> 16 == 5, f"neither allowed, nor killed, nor an error: {result:#x}"
    return result & 0xFFFF


PROGRAM = SystemCallFilter(OWN, int(WATCHDOG))._program
ARGUMENTS = st.lists(LONG, min_size=6, max_size=6)


def test_the_kernel_would_accept_the_program():
    assert len(PROGRAM) <= 4096
    for position, (code, then, otherwise, k) in enumerate(PROGRAM):
        assert 0 <= then <= 255
        assert 0 <= otherwise <= 255
        assert 0 <= k < 2**32
        if code == 0x20:
            assert k % 4 == 0
            assert k < 64
        if code in (0x15, 0x25):
            assert position + 1 + max(then, otherwise) < len(PROGRAM)
    assert PROGRAM[-1][0] == 0x06


@given(arch=WORD, number=WORD, arguments=ARGUMENTS)
@example(arch=I386, number=1, arguments=[0] * 6)
@example(arch=AARCH64, number=63, arguments=[0] * 6)
def test_a_call_of_another_architecture_ends_the_process(arch: int, number: int, arguments: list[int]):
    assume(arch != X86_64)
    assert verdict(number, *arguments, arch=arch) == KILL


@given(number=st.one_of(WORD, st.integers(0, 500)), arguments=ARGUMENTS)
def test_whatever_is_called_is_allowed_by_name_or_by_argument_or_refused(number: int, arguments: list[int]):
    found = verdict(number, *arguments)
    if number in ALLOWED.values():
        assert found == ALLOW
    elif number in BY_ARGUMENT.values():
        refused = {**dict.fromkeys(EXITS, KILL), BY_ARGUMENT["futex"]: errno.EAGAIN}
        assert found in (ALLOW, refused.get(number, errno.EPERM))
    elif number == 435 or number > 450:
        assert found == errno.ENOSYS
    else:
        assert found == errno.EPERM


OF_BOTH = {**syscalls.OF_NOTEBOOKS, **syscalls.OF_THE_CLIENT}
KERNEL = SystemCallFilter(OWN, int(WATCHDOG), syscalls.OF_NOTEBOOKS)._program
CLIENT = SystemCallFilter(OWN, int(WATCHDOG), OF_BOTH, child=OWN + 1)._program


@given(number=st.one_of(WORD, st.integers(0, 500)), arguments=ARGUMENTS)
def test_a_notebook_has_what_is_listed_for_it_and_nothing_else(number: int, arguments: list[int]):
    for program, more in ((KERNEL, syscalls.OF_NOTEBOOKS), (CLIENT, OF_BOTH)):
        found = verdict(number, *arguments, program=program)
        if number in more.values():
            assert found == ALLOW
        elif number in syscalls.PRETENDED.values():
            assert found == 0
        elif number not in (BY_ARGUMENT["kill"], BY_ARGUMENT["tgkill"]):
            assert found == verdict(number, *arguments)


def test_only_the_client_may_signal_the_kernel():
    assert verdict(62, OWN, program=KERNEL) == ALLOW and verdict(62, OWN, program=CLIENT) == ALLOW
    assert (
        verdict(62, OWN + 1, program=KERNEL) == errno.EPERM and verdict(62, OWN + 1, program=CLIENT) == ALLOW
    )
    assert verdict(62, OWN + 2, program=CLIENT) == errno.EPERM


@given(number=st.sampled_from(sorted(ALLOWED.values())), arguments=ARGUMENTS)
def test_the_x32_kind_of_every_call_is_missing(number: int, arguments: list[int]):
    assert verdict(number | X32, *arguments) == errno.ENOSYS


@given(name=st.sampled_from(sorted(NEVER)), arguments=ARGUMENTS)
def test_what_must_not_be_had_is_refused_whatever_its_arguments(name: str, arguments: list[int]):
    assert verdict(NEVER[name], *arguments) == errno.EPERM


@pytest.mark.parametrize("name", sorted(NEVER))
def test_what_must_not_be_had_is_not_on_the_list(name: str):
    assert name not in ALLOWED
    assert NEVER[name] not in (*ALLOWED.values(), *BY_ARGUMENT.values())


# ---- calls that depend on an argument ---------------------------------------------------------------

THREAD = 0x00010000
OF_THREADS = 0x003D0F00
"""What glibc gives clone for a thread: VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, and three of tids."""
NAMESPACES = [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]


@given(flags=LONG, rest=st.lists(LONG, min_size=5, max_size=5))
@example(flags=OF_THREADS, rest=[0] * 5)
@example(flags=signal.SIGCHLD, rest=[0] * 5)
@example(flags=0x01200011, rest=[0] * 5)  # fork, as glibc asks for it
@example(flags=0x00004111, rest=[0] * 5)  # vfork
@example(flags=THREAD << 32, rest=[0] * 5)
def test_only_threads_can_be_started_and_no_namespaces(flags: int, rest: list[int]):
    thread = flags & THREAD and not any(flags & namespace for namespace in NAMESPACES)
    assert verdict(56, flags, *rest) == (ALLOW if thread else errno.EPERM)


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_thread_cannot_have_a_namespace_of_its_own(namespace: int):
    assert verdict(56, OF_THREADS) == ALLOW
    assert verdict(56, OF_THREADS | namespace) == errno.EPERM


@given(
    number=st.sampled_from([62, 234]), process=st.one_of(LONG, st.just(OWN)), rest=st.lists(LONG, max_size=2)
)
@example(number=62, process=2**32 - 1, rest=[9])  # everybody
@example(number=62, process=2**64 - OWN, rest=[9])  # its group
@example(number=62, process=0, rest=[9])
@example(number=62, process=1, rest=[9])
def test_signals_go_to_the_own_process_alone(number: int, process: int, rest: list[int]):
    own = process & 0xFFFFFFFF == OWN  # the kernel takes an int
    sent = ([*rest, 0, 0][0 if number == 62 else 1]) & 0xFFFFFFFF
    assert verdict(number, process, *rest) == (ALLOW if own and sent != signal.SIGKILL else errno.EPERM)


@pytest.mark.parametrize("sent", range(65))
def test_every_signal_can_be_sent_to_oneself_but_one_that_only_others_send(sent: int):
    expected = errno.EPERM if sent == signal.SIGKILL else ALLOW
    assert verdict(62, OWN, sent) == expected
    assert verdict(234, OWN, OWN, sent) == expected
    assert verdict(62, OWN, sent | 1 << 32) == expected  # the kernel takes an int
    assert verdict(62, OWN + 1, sent, program=CLIENT) == ALLOW  # it ends its kernel


@given(status=LONG)
@example(status=128 + signal.SIGKILL)
@example(status=2**64 - 1)
def test_no_exit_looks_like_a_signal(status: int):
    for number in EXITS:
        assert verdict(number, status) == (KILL if status & 0x80 else ALLOW)


@given(process=LONG, which=LONG, new=LONG, old=LONG)
@example(process=0, which=0, new=1 << 32, old=0)
@example(process=0, which=0, new=1, old=0)
@example(process=0, which=0, new=0, old=1 << 40)
def test_limits_can_be_looked_at_and_not_set(process: int, which: int, new: int, old: int):
    allowed = process & 0xFFFFFFFF == 0 and new == 0
    assert verdict(302, process, which, new, old) == (ALLOW if allowed else errno.EPERM)


@given(number=LONG, rest=st.lists(LONG, max_size=3))
@example(number=int(WATCHDOG), rest=[])
@example(number=int(WATCHDOG) | 1 << 32, rest=[])
def test_every_signal_can_be_handled_but_the_watchdogs(number: int, rest: list[int]):
    assert verdict(13, number, *rest) == (errno.EPERM if number & 0xFFFFFFFF == WATCHDOG else ALLOW)


@pytest.mark.parametrize("number", range(1, 65))
def test_each_signal_has_its_answer(number: int):
    assert verdict(13, number) == (errno.EPERM if number == WATCHDOG else ALLOW)


PRIVATE, ANONYMOUS, SHARED, SHARED_VALIDATE, HUGE = 0x02, 0x20, 0x01, 0x03, 0x40000


@given(kind=st.sampled_from([PRIVATE, SHARED, SHARED_VALIDATE]), more=LONG, rest=ARGUMENTS)
@example(kind=PRIVATE, more=ANONYMOUS, rest=[0] * 6)
@example(kind=SHARED, more=ANONYMOUS, rest=[0] * 6)
@example(kind=SHARED_VALIDATE, more=ANONYMOUS, rest=[0] * 6)
@example(kind=SHARED, more=0, rest=[0] * 6)
def test_memory_of_no_file_cannot_be_shared(kind: int, more: int, rest: list[int]):
    flags = more & ~(3 | HUGE) | kind
    refused = kind != PRIVATE and flags & ANONYMOUS
    assert verdict(9, *rest[:3], flags, *rest[4:]) == (errno.EPERM if refused else ALLOW)


@given(flags=LONG, rest=ARGUMENTS)
@example(flags=PRIVATE | ANONYMOUS | HUGE, rest=[0] * 6)
def test_huge_pages_come_out_of_a_pool_for_all_and_are_refused(flags: int, rest: list[int]):
    assert verdict(9, *rest[:3], flags | HUGE, *rest[4:]) == errno.EPERM


FUTEX_PRIVATE = 0x80


@pytest.mark.slow
@given(operation=LONG, rest=ARGUMENTS)
@example(operation=0x109, rest=[0] * 6)  # how the C library waits for the end of a thread
@example(operation=1, rest=[0] * 6)
@example(operation=1 | FUTEX_PRIVATE, rest=[0] * 6)
def test_threads_of_other_processes_are_neither_waited_for_nor_woken(operation: int, rest: list[int]):
    found = verdict(202, rest[0], operation, *rest[2:])
    assert found == (ALLOW if operation & FUTEX_PRIVATE else errno.EAGAIN)


LISTS = {
    # not MADV_REMOVE 9, MADV_MERGEABLE 12, MADV_COLD 20, MADV_PAGEOUT 21, MADV_HWPOISON 100
    "madvise": (28, 2, [0, 1, 2, 3, 4, 8, 10, 11, 14, 15, 16, 17, 18, 19, 102, 103]),
    "sched_getaffinity": (204, 0, [0, OWN]),
    # not those below zero, which hold the number of a process
    "clock_gettime": (228, 0, [*range(12)]),
    "clock_getres": (229, 0, [*range(12)]),
    "clock_nanosleep": (230, 0, [*range(12)]),
    # F_DUPFD to F_SETFL, F_DUPFD_CLOEXEC; not the locks 5 to 7 and 36 to 38, F_SETOWN 8, F_SETSIG 10,
    # F_SETLEASE 1024, F_NOTIFY 1026, F_SETPIPE_SZ 1031, F_ADD_SEALS 1033
    "fcntl": (72, 1, [*range(5), 1030]),
    # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX; not TIOCSTI 0x5412, FIOASYNC 0x5452
    "ioctl": (16, 1, [0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451]),
    # get PDEATHSIG and DUMPABLE, the thread's name, get NO_NEW_PRIVS, names of memory
    "prctl": (157, 0, [2, 3, 15, 16, 39, 0x53564D41]),
}


@pytest.mark.parametrize("name", LISTS)
@given(value=st.one_of(LONG, st.integers(0, 2000), st.integers(0x5400, 0x5460)), rest=ARGUMENTS)
def test_what_asks_for_one_of_many_things_may_ask_for_those_on_a_list(name: str, value: int, rest: list[int]):
    number, place, values = LISTS[name]
    arguments = [*rest[:place], value, *rest[place + 1 :]]
    assert verdict(number, *arguments) == (ALLOW if value & 0xFFFFFFFF in values else errno.EPERM)


@pytest.mark.parametrize("name", LISTS)
def test_all_that_is_on_a_list_is_allowed_and_its_neighbours_are_not(name: str):
    number, place, values = LISTS[name]
    for value in values:
        for near in (value - 1, value, value + 1):
            if near >= 0:
                expected = ALLOW if near in values else errno.EPERM
                assert verdict(number, *[0] * place, near) == expected, near


# ---- the numbers --------------------------------------------------------------------------------------


NOTEBOOKS = {**syscalls.OF_NOTEBOOKS, **syscalls.OF_THE_CLIENT, **syscalls.PRETENDED}


def in_the_header() -> dict[str, int]:
    """The kernel's own table; empty where its header is not installed."""
    if not HEADER.is_file():
        return {}
    lines = re.findall(r"^#define __NR_(\w+) (\d+)$", HEADER.read_text(), re.MULTILINE)
    return {name: int(number) for name, number in lines}


def test_the_numbers_are_the_kernels():
    ours = {**ALLOWED, **BY_ARGUMENT, **NEVER, **NOTEBOOKS, "clone3": 435}
    table = in_the_header()
    if table:
        assert ours == {name: table[name] for name in ours}
    libc = ctypes.CDLL(None)
    libc.syscall.restype = ctypes.c_long
    asked = {
        "getpid": os.getpid(),
        "getppid": os.getppid(),
        "getuid": os.getuid(),
        "geteuid": os.geteuid(),
        "getgid": os.getgid(),
        "getegid": os.getegid(),
        "getpgrp": os.getpgrp(),
        "gettid": threading.get_native_id(),
        "sched_get_priority_max": os.sched_get_priority_max(os.SCHED_OTHER),
    }
    assert {name: libc.syscall(ctypes.c_long(ALLOWED[name]), 0) for name in asked} == asked


def test_no_number_is_named_twice():
    assert len(set(ALLOWED.values())) == len(ALLOWED)
    assert not set(ALLOWED.values()) & set(BY_ARGUMENT.values())
    assert max(ALLOWED.values()) <= syscalls._NEWEST


def test_the_filter_does_in_a_process_what_it_does_here():
    """In a child of its own: what is allowed works, what is not gives EPERM, and a thread can be started."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        said = b"it raised"
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
            SystemCallFilter(os.getpid(), int(WATCHDOG)).enforce()
            said = "; ".join(_tried()).encode()
        finally:
            os.write(write, said)
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    assert said == "fork EPERM; pipe EPERM; kill EPERM; handle EPERM; alarm 0; thread True"


def _tried() -> list[str]:
    def attempt(name: str, what: object, *arguments: object) -> str:
        try:
            return f"{name} {what(*arguments)}"  # type: ignore[operator]
        except OSError as error:
            return f"{name} {errno.errorcode[error.errno or 0]}"

    done = threading.Event()
    threading.Thread(target=done.set).start()
    return [
        attempt("fork", os.fork),
        attempt("pipe", os.pipe),
        attempt("kill", os.kill, 1, 0),
        attempt("handle", signal.signal, WATCHDOG, signal.SIG_IGN),
        attempt("alarm", signal.alarm, 0),
        attempt("thread", done.wait, 10),
    ]
