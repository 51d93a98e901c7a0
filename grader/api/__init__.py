"""What an assignment is written with: `checks.py` and `mistakes.py` import from here, and from `grader.batteries`.

In comes what an instructor declares; out go checks that the harness runs as its own. Nothing here knows a rubric, a
report or a sandbox. docs/assignments.md teaches it.
"""

from __future__ import annotations

from .answers import Answer
from .declared import Check, Mistake, alternative, check, mistake
from .sides import Made, Side
from .trial import Lost, Trial

__all__ = ["Answer", "Check", "Lost", "Made", "Mistake", "Side", "Trial", "alternative", "check", "mistake"]
