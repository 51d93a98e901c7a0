"""What a hostile hand-in would try. Runs in a worker, each method fails, or got through.

It returns what it reached (for the grader's side to look at) and undoes what it did, so that a machine
without a sandbox is none the worse for it. Numbers of system calls are those of x86_64.
"""

import ctypes
import fcntl
import importlib.machinery
import mmap
import os
import resource
import signal
import socket
import sys
import struct
import threading
import time

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def call(number, *arguments):
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    return check(libc.syscall(ctypes.c_long(number), *words))


def check(result):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def close(descriptor):
    os.close(descriptor)
    return True


class Attempts:
    def __init__(self):
        self.params = {}

    # ---- honest work, which must succeed

    def compute(self):
        return (np.arange(12.0).reshape(3, 4) @ np.ones((4, 2))).sum()

    def use_libraries(self):
        import pickle
        import tempfile

        from scipy.special import expit

        assert pickle.loads(pickle.dumps(expit(0.0))) == 0.5
        return tempfile.TMP_MAX > 0

    def settings_folder(self):
        # matplotlib does not start without a folder that looks like this.
        os.makedirs(os.environ["MPLCONFIGDIR"], exist_ok=True)
        return os.access(os.environ["MPLCONFIGDIR"], os.W_OK)

    def plot(self):
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots()
        axes.plot([0, 1])
        figure.canvas.draw()
        return True

    # ---- files

    def read(self, path):
        with open(path, "rb") as file:
            return file.read(16).decode("latin-1")

    def import_name(self, name):
        return str(importlib.import_module(name))

    def import_without_gate(self, name):
        """Also where nothing stands before Python's own way of looking for modules any more."""
        before = list(sys.meta_path)
        sys.meta_path[:] = [importlib.machinery.PathFinder]
        try:
            return str(importlib.import_module(name))
        finally:
            sys.meta_path[:] = before

    def load(self, path):
        """From its file, past all that looks for modules."""
        return importlib.machinery.SourceFileLoader("loaded", path).load_module().__name__

    def execute_source(self, path):
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec")
        exec(code, {"__name__": "read"})
        return path

    def list(self, path):
        return os.listdir(path)[:3]

    def write(self, path):
        with open(path, "x"):
            os.remove(path)
        return path

    def truncate(self, path):
        os.truncate(path, 1)
        return path

    def change_mode(self, path):
        os.chmod(path, 0o777)
        return path

    # ---- network

    def connect(self, port):
        with socket.create_connection(("127.0.0.1", port), 1):
            return port

    def send_datagram(self, port):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            return sock.sendto(b"x", ("127.0.0.1", port))

    def connect_unix(self, path):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(path)
        return path

    def open_socket(self, family):
        with socket.socket(family, socket.SOCK_RAW if family == socket.AF_NETLINK else socket.SOCK_STREAM):
            return family

    def socket_pair(self):
        for sock in socket.socketpair():
            sock.close()
        return True

    # ---- processes

    def fork(self):
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return child

    def fork_by_clone(self):
        child = call(56, signal.SIGCHLD, 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return child

    def execute(self):
        try:
            os.execv("/nonexistent", ["x"])
        except FileNotFoundError:
            return True  # the call itself is allowed

    def signal(self, process):
        os.kill(process, 0)
        return process

    def queue_signal(self, process):
        information = ctypes.create_string_buffer(128)
        ctypes.memmove(information, (ctypes.c_int * 3)(0, 0, -1), 12)
        call(129, process, 0, information)
        return process

    def signal_by_file(self, process):
        with open(os.devnull) as file:
            fcntl.fcntl(file, fcntl.F_SETOWN, process)
        return process

    def signal_by_descriptor(self, process):
        return close(os.pidfd_open(process))

    def trace(self, process):
        check(libc.ptrace(0x4206, process, 0, 0))  # PTRACE_SEIZE, which does not stop it
        # A traced process waits for its tracer at the next signal, also where that cannot go on: let it go.
        check(libc.ptrace(0x4207, process, 0, 0))  # PTRACE_INTERRUPT
        os.waitpid(process, 0x40000000)  # __WALL
        check(libc.ptrace(17, process, 0, 0))  # PTRACE_DETACH
        return process

    def read_memory(self, process):
        # An address of no page: EFAULT says that the process could be looked into.
        target = (ctypes.c_ulong * 2)(0, 1)
        own = ctypes.create_string_buffer(1)
        here = (ctypes.c_ulong * 2)(ctypes.addressof(own), 1)
        try:
            call(310, process, here, 1, target, 1, 0)
        except OSError as error:
            if error.errno != 14:
                raise
        return process

    def many_threads(self, count):
        stop = threading.Event()
        started = []
        try:
            for _ in range(count):
                thread = threading.Thread(target=stop.wait)
                thread.start()
                started.append(thread)
        finally:
            stop.set()
            for thread in started:
                thread.join()
        return count

    # ---- memory

    def allocate(self, size):
        return len(memoryview(bytearray(size)))

    def memory_file(self):
        return close(os.memfd_create("x"))

    def shared_memory(self):
        segment = call(29, 0, 4096, 0o1600)
        call(31, segment, 0, 0)  # IPC_RMID
        return segment

    def shared_mapping(self):
        mmap.mmap(-1, mmap.PAGESIZE).close()
        return True

    def lock_bytes(self):
        with open(os.__file__, "rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH, 1)
        return True

    def large_pipe(self):
        for end in os.pipe():
            os.close(end)
        return True

    # ---- what tells of other processes

    def clock_of(self, process):
        return time.clock_gettime((~process << 3) | 2)  # its CPU time: how a clock of another process is named

    def scheduling(self, process):
        return os.sched_getscheduler(process) + 1

    def cores(self, process):
        return len(os.sched_getaffinity(process))

    def priority(self, process):
        return os.getpriority(os.PRIO_PROCESS, process)

    def memory_in_use(self):
        information = ctypes.create_string_buffer(128)
        call(99, information)
        return struct.unpack_from("=3lQQ", information)

    def resident_pages(self):
        with open(os.__file__, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as pages:
            seen = ctypes.create_string_buffer(1 + len(pages) // mmap.PAGESIZE)
            call(27, np.frombuffer(pages, np.uint8).ctypes.data, len(pages), seen)
            return sum(map(bool, seen.raw))

    def evict(self):
        with open(os.__file__, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return True

    # ---- two of them at once: what the one does, the other must not notice

    def say_by_lock(self):
        self.file = open(os.__file__, "rb")
        fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def hear_lock(self):
        with open(os.__file__, "rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return "locked"
        return "free"

    def say_by_bytes(self):
        self.file = open(os.__file__, "rb")
        fcntl.fcntl(self.file, fcntl.F_SETLK, struct.pack("hhqqi", fcntl.F_RDLCK, 0, 0, 1, 0))

    def hear_bytes(self):
        with open(os.__file__, "rb") as file:
            found = fcntl.fcntl(file, fcntl.F_GETLK, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 1, 0))
        return struct.unpack("hhqqi", found)[0]

    def shared_page(self):
        with open(os.__file__, "rb") as file:
            self.page = mmap.mmap(file.fileno(), mmap.PAGESIZE, prot=mmap.PROT_READ)
        return np.frombuffer(self.page, np.int32)

    def say_by_waiting(self):
        page = self.shared_page()
        threading.Thread(target=call, args=(202, page.ctypes.data, 0, int(page[0]), None), daemon=True).start()
        time.sleep(0.02)

    def hear_waiting(self):
        return call(202, self.shared_page().ctypes.data, 1, 1)

    # ---- what can be seen of files that cannot be read

    def stat(self, path):
        found = os.stat(path)
        return found.st_size, found.st_mtime

    # ---- the kernel

    def new_namespace(self):
        return call(272, 0x10000000) == 0  # unshare(CLONE_NEWUSER)

    def mount(self):
        check(libc.mount(b"none", os.getcwd().encode(), b"tmpfs", 0, None))
        check(libc.umount2(os.getcwd().encode(), 2))  # MNT_DETACH
        return True

    def io_uring(self):
        return close(call(425, 8, ctypes.create_string_buffer(256)))

    def keyring(self):
        return call(250, 0, -3, 1) != 0  # the session keyring's id

    def page_faults(self):
        return close(call(323, 1))

    def load_program(self):
        attributes = (ctypes.c_uint32 * 32)(2, 4, 4, 1)  # an array of one element
        return close(call(321, 0, attributes, 128))

    def performance_events(self):
        attributes = ctypes.create_string_buffer(128)
        ctypes.memmove(attributes, (ctypes.c_uint32 * 2)(1, 128), 8)
        return close(call(298, attributes, 0, -1, -1, 0))

    def other_call_table(self):
        return call(0x40000000 + 39)  # getpid of the x32 kind

    # ---- privileges

    def raise_limit(self):
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        before = resource.getrlimit(resource.RLIMIT_AS)
        if before == unlimited:
            return True
        resource.setrlimit(resource.RLIMIT_AS, unlimited)
        resource.setrlimit(resource.RLIMIT_AS, before)
        return True

    def become_root(self):
        if os.getuid() == 0:
            return True
        os.setuid(0)
        return True

    def be_dumpable(self):
        check(libc.prctl(4, 1, 0, 0, 0))
        return True

    def outlive_the_grader(self):
        check(libc.prctl(1, 0, 0, 0, 0))
        return True
