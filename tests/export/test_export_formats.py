"""What holds for every format."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import pytest

from grader.export import FORMATS
from tests.conftest import ROOT
from tests.export import export_samples as samples
from tests.export.export_samples import ManyEntries, Sink, head, text, writer

TEXTS = [name for name, format in FORMATS.items() if format.write]


def test_the_formats() -> None:
    assert list(FORMATS) == ["csv", "canvas", "moodle", "gradescope", "json", "junit", "markdown"]
    assert [name for name, format in FORMATS.items() if format.write_folder] == ["gradescope"]
    assert all((format.write is None) != (format.write_folder is None) for format in FORMATS.values())
    assert len({format.file_name for format in FORMATS.values()}) == len(FORMATS)


@pytest.mark.parametrize("format", TEXTS)
def test_same_class_same_bytes(format: str) -> None:
    entries = [*samples.small_class(), samples.hostile()]
    assert text(format, entries) == text(format, list(entries))


@pytest.mark.parametrize("format", TEXTS)
def test_an_empty_class(format: str) -> None:
    assert text(format, [], head(absent=(), failed={}))


@pytest.mark.slow
@pytest.mark.parametrize("format", FORMATS)
def test_a_thousand_hand_ins_go_by_and_none_is_kept(format: str, tmp_path: Path) -> None:
    """All of them are 30 MB; a few at a time, and the ids, are under 4."""
    folder = FORMATS[format].write_folder
    tracemalloc.start()
    try:
        if folder:
            folder(head(), ManyEntries(), tmp_path)
        else:
            sink = Sink()
            writer(format)(head(), ManyEntries(), sink)
            assert sink.size > 20 * ManyEntries.COUNT
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000


def test_every_format_is_documented() -> None:
    sections = re.findall(r"^## `(\w+)`$", (ROOT / "docs" / "exports.md").read_text(), re.MULTILINE)
    assert sections == list(FORMATS)
