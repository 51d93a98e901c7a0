"""Tier B: no namespaces, as in a container; the worker locks itself down and can write no file at all."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection
from pathlib import Path
from typing import Any

import psutil

from .base import Forks, Launch
from .command import CHILD, of_parent, spawn
from .confined import Confined
from .running import Running


class Landlocked(Confined):
    """Landlock, seccomp and resource limits; its working folder stays empty."""

    tier = "B: Landlock and seccomp"

    def __init__(
        self,
        answers: Collection[Path] = (),
        fonts: Path | None = None,
        packages: Collection[str] | None = None,
        warm: bool = False,
    ) -> None:
        super().__init__(answers, fonts, packages, warm)
        self._outside = 0 if self.as_others else _threads_of(os.geteuid())

    def _lockdown(self, launch: Launch) -> dict[str, Any]:
        # Python below /root, say: the spare user could not import a thing. Landlock rules over root's right too.
        view = self.view(launch)
        needed = (CHILD, *view.roots, *view.libraries, launch.folder, *launch.readable)
        may_search = self.as_others and not all(map(_open_to_others, needed))
        return self.lockdown(launch, False, may_search, self._outside)

    def _start(self, launch: Launch) -> Running:
        return Running(spawn(launch, self._settings(launch)))

    def _begin(
        self, program: Forks, workspace: Path, readable: tuple[Path, ...], socket: int, output: int
    ) -> subprocess.Popen[bytes]:
        launch, told = of_parent(program, workspace, readable, socket, output)
        return spawn(launch, {**told, "namespaces": False})


def _open_to_others(path: Path) -> bool:
    """Whether any user may pass all folders on the way to `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in path.parents)


def _threads_of(user: int) -> int:
    """How many threads a user has on this machine: without a namespace, the kernel counts them all."""
    count = 0
    for process in psutil.process_iter():
        try:
            if process.uids().real == user:
                count += process.num_threads()
        except psutil.Error:
            continue
    return count
