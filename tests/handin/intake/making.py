"""Hand-ins, archives and exports for the tests of intake; all names are invented."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from grader.entry_point import EntryPoint
from grader.handin.intake import find
from grader.handin.search import Wanted
from grader.handin.submission import Submission

CODE = "class TwoLayerMLP:\n    pass\n"
WANTED = Wanted(EntryPoint("mlp.py", ("TwoLayerMLP",)), notebook_name="ps3.ipynb")
NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def write(folder: Path, *names: str, text: str = CODE) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def found_in(workspace: Path, *paths: Path) -> list[Submission]:
    """What is found, with a new workspace."""
    workspace.mkdir(exist_ok=True)
    return find(paths, WANTED, workspace)


def content(one: Submission) -> dict[str, str]:
    """Name and text of every file in the folder of a hand-in."""
    return {p.name: p.read_text() for p in sorted(one.folder.iterdir()) if p.is_file()}


def zipped(path: Path, files: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def zip_link(path: Path, name: str, target: str, mode: int = stat.S_IFLNK) -> Path:
    """Add an entry of another kind to a zip file."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (mode | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, target)
    return path


def tarred(
    path: Path, files: Mapping[str, str | bytes], mode: str = "w:gz", format: int = tarfile.PAX_FORMAT
) -> Path:
    with tarfile.open(path, mode, format=format) as archive:  # type: ignore[call-overload]
        for name, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def tar_entry(path: Path, name: str, kind: bytes, target: str = "") -> Path:
    """A tarball with `mlp.py` and an entry of another kind."""
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("mlp.py")
        info.size = len(CODE)
        archive.addfile(info, io.BytesIO(CODE.encode()))
        other = tarfile.TarInfo(name)
        other.type = kind
        other.linkname = target
        archive.addfile(other)
    return path


def tree(folder: Path) -> set[str]:
    """Paths of everything below a folder, links not followed."""
    return {str(p.relative_to(folder)) for p in folder.rglob("*")}
