"""What is the same for every hand-in of a run, and where what is done of one is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..assignment.datasets import Dataset
from ..assignment.reference import Reference
from ..assignment.rubric import Rubric
from ..reading.messages import HandIn
from ..reading.process import Confined, Reader
from ..student.process import Worker
from ..student.sandbox import Sandbox
from ..student.slots import Slots


@dataclass(frozen=True)
class Run:
    """What is the same for every hand-in of a run."""

    rubric: Rubric
    reference: Reference
    dataset: Dataset
    sandbox: Sandbox
    slots: Slots
    workspace: Path
    """Folder for temporary ones (see `workspace.workspace`)."""
    worker: type[Worker] = Worker
    """What runs a hand-in's code."""
    reader: Callable[[Sandbox, HandIn, Path, threading.Event], Reader] = Confined
    """What reads a hand-in."""
    small: Dataset | None = None
    """What notebooks may be executed on in place of the dataset (see `Notebook.execute`); None where they never are."""
    kept: dict[Any, Any] = field(default_factory=dict)
    """What an assignment's second tries keep for all hand-ins, each under a key of its own."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    """Set to make every thread stop at once and kill its worker."""
    say: Callable[[str], None] = lambda _: None
    """Told, from any thread, which check is running."""


class Journal(Protocol):
    """Where finished parts of a hand-in at work are kept, by name: checks, and the execution of the notebook."""

    def part(self, name: str) -> bytes | None:
        """What was kept; None where nothing was."""

    def keep(self, name: str, content: bytes) -> None:
        """Keep it, before anything else is begun."""


class NoJournal:
    """Keeps nothing."""

    def part(self, name: str) -> bytes | None:
        """None."""

    def keep(self, name: str, content: bytes) -> None:
        """Nothing."""
