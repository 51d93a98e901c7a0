"""Where the rubrics and reference folders are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError

_PACKAGE = Path(__file__).resolve().parent.parent


def root() -> Path:
    """The folder that holds `rubrics` and `reference`."""
    installed = _PACKAGE / "_assets"
    return installed if installed.is_dir() else _PACKAGE.parent


def default_rubric() -> Path:
    """The rubric of Problem Set 3."""
    return root() / "rubrics" / "ps3.toml"


def reference_folder(rubric: Path, name: str, holds: str = "solution.py") -> Path:
    """The answers that a rubric names: in `reference/` beside the rubric's folder, else the bundled ones.

    `holds`: the file by which such a folder is recognised.
    """
    candidates = [rubric.resolve().parent.parent / "reference" / name, root() / "reference" / name]
    for folder in candidates:
        if (folder / holds).is_file():
            return folder
    raise UsageError(f"{rubric}: reference: no folder {name!r} with a {holds} in {candidates[0].parent}")
