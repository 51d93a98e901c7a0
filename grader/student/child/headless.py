"""Backends of matplotlib that need a screen are taken as one that needs none, wherever they are asked for.

Hand-ins say `matplotlib.use("TkAgg")`, before or after they import pyplot: right work that would end there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

_NEED_NO_SCREEN = frozenset({"agg", "cairo", "pdf", "pgf", "ps", "svg", "template", "inline"})
_INLINE = "module://matplotlib_inline.backend_inline"


def install() -> None:
    """Have matplotlib take `MPLBACKEND` for every backend that needs a screen, once it is imported."""
    sys.meta_path.insert(0, _Finder())
    for name, patch in _PATCHES.items():
        if name in sys.modules:
            patch(sys.modules[name])


def _taken_for(backend: Any) -> Any:
    """The backend to use for one that is asked for."""
    if not isinstance(backend, str) or backend == _INLINE or backend.lower() in _NEED_NO_SCREEN:
        return backend
    return os.environ.get("MPLBACKEND", "Agg")


def _patch_settings(settings: Any) -> None:
    """`use`, `rcParams` and files of settings all ask this for a backend's name."""
    own = settings.validate_backend

    def validate_backend(backend: Any) -> Any:
        return own(_taken_for(backend))

    settings.validate_backend = validate_backend
    settings._validators["backend"] = validate_backend


def _patch_pyplot(pyplot: Any) -> None:
    own = pyplot.switch_backend

    def switch_backend(newbackend: Any) -> None:
        own(_taken_for(newbackend))

    pyplot.switch_backend = switch_backend


_PATCHES: dict[str, Callable[[Any], None]] = {
    "matplotlib.rcsetup": _patch_settings,
    "matplotlib.pyplot": _patch_pyplot,
}


class _Finder:
    """Finds these modules as the others do, and changes them when they are imported."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The module's spec, for the two that are changed; None for all others."""
        if name not in _PATCHES:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in others)), None)
        if spec is None or spec.loader is None:
            return spec
        loader: Any = spec.loader
        own = loader.exec_module

        def exec_module(module: Any) -> None:
            own(module)
            _PATCHES[name](module)

        loader.exec_module = exec_module
        return spec
