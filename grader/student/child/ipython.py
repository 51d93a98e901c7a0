"""Names that a notebook has and a module has not: "Download as .py" leaves their uses behind."""

from __future__ import annotations

import builtins
from typing import Any

NAMES = ("get_ipython", "display", "exit", "quit")


class _Nothing:
    """Whatever is asked of it, it does nothing: magics and shell commands of a notebook."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self


class Supplied:
    """Supplies the names; `exit()` does nothing while a module is imported, as in a notebook."""

    def __init__(self) -> None:
        self._importing = True
        nothing = _Nothing()
        for name, value in {
            "get_ipython": lambda: nothing,
            "display": lambda *args, **kwargs: None,
            "exit": self._exit,
            "quit": self._exit,
        }.items():
            if not hasattr(builtins, name):
                setattr(builtins, name, value)

    def imported(self) -> None:
        """From now on `exit()` ends the program, as it does in Python."""
        self._importing = False

    def _exit(self, code: Any = None) -> None:
        if not self._importing:
            raise SystemExit(code)
