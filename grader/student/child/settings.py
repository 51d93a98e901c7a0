"""How each program in here begins: bound to the grader's life, told its settings, with its packages and no more."""

from __future__ import annotations

import json
import sys
from typing import Any

from . import lockdown


def read() -> dict[str, Any]:
    """The settings of this program; modules are looked for in its `packages`, and not where this file was found."""
    lockdown.die_with_the_grader()
    with open(int(sys.argv[2])) as file:
        config: dict[str, Any] = json.load(file)
    sys.path[0:1] = []
    sys.path.extend(config["packages"])
    return config
