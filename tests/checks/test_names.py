"""Every mistake of the bank gets its own name: the confusion matrix of mistakes made and mistakes named."""

from __future__ import annotations

from collections import Counter

import pytest

from . import local
from .conftest import Grade
from .handins import BANK, RIGHT, WRONG


@pytest.mark.slow
def test_the_confusion_matrix_is_diagonal(grade: Grade, capsys: pytest.CaptureFixture[str]):
    """Made by hand-ins written by hand, named by formulas: each name where it belongs, and nowhere else."""
    matrix: Counter[tuple[str, str]] = Counter()
    for wrong in WRONG.values():
        if wrong.mistakes:
            named = {name for check in lost(grade(BANK.source(wrong))) for name in check.mistakes}
            made = " + ".join(sorted(wrong.mistakes))
            matrix[made, " + ".join(sorted(named)) or "-"] += 1
    with capsys.disabled():
        print("\nmistake made (row) and named (column), number of solutions")
        for (made, named), count in matrix.items():
            print(f"  {made:45} {named:45} {count}")
    assert {made for made, named in matrix if made != named} == set()
    assert len(matrix) >= 45


@pytest.mark.slow
def test_no_right_solution_gets_a_name(grade: Grade):
    for solution in RIGHT.values():
        assert not [
            check.id for check in local.checks(grade(BANK.source(solution))).values() if check.mistakes
        ]


def lost(report):
    return [check for check in local.checks(report).values() if check.earned < check.points]
