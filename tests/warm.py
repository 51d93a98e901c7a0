"""Which of the processes of a test are warm parents, that stay as long as their sandbox does."""

from __future__ import annotations

import os

import psutil


def parents() -> set[psutil.Process]:
    """The warm parents of this process: children of its own, or of the bubblewrap in which they are the first."""
    found = set()
    for one in psutil.Process().children(recursive=True):
        above = one.parent()
        is_warm = any("child.warm" in part for part in one.cmdline()) and one.name() != "bwrap"
        if is_warm and above is not None and (above.name() == "bwrap" or above.pid == os.getpid()):
            found.add(one)
    return found
