"""Hand-ins made on the spot, and clients for them that are closed when the test is over."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.entry_point import EntryPoint
from grader.student.budget import SubmissionTime
from grader.student.client import Student
from grader.student.process import Limits
from grader.student.sandbox import Practice

ENTRY = EntryPoint("mlp.py", ("Net",))
LIMITS = Limits(
    call_cpu=5,
    call_wall=20,
    check_cpu=30,
    check_wall=60,
    worker_cpu=60,
    memory=2 << 30,
    file_size=1 << 20,
)

NET = """
import numpy as np

class Net:
    def __init__(self, *args, **kwargs):
        self.params = {"W": np.zeros((2, 3)), "b": np.zeros(3)}
"""
"""A class that can be made; tests add methods to it."""

MakeStudent = Callable[..., Student]


def net_with(method: str) -> str:
    """Source of a module whose class has the given method (or methods) besides its constructor."""
    return NET + textwrap.indent(textwrap.dedent(method), "    ")


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the grader makes its temporary ones, empty."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def make_student(tmp_path: Path, temp: Path) -> Iterator[MakeStudent]:
    """Make a client for a module of the given source: `make_student(source, siblings, **limits)`."""
    made: list[Student] = []

    def make(
        source: str,
        siblings: dict[str, str] | None = None,
        *,
        datasets: dict[str, Path] | None = None,
        whole: SubmissionTime | None = None,
        cancelled: threading.Event | None = None,
        sandbox: Any = None,
        oracle: Any = None,
        **limits: Any,
    ) -> Student:
        folder = tmp_path / f"staged{len(made)}"
        folder.mkdir()
        for name, text in {"mlp.py": source, **(siblings or {})}.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(textwrap.dedent(text))
        bounds = Limits(**{**vars(LIMITS), **limits})
        student = Student(
            sandbox or Practice(),
            folder,
            bounds,
            ENTRY,
            datasets,
            whole,
            cancelled,
            (),
            oracle,
            {"loss": ("X", "y", "reg")},
        )
        made.append(student)
        return student

    yield make
    for student in made:
        student.close()
