"""What of the installed packages a worker needs: those that hand-ins may use, and what these need themselves."""

from __future__ import annotations

import functools
import importlib.metadata
import re
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_OPTIONAL = re.compile(r"\bextra\s*==")
_NO_MODULE = (".dist-info", ".egg-info", ".libs", ".pth")


@dataclass(frozen=True)
class Libraries:
    """Files and folders of packages."""

    paths: tuple[Path, ...]
    """All that belongs to them: what of a package stands directly in a folder of packages."""
    modules: tuple[str, ...]
    """The names under which they are imported."""


@functools.cache
def installed(packages: tuple[str, ...]) -> Libraries:
    """What belongs to these packages, as they are imported, and to all that they require, as far as it is installed."""
    waiting = [name for package in packages for name in _distributions(package)]
    seen: set[str] = set()
    paths: set[Path] = set()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system or version, or it is missing, and its import will say so
        paths |= _paths(distribution)
        required = [one for one in distribution.requires or () if not _OPTIONAL.search(one)]
        waiting += [found[0] for one in required if (found := _NAME.match(one))]
    modules = {path.name.partition(".")[0] for path in paths if not path.name.endswith(_NO_MODULE)}
    return Libraries(tuple(sorted(paths)), tuple(sorted(modules | set(packages))))


def _distributions(package: str) -> list[str]:
    """The distributions that a package comes with: mostly the one of its name."""
    try:
        importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        return importlib.metadata.packages_distributions().get(package, [])
    return [package]


def _paths(distribution: importlib.metadata.Distribution) -> set[Path]:
    """What of a distribution stands directly in its folder of packages."""
    # By hand: to read the record with `files` takes a tenth of a second for SciPy's.
    record = distribution.read_text("RECORD") or distribution.read_text("installed-files.txt") or ""
    names = {line.strip('"').partition("/")[0] for line in record.splitlines() if "/" in line}
    names |= {line.partition(",")[0] for line in record.splitlines() if "/" not in line.partition(",")[0]}
    names |= set((distribution.read_text("top_level.txt") or "").split())
    if not record:  # as a system's package manager leaves it
        names.add(distribution.metadata["Name"])
    folder = Path(str(distribution.locate_file("")))
    found = (folder / name for name in names - {"", ".", "..", "__pycache__"})
    return {path.resolve() for path in found if path.exists()} | {
        path.resolve() for name in names if (path := folder / f"{name}.py").is_file()
    }
