"""What stands between student code and the machine: one protocol, one class for each tier."""

from collections.abc import Callable

from .base import Launch, Process, Sandbox
from .bubblewrap import Bubblewrap
from .landlocked import Landlocked
from .practice import Practice

TIERS: dict[str, Callable[..., Sandbox]] = {"A": Bubblewrap, "B": Landlocked}
"""Those that can hold, the stronger first: they take what `Confined` takes."""

__all__ = ["TIERS", "Bubblewrap", "Landlocked", "Launch", "Practice", "Process", "Sandbox"]
