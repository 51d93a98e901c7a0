"""Import what is in a reference folder, under names that nothing else can import it by."""

from __future__ import annotations

import hashlib
import importlib
import sys
from pathlib import Path
from types import ModuleType


def imported(folder: Path, name: str, version: str) -> ModuleType:
    """A module or package of a reference folder, the same each time: who asks twice gets the same classes.

    All reference folders that are beside each other are one package here, so that they may import one another. With
    another `version` of its files it is loaded anew: a process that stays, as a cluster's do, may live to see one.
    """
    package = package_of(folder, version)
    own = f"{package}.{folder.name.replace('.', '_')}"
    for holder, path in ((package, folder.parent), (own, folder)):
        if holder not in sys.modules:
            sys.modules[holder] = ModuleType(holder)
            sys.modules[holder].__path__ = [str(path.resolve())]
    return importlib.import_module(f"{own}.{name}")


def package_of(folder: Path, version: str) -> str:
    """Its name: by the path, as two folders of one name are two assignments, and by the version of its files."""
    return f"_reference_{hashlib.sha256(f'{folder.parent.resolve()}{version}'.encode()).hexdigest()[:12]}"
