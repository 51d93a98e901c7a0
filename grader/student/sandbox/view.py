"""What of the machine's files a worker may see: Python, its packages, the system's libraries. Not the answers."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from .command import CHILD, interpreter, package_folders

_PACKAGE = Path(__file__).resolve().parents[2]
_LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib")
_FILES = ("/etc/ld.so.cache",)
DEVICES = ("/dev/null", "/dev/urandom")


@dataclass(frozen=True)
class View:
    """Paths as they are outside. Whatever is in no root does not exist for a worker, or cannot be opened."""

    roots: tuple[Path, ...]
    """Folders and files that it may read, none inside another."""
    links: tuple[Path, ...]
    """Symbolic links to folders in `roots`, such as /lib."""
    hidden: tuple[Path, ...]
    """Folders inside `roots` that it must not read: the grader's own code, its answers, packages it may not use."""
    libraries: tuple[Path, ...] = ()
    """Files and folders that it may read all the same: in a hidden folder, or in none of the roots."""

    def readable(self) -> tuple[list[str], list[str]]:
        """The roots, cut into pieces that leave out what is hidden; and the folders that were cut."""
        pieces: list[str] = []
        cut: list[str] = []
        for root in self.roots:
            for path, whole in _around(root, self.hidden):
                (pieces if whole else cut).append(str(path))
        pieces += map(str, self.libraries)
        cut += sorted({str(path.parent) for path in self.libraries} - {*cut})
        return [*pieces, *DEVICES, str(CHILD)], cut


def of_this_machine(answers: Collection[Path] = (), libraries: Collection[Path] | None = None) -> View:
    """What the running interpreter needs, without this package and the `answers`.

    Of installed packages the `libraries` alone, files and folders; None: all.
    """
    wanted = [
        Path(interpreter()),
        *(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")),
        Path(sys.base_prefix) / "lib",  # libpython, and the libraries of a conda environment
        *(Path(folder) for folder in package_folders() if libraries is None),
        *(Path(name) for name in (*_LIBRARIES, *_FILES)),
    ]
    links = tuple(path for path in wanted if path.is_symlink() and path.is_dir())
    found = {path.resolve() for path in wanted if path.exists()}
    roots = sorted(p for p in found if not any(p != q and p.is_relative_to(q) for q in found))
    # Every installed copy of this package, too: an editable one leaves the answers in site-packages.
    copies = [Path(folder) / _PACKAGE.name for folder in package_folders()]
    secret = {path.resolve() for path in (_PACKAGE, *copies, *answers) if path.exists()}
    secret |= _checkout(found)
    if libraries is not None:
        secret |= _package_folders_in(roots)
    topmost = (p for p in secret if not any(p != q and p.is_relative_to(q) for q in secret))
    hidden = sorted(p for p in topmost if any(p.is_relative_to(root) for root in roots))
    return View(tuple(roots), links, tuple(hidden), tuple(libraries or ()))


def _package_folders_in(roots: Collection[Path]) -> set[Path]:
    """Folders of packages in folders of libraries, also those of other Pythons."""
    patterns = ("*-packages", "python*/*-packages", "python*/*/*-packages")
    found = {path for root in roots if root.is_dir() for pattern in patterns for path in root.glob(pattern)}
    return {path.resolve() for path in found if path.name in ("site-packages", "dist-packages")}


def _checkout(wanted: Collection[Path]) -> set[Path]:
    """What lies beside this package where it is no installed one: tests and examples hold answers, too.

    Without those folders that hold what workers need, such as an environment.
    """
    if _PACKAGE.parent.name in ("site-packages", "dist-packages"):
        return set()
    beside = (path for path in _PACKAGE.parent.glob("*") if path.is_dir() and not path.is_symlink())
    return {path for path in beside if not any(need.is_relative_to(path) for need in wanted)}


def _around(folder: Path, hidden: Collection[Path]) -> Iterator[tuple[Path, bool]]:
    """Each part of `folder` that holds nothing hidden (True), and each folder that had to be cut (False)."""
    if folder in hidden:
        return
    if not any(path.is_relative_to(folder) for path in hidden):
        yield folder, True
        return
    yield folder, False
    for path in sorted(folder.iterdir()):
        if not path.is_symlink():
            yield from _around(path, hidden)
