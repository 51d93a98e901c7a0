"""Reading hand-ins in tests: in the best sandbox that this machine has, with the settings of the rubric."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.grading.runner import Run
from grader.reading.messages import Asked, HandIn
from grader.reading.process import Confined
from tests.hostile import reader as monsters

Opened = Callable[..., Confined]


@pytest.fixture
def reader(on_digits: Run, temporary: Path) -> Iterator[Opened]:
    """Opens a hand-in, given as names and contents of its files: `reader(files, **fields of HandIn)`."""
    opened: list[Confined] = []

    def reader(files: monsters.Files, **fields: object) -> Confined:
        folder = Path(tempfile.mkdtemp(dir=temporary))
        staged = folder / "handin"
        staged.mkdir(parents=True)
        folder.chmod(0o711)
        monsters.write({n: c for n, c in files.items() if n.endswith(".py")}, staged)
        copy = folder / "notebook.ipynb"
        if "ps3.ipynb" in files:
            copy.write_bytes(files["ps3.ipynb"])
        rubric, reference = on_digits.rubric, on_digits.reference
        known = {
            "notebook": str(copy) if copy.exists() else "",
            "notebook_name": "ps3.ipynb" if copy.exists() else "",
            "questions": tuple(map(Asked.of, rubric.questions)),
            "templates": reference.templates(rubric.earlier_notebooks),
            "handed_out": {p.name: p.read_text() for p in reference.handed_out.glob("*.py")},
            "settings": rubric.notebook,
        }
        handin = HandIn(str(staged), rubric.entry, **{**known, **fields})  # type: ignore[arg-type]
        opened.append(Confined(on_digits.sandbox, handin, folder, threading.Event()))
        return opened[-1]

    yield reader
    for one in opened:
        one.close()
