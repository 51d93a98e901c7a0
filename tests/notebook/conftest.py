"""Executing notebooks in tests: in the best sandbox that this machine has, with short deadlines."""

from __future__ import annotations

import dataclasses
import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from grader.grading.runner import Run
from grader.notebook.execute import Kitchen
from tests.notebook import notebooks

Executor = Callable[..., notebooks.Ran]


@pytest.fixture
def kitchen(on_digits: Run) -> Kitchen:
    settings = on_digits.rubric.notebook
    assert settings is not None
    short = msgspec.structs.replace(settings, cell_wall=2.0, wall=60.0)
    return Kitchen(on_digits.sandbox, short, 4 << 30, 16 << 20, on_digits.dataset.folder, threading.Event())


@pytest.fixture
def run_cells(kitchen: Kitchen, temporary: Path, request: pytest.FixtureRequest) -> Executor:
    """Executes sources of code cells beside some files: `run_cells(cells, files, **settings)`."""
    count = itertools.count()

    def run(cells: list[str], files: dict[str, str] | None = None, **settings: object) -> notebooks.Ran:
        folder = temporary / f"{abs(hash(request.node.nodeid))}-{next(count)}" / "work"
        folder.mkdir(parents=True)
        folder.parent.chmod(0o711)
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        changed = msgspec.structs.replace(kitchen.settings, **settings)
        return notebooks.run(cells, folder, dataclasses.replace(kitchen, settings=changed))

    return run
