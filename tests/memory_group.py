"""A memory group of the kernel's (cgroup, of version 1 or 2) with a bound, around one command."""

from __future__ import annotations

import contextlib
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_FIRST = ("memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control")
_SECOND = ("memory.max", "memory.peak", "memory.events")


class NoMemoryGroup(Exception):
    """This machine gives none to this user."""


@dataclass(frozen=True)
class Ended:
    """How a command in a group went."""

    code: int
    output: str
    peak: int
    """Bytes, of all processes together."""
    killed: int
    """Processes that the kernel killed for want of memory."""


def run(command: Sequence[str], folder: Path, most: int | None = None, seconds: float = 600) -> Ended:
    """Run a command, in `folder`, whose processes have `most` bytes together.

    Raises:
        NoMemoryGroup: none can be made here.
    """
    with _group() as (group, (bound, peak, events)):
        if most is not None:
            (group / bound).write_text(str(most))
        enter = ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs"), *command]
        done = subprocess.run(enter, cwd=folder, capture_output=True, text=True, check=False, timeout=seconds)
        said = dict(line.split() for line in (group / events).read_text().splitlines())
        return Ended(
            done.returncode,
            done.stdout + done.stderr,
            int((group / peak).read_text()),
            int(said.get("oom_kill", 0)),
        )


@contextlib.contextmanager
def _group() -> Iterator[tuple[Path, tuple[str, str, str]]]:
    version_1 = (_ROOT / "memory").is_dir()
    group = (_ROOT / "memory" if version_1 else _ROOT) / f"grade-test-{uuid.uuid4().hex}"
    files = _FIRST if version_1 else _SECOND
    try:
        group.mkdir()
    except OSError as error:
        raise NoMemoryGroup(str(error)) from None
    try:
        if not all((group / file).exists() for file in files):
            raise NoMemoryGroup(f"no {', '.join(files)} in {group}")
        yield group, files
    finally:
        for _ in range(100):  # it goes once its last process has
            with contextlib.suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.1)
