"""Import what is in a reference folder, under names that nothing else can import it by."""

from __future__ import annotations

import hashlib
import importlib
import sys
import zlib
from collections.abc import Sequence
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType

_OURS = "_reference_"


def imported(folder: Path, name: str, version: str) -> ModuleType:
    """A module or package of a reference folder, the same each time: who asks twice gets the same classes.

    All reference folders that are beside each other are one package here, so that they may import one another. With
    another `version` of its files it is loaded anew: a process that stays, as a cluster's do, may live to see one.
    """
    if _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)
    package = package_of(folder, version)
    own = f"{package}.{folder.name.replace('.', '_')}"
    for holder, path in ((package, folder.parent), (own, folder)):
        if holder not in sys.modules:
            sys.modules[holder] = ModuleType(holder)
            sys.modules[holder].__path__ = [str(path.resolve())]
    return importlib.import_module(f"{own}.{name}")


def package_of(folder: Path, version: str) -> str:
    """Its name: by the path, as two folders of one name are two assignments, and by the version of its files."""
    return f"{_OURS}{hashlib.sha256(f'{folder.parent.resolve()}{version}'.encode()).hexdigest()[:12]}"


class _Finder:
    """Looks into the folder anew each time: Python's own finder keeps a list of it, right to the second."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        if not name.startswith(_OURS) or path is None:
            return None
        return FileFinder(path[0], (_Loader, [".py"])).find_spec(name)


class _Loader(SourceFileLoader):
    """Takes a compiled file for this source by what is in it.

    Python goes by the time, in whole seconds, and the length; an assistant's editor, or a checkout, may write twice
    in one second.
    """

    def path_stats(self, path: str) -> dict[str, int]:
        """What a compiled file has to agree with: a sum of the source in the place of its time, and its length."""
        source = self.get_data(path)
        return {"mtime": zlib.crc32(source), "size": len(source)}
