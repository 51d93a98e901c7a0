"""Hand-ins whose harm is in the folder: links, pipes, devices, sizes, names. One function builds each."""

from __future__ import annotations

import errno
import json
import os
import pwd
import stat
import zipfile
from pathlib import Path

from tests.checks.handins import BASE

from .watch import Watch


class NotHere(Exception):
    """This user cannot make such a folder at all, and so no student can hand it in."""


def absolute_link(folder: Path, watch: Watch) -> None:
    """The module is a link to the system's accounts."""
    (folder / "mlp.py").symlink_to("/etc/passwd")


def sibling_link(folder: Path, watch: Watch) -> None:
    """The module is a link to somebody else's."""
    (folder / "mlp.py").symlink_to("../sibling/mlp.py")


def answer_link(folder: Path, watch: Watch) -> None:
    """A file beside the module is a link to a working solution, which the module imports."""
    elsewhere = folder.parent / "sibling" / "solution.txt"
    elsewhere.write_text(BASE)
    (folder / "helper.py").symlink_to(elsewhere)
    (folder / "mlp.py").write_text("from helper import TwoLayerMLP\n")


def folder_link(folder: Path, watch: Watch) -> None:
    """A folder beside the module is a link to the root, and another to itself."""
    (folder / "all").symlink_to("/")
    (folder / "again").symlink_to(".")
    (folder / "mlp.py").write_text(BASE)


def loop_link(folder: Path, watch: Watch) -> None:
    """The module is a link to itself."""
    (folder / "mlp.py").symlink_to("mlp.py")


def pipe(folder: Path, watch: Watch) -> None:
    """The module is a pipe that nobody writes to."""
    os.mkfifo(folder / "mlp.py")


def pipe_beside(folder: Path, watch: Watch) -> None:
    """A file beside the module, and the notebook, are pipes."""
    os.mkfifo(folder / "helper.py")
    os.mkfifo(folder / "ps3.ipynb")
    (folder / "mlp.py").write_text(BASE)


def device(folder: Path, watch: Watch) -> None:
    """The module is a device that gives bytes without end."""
    try:
        os.mknod(folder / "mlp.py", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        raise NotHere("only root can make devices") from None


def hard_link(folder: Path, watch: Watch) -> None:
    """The module is a second name of a file of another owner."""
    try:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    except (PermissionError, KeyError):
        raise NotHere("the kernel does not let users link to other users' files") from None
    os.link(watch.sibling.parent.parent / "secret", folder / "mlp.py")


def folder_as_module(folder: Path, watch: Watch) -> None:
    """The module is a folder, with a file inside."""
    (folder / "mlp.py").mkdir()
    (folder / "mlp.py" / "x.txt").write_text("x")


def sparse_module(folder: Path, watch: Watch) -> None:
    """The module has ten gigabytes, none of them on the disk."""
    (folder / "mlp.py").write_text(BASE)
    _grow(folder / "mlp.py", 10 << 30)


def sparse_beside(folder: Path, watch: Watch) -> None:
    """Ten gigabytes beside the module, as data, as Python and as a notebook."""
    (folder / "mlp.py").write_text(BASE)
    for name in ("data.npy", "helper.py", "ps3.ipynb"):
        _grow(folder / name, 10 << 30)


def _grow(path: Path, size: int) -> None:
    try:
        with path.open("a") as file:
            file.truncate(size)
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        raise NotHere("the file system has no such files") from None


def many_files(folder: Path, watch: Watch) -> None:
    """A hundred thousand files beside the module."""
    (folder / "mlp.py").write_text(BASE)
    directory = os.open(folder, os.O_RDONLY)
    for number in range(100_000):
        os.mknod(f"f{number}.py", 0o600, dir_fd=directory)
    os.close(directory)


def odd_names(folder: Path, watch: Watch) -> None:
    """Names with newlines, control characters, stray bytes, mark-up, and of the greatest length."""
    (folder / "mlp.py").write_text(BASE)
    for name in (
        b"a\nb.py",
        b"\x1b[2J.py",
        b"\xff\xfe.py",
        b"<script>.py",
        b"x" * 252 + b".py",
        b"-rf.py",
        b"~.py",
    ):
        (folder / os.fsdecode(name)).write_text("x = 1\n")
    (folder / "=HYPERLINK(1).ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )


def zip_bomb(folder: Path, watch: Watch) -> None:
    """An archive of a gigabyte of zeros, called as the module could be."""
    with zipfile.ZipFile(folder / "mlp.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mlp.py", bytes(64 << 20))


def shadows(folder: Path, watch: Watch) -> None:
    """Files beside the module that are called as modules of Python, NumPy and the worker."""
    (folder / "mlp.py").write_text(BASE)
    for name in (
        "numpy",
        "json",
        "os",
        "socket",
        "_worker_protocol",
        "sitecustomize",
        "usercustomize",
        "codecs",
    ):
        (folder / f"{name}.py").write_text(f"print('WENT THROUGH: imported {name}')\n")


def deep_source(folder: Path, watch: Watch) -> None:
    """A source of brackets, two megabytes of them, to break a parser."""
    (folder / "mlp.py").write_text("x = " + "(" * 1_000_000 + ")" * 1_000_000)


def deep_sums(folder: Path, watch: Watch) -> None:
    """A source that takes a parser's stack: one sum of half a million terms."""
    (folder / "mlp.py").write_text("x = " + "-" * 1_000_000 + "1\ny = " + "1+" * 400_000 + "1\n")


def odd_encodings(folder: Path, watch: Watch) -> None:
    """A source in a coding that is none, with NUL bytes."""
    (folder / "mlp.py").write_bytes(b"# -*- coding: zip -*-\nimport numpy\0\n" + b"\xff\xfe" * 100)


def hostile_notebook(folder: Path, watch: Watch) -> None:
    """A notebook nested a hundred thousand deep, beside a module that is right."""
    (folder / "mlp.py").write_text(BASE)
    (folder / "ps3.ipynb").write_text('{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}")


def large_notebook(folder: Path, watch: Watch) -> None:
    """A notebook with cells that are no cells, and fifty megabytes of output."""
    (folder / "mlp.py").write_text(BASE)
    output = {"output_type": "stream", "name": "stdout", "text": "x" * (50 << 20)}
    cells = [
        1,
        None,
        {"cell_type": 5, "source": {"a": 1}},
        {"cell_type": "code", "source": [1], "outputs": [output]},
    ]
    text = json.dumps({"cells": cells, "metadata": None, "nbformat": "4", "nbformat_minor": -1})
    (folder / "ps3.ipynb").write_text(text)
