"""The command that starts a worker, the same in every tier but for its lock-down."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from .base import WATCHDOG, Launch

CHILD = Path(__file__).resolve().parent.parent / "child"
BOOT = f"import sys; sys.path.insert(0, sys.argv[1]); from {CHILD.name}.worker import main; main()"


def interpreter() -> str:
    """The Python under the grader's environment: workers get their packages by name, not from a venv."""
    base: str = getattr(sys, "_base_executable", "") or sys.executable
    return os.path.realpath(base)


def package_folders() -> list[str]:
    """Where installed packages are. An environment may be layered over another, so not just one folder.

    The grader's own checkout, which an editable install puts on the path, is no such folder.
    """
    return [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]


def command(launch: Launch, lockdown: dict[str, Any] | None) -> list[str]:
    """Arguments that run a worker; `lockdown` as `child.lockdown.lock_down` wants it, None for none."""
    config = {
        "socket": launch.socket,
        "stack": launch.stack,
        "arrays": dict(launch.arrays),
        "folder": str(launch.folder),
        "scratch": str(launch.scratch),
        "packages": package_folders(),
        "limits": {"memory": launch.memory, "cpu": launch.cpu, "file_size": launch.file_size},
        "watchdog": WATCHDOG,
        "lockdown": lockdown,
    }
    # -P -s -S: no script folder, no user site, no .pth file that would put the grader's answers on the path.
    # Not -I: it would ignore PYTHONHASHSEED, and a set of names must have the same order each time.
    return [interpreter(), "-P", "-s", "-S", "-B", "-u", "-c", BOOT, str(CHILD.parent), json.dumps(config)]


def inherited(launch: Launch) -> tuple[int, ...]:
    """The descriptors that a worker needs beside its standard ones."""
    return (launch.socket, launch.stack, *launch.arrays.values())


def environment(scratch: Path) -> dict[str, str]:
    """No secrets, no user settings; one BLAS thread, so that workers do not fight over the cores."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "MPLCONFIGDIR": str(scratch / "matplotlib"),
        "MPLBACKEND": "Agg",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "VECLIB_MAXIMUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
