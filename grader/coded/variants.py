"""The solution's module, as it is and with mistakes: its text with pieces exchanged, run in the grader's process."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

from ..api import Mistake
from ..api.sides import Local
from ..entry_point import EntryPoint
from ..errors import AssignmentError


@dataclass
class Variants:
    """The solution of an assignment and all that can be made of it."""

    path: Path
    """Of `solution.py`."""
    source: str
    entry: EntryPoint
    mistakes: tuple[Mistake, ...]
    _made: dict[tuple[tuple[str, ...], tuple[str, ...]], ModuleType] = field(default_factory=dict)
    answered: dict[tuple[tuple[str, ...], tuple[str, ...], bytes], Any] = field(default_factory=dict)
    """What was answered with mistakes, by their names, what was supplied and the hash of what was asked."""

    @classmethod
    def of(
        cls, folder: Path, entry: EntryPoint, constants: Mapping[str, Any], mistakes: Sequence[Mistake]
    ) -> Variants:
        """Those of a reference folder; `constants` replace the solution's own of these names.

        `AssignmentError` where the solution cannot be read or run, or a constant or a piece of text is not in it.
        """
        path = folder / "solution.py"
        try:
            source = path.read_text(encoding="utf-8")
        except OSError as error:
            raise AssignmentError(f"{path}: cannot be read ({error.strerror})") from None
        for name, value in constants.items():
            source, count = re.subn(rf"(?m)^{re.escape(name)} = .*$", f"{name} = {value!r}", source)
            if count != 1:
                raise AssignmentError(
                    f"{path}: has no line `{name} = ...`, which the rubric's [constants] sets"
                )
        made = cls(path, source, entry, tuple(mistakes))
        for mistake in mistakes:
            made.text(mistake)
        made.solution()
        return made

    def solution(self) -> Local:
        """The solution."""
        return self.with_mistakes(())

    def with_mistakes(self, made: Sequence[Mistake], supplied: tuple[str, ...] = ()) -> Local:
        """The solution with these mistakes together, but for methods or functions that are `supplied`."""
        key = tuple(mistake.name for mistake in made), supplied
        if key not in self._made:
            module = self._run(self.text(*made), "_".join(("solution", *key[0], *supplied)), made)
            for name in supplied:
                Local(module, self.entry.class_name).supply(name, self.solution().own(name))
            if len(made) > 1:
                return Local(module, self.entry.class_name)  # there are thousands of pairs
            self._made[key] = module
        return Local(self._made[key], self.entry.class_name)

    def text(self, *made: Mistake) -> str:
        """The solution's text with these mistakes; `AssignmentError` where a piece is not there exactly once."""
        spans = [(*self._span(mistake, old), new) for mistake in made for old, new in mistake.edits]
        source = self.source
        for start, end, new in sorted(spans, reverse=True):
            source = source[:start] + new + source[end:]
        return source

    def has(self, name: str, place: str) -> None:
        """`AssignmentError`, told at a `place`, where the solution has no method or function of that name."""
        try:
            self.solution().own(name)
        except AttributeError:
            raise AssignmentError(
                f"{place}: supply: {name!r} is no method or function of {self.path.name}"
            ) from None

    def pairs(self) -> list[tuple[Mistake, Mistake]]:
        """Two mistakes in different pieces of the text, of each that there are."""
        spans = {m.name: [self._span(m, old) for old, _ in m.edits] for m in self.mistakes}
        return [
            (one, other)
            for one, other in combinations(self.mistakes, 2)
            if all(a[1] <= b[0] or b[1] <= a[0] for a in spans[one.name] for b in spans[other.name])
        ]

    def _span(self, mistake: Mistake, old: str) -> tuple[int, int]:
        count = self.source.count(old)
        if count != 1:
            raise AssignmentError(
                f"{mistake.place}: mistake {mistake.name!r}: {old!r} stands {count} times in {self.path.name}; "
                "wanted once"
            )
        at = self.source.index(old)
        return at, at + len(old)

    def _run(self, source: str, name: str, made: Sequence[Mistake]) -> ModuleType:
        where = made[0].place if made else str(self.path)
        module = ModuleType(f"_{self.path.parent.name}_{name}".replace("-", "_"))
        module.__file__ = str(self.path)
        sys.modules[module.__name__] = module  # dataclasses look their own module up
        try:
            exec(compile(source, str(self.path), "exec"), vars(module))
        except Exception as error:
            line = f"{self.path}:{error.lineno}" if isinstance(error, SyntaxError) else where
            raise AssignmentError(
                f"{line}: the solution{f' with mistake {made[0].name!r}' if made else ''} cannot be run: "
                f"{type(error).__name__}: {error}"
            ) from None
        if missing := [name for name in self.entry.names if not hasattr(module, name)]:
            raise AssignmentError(f"{where}: defines no {missing[0]}, which the rubric asks for")
        return module
