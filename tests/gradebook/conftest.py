"""A gradebook to damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.gradebook import Gradebook
from tests.gradebook import books


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a gradebook, not to be changed."""
    folder = books.filled(tmp_path_factory.mktemp("sound")).parent
    Gradebook(folder).close()  # which makes today's copy
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(sound, tmp_path / "out")
    return tmp_path / "out"
