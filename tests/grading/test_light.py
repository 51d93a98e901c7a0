"""On which data a notebook is executed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from grader.grading import executing
from grader.grading.run import NoJournal, Run
from grader.grading.stages import HandInAtWork
from grader.model import CellRun
from grader.notebook.execute import Execution, Kitchen
from grader.reading.process import Here
from tests.conftest import SUBMISSIONS
from tests.finding import find

BROKEN = Execution(cells=(CellRun(3, "x", "failed", "IndexError"),))


@pytest.fixture
def executed_on(on_digits: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The datasets that alice's notebook is executed on, one after the other, and the remarks of the report."""

    def executed_on(
        how: str = "light",
        spared: Callable[[], bool] = lambda: True,
        known: bool = True,
        full: bool = False,
        has_small: bool = True,
        fails_on: str = "",
    ) -> tuple[list[str], str]:
        rubric = on_digits.rubric.in_full() if full else on_digits.rubric
        rubric = msgspec.structs.replace(
            rubric, notebook=msgspec.structs.replace(rubric.notebook, execute=how)
        )
        names = {tmp_path / "small": "small", on_digits.dataset.folder: "whole"}
        small = replace(on_digits.dataset, name="small", folder=tmp_path / "small")
        seen: list[str] = []

        def execute(code: object, folder: Path, kitchen: Kitchen) -> Execution:
            seen.append(names[kitchen.data])
            return BROKEN if seen[-1] == fails_on else Execution()

        monkeypatch.setattr(executing, "execute", execute)
        monkeypatch.setattr(executing.values, "are_known", lambda *_: known)
        run = replace(on_digits, rubric=rubric, reader=Here, small=small if has_small else None)
        (found,) = find([SUBMISSIONS / "alice"])
        (tmp_path / "handin").mkdir()
        work = HandInAtWork(found, run, tmp_path)
        result = work.execute(work.cells(), work.workplace(), NoJournal(), spared).result
        return seen, " ".join(result.notes) if result else ""

    return executed_on


def waits() -> bool:
    raise AssertionError("waited for the checks, though nothing hangs on them")


@pytest.mark.slow
def test_on_small_data_where_all_that_is_claimed_is_known(executed_on):
    seen, notes = executed_on()
    assert seen == ["small"]
    assert "Executed on small in place of digits" in notes


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [
        {"how": "always", "spared": waits},
        {"spared": lambda: False},
        {"known": False, "spared": waits},
        {"full": True, "spared": waits},
        {"has_small": False, "spared": waits},
    ],
    ids=lambda case: next(iter(case)),
)
def test_otherwise_on_the_dataset(executed_on, case):
    seen, notes = executed_on(**case)
    assert seen == ["whole"]
    assert "in place of" not in notes


def test_what_fails_on_small_data_is_tried_on_the_dataset(executed_on):
    seen, notes = executed_on(fails_on="small")
    assert seen == ["small", "whole"]
    assert "in place of" not in notes


def test_never(executed_on):
    assert executed_on(how="never", spared=waits) == ([], "")
