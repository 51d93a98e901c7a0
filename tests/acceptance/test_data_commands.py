"""`grade data`: what is on the machine, and bringing MNIST to it."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from tests.acceptance.conftest import Grade


@pytest.mark.slow
def test_status_of_a_fresh_machine(grade: Grade, tmp_path: Path):
    done = grade("data", "status", GRADE_CACHE=str(tmp_path / "cache"), GRADE_DATA="")
    assert done.returncode == 0
    assert "digits" in done.stdout
    assert "mnist" in done.stdout


def test_fetch_from_a_folder_without_the_files(grade: Grade, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    done = grade(
        "data", "fetch", "mnist", "--from", "empty", GRADE_CACHE=str(tmp_path / "cache"), GRADE_DATA=""
    )
    assert done.returncode == 3
    assert "empty" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_truncated_file_is_named(grade: Grade, tmp_path: Path):
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        whole = gzip.compress(b"\x00\x00\x08\x01\x00\x00\x00\x05abcde" * 50)
        (folder / f"{name}-ubyte.gz").write_bytes(whole[: len(whole) // 2])
    done = grade(
        "data", "fetch", "mnist", "--from", "files", GRADE_CACHE=str(tmp_path / "cache"), GRADE_DATA=""
    )
    assert done.returncode == 3
    assert "ubyte.gz" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
def test_mnist_from_a_folder_is_then_what_auto_takes(grade: Grade, tmp_path: Path):
    data = os.environ.get("GRADE_DATA")
    if not data:
        pytest.skip("GRADE_DATA is not set: MNIST did not run")
    folder = Path(data) / "mnist" if (Path(data) / "mnist").is_dir() else Path(data)
    environ = {"GRADE_CACHE": str(tmp_path / "cache"), "GRADE_DATA": ""}
    assert grade("data", "fetch", "mnist", "--from", folder, **environ).returncode == 0
    status = grade("data", "status", "--verify", **environ)
    assert status.returncode == 0, status.stdout
    # The hand-in cannot be imported, so that no training has to be waited for.
    broken = Path(__file__).resolve().parents[2] / "submissions" / "import_error"
    assert grade(broken, **environ).returncode == 0
    assert '"dataset": "mnist"' in (tmp_path / "reports/import_error/report.json").read_text()
