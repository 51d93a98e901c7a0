"""What both tiers share: who workers become, what they see, and the lock-down that they are told to go through."""

from __future__ import annotations

import functools
import itertools
import os
import platform
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Collection
from pathlib import Path
from typing import Any

from ..child.syscalls import ARCHITECTURE
from . import view
from .base import Forks, Launch, Process
from .command import CHILD, package_folders, settings
from .identity import spare_users
from .libraries import installed
from .warm import Warm

THREADS = 64
"""Threads that a worker may have. NumPy needs one."""


class _Seen:
    """A view, and how Landlock is told of it."""

    def __init__(self, seen: view.View) -> None:
        self.view = seen
        self.readable, self.cut = seen.readable()


class Confined(ABC):
    """A sandbox that holds."""

    tier = ""

    def __init__(
        self,
        answers: Collection[Path] = (),
        fonts: Path | None = None,
        packages: Collection[str] | None = None,
        warm: bool = False,
    ) -> None:
        """`answers`: folders that no worker may read; `fonts`: matplotlib's font list, where there is one.

        `packages`: those that hand-ins may import, None for all that are installed. A notebook needs Jupyter's beside
        them, and gets all: it earns no points. `warm`: whether workers are forked from a parent, see `warm`.

        Raises:
            OSError: the lock-down was not made for this kind of machine.
        """
        if (sys.platform, platform.machine()) != ("linux", ARCHITECTURE):
            raise OSError(
                f"it needs Linux on {ARCHITECTURE}, and this is {platform.system()} on {platform.machine()}"
            )
        users = spare_users()
        self.as_others = bool(users)
        """Whether workers become other users, who have to be able to read a staged hand-in."""
        self._users = itertools.cycle(users or [None])
        self.fonts = fonts
        self.libraries = None if packages is None else installed(tuple(packages))
        self._answers = answers
        paths = None if self.libraries is None else self.libraries.paths
        self._worker = _Seen(view.of_this_machine(answers, paths))
        self._warm = warm
        self._parents: dict[tuple[Any, ...], Warm] = {}
        self._asking = threading.Lock()

    def start(self, launch: Launch) -> Process:
        """See `Sandbox`."""
        if self._warm and launch.program in ("worker", "notebook") and not self._needs(launch):
            return self._parent(launch.program, launch).fork(launch, self._settings(launch))
        return self._start(launch)

    def _needs(self, launch: Launch) -> bool:
        """Whether something that it needs lies in the workspace, which is covered for what a parent forks."""
        view = self.view(launch)
        fonts = [self.fonts] if self.fonts else []
        workspace = launch.folder.parents[1]
        needed = (CHILD, *view.roots, *view.libraries, *launch.readable, *fonts)
        return any(path.is_relative_to(workspace) for path in needed)

    def _parent(self, program: Forks, launch: Launch) -> Warm:
        """Of what sees the same of the machine, and of hand-ins that are in folders of their own in the same one."""
        seen = (program, launch.folder.parents[1], launch.readable)
        with self._asking:
            if seen not in self._parents:
                self._parents[seen] = Warm(functools.partial(self._begin, *seen))
            return self._parents[seen]

    def _settings(self, launch: Launch) -> dict[str, Any]:
        return settings(launch, self._lockdown(launch), self.modules())

    @abstractmethod
    def _lockdown(self, launch: Launch) -> dict[str, Any]:
        """What the tier tells `lockdown`."""

    @abstractmethod
    def _start(self, launch: Launch) -> Process:
        """Start a process that imports all it needs itself."""

    @abstractmethod
    def _begin(
        self, program: Forks, workspace: Path, readable: tuple[Path, ...], socket: int, output: int
    ) -> subprocess.Popen[bytes]:
        """Start a parent of what runs the program, with its end of a connection."""

    def view(self, launch: Launch) -> view.View:
        """What a program sees of the machine's files."""
        return self._seen(launch).view

    def modules(self) -> tuple[str, ...] | None:
        """What a worker's student code may import; None for all that is installed."""
        return None if self.libraries is None else self.libraries.modules

    @functools.cached_property
    def _notebook(self) -> _Seen:
        return self._worker if self.libraries is None else _Seen(view.of_this_machine(self._answers))

    def _seen(self, launch: Launch) -> _Seen:
        return self._worker if (launch.forks or launch.program) == "worker" else self._notebook

    def lockdown(
        self, launch: Launch, private_files: bool, may_search: bool = False, threads_outside: int = 0
    ) -> dict[str, Any]:
        """What `child.lockdown.lock_down` is told; makes the worker's user the owner of its scratch folder.

        `may_search`: the spare user needs root's right to pass closed folders; `threads_outside`: how many
        threads the kernel counts against a worker that are not its own.
        """
        user = next(self._users)
        if user is not None:
            os.chown(launch.scratch, user, user)
        seen = self._seen(launch)
        return {
            "user": user,
            "may_search": may_search,
            "private_files": private_files,
            "read": [*seen.readable, str(launch.folder), *map(str, launch.readable)],
            "cut": seen.cut,
            "packages": package_folders(),
            "threads": THREADS + threads_outside,
            "fonts": str(self.fonts) if self.fonts else None,
            "sockets": launch.program == "notebook",
        }
