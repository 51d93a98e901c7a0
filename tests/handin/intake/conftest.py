"""A process that opens archives, for all tests of one session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from grader.handin.unpacking.process import Opener


@pytest.fixture(scope="session")
def opener(temporary: Path) -> Iterator[Opener]:
    """In the best sandbox of this machine, as in a run."""
    with closing(Opener(temporary)) as opener:
        yield opener


class _Lent:
    """The same opener, which does not end with a desk: thousands of desks are set up in these tests."""

    def __init__(self, opener: Opener) -> None:
        self.ask = opener.ask

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def one_process(opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked for in these tests is opened by one process; runs have one each."""
    monkeypatch.setattr("grader.handin.intake.place.Opener", lambda workspace: _Lent(opener))
