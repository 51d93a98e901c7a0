"""Dask's own scheduler and workers, where a hand-in kills or hangs them: nobody else's is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.cluster import crew as crews
from grader.cluster import engine, work
from grader.cluster.crew import Crew, connected
from grader.cluster.engine import Patience
from grader.cluster.target import Local
from grader.grading.engine import Job, NotGraded, Site
from grader.grading.runner import Run
from grader.handin.submission import Submission
from tests.cluster import poison
from tests.hangs import LATE

pytestmark = pytest.mark.slow
Start = Callable[[Patience], Crew]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, on_digits: Run, said: list[str]) -> Iterator[Start]:
    monkeypatch.setattr(engine, "work", poison)
    monkeypatch.setattr(work, "hello", poison.hello)
    opened = []

    def make(patience: Patience) -> Crew:
        opened.append(connected(Local(2), on_digits, 1, said.append, patience))
        return opened[-1].__enter__()

    yield make
    for one in opened:
        one.__exit__(None, None, None)


def site() -> Site:
    return Site(None, None, lambda key: None, lambda id: None, lambda id, text: None)  # type: ignore[arg-type]


def job(id: str, nonce: str, problem: str = "") -> Job:
    return Job(Submission(id, Path("/nowhere"), None, None, problem=problem), f"key-{id}", nonce)


def test_a_hand_in_that_kills_its_workers_is_not_graded_and_all_others_are(start: Start):
    crew = start(Patience(LATE, LATE, LATE))
    with crew.engine(site()) as flying:
        others = [flying.submit(job(f"s{i}", "1")) for i in range(4)]
        bad = flying.submit(job("bad", poison.DIES))
        others += [flying.submit(job(f"t{i}", "1")) for i in range(8)]
        with pytest.raises(NotGraded, match="3 workers were lost with it"):
            bad.result(LATE)
        assert [one.result(LATE).findings for one in others] == [b"found"] * 12


def test_a_hand_in_that_hangs_a_worker_costs_that_one_its_limit(
    start: Start, said: list[str], tmp_path: Path
):
    crew = start(Patience(6, LATE, LATE))
    with crew.engine(site()) as flying:
        bad = flying.submit(job("bad", poison.HANGS_ONCE, str(tmp_path / "once")))
        others = [flying.submit(job(f"s{i}", "1")) for i in range(8)]
        assert [one.result(LATE).findings for one in others] == [b"found"] * 8
        assert bad.result(LATE).findings == b"found", "on another worker"
        (line,) = said
        assert "has not answered for 6 seconds" in line
        while len(crew.roll.grading) < 2:  # its nanny has started it anew
            crew.call(crews.asyncio.sleep(0.1))


def test_hand_ins_and_findings_travel_whatever_their_size(start: Start, tmp_path: Path):
    folder = tmp_path / "large"
    folder.mkdir()
    (folder / "mlp.py").write_bytes(b"#" * (2 << 20))
    (folder / "ps3.ipynb").write_bytes(b" " * (40 << 20))
    crew = start(Patience(LATE, LATE, LATE))
    with crew.engine(site()) as flying:
        one = flying.submit(Job(Submission("large", folder, "mlp.py", "ps3.ipynb"), "key", poison.ECHOES))
        assert one.result(LATE).findings == b" " * (40 << 20)
