"""Handed in beside every hostile hand-in: try what must not work, and say on stdout how it went.

The harness reads these lines in the report: `held: ...` for what failed, `WENT THROUGH: ...` for what did not.
"""

import ctypes
import hashlib
import os
import platform
import stat

from facts import SECRETS

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

# x86_64 and aarch64; None where there is no such call.
_NUMBERS = {
    "fork": (57, None),
    "clone": (56, 220),
    "clone3": (435, 435),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "kcmp": (312, 272),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "userfaultfd": (323, 282),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "fanotify_init": (300, 262),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "syslog": (103, 116),
    "capget": (125, 90),
    "ioprio_set": (251, 30),
    "iopl": (172, None),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "semget": (64, 190),
    "shmget": (29, 194),
    "getpid": (39, 172),
}


def attempt(what, action, went=lambda result: True):
    """Try `action`: it is held where it raises, and where `went` finds nothing gained in its result."""
    try:
        result = action()
        through = went(result)
    except BaseException as error:
        _say("held", what, f"{type(error).__name__}: {error}")
        return None
    _say("WENT THROUGH" if through else "held", what, repr(result))
    return result


def _say(how, what, text):
    print(f"{how}: {what}: {text[:120]}", flush=True)


def syscall(name, *arguments):
    """A system call by name; `OSError` where it fails."""
    number = _NUMBERS[name][platform.machine() != "x86_64"]
    if number is None:
        raise OSError(38, f"no {name} on this machine")
    return checked(libc.syscall(number, *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]))


def checked(result):
    """The result of a C function that reports failure as -1."""
    if result == -1:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def read(path):
    """The first bytes of a file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return os.read(descriptor, 200)
    finally:
        os.close(descriptor)


def is_secret(value):
    """Whether a text is one of those that the harness hides; this process knows their hashes only."""
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    return hashlib.sha256(value).hexdigest() in SECRETS


def sockets():
    """Descriptors that are sockets: the one to the grader, as a rule."""
    found = []
    for descriptor in range(256):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                found.append(descriptor)
        except OSError:
            continue
    return found


def write_all(descriptor, data):
    """Write everything, also to a descriptor that does not block."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            continue
