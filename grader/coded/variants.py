"""The solution's module, as it is and with mistakes: its text with pieces exchanged, run in the grader's process."""

from __future__ import annotations

import inspect
import math
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from ..api import Mistake
from ..api.sides import Local
from ..entry_point import EntryPoint
from ..errors import AssignmentError
from ..machine.deadline import NoEnd, within

LONGEST = 60.0
"""Seconds for the solution to be imported, or to answer, with a mistake, all that one check asks: a hundred times what
one that ends takes."""


@dataclass
class Variants:
    """The solution of an assignment and all that can be made of it."""

    path: Path
    """Of `solution.py`."""
    source: str
    entry: EntryPoint
    mistakes: tuple[Mistake, ...]
    _compiled: dict[tuple[str, ...], CodeType] = field(default_factory=dict)
    answered: dict[tuple[tuple[str, ...], tuple[str, ...], bytes], Any] = field(default_factory=dict)
    """What was answered with mistakes, by their names, what was supplied and the hash of what was asked."""
    numbers_kept: int = 0
    """In these answers."""
    endless: dict[tuple[tuple[str, ...], bytes], list[set[str]]] = field(default_factory=dict)
    """By what was supplied and asked, mistakes that do not come to an end: together with others they are not tried."""

    @classmethod
    def of(
        cls, folder: Path, entry: EntryPoint, constants: Mapping[str, Any], mistakes: Sequence[Mistake]
    ) -> Variants:
        """Those of a reference folder; `constants` replace the solution's own of these names.

        `AssignmentError` where the solution cannot be read or run, or a constant or a piece of text is not in it.
        """
        path = folder / "solution.py"
        try:
            source = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise AssignmentError(f"{path}: cannot be read ({error.strerror})") from None
        except UnicodeDecodeError as error:
            raise AssignmentError(f"{path}: is not UTF-8 text (byte {error.start})") from None
        for name, value in constants.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise AssignmentError(
                    f"{path}: {name} = {value}, which the rubric's [constants] sets; wanted a number"
                )
            source, count = re.subn(rf"(?m)^{re.escape(name)} = .*$", f"{name} = {value!r}", source)
            if count != 1:
                raise AssignmentError(
                    f"{path}: has no line `{name} = ...`, which the rubric's [constants] sets"
                )
        made = cls(path, source, entry, tuple(mistakes))
        made.solution()
        for mistake in mistakes:
            made.with_mistakes((mistake,))
        return made

    def solution(self) -> Local:
        """The solution."""
        return self.with_mistakes(())

    def with_mistakes(self, made: Sequence[Mistake], supplied: tuple[str, ...] = ()) -> Local:
        """The solution with these mistakes together, but for methods or functions that are `supplied`."""
        names = tuple(mistake.name for mistake in made)
        if names not in self._compiled:
            code = self._code(made)
            if len(made) > 1:
                return self._run(code, made, supplied)  # there are thousands of pairs
            self._compiled[names] = code
        return self._run(self._compiled[names], made, supplied)

    def text(self, *made: Mistake) -> str:
        """The solution's text with these mistakes; `AssignmentError` where a piece is not there exactly once."""
        spans = sorted((*self._span(mistake, old), new) for mistake in made for old, new in mistake.edits)
        if any(one[1] > other[0] for one, other in pairwise(spans)):
            raise AssignmentError(
                f"{made[0].place}: mistake {made[0].name!r}: its pieces overlap in {self.path}"
            )
        source = self.source
        for start, end, new in reversed(spans):
            source = source[:start] + new + source[end:]
        return source

    def has(self, name: str, place: str) -> None:
        """`AssignmentError`, told at a `place`, where the solution has no method or function of that name."""
        side = self.solution()
        if not (side.has(name) and inspect.isfunction(side.own(name))):
            raise AssignmentError(f"{place}: supply: {name!r} is no method or function of {self.path.name}")

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
                f"{mistake.place}: mistake {mistake.name!r}: {old!r} stands {count} times in {self.path}; "
                "wanted once"
            )
        at = self.source.index(old)
        return at, at + len(old)

    def _code(self, made: Sequence[Mistake]) -> CodeType:
        try:
            return compile(self.text(*made), str(self.path), "exec")
        except (SyntaxError, ValueError) as error:
            line = f"{self.path}:{getattr(error, 'lineno', 1)}"
            raise AssignmentError(self._trouble(made, error, line)) from None

    def _run(self, code: CodeType, made: Sequence[Mistake], supplied: tuple[str, ...]) -> Local:
        """A module of its own for whoever asks: nothing that one check leaves in it, another one finds."""
        module = ModuleType(f"_solution_of_{self.path.parent.name}")
        module.__file__ = str(self.path)
        sys.modules[module.__name__] = module  # dataclasses look their own module up
        try:
            with within(LONGEST):
                exec(code, vars(module))
        except NoEnd:
            raise AssignmentError(
                f"{made[0].place if made else self.path}: {self.path.name} does not come to an end when it is imported"
            ) from None
        except (Exception, SystemExit) as error:
            lines = [
                f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(self.path)
            ]
            where = f"{self.path}:{lines[-1]}" if lines else str(self.path)
            raise AssignmentError(self._trouble(made, error, where)) from None
        for name in self.entry.names:
            found = getattr(module, name, None)
            fits = (
                isinstance(found, type)
                if self.entry.is_class
                else callable(found) and not isinstance(found, type)
            )
            if not fits:
                kind = "class" if self.entry.is_class else "function"
                where = made[0].place if made else str(self.path)
                raise AssignmentError(f"{where}: defines no {kind} {name}, which the rubric asks for")
        side = Local(module, self.entry.class_name)
        for name in supplied:
            side.supply(name, self.solution().own(name))
        return side

    def _trouble(self, made: Sequence[Mistake], error: BaseException, where: str) -> str:
        at = (
            f"{made[0].place}: mistake {made[0].name!r}: {self.path.name} with it" if made else f"{where}: it"
        )
        return f"{at} cannot be run: {type(error).__name__}: {error}"
