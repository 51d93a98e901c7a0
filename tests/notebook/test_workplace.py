"""The folder in which a notebook is executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.handin.staging import Staged
from grader.notebook.workplace import same_code, set_up, supply


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Staged, Path, Path]:
    for name in ("handin", "handout", "work"):
        (tmp_path / name).mkdir()
    (tmp_path / "handout" / "utils.py").write_text("x = 1\n")
    (tmp_path / "handout" / "mlp.py").write_text("template\n")
    return Staged(tmp_path / "handin", {}, ()), tmp_path / "handout", tmp_path / "work"


def names(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_files_of_the_handout_are_in_place(folders: tuple[Staged, Path, Path]):
    staged, handout, work = folders
    (staged.folder / "mlp.py").write_text("mine\n")
    (staged.folder / "layers.py").write_text("more\n")
    found = set_up(staged, handout, False, (), work, "mlp.py")
    assert names(work) == {"mlp.py": "mine\n", "layers.py": "more\n", "utils.py": "x = 1\n"}
    assert found.notes == ()


@pytest.mark.parametrize(
    ("text", "own", "used", "note"),
    [
        ("x = 1  # mine\n\n", False, "x = 1\n", ""),
        ("x = 2\n", False, "x = 1\n", "utils.py was changed; the one handed out was used for the notebook"),
        ("x = 2\n", True, "x = 2\n", "utils.py was changed; it was used"),
        ("x =\n", False, "x = 1\n", "utils.py was changed; the one handed out was used for the notebook"),
    ],
)
def test_a_changed_file_of_the_handout_is_reported(
    folders: tuple[Staged, Path, Path], text: str, own: bool, used: str, note: str
):
    staged, handout, work = folders
    (staged.folder / "utils.py").write_text(text)
    changed = () if same_code(text.encode(), b"x = 1\n") else ("utils.py",)
    assert set_up(staged, handout, own, changed, work, "mlp.py").notes == ((note,) if note else ())
    assert names(work) == {"utils.py": used}


def test_what_was_handed_out_is_supplied_to_the_module(folders: tuple[Staged, Path, Path]):
    staged, handout, _ = folders
    supply(staged, handout, "mlp.py")
    assert names(staged.folder) == {"utils.py": "x = 1\n"}
    (staged.folder / "utils.py").write_text("mine\n")
    supply(staged, handout, "mlp.py")
    assert names(staged.folder) == {"utils.py": "mine\n"}
