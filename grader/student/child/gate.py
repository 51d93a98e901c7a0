"""Which modules student code may import: Python's own, those of the packages allowed, and what was handed in."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from typing import Any


class Gate:
    """A finder that comes before all others, and refuses what else there may be as if it were not installed.

    Student code can take it away. What keeps other packages out then is that their files cannot be read; this makes
    an import fail alike where nothing does (in practice), and with the same words on every machine.
    """

    def __init__(self, modules: Collection[str], folder: str) -> None:
        self._allowed = frozenset({*sys.stdlib_module_names, *modules})
        # Python's own folder holds a few more than it tells of.
        self._folders = (folder, os.path.dirname(os.__file__))

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """None for what may be looked for further on."""
        top = name.partition(".")[0]
        if path is None and top not in self._allowed and not self._is_there(top):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    def _is_there(self, name: str) -> bool:
        places = [os.path.join(folder, name) for folder in self._folders]
        return any(os.path.exists(place + ".py") or os.path.isdir(place) for place in places)
