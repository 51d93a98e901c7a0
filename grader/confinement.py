"""Which sandbox the hand-ins of a run are put in: the first tier that a canary could not break out of."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

from . import fonts
from .datasets import cache_folder
from .errors import GraderError
from .reference import Reference
from .rubric import Rubric
from .student.canary import Choice, Facts, NoSandbox, NotTried, choose
from .student.sandbox import TIERS, Sandbox


def tiers(rubric: Rubric, reference: Reference) -> dict[str, Callable[[], Sandbox]]:
    """Makers of the sandboxes, the strongest first, each set up to hide this assignment's answers."""
    answers = (reference.folder, rubric.path.resolve().parent)
    font_list = fonts.prepared(cache_folder(os.environ))
    return {name: functools.partial(tier, answers, font_list) for name, tier in TIERS.items()}


def facts(rubric: Rubric, reference: Reference, workspace: Path) -> Facts:
    """What the canary reaches for."""
    answers = (reference.folder / "solution.py", reference.folder / "expected.npz", rubric.path.resolve())
    return Facts(workspace, answers)


def sandbox_for(rubric: Rubric, reference: Reference, workspace: Path) -> Choice:
    """The sandbox to grade in; `GraderError` where none holds, or none could be tried."""
    try:
        return choose(tiers(rubric, reference), facts(rubric, reference, workspace))
    except NotTried as error:
        raise GraderError(
            f"the machine is short of something that starting a sandbox takes ({error}); nothing was graded: make "
            "room, or raise the limit (`ulimit -a` shows them), and give the command again"
        ) from None
    except NoSandbox as error:
        raise GraderError(
            f"no sandbox holds on this machine ({error}); `grade doctor` says what to do; `--practice` runs "
            "without one, for hand-ins that you trust and not for marking"
        ) from None
