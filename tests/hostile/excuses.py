"""Marks that are to be had from inside the answers: observations made up to excuse wrong values.

The trainings on a dataset that blame something else are in `tests/checks/excuses.py`: the suite trains on none.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from tests.checks.excuses import EXCUSES

from .cases import Case
from .watch import Watch


def _writes(source: str) -> Callable[[Path, Watch], None]:
    def build(folder: Path, watch: Watch) -> None:
        (folder / "mlp.py").write_text(source)

    return build


CASES: tuple[Case, ...] = tuple(
    Case(
        "".join(c for c in name if c.isalnum() or c == " ").replace(" ", "_"),
        earns=sum(map(Decimal, cheat.at_most.values()), Decimal(0)),
        says=r".",
        build=_writes(cheat.source),
        harmless=True,
    )
    for name, cheat in EXCUSES.items()
)
