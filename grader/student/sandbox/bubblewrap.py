"""Tier A: bubblewrap gives the worker namespaces of its own, inside which it locks itself down."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil

from .base import Forks, Launch
from .command import CHILD, of_parent, spawn
from .confined import Confined
from .running import Running
from .view import DEVICES, View

_START_LIMIT_MS = 60_000


class Bubblewrap(Confined):
    """No network, no other process, no file but those of the view, a private folder in memory to write in."""

    tier = "A: bubblewrap, Landlock and seccomp"

    def _lockdown(self, launch: Launch) -> dict[str, Any]:
        return self.lockdown(launch, private_files=True)

    def _start(self, launch: Launch) -> Running:
        """Start it in namespaces of its own; `OSError` where bubblewrap is missing or refuses."""
        information, theirs = os.pipe()
        try:
            arguments = self._arguments(self.view(launch), [launch.folder, *launch.readable], launch.scratch)
            within = [_program(), *arguments, "--info-fd", str(theirs), "--"]
            popen = spawn(launch, self._settings(launch), within, also=[theirs])
            os.close(theirs)
            theirs = -1
            try:
                return _Contained(popen, _first_process(information))
            except BaseException:  # also Ctrl-C: nobody else will end it
                popen.kill()
                popen.wait()
                raise
        finally:
            os.close(information)
            if theirs >= 0:
                os.close(theirs)

    def _begin(
        self, program: Forks, workspace: Path, readable: tuple[Path, ...], socket: int, output: int
    ) -> subprocess.Popen[bytes]:
        launch, told = of_parent(program, workspace, readable, socket, output)
        # Only through /proc is the kernel told who is who in a namespace of users.
        proc = not self.as_others
        arguments = self._arguments(self.view(launch), [workspace, *readable], workspace, proc)
        return spawn(
            launch, {**told, "namespaces": True, "user_namespace": proc}, [_program(), *arguments, "--"]
        )

    def _arguments(self, view: View, readable: Collection[Path], home: Path, proc: bool = False) -> list[str]:
        """What bubblewrap is told: what is `readable` beside the `view`, where to work, whether there is a /proc."""
        # Not --unshare-user where root may do without: files keep their owners, and workers become another user.
        arguments = [
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-net",
            "--unshare-uts",
            "--unshare-cgroup-try",
        ]
        arguments += ["--die-with-parent", "--new-session", "--hostname", "sandbox"]
        # The worker itself mounts its private folder (bubblewrap cannot bound the number of files in one) and
        # changes its user; then it gives these up.
        arguments += ["--cap-drop", "ALL"]
        for capability in ("CAP_SYS_ADMIN", *(("CAP_SETUID", "CAP_SETGID") if self.as_others else ())):
            arguments += ["--cap-add", capability]
        fonts = [self.fonts] if self.fonts else []
        files = [*view.libraries, CHILD, *readable, *fonts]
        bound = [*view.roots, *view.links, *map(Path, DEVICES), *files, home]
        # Made by bubblewrap itself on the way to a mount, these folders would be closed to other users.
        for folder in sorted({*_above(bound)}):
            arguments += ["--dir", str(folder)]
        for root in view.roots:
            arguments += ["--ro-bind", str(root), str(root)]
        for link in view.links:
            arguments += ["--symlink", str(link.resolve()), str(link)]
        above = sorted({*_above(files)})
        for folder in view.hidden:
            arguments += ["--tmpfs", str(folder)]
            # What was made before is covered now.
            for covered in (one for one in above if f"{one}/".startswith(f"{folder}/")):
                arguments += ["--dir", str(covered)]
        for path in files:
            arguments += ["--ro-bind", str(path), str(path)]
        for device in DEVICES:
            arguments += ["--dev-bind", device, device]
        arguments += ["--dir", str(home)]
        if proc:
            arguments += ["--proc", "/proc"]
        for folder in (*view.hidden, Path("/")):
            arguments += ["--remount-ro", str(folder)]
        return [*arguments, "--chdir", str(home)]


def _program() -> str:
    program = shutil.which("bwrap")
    if program is None:
        raise FileNotFoundError("bubblewrap (the program bwrap) is not installed")
    return program


def _above(paths: Iterable[Path]) -> Iterator[Path]:
    """The folders that they are in, those around these, and so on; each folder's own are looked up once."""
    for folder in {path.parent for path in paths}:
        yield folder
        yield from folder.parents


def _first_process(information: int) -> int | None:
    """A descriptor of the first process in the namespace, with whose end all others in it end; None without one."""
    poll = select.poll()
    poll.register(information, select.POLLIN)
    text = b""
    while poll.poll(_START_LIMIT_MS):
        piece = os.read(information, 4096)
        if not piece:
            break
        text += piece
        if text.rstrip().endswith(b"}"):
            try:
                return os.pidfd_open(json.loads(text)["child-pid"])
            except ProcessLookupError:
                break
    return None


class _Contained(Running):
    """Bubblewrap, the first process of its namespace, and below that the worker."""

    def __init__(self, popen: subprocess.Popen[bytes], first: int | None) -> None:
        super().__init__(popen)
        self._first = first

    def kill(self) -> int:
        """See `Process`. Returns when nothing in the namespace is left."""
        if self._first is not None and self._popen.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
            poll = select.poll()
            poll.register(self._first, select.POLLIN)
            poll.poll(_START_LIMIT_MS)
            os.close(self._first)
            self._first = None
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(1)  # it ends by itself, and leaves no zombie
        return super().kill()

    def _find(self) -> psutil.Process:
        family = super()._find().children(recursive=True)
        if len(family) < 2:  # the namespace's first process, and below it the worker
            raise psutil.NoSuchProcess(self._popen.pid)
        return family[-1]
