"""What hand-ins do outside their process, as seen from here: signals, connections, files, survivors."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import secrets
import shutil
import signal
import socket
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import psutil

MARK = "hostile-mark"
"""How every file that an attack makes begins."""
SHM_KEY = 0x686F7374
"""The key of every System V object that an attack makes."""
_UNCAUGHT = {
    signal.SIGKILL,
    signal.SIGSTOP,
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGCHLD,
    signal.SIGSEGV,
    signal.SIGBUS,
    signal.SIGFPE,
    signal.SIGILL,
    signal.SIGABRT,
    signal.SIGTRAP,
    signal.SIGSYS,
}


class Watch:
    """Opens what attacks may knock at, keeps what they must not find, and says what they have done.

    `temp` is the folder in which the grader makes its temporary ones, and must be empty.
    """

    def __init__(self, folder: Path, temp: Path) -> None:
        # Orphans become children of this process, where `survivors` finds them.
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
        self.temp = temp
        self._seen: list[str] = []
        self._staying: frozenset[psutil.Process] = frozenset()
        self._stop = contextlib.ExitStack()
        # The rubric's is always the same: it decides the hidden networks, and with them what a lie may earn.
        self.secrets = ["the hostile suite's own secret", secrets.token_hex(16), secrets.token_hex(16)]
        """Of the rubric, of the environment, and of a file that is open for inheritance."""
        self.sibling = folder / "class" / "sibling"
        self._listen(folder)
        self._catch_signals()
        self._keep(folder)
        self._before = self._state()

    def _listen(self, folder: Path) -> None:
        self.unix_socket = str(folder / "socket")
        self.abstract = f"hostile-{secrets.token_hex(4)}"
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(self.unix_socket)
        unix.listen()
        abstract = socket.socket(socket.AF_UNIX)
        abstract.bind(f"\0{self.abstract}")
        abstract.listen()
        self.tcp_port = int(tcp.getsockname()[1])
        self.udp_port = int(udp.getsockname()[1])
        for name, sock in (("TCP", tcp), ("UDP", udp), ("Unix", unix), ("abstract Unix", abstract)):
            threading.Thread(target=self._serve, args=(name, sock), daemon=True).start()
            self._stop.callback(sock.close)

    def _serve(self, name: str, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                if name == "UDP":
                    sock.recvfrom(100)
                else:
                    sock.accept()[0].close()
                self._seen.append(f"a {name} connection arrived")

    def _catch_signals(self) -> None:
        for number in signal.valid_signals() - _UNCAUGHT:
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, lambda n, _: self._seen.append(f"signal {n} arrived at the grader"))

    def _keep(self, folder: Path) -> None:
        self.sibling.mkdir(parents=True)
        (self.sibling / "mlp.py").write_text(f"# {self.secrets[0]}\n")
        secret = folder / "secret"
        secret.write_text(self.secrets[2])
        self._descriptor = os.open(secret, os.O_RDONLY)
        os.set_inheritable(self._descriptor, True)
        self._stop.callback(os.close, self._descriptor)
        os.environ["HOSTILE_SECRET"] = self.secrets[1]

    def _state(self) -> dict[str, Any]:
        """What must be the same at every quiet moment."""
        victim = self.sibling / "mlp.py"
        status, around = victim.stat(), self.sibling.stat()
        return {
            "the sibling": (status.st_mode, status.st_uid, status.st_mtime, status.st_nlink, around.st_mode),
            "the sibling's source": hashlib.sha256(victim.read_bytes()).hexdigest(),
            "the sibling's folder": sorted(path.name for path in self.sibling.iterdir()),
            "the temporary folder": sorted(path.name for path in self.temp.iterdir()),
            "the limits of the grader": os.getpriority(os.PRIO_PROCESS, 0),
        }

    def surprises(self, places: list[str]) -> list[str]:
        """What attacks have done since the last call, to be asked while no hand-in is being graded.

        `places` are the folders in which attacks try to leave a file with `MARK` in its name.
        """
        found = [*dict.fromkeys(self._seen), *_survivors(self._staying), *_shared_memory()]
        self._seen.clear()
        for name, now in self._state().items():
            if now != self._before[name]:
                found.append(f"changed: {name}: {str(now)[:200]}")
        for place in places:
            for path in _marked(place):
                found.append(f"left behind: {path}")
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        return found

    def stays(self) -> None:
        """What runs now, while there is no hand-in, is not one's: the parent that workers are forked from."""
        self._staying = frozenset(psutil.Process().children(recursive=True))

    def close(self) -> None:
        """Close the listeners and the inherited file."""
        self._stop.close()


def _survivors(staying: Collection[psutil.Process]) -> list[str]:
    """Processes that outlived their hand-in, but those `staying`; they are killed."""
    end = time.monotonic() + 2
    while time.monotonic() < end:
        left = [p for p in psutil.Process().children(recursive=True) if p not in staying and _is_alive(p)]
        if not left:
            return []
        time.sleep(0.02)
    found = []
    for process in left:
        with contextlib.suppress(psutil.Error):
            found.append(f"a process survived: {' '.join(process.cmdline())[:100]}")
            process.kill()
    return found


def _is_alive(process: psutil.Process) -> bool:
    """Whether it runs; one that has ended is waited for, should it be an orphan of ours."""
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return True
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)
    except psutil.Error:
        pass
    return False


def _shared_memory() -> list[str]:
    found = []
    for kind in ("shm", "msg", "sem"):
        with contextlib.suppress(OSError):
            objects = [line.split() for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]]
            found += [
                f"left behind: System V {kind} {o[1]}" for o in objects if int(o[0]) & 0xFFFFFFFF == SHM_KEY
            ]
    return found


def _marked(place: str) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from [path for path in Path(place).iterdir() if path.name.startswith(MARK)]
