"""What is the same for every hand-in of a run: the sandbox tried while the dataset is looked for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..assignment.datasets import NONE, SMALL
from ..assignment.reference import Reference
from ..assignment.rubric import Rubric
from ..student.canary import Choice
from ..student.slots import Slots
from .loading import dataset_of
from .run import Run


def settings(
    rubric: Rubric,
    reference: Reference,
    dataset: str,
    slots: Slots,
    workspace: Path,
    choose: Callable[[], Choice],
    say: Callable[[str], None],
) -> Run:
    """A run on the dataset of that name, in the sandbox that `choose` gives; raises what these raise.

    What whoever grades should know is told to `say`, a line each.
    """
    with ThreadPoolExecutor(max_workers=1) as beside:
        choosing = beside.submit(choose)
        found = dataset_of(reference, dataset, say)
        light = rubric.notebook is not None and rubric.notebook.execute == "light"
        small = dataset_of(reference, SMALL, say) if light and found.name not in (SMALL, NONE.name) else None
        chosen = choosing.result()
    if chosen.passed_over:
        say(f"hand-ins run in tier {chosen.sandbox.tier}; {'; '.join(chosen.passed_over)}")
    return Run(rubric, reference, found, chosen.sandbox, slots, workspace, small=small)
