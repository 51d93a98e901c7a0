"""The process beside the grader that writes reports."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from grader.errors import GraderError
from grader.model import GradeReport
from grader.report import rendering
from tests.report import report_samples as samples


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def named(id: str) -> GradeReport:
    return msgspec.structs.replace(samples.partly_failed(), submission=id)


@pytest.mark.slow
def test_it_writes_what_would_be_written_here(tmp_path: Path):
    with rendering.Several(2) as beside:
        futures = [beside.submit(named(f"s{i}"), tmp_path / "beside" / f"s{i}") for i in range(6)]
    for i in (0, 5):
        futures[i].result()
        rendering.Here().submit(named(f"s{i}"), tmp_path / "here" / f"s{i}").result()
        assert files(tmp_path / "beside" / f"s{i}") == files(tmp_path / "here" / f"s{i}")
    assert len(list((tmp_path / "beside").iterdir())) == 6


@pytest.mark.slow
@pytest.mark.parametrize("kind", [rendering.Here, rendering.Beside])
def test_a_place_that_cannot_be_written_is_named_and_the_next_one_written(tmp_path: Path, kind: type):
    (tmp_path / "taken").write_text("a file")
    renderer = kind()
    with renderer if kind is rendering.Beside else renderer_alone():
        refused = renderer.submit(named("a"), tmp_path / "taken" / "a")
        written = renderer.submit(named("b"), tmp_path / "b")
        with pytest.raises(rendering.CannotRender, match="taken"):
            refused.result(60)
        written.result(60)


@pytest.mark.parametrize("kind", [rendering.Here, rendering.Beside])
def test_a_report_that_we_cannot_draw_is_our_fault_and_the_next_one_written(tmp_path: Path, kind: type):
    odd = msgspec.structs.replace(samples.partly_failed(), earned=samples.points("NaN"))
    renderer = kind()
    with renderer if kind is rendering.Beside else renderer_alone():
        refused = renderer.submit(odd, tmp_path / "a")
        written = renderer.submit(named("b"), tmp_path / "b")
        with pytest.raises(rendering.CannotRender) as error:
            refused.result(60)
        assert "Traceback" in error.value.trace
        written.result(60)


def renderer_alone() -> object:
    import contextlib

    return contextlib.nullcontext()


@pytest.mark.slow
def test_a_process_that_is_killed_keeps_nobody_waiting(tmp_path: Path):
    with rendering.Beside() as beside:
        beside._process.kill()
        for future in [beside.submit(named(f"s{i}"), tmp_path / f"s{i}") for i in range(20)]:
            with pytest.raises(GraderError, match="has ended"):
                future.result(60)


def test_it_ends_with_a_grader_that_is_killed(tmp_path: Path):
    code = (
        "import sys, time\nfrom grader.report import rendering\n"
        "print(rendering.Beside()._process.pid, flush=True)\ntime.sleep(600)\n"
    )
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert grader.stdout is not None
    process = psutil.Process(int(grader.stdout.readline()))
    os.kill(grader.pid, signal.SIGKILL)
    grader.wait()
    deadline = time.monotonic() + 20
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_takes_nothing_is_no_single_reports_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
):
    def full(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(rendering, "write", full)
    with pytest.raises(GraderError, match=os.strerror(number)):
        rendering.Here().submit(named("a"), tmp_path / "a").result()
