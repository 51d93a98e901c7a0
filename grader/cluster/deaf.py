"""Loaded by the workers of `local:N`: an interrupt at the terminal is for the coordinator, which ends them."""

from __future__ import annotations

import signal
from typing import Any


def dask_setup(worker: Any) -> None:
    """Called by Dask, in the main thread."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
