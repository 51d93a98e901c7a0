"""Compiled templates are kept for other processes, and whatever becomes of them there, there is a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.report import html
from tests.report.report_samples import full_marks


def kept(cache: Path) -> list[Path]:
    return sorted(path for path in (cache / "templates").rglob("*") if path.is_file())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADE_CACHE", str(tmp_path / "cache"))
    html.environment.cache_clear()
    return tmp_path / "cache"


def anew() -> str:
    """The page as another process draws it."""
    html.environment.cache_clear()
    return html.render(full_marks())


def test_they_are_kept_and_read_again(cache: Path):
    page = anew()
    before = [file.stat().st_mtime_ns for file in kept(cache)]
    assert before
    assert anew() == page
    assert [file.stat().st_mtime_ns for file in kept(cache)] == before


DAMAGES = {
    "empty": lambda whole: b"",
    "another": lambda whole: b"nothing",
    "zeros": lambda whole: bytes(len(whole)),
    "begun": lambda whole: whole[:4],
    "cut off": lambda whole: whole[: len(whole) // 2],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_made_again(cache: Path, damage: str):
    page = anew()
    whole = {file: file.read_bytes() for file in kept(cache)}
    for file, content in whole.items():
        file.write_bytes(DAMAGES[damage](content))
    assert anew() == page
    assert {file: file.read_bytes() for file in kept(cache)} == whole


def test_a_place_that_is_taken_is_done_without(cache: Path):
    page = anew()
    for file in kept(cache):
        file.unlink()
        file.mkdir()
    assert anew() == page


def test_a_cache_that_cannot_be_made_is_done_without(cache: Path):
    cache.write_text("a file, where the folder should be")
    assert "<html" in anew()
