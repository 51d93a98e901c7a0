"""Which sandbox the hand-ins of a run are put in: the first tier that a canary could not break out of."""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from ..assignment.reference import Reference
from ..assignment.rubric import Rubric
from ..errors import GraderError
from ..machine import fonts
from ..machine.cache import cache_folder
from ..student.canary import Choice, Facts, NoSandbox, NotTried, choose
from ..student.sandbox import TIERS, Launch, Process, Sandbox
from ..student.sandbox.libraries import installed

_INSTALLED = ("sklearn", "msgspec")
"""Packages that the grader itself needs, a large one with code to train with and a small one."""


@dataclass
class Elsewhere:
    """The sandboxes of other machines, where the hand-ins of this run are: nothing can be started in it here."""

    tier: str = ""

    def start(self, launch: Launch) -> Process:
        """Never."""
        raise GraderError("the hand-ins of this run are graded on a cluster, and not here")


def tiers(rubric: Rubric, reference: Reference) -> dict[str, Callable[..., Sandbox]]:
    """Makers of the sandboxes, the strongest first, each set up to hide this assignment's answers."""
    answers = (reference.folder, rubric.path.resolve().parent)
    font_list = fonts.prepared(cache_folder(os.environ))
    return {
        name: functools.partial(tier, answers, font_list, rubric.packages) for name, tier in TIERS.items()
    }


def facts(rubric: Rubric, reference: Reference, workspace: Path) -> Facts:
    """What the canary reaches for."""
    answers = (reference.folder / "solution.py", reference.folder / "expected.npz", rubric.path.resolve())
    return Facts(workspace, answers, foreign(rubric.packages))


def foreign(packages: Collection[str]) -> tuple[Path, ...]:
    """Packages that are installed wherever the grader is, those of them that hand-ins may not use."""
    found = (
        importlib.util.find_spec(name)
        for name in _INSTALLED
        if name not in installed(tuple(packages)).modules
    )
    return tuple(Path(spec.origin).resolve() for spec in found if spec and spec.origin)


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
