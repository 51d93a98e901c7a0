"""A hand-in of our own that tries what is forbidden: a sandbox counts only where every attempt fails."""

from .probe import Choice, Facts, NoSandbox, NotTried, Probe, Trial, choose, probe

__all__ = ["Choice", "Facts", "NoSandbox", "NotTried", "Probe", "Trial", "choose", "probe"]
