"""What stands between student code and the machine: one protocol, one class for each tier."""

from collections.abc import Callable, Collection
from pathlib import Path

from .base import Launch, Process, Sandbox
from .bubblewrap import Bubblewrap
from .landlocked import Landlocked
from .practice import Practice

TIERS: dict[str, Callable[[Collection[Path], Path | None, Collection[str] | None], Sandbox]] = {
    "A": Bubblewrap,
    "B": Landlocked,
}
"""Those that can hold, the stronger first: from the answers' folders, the font list, the packages (see `Confined`)."""

__all__ = ["TIERS", "Bubblewrap", "Landlocked", "Launch", "Practice", "Process", "Sandbox"]
