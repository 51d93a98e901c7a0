"""What both tiers share: who workers become, what they see, and the lock-down that they are told to go through."""

from __future__ import annotations

import platform
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from ..child.kernel import ARCHITECTURE
from . import view
from .base import Launch
from .identity import spare_user

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
        self.user = spare_user()
        self.view = view.of_this_machine(answers)
        self.fonts = fonts
        self._readable, self._listable = self.view.readable()

    def lockdown(
        self, launch: Launch, private_files: bool, may_search: bool = False, threads_outside: int = 0
    ) -> dict[str, Any]:
        """What `child.lockdown.lock_down` is told.

        `may_search`: the spare user needs root's right to pass closed folders; `threads_outside`: how many
        threads the kernel counts against a worker that are not its own.
        """
        return {
            "user": self.user,
            "may_search": may_search,
            "private_files": private_files,
            "read": [*self._readable, str(launch.folder)],
            "list": self._listable,
            "threads": THREADS + threads_outside,
            "fonts": str(self.fonts) if self.fonts else None,
        }
