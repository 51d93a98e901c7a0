"""What every sandbox takes and gives."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

WATCHDOG = getattr(signal, "SIGRTMAX", signal.SIGUSR1) - (1 if hasattr(signal, "SIGRTMAX") else 0)
"""The signal that makes a worker write its stack: one that hardly any program uses for itself."""


Forks = Literal["worker", "notebook"]
"""Programs that a warm parent can be had for."""


@dataclass(frozen=True)
class Launch:
    """What a process for student code needs: the staged hand-in, descriptors to inherit, and hard limits."""

    folder: Path
    scratch: Path
    """Working folder of the process, empty and private to it."""
    socket: int
    output: int
    """Write end of the pipe that takes stdout and stderr."""
    arrays: Mapping[str, int]
    """Names of dataset arrays to descriptors, open for reading, of their `.npy` files."""
    memory: int
    """Bytes of address space."""
    cpu: int
    """Seconds of CPU over the worker's life, the backstop behind the per-call limits."""
    file_size: int
    """Bytes of any file that it writes."""
    program: Literal["worker", "notebook", "reader", "warm"] = "worker"
    """What runs: the module of that name in `child`."""
    forks: Forks | None = None
    """Which of them a warm parent forks."""
    stack: int | None = None
    """Write end of the pipe that takes a worker's stack."""
    readable: tuple[Path, ...] = ()
    """Files that it may read beside the hand-in, where they are."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What else the program wants to be told, as JSON."""


class Process(Protocol):
    """A running worker."""

    def cpu_seconds(self) -> float:
        """CPU time used so far; 0.0 once it has ended."""

    def ask_for_stack(self) -> None:
        """Make it write its Python stack to the `stack` descriptor, if it still can."""

    def has_ended(self, patience: float) -> bool:
        """Whether it ends by itself within so many seconds."""

    def kill(self) -> int:
        """SIGKILL it and all that it started; return its exit status (negative: the signal)."""


class Sandbox(Protocol):
    """A way of starting workers; `tier` goes into every report."""

    tier: str

    def start(self, launch: Launch) -> Process:
        """Start a worker; `OSError` where the machine cannot."""
