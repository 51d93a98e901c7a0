"""Tier B: no namespaces, as in a container; the worker locks itself down and can write no file at all."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import psutil

from .base import Launch
from .command import CHILD, spawn
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
    ) -> None:
        super().__init__(answers, fonts, packages)
        self._outside = 0 if self.as_others else _threads_of(os.geteuid())

    def start(self, launch: Launch) -> Running:
        """Start a worker."""
        # Python below /root, say: the spare user could not import a thing. Landlock rules over root's right too.
        view = self.view(launch)
        needed = (CHILD, *view.roots, *view.libraries, launch.folder, *launch.readable)
        may_search = self.as_others and not all(map(_open_to_others, needed))
        lockdown = self.lockdown(launch, False, may_search, self._outside)
        return Running(spawn(launch, lockdown, modules=self.modules()))


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
