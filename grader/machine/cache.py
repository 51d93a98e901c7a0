"""Where what can be made again is kept: prepared data, a list of fonts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import platformdirs


def cache_folder(environ: Mapping[str, str]) -> Path:
    """`GRADE_CACHE`, else the cache folder of this user (absolute)."""
    chosen = environ.get("GRADE_CACHE")
    return Path(chosen).expanduser().absolute() if chosen else Path(platformdirs.user_cache_dir("mlp-grader"))
