"""Marks that are to be had from inside the answers: observations made up to excuse wrong values."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from tests.checks.excuses import BLAMED, EXCUSES

from .cases import Case
from .watch import Watch

ACCURACY = {"Q2.3": Decimal(1), "Q2.4": Decimal(1)}
"""What bounds without the training on a dataset leave out."""
ELSEWHERE = {"Q2.1": Decimal(5), "Q2.2": Decimal(10)}


def _writes(source: str) -> Callable[[Path, Watch], None]:
    def build(folder: Path, watch: Watch) -> None:
        (folder / "mlp.py").write_text(source)

    return build


def _case(name: str, source: str, most: Decimal) -> Case:
    words = "".join(c if c.isalnum() or c == " " else "" for c in name)
    return Case(words.replace(" ", "_"), earns=most, says=r".", build=_writes(source), harmless=True)


CASES: tuple[Case, ...] = (
    *(
        _case(name, cheat.source, sum(map(Decimal, cheat.at_most.values()), sum(ACCURACY.values())))
        for name, cheat in EXCUSES.items()
    ),
    *(
        _case(name, cheat.source, sum(map(Decimal, {**ELSEWHERE, **cheat.at_most}.values()), Decimal(0)))
        for name, cheat in BLAMED.items()
    ),
)
