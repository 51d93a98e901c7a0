"""The list of fonts for workers: made once, of matplotlib's own fonts, and no reason to fail."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib as mpl
import pytest

from grader.machine import fonts


def test_it_is_made_once_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = fonts.prepared(tmp_path / "cache")
    assert first is not None
    assert first.is_absolute()
    assert mpl.__version__ in first.parent.name
    assert first.name.startswith("fontlist-v")
    assert list(first.parent.iterdir()) == [first], "nothing half-made lies beside it"
    before = first.stat()
    monkeypatch.setattr(fonts, "_of_matplotlib", lambda _: pytest.fail("it is made a second time"))
    assert fonts.prepared(tmp_path / "cache") == first
    assert first.stat() == before


def test_it_holds_matplotlibs_own_fonts_and_no_others(tmp_path: Path):
    made = fonts.prepared(tmp_path)
    assert made is not None
    content = json.loads(made.read_text())
    listed = content["ttflist"] + content["afmlist"]
    assert any(font["name"] == "DejaVu Sans" for font in listed)
    for font in listed:
        assert not Path(font["fname"]).is_absolute()
        assert (Path(mpl.get_data_path()) / font["fname"]).is_file()


def test_fonts_of_the_system_are_left_out():
    own, other = {"fname": "fonts/ttf/Own.ttf"}, {"fname": "/usr/share/fonts/Other.ttf"}
    text = json.dumps({"ttflist": [own, other], "afmlist": [other], "_version": "1"})
    assert json.loads(fonts._of_matplotlib(text)) == {"ttflist": [own], "afmlist": [], "_version": "1"}


def test_matplotlib_takes_the_list_as_its_own(tmp_path: Path):
    from matplotlib import font_manager

    made = fonts.prepared(tmp_path)
    loaded = font_manager.json_load(made)
    assert loaded._version == font_manager.FontManager.__version__
    assert Path(loaded.findfont("DejaVu Sans", fallback_to_default=False)).is_file()


def test_a_cache_that_cannot_be_written_means_no_list(tmp_path: Path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    assert fonts.prepared(tmp_path / "cache") is None


def test_a_disk_that_is_full_means_no_list_and_no_half_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matplotlib.font_manager.json_dump", full)
    assert fonts.prepared(tmp_path) is None
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_relative_cache_folder_gives_an_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        made = fonts.prepared(Path("cache"))
        assert made is not None
        assert made.is_absolute()
