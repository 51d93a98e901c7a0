"""What both tiers share: who workers become, what they see, and the lock-down that they are told to go through."""

from __future__ import annotations

import itertools
import os
import platform
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from ..child.syscalls import ARCHITECTURE
from . import view
from .base import Launch
from .command import package_folders
from .identity import spare_users

THREADS = 64
"""Threads that a worker may have. NumPy needs one."""


class Confined:
    """A sandbox that holds."""

    def __init__(self, answers: Collection[Path] = (), fonts: Path | None = None) -> None:
        """`answers`: folders that no worker may read; `fonts`: matplotlib's font list, where there is one.

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
        self.view = view.of_this_machine(answers)
        self.fonts = fonts
        self._readable, self._cut = self.view.readable()

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
        return {
            "user": user,
            "may_search": may_search,
            "private_files": private_files,
            "read": [*self._readable, str(launch.folder), *map(str, launch.readable)],
            "cut": self._cut,
            "packages": package_folders(),
            "threads": THREADS + threads_outside,
            "fonts": str(self.fonts) if self.fonts else None,
            "sockets": launch.program == "notebook",
        }
