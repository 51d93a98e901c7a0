"""Load a reference folder: the solution, its recipes, and the expected values made from it.

The files are loaded from their path under private names; nothing here makes them importable.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import AnswersError
from .importing import imported

_SECOND_TRIES = "second_tries"
_EARLIER = "earlier"
"""The folder of notebooks that were handed out in earlier years."""


class Reference:
    """The answers to one assignment. Reads files when asked, keeps nothing that changes; for several threads."""

    def __init__(self, folder: Path, coded: Any = None, variants: Any = None) -> None:
        self.folder = folder
        self.coded = coded
        """What the folder's own `checks.py` declares (see `grader.coded`); None where it has none."""
        self.variants = variants
        """Its solution, with mistakes and without; None where it has no `checks.py`."""

    @property
    def is_public(self) -> bool:
        """Whether it is what students get: no answers, only what public checks need."""
        return not (self.folder / "solution.py").exists()

    @cached_property
    def solution(self) -> ModuleType:
        """The module with the correct class."""
        return self.own("solution")

    @cached_property
    def datasets(self) -> ModuleType:
        """The module with `SPLITS` and `RECIPES`."""
        return self.own("datasets")

    @cached_property
    def answers(self) -> Any:
        """What the assignment's own `answers.py` makes of this reference: how its checks ask the solution."""
        return self.own("answers").Answers(self)

    @property
    def kinds(self) -> ModuleType:
        """The package with `KINDS`: what `kind` in a rubric may say, to the class of such checks."""
        return self.own("kinds")

    @property
    def second_tries(self) -> ModuleType | None:
        """The module with `SecondTries`, which looks again at what lost points; None where nothing is looked at so."""
        there = self.coded is None and (self.folder / f"{_SECOND_TRIES}.py").is_file()
        return self.own(_SECOND_TRIES) if there else None

    @cached_property
    def derivations(self) -> ModuleType:
        """The module with what the written questions ask, their symbols and answers."""
        return self.own("derivations")

    @cached_property
    def mistakes(self) -> tuple[str, ...]:
        """Names of all mistakes that are known, in the order of their module; none where there are no answers."""
        if self.coded is not None:
            return tuple(mistake.name for mistake in self.coded.mistakes if mistake.sentence)
        if self.is_public:
            return ()
        names: tuple[str, ...] = self.own("diagnosis").NAMES
        return names

    @cached_property
    def expected(self) -> dict[str, Any]:
        """The tables of `expected.toml`; none where there are no answers."""
        if self.is_public or (self.coded is not None and not (self.folder / "expected.toml").is_file()):
            return {}
        return tomllib.loads(self._read("expected.toml").decode())

    @property
    def handed_out(self) -> Path:
        """The folder of the files that students are given."""
        return self.folder / "handout"

    @cached_property
    def handout(self) -> tuple[str, ...]:
        """The prose cells of the notebook that students are given; none where there is no such notebook."""
        path = self.handed_out / f"{self.folder.name}.ipynb"
        if not path.is_file():
            return ()
        return _prose(path.read_bytes())

    def templates(self, earlier: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """The prose cells of the notebook that students are given, and of empty ones of earlier years.

        `earlier` are names of files in the folder `earlier`. `AnswersError` where one is missing or no notebook.
        """
        own = (self.handout,) if self.handout else ()
        return (*own, *(self._earlier(name) for name in earlier))

    def given_code(self) -> tuple[str, ...]:
        """All code that students were given, this year and in earlier ones: in modules, and in cells of notebooks.

        `AnswersError` where a file is not what its name says.
        """
        found = list[str]()
        for folder in (self.handed_out, self.folder / _EARLIER):
            for path in sorted(folder.glob("*.py")) + sorted(folder.glob("*.ipynb")):
                try:
                    found += [path.read_text("utf-8")] if path.suffix == ".py" else _code(path.read_bytes())
                except (OSError, ValueError, KeyError, TypeError):
                    raise AnswersError(
                        f"{path}: cannot be read; wanted Python or a notebook, in UTF-8, as it was handed out"
                    ) from None
        return tuple(found)

    def _earlier(self, name: str) -> tuple[str, ...]:
        try:
            return _prose(self._read(f"{_EARLIER}/{name}"))
        except (ValueError, KeyError, TypeError):
            path = self.folder / _EARLIER / name
            raise AnswersError(f"{path}: is no notebook; wanted one as it was handed out") from None

    @cached_property
    def fingerprint(self) -> str:
        """First 12 hex digits of the SHA-256 over all that can move a mark."""
        digest = hashlib.sha256()
        if self.coded is not None:
            for path in self.coded.files:
                name = path.relative_to(self.folder.parent)
                digest.update(f"{name}\0".encode() + path.read_bytes())
        else:
            digest.update(self._version.encode())
            for file in () if self.is_public else ("expected.toml", "expected.npz"):
                digest.update(self._read(file))
        digest.update("\0".join(self.handout).encode())
        for path in sorted((self.folder / _EARLIER).glob("*.ipynb")):
            digest.update(path.read_bytes())
        return digest.hexdigest()[:12]

    @cached_property
    def _version(self) -> str:
        """A hash of what answers, asks, judges and names mistakes: all Python but the handout and `build.py`."""
        digest = hashlib.sha256()
        packages = sorted(path.parent for path in self.folder.glob("*/__init__.py"))
        for path in (path for folder in (self.folder, *packages) for path in sorted(folder.glob("*.py"))):
            if path.name != "build.py":
                digest.update(f"{path.relative_to(self.folder)}\0".encode() + path.read_bytes())
        return digest.hexdigest()

    @property
    def has_datasets(self) -> bool:
        """Whether anything is trained on a dataset."""
        return (self.folder / "datasets.py").is_file()

    @property
    def recipe_version(self) -> str:
        """First 12 hex digits of the SHA-256 of `datasets.py`: which recipe the cached arrays come from."""
        return hashlib.sha256(self._read("datasets.py")).hexdigest()[:12]

    def own(self, name: str) -> ModuleType:
        """A module or package of the folder, the same for all who load these files; `AnswersError` without it."""
        package = self.folder / name
        path = package / "__init__.py" if package.is_dir() else self.folder / f"{name}.py"
        if not path.is_file():
            raise AnswersError(f"{path}: is missing; a reference folder holds it")
        return imported(self.folder, name, self._version)

    def _read(self, name: str) -> bytes:
        path = self.folder / name
        try:
            return path.read_bytes()
        except OSError as error:
            raise AnswersError(
                f"{path}: cannot be read ({error.strerror}); a reference folder holds it"
            ) from None


def _prose(notebook: bytes) -> tuple[str, ...]:
    """The sources of the cells that are no code, of a notebook of ours."""
    cells = json.loads(notebook)["cells"]
    return tuple("".join(cell["source"]) for cell in cells if cell["cell_type"] != "code")


def _code(notebook: bytes) -> tuple[str, ...]:
    """The sources of the other cells."""
    cells = json.loads(notebook)["cells"]
    return tuple("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
