"""Compiled templates are kept for other processes, and whatever becomes of them there, there is a report."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.report import compiled, html
from tests.report.report_samples import full_marks


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "__pycache__").iterdir())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(compiled, "TEMPLATES", tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    html.environment.cache_clear()


def anew() -> str:
    """The page as another process draws it."""
    html.environment.cache_clear()
    return html.render(full_marks())


def test_they_are_kept_and_read_again(folder: Path):
    page = anew()
    before = [file.stat().st_mtime_ns for file in kept(folder)]
    assert before
    assert anew() == page
    assert [file.stat().st_mtime_ns for file in kept(folder)] == before


DAMAGES = {
    "empty": lambda whole: b"",
    "another": lambda whole: b"nothing",
    "zeros": lambda whole: bytes(len(whole)),
    "begun": lambda whole: whole[:4],
    "cut off": lambda whole: whole[: len(whole) // 2],
}


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_made_again(folder: Path, damage: str):
    page = anew()
    whole = {file: file.read_bytes() for file in kept(folder)}
    for file, content in whole.items():
        file.write_bytes(DAMAGES[damage](content))
    assert anew() == page
    assert {file: file.read_bytes() for file in kept(folder)} == whole


def test_a_place_that_is_taken_is_done_without(folder: Path):
    page = anew()
    for file in kept(folder):
        file.unlink()
        file.mkdir()
    assert anew() == page


def test_a_folder_that_cannot_be_made_is_done_without(folder: Path):
    (folder / "__pycache__").write_text("a file")
    assert "<html" in anew()


def test_nothing_is_written_where_python_writes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert "<html" in anew()
    assert list(folder.iterdir()) == []


def test_it_is_where_the_templates_are():
    assert (compiled.TEMPLATES / "report.html.j2").is_file()
