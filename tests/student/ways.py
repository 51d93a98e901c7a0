"""Each tier, and each with its workers forked from a warm parent."""

from __future__ import annotations

import functools
from collections.abc import Callable

from grader.student.sandbox import TIERS, Sandbox

WAYS: dict[str, Callable[..., Sandbox]] = {
    **TIERS,
    **{f"{name}, warm": functools.partial(tier, warm=True) for name, tier in TIERS.items()},
}
