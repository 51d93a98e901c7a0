"""The assignment of a reference folder with a `checks.py`: what it declares, and what the rubric makes of it."""

from __future__ import annotations

import hashlib
import re
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from ..api.declared import Mistake, Unit, checks_in, mistakes_in, units_of
from ..assignment.importing import imported, package_of
from ..errors import AssignmentError, GraderError

CHECKS, MISTAKES = "checks", "mistakes"
KIND, SLOW, USABLE = "function", "slow-function", "usable"
"""Kinds of check: a function of the assignment's, and whether the module can be used at all."""


@dataclass(frozen=True)
class Coded:
    """What an assignment's own files declare."""

    folder: Path

    @classmethod
    def there(cls, folder: Path) -> Coded | None:
        """The one in a reference folder; None where it has no `checks.py`."""
        found = folder / f"{CHECKS}.py"
        return cls(folder) if found.is_file() or (folder / CHECKS / "__init__.py").is_file() else None

    @cached_property
    def units(self) -> dict[str, Unit]:
        """The checks by id, in order."""
        module = self._imported(CHECKS)
        declared = checks_in(module)
        for check in declared:
            for unit in units_of(check):
                try:
                    _ = unit.title
                except (LookupError, ValueError) as error:
                    raise AssignmentError(
                        f"{check.place}: title: found {check.title!r}; {{...}} has to be the value's name ({error})"
                    ) from None
        if not declared:
            raise AssignmentError(f"{module.__file__}: declares no check; wanted functions with @check(...)")
        found: dict[str, Unit] = {}
        for check in declared:
            for unit in units_of(check):
                if unit.id in found or unit.id == USABLE:
                    raise AssignmentError(f"{check.place}: the name {unit.id!r} is taken already")
                for id in unit.needs:
                    if id not in found:
                        raise AssignmentError(
                            f"{check.place}: {unit.id!r} comes after {id!r}, which stands below it or is not imported"
                        )
                found[unit.id] = unit
        return found

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes in order; none without a `mistakes.py`."""
        if not (self.folder / f"{MISTAKES}.py").is_file():
            return ()
        module = self._imported(MISTAKES)
        if not hasattr(module, "MISTAKES"):
            raise AssignmentError(f"{module.__file__}: has no MISTAKES; wanted a list of mistake(...)")
        found: dict[str, Mistake] = {}
        try:
            declared = mistakes_in(module)
        except TypeError as error:
            raise AssignmentError(f"{module.__file__}: {error}") from None
        for mistake in declared:
            if mistake.name in found:
                raise AssignmentError(f"{mistake.place}: the name {mistake.name!r} is taken already")
            found[mistake.name] = mistake
        return tuple(found.values())

    @property
    def folders(self) -> tuple[Path, ...]:
        """Its folder, and those of the assignments that its files import from."""
        _ = self.units, self.mistakes
        package = package_of(self.folder, self._version)
        others = {name.split(".")[1] for name in sys.modules if name.startswith(f"{package}.")}
        own = [name for name in sorted(others) if name != self.folder.name and self._uses(name)]
        return self.folder, *(self.folder.parent / name for name in own)

    @property
    def files(self) -> list[Path]:
        """The Python files that can move a mark: its own and those of the assignments that it imports from."""
        return [path for folder in self.folders for path in _files(folder)]

    @cached_property
    def _version(self) -> str:
        """A hash of all that its files may import of assignments: their own, and those of the ones beside it."""
        digest = hashlib.sha256()
        beside = {path.parent for path in self.folder.parent.glob("*/solution.py")}
        for folder in sorted({self.folder, *beside}):
            for path in _files(folder):
                digest.update(f"{path.relative_to(folder.parent)}\0".encode() + path.read_bytes())
        return digest.hexdigest()

    def _imported(self, name: str) -> ModuleType:
        """A module of the folder; `AssignmentError` with the line that raised where it cannot be imported."""
        try:
            return imported(self.folder, name, self._version)
        except GraderError:
            raise
        except (Exception, SystemExit) as error:
            said = f"{_where(error, self.folder, name)}: {type(error).__name__}: {error}"
            raise AssignmentError(said) from None

    def _uses(self, other: str) -> bool:
        """Whether a file of this assignment imports from another one's folder."""
        texts = [path.read_text(encoding="utf-8") for path in _files(self.folder)]
        return any(re.search(rf"^[ \t]*+from \.\.{re.escape(other)}\b", text, re.MULTILINE) for text in texts)

    def fill(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """A rubric's tables with what its file leaves out, from what the checks declare.

        Questions that the file does not list come in the order of the checks. `AssignmentError` for a question that no
        check names; whatever else is wrong, the rubric's own tests find.
        """
        filled = dict(data)
        changed = data.get("checks") or {}
        changed = changed if isinstance(changed, Mapping) else {}
        questions = data.get("questions") or []
        listed = [dict(q) for q in questions if isinstance(q, Mapping)]
        by_question: dict[str, list[dict[str, Any]]] = {}
        first = next((str(q["id"]) for q in listed if "id" in q), "Q1")
        for unit in self.units.values():
            own = changed.get(unit.id)
            spec = _spec(unit, own if isinstance(own, Mapping) else {})
            home = unit.check.question or first
            if listed and home not in [q.get("id") for q in listed]:
                ids = ", ".join(str(q.get("id")) for q in listed)
                raise AssignmentError(f"{unit.check.place}: question: found {home!r}; the rubric has {ids}")
            by_question.setdefault(home, []).append(spec)
        names = [q.get("id") for q in listed]
        listed += [{"id": id, "title": f"Question {id}"} for id in by_question if id not in names]
        for question in listed:
            checks = by_question.get(question.get("id", ""), [])
            if not checks and not {"checks", "claims", "points"} & set(question):
                raise AssignmentError(
                    f"{self.folder / CHECKS}.py: no check is in question {question.get('id')!r}, which the rubric lists"
                )
            if checks and "checks" not in question:
                question["checks"] = checks
                question.setdefault("points", sum((_points(c["points"]) for c in checks), Decimal(0)))
        opening = next((q for q in listed if q.get("checks")), None)
        if opening is not None:
            opening["checks"] = [_USABLE, *opening["checks"]]
        filled["questions"] = listed
        filled.setdefault("points", sum((_points(q.get("points")) for q in listed), Decimal(0)))
        filled.setdefault("packages", ["numpy"])
        filled.setdefault("dataset", "none")
        filled.setdefault("title", data.get("id", ""))
        filled.setdefault("reference", self.folder.name)
        sentences = data.get("mistakes", {})
        if isinstance(sentences, dict):
            filled["mistakes"] = {m.name: m.sentence for m in self.mistakes if m.sentence} | sentences
        return filled


_USABLE = {
    "id": USABLE,
    "kind": USABLE,
    "title": "The module can be imported and used",
    "points": Decimal(0),
    "hint": "Import your module beside its file, with nothing else there: it has to end without an error.",
}


def _spec(unit: Unit, changed: Mapping[str, Any]) -> dict[str, Any]:
    """A check's table in the rubric."""
    check = unit.check
    params = {"relative": changed.get("relative", check.relative)}
    rest = {key: value for key, value in changed.items() if key != "relative"}
    return {
        "id": unit.id,
        "kind": SLOW if check.slow else KIND,
        "title": unit.title,
        "points": check.points,
        "hint": check.hint,
        "needs": [USABLE, *unit.needs],
        "hidden": check.hidden,
        "params": params,
        **rest,
    }


def _points(value: Any) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)


def _files(folder: Path) -> list[Path]:
    """The Python files of an assignment, but what students are given and examples of what they hand in."""
    found = sorted(folder.rglob("*.py"))
    return [path for path in found if path.relative_to(folder).parts[0] not in ("handout", "examples")]


def _where(error: BaseException, folder: Path, name: str) -> str:
    """The line of the assignment's files that raised."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    own = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(str(folder))]
    return f"{own[-1].filename}:{own[-1].lineno}" if own else str(folder / f"{name}.py")
