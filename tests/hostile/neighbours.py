"""Two workers at once: one takes all the threads that it can get, and the other must get its own; one says something
by whatever both can reach, and the other must not hear it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from grader.entry_point import EntryPoint
from grader.student.client import Student
from grader.student.faults import StudentError
from grader.student.net import StudentNet
from grader.student.process import Limits
from grader.student.sandbox import Sandbox

_SOURCE = """
import threading

threading.stack_size(32 << 10)


class Threads:
    def take(self, wanted):
        self.over = threading.Event()
        try:
            for taken in range(wanted):
                threading.Thread(target=self.over.wait, daemon=True).start()
        except RuntimeError:
            return taken
        return wanted
"""
_LIMITS = Limits(
    call_cpu=10, call_wall=30, check_cpu=20, check_wall=60, worker_cpu=30, memory=1 << 30, file_size=1 << 20
)
_WANTED = 8
"""Threads that an innocent hand-in may well start."""


def starve(sandbox: Sandbox, folder: Path) -> list[str]:
    """Let one worker take threads until it is refused, then another one a few; say where that gets none."""
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "mlp.py").write_text(_SOURCE)
    with (
        Student(sandbox, folder, _LIMITS, EntryPoint("mlp.py", ("Threads",))) as greedy,
        Student(sandbox, folder, _LIMITS, EntryPoint("mlp.py", ("Threads",))) as modest,
    ):
        try:
            taken = int(float(greedy.new().take(1000)))
            found = int(float(modest.new().take(_WANTED)))
        except StudentError as error:
            return [f"the attempt failed: {error}"]
    if found < _WANTED:
        return [f"while another hand-in had {taken} threads, one got {found} of {_WANTED}"]
    return []


_TALK = """
import ctypes, fcntl, mmap, os, struct, threading, time
import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def call(number, *arguments):
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    if (result := libc.syscall(number, *words)) < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def lock(kind):
    return struct.pack("hhqqi", kind, 0, 0, 1, 0)


class Talk:
    def __init__(self):
        self.room = ctypes.create_string_buffer(4096)
        self.file = open(os.__file__, "rb")
        self.pages = mmap.mmap(self.file.fileno(), mmap.PAGESIZE, prot=mmap.PROT_READ)
        self.copies = mmap.mmap(self.file.fileno(), mmap.PAGESIZE, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)

    def me(self):
        return [os.getpid(), threading.get_native_id()]

    def at(self, pages):
        return np.frombuffer(pages, np.uint8).ctypes.data

    def wait_at(self, pages, command):
        value = int(np.frombuffer(pages, np.int32)[0])
        arguments = (202, self.at(pages), command, value, None, None, -1)
        threading.Thread(target=call, args=arguments, daemon=True).start()
        time.sleep(0.02)

    def say_flock(self): fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    def hear_flock(self, pid): return fcntl.flock(open(os.__file__), fcntl.LOCK_SH | fcntl.LOCK_NB)
    def say_folder(self): fcntl.flock(os.open(os.path.dirname(os.__file__), 0), fcntl.LOCK_EX | fcntl.LOCK_NB)
    def hear_folder(self, pid): return fcntl.flock(os.open(os.path.dirname(os.__file__), 0), 5)
    def say_device(self): self.null = open(os.devnull); fcntl.flock(self.null, fcntl.LOCK_EX | fcntl.LOCK_NB)
    def hear_device(self, pid): return fcntl.flock(open(os.devnull), fcntl.LOCK_SH | fcntl.LOCK_NB)
    def say_bytes(self): fcntl.fcntl(self.file, 6, lock(fcntl.F_RDLCK))
    def hear_bytes(self, pid): return list(fcntl.fcntl(self.file, 5, lock(fcntl.F_WRLCK)))
    def say_of_null(self): self.null = open(os.devnull, "w"); fcntl.fcntl(self.null, 6, lock(fcntl.F_WRLCK))
    def hear_of_null(self, pid): return list(fcntl.fcntl(open(os.devnull), 5, lock(fcntl.F_RDLCK)))
    def say_description(self): fcntl.fcntl(self.file, 37, lock(fcntl.F_RDLCK))
    def hear_description(self, pid): return list(fcntl.fcntl(self.file, 36, lock(fcntl.F_WRLCK)))
    def say_wait(self): self.wait_at(self.pages, 0)
    def hear_wait(self, pid): return call(202, self.at(self.pages), 1, 1)
    def say_wait_bitset(self): self.wait_at(self.pages, 9)
    def hear_wait_bitset(self, pid): return call(202, self.at(self.pages), 10, 1, None, None, -1)
    def say_wait_copy(self): self.wait_at(self.copies, 0)
    def hear_wait_copy(self, pid): return call(202, self.at(self.copies), 1, 1)
    def say_work(self): time.sleep(0); [i * i for i in range(200_000)]
    def hear_work(self, pid): return int(1e9 * time.clock_gettime((~pid << 3) | 2))
    def say_thread(self): threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
    def hear_thread(self, pid): return sum(self.there(pid + i) for i in range(1, 40))
    def say_memory(self): self.block = np.ones(8 << 20)
    def hear_memory(self, pid): return call(99, self.room) + time.monotonic_ns()
    def say_eviction(self): os.posix_fadvise(self.file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    def hear_eviction(self, pid): return call(27, self.at(self.pages), 4096, self.room) + time.monotonic_ns()
    def say_pool(self): self.huge = mmap.mmap(-1, 1 << 21, flags=0x40022)
    def hear_pool(self, pid): return mmap.mmap(-1, 1 << 21, flags=0x40022) and time.monotonic_ns()
    def say_nice(self): os.nice(1)
    def hear_nice(self, pid): return os.getpriority(os.PRIO_PROCESS, pid)
    def say_cores(self): os.sched_setaffinity(0, [0])
    def hear_cores(self, pid): return sorted(os.sched_getaffinity(pid))
    def say_times(self): os.utime(os.__file__)
    def hear_times(self, pid): return os.stat(os.__file__).st_mtime_ns
    def say_name(self): libc.prctl(15, b"hello")
    def hear_name(self, pid): return open(f"/proc/{pid}/comm").read()
    def say_folder_of_its_own(self): os.mkdir("hello")
    def hear_folder_of_its_own(self, pid): return os.listdir(f"/proc/{pid}/cwd")
    def say_open(self): self.files = [open(os.__file__) for _ in range(50)]
    def hear_open(self, pid): return len(os.listdir(f"/proc/{pid}/fd"))

    def there(self, process):
        try:
            return os.sched_getscheduler(process) >= 0
        except ProcessLookupError:
            return False
"""


def talk(sandbox: Sandbox, folder: Path) -> list[str]:
    """Let one worker say something in every way, and another listen before and after; say in which it heard."""
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "mlp.py").write_text(_TALK)
    heard = []
    with (
        Student(sandbox, folder, _LIMITS, EntryPoint("mlp.py", ("Talk",))) as one,
        Student(sandbox, folder, _LIMITS, EntryPoint("mlp.py", ("Talk",))) as other,
    ):
        says, hears = one.new(), other.new()
        pid = int(np.asarray(says.me())[0])
        for way in re.findall(r"def say_(\w+)", _TALK):
            before = _answer(hears, f"hear_{way}", pid)
            said = _answer(says, f"say_{way}")
            after = _answer(hears, f"hear_{way}", pid)
            if before != after:
                heard.append(f"WENT THROUGH: {way}: {before}, said ({said}), {after}")
    return heard


def _answer(net: StudentNet, method: str, *arguments: int) -> str:
    try:
        return repr(net.call(method, *arguments))
    except StudentError as error:
        return f"{error.kind}: {error.text}"
