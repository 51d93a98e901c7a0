"""What a hostile cell tries from inside a kernel, in each tier that this machine has; nothing may succeed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.grading import confinement
from grader.notebook.execute import Kitchen
from tests.notebook import notebooks

ATTEMPTS = """
import ctypes, glob, os, signal, socket, threading
libc = ctypes.CDLL(None, use_errno=True)
got = []

def attempt(name, action):
    try:
        if action() not in (None, False, -1, [], b"", ""):
            got.append(name)
    except BaseException:
        pass

def read(path):
    with open(path, "rb") as opened:
        return opened.read(1)

def in_the_printing_thread(action):
    # The thread that sends what is printed was there before the first cell: it may have kept rights.
    done, found = threading.Event(), []
    def run():
        try:
            found.append(action())
        except BaseException:
            pass
        done.set()
    get_ipython().kernel.iopub_thread.schedule(run)
    done.wait(2)
    return found

def signals(pid):
    os.kill(pid, 0)
    return True

for path in OUTSIDE:
    attempt(f"read {path}", lambda: read(path))
    attempt(f"list {os.path.dirname(path)}", lambda: os.listdir(os.path.dirname(path)))
    attempt(f"read {path} by the printing thread", lambda: in_the_printing_thread(lambda: read(path)))
attempt("fork", os.fork)
attempt("fork by the printing thread", lambda: in_the_printing_thread(os.fork))
attempt("vfork", lambda: libc.syscall(58))
attempt("spawn", lambda: os.posix_spawn("/bin/true", ["true"], {}))
attempt("exec", lambda: os.execv("/bin/true", ["true"]))
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 16, 17, 40):
    attempt(f"socket {family}", lambda: socket.socket(family, socket.SOCK_STREAM).fileno() + 1)
    attempt(f"datagrams {family}", lambda: socket.socket(family, socket.SOCK_DGRAM).fileno() + 1)
attempt("signal the client", lambda: signals(os.getppid()))
attempt("signal process 1", lambda: signals(1))
attempt("signal all", lambda: signals(-1))
attempt("trace the client", lambda: libc.ptrace(16, os.getppid(), 0, 0) == 0)
attempt("become root", lambda: os.setuid(0) or os.geteuid() == 0)
attempt("write outside", lambda: open("/tmp/escaped", "w").write("x"))
attempt("write beside", lambda: open("../escaped", "w").write("x"))
attempt("change the data", lambda: open(os.environ["PS3_DATA"] + "/X.npy", "r+b").write(b"x"))
attempt("mount", lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0)
attempt("another namespace", lambda: libc.unshare(0x10000000) == 0)
attempt("memory that is a file", lambda: os.memfd_create("x") + 1)
attempt("shared memory", lambda: libc.shmget(0, 4096, 0o1600) + 1)
attempt("outlive the grader", lambda: libc.prctl(1, 0, 0, 0, 0) == 0)
attempt("a new session", lambda: os.setsid())
attempt("more memory", lambda: __import__("resource").setrlimit(9, (-1, -1)) or True)
print("got:", got)
"""


@pytest.mark.slow
@pytest.mark.parametrize("tier", ["A", "B"])
def test_nothing_can_be_had_from_a_cell(
    tier: str, kitchen: Kitchen, ps3: Rubric, reference: Reference, temporary: Path
):
    sandbox = confinement.tiers(ps3, reference)[tier]()
    outside = [
        "/etc/passwd",
        "/proc/self/environ",
        str(reference.folder / "solution.py"),
        str(ps3.path),
        str(kitchen.data / "y_test.npy"),
        str(Path(confinement.__file__)),
    ]
    folder = temporary / f"hostile-{tier}" / "work"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o711)
    settings = ps3.notebook
    assert settings is not None
    ours = dataclasses.replace(kitchen, sandbox=sandbox, settings=settings)
    found = notebooks.run([ATTEMPTS.replace("OUTSIDE", repr(outside))], folder, ours)
    assert found.shown[0].text.splitlines()[-1] == "got: []"
    assert not Path("/tmp/escaped").exists()


@pytest.mark.slow
@pytest.mark.parametrize("tier", ["A", "B"])
def test_a_bomb_of_threads_or_memory_ends_itself_only(
    tier: str, kitchen: Kitchen, ps3: Rubric, reference: Reference, temporary: Path
):
    sandbox = confinement.tiers(ps3, reference)[tier]()
    folder = temporary / f"bomb-{tier}" / "work"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o711)
    threads = "import threading, time\nfor _ in range(10_000): threading.Thread(target=time.sleep, args=(5,)).start()"
    memory = "kept = []\nwhile True: kept.append(bytearray(100_000_000))"
    cells = [threads, memory, "del kept\nprint('on')"]
    assert ps3.notebook is not None
    ours = dataclasses.replace(kitchen, sandbox=sandbox, settings=ps3.notebook)
    found = notebooks.run(cells, folder, ours)
    assert [cell.status for cell in found.cells[:2]] == ["failed", "failed"]
    assert "can't start new thread" in found.cells[0].message
    assert found.cells[1].message.startswith("MemoryError")
