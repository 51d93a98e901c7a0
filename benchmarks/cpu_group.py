"""The computing of a command and of all that it starts, also of what is killed: from a group of the kernel's."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_FIRST = Path("/sys/fs/cgroup/cpuacct")
_SECOND = Path("/sys/fs/cgroup")


class Cost(NamedTuple):
    """Seconds."""

    wall: float
    cpu: float
    """NaN where this machine gives this user no such group."""


def cost(command: Sequence[str], env: dict[str, str] | None = None) -> Cost:
    """Run a command to its end, and what it took; `CalledProcessError` where it fails."""
    with _group() as group:

        def join() -> None:
            if group is not None:
                (group / "cgroup.procs").write_text(str(os.getpid()))

        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, preexec_fn=join, env=env)
        wall = time.perf_counter() - started
        return Cost(wall, _used(group))


def _used(group: Path | None) -> float:
    if group is None:
        return float("nan")
    if (first := group / "cpuacct.usage").exists():
        return int(first.read_text()) / 1e9
    return int((group / "cpu.stat").read_text().split()[1]) / 1e6


@contextlib.contextmanager
def _group() -> Iterator[Path | None]:
    root = _FIRST if _FIRST.is_dir() else _SECOND
    group = root / f"grade-{uuid.uuid4().hex[:8]}"
    try:
        group.mkdir()
    except OSError:
        yield None
        return
    try:
        yield group
    finally:
        for _ in range(100):  # what was killed may take a moment to be gone
            try:
                group.rmdir()
                break
            except OSError:
                time.sleep(0.05)
