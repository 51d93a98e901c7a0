"""Solutions of which it is known what they are worth: right ones, wrong ones, and mutants of the reference.

They are in the reference's folder `bank`: `base.py`, a right hand-in; `right.toml` and `wrong.toml`, edits of it; and
`mutants.toml`, what is to be said of single mutations of `solution.py`; and `pairs.toml`, of two mistakes together.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec

from ..assignment.strict import Strict
from ..errors import AnswersError, UsageError


class Edit(Strict, frozen=True):
    """A piece of text that occurs once, and what stands there instead."""

    old: str
    new: str


class Right(Strict, frozen=True):
    """A right solution: it earns every point."""

    name: str
    edits: tuple[Edit, ...] = ()
    slow: bool = False
    """Too slow to train on a dataset."""


class Wrong(Strict, frozen=True):
    """A wrong solution: a correct one with a mistake."""

    name: str
    edits: Annotated[tuple[Edit, ...], msgspec.Meta(min_length=1)]
    questions: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """It loses points in each of these and in no other."""
    number: int = 0
    """Of the mistake in the list that the project was given; 0 for one that is not on it."""
    mistakes: tuple[str, ...] | None = None
    """Names of the misconceptions that the diagnosis names, all of them and no other; left out, any will do."""


class Lines(Strict, frozen=True):
    """Lines of `solution.py` from one on, up to the next entry or the end of the function."""

    function: str
    questions: tuple[str, ...]
    """Those that a mistake in these lines costs; none: not asked for, so not mutated."""
    start: str = ""
    """The first line's text; empty for the function's first."""
    why: str = ""


class MixedUp(Strict, frozen=True):
    """What of the solution's own is taken for something else; what any code has, `mutants` knows."""

    names: dict[str, str] = msgspec.field(default_factory=dict)
    """Variables to those that they are taken for."""
    keys: dict[str, str] = msgspec.field(default_factory=dict)
    """The same of keys and names in quotes."""
    forgotten: tuple[str, ...] = ()
    """Functions that are left out: their first argument stands there instead."""


NOTHING = MixedUp()


class Equivalent(Strict, frozen=True):
    """A mutant that changes no value, or none that is asked for: it earns every point."""

    mutant: str
    why: str

    @property
    def questions(self) -> tuple[str, ...]:
        """Where it costs."""
        return ()


class Elsewhere(Strict, frozen=True):
    """A mutant that rightly costs in other questions than its line says."""

    mutant: str
    why: str
    questions: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Slow(Strict, frozen=True):
    """A mutant that is never trained on a dataset: that takes long, and its other checks say what there is to say."""

    mutant: str
    why: str


class Together(Strict, frozen=True):
    """Two mistakes that make one: together they are a consistent whole, of which one part is wrong."""

    mistakes: tuple[str, str]
    why: str


class Unlike(Strict, frozen=True):
    """A mistake, or two, with which others cost more or less than alone: rightly, or for want of anything better."""

    mistakes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=2)]
    why: str


Remark = Equivalent | Elsewhere


class _Mutants(Strict, frozen=True):
    lines: tuple[Lines, ...]
    mixed_up: MixedUp = NOTHING
    equivalent: tuple[Equivalent, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    slow: tuple[Slow, ...] = ()


class _Pairs(Strict, frozen=True):
    together: tuple[Together, ...] = ()
    unlike: tuple[Unlike, ...] = ()


class _Solutions(Strict, frozen=True):
    right: tuple[Right, ...] = ()
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True)
class Bank:
    """All of it."""

    base: str
    right: tuple[Right, ...]
    wrong: tuple[Wrong, ...]
    lines: tuple[Lines, ...]
    remarks: dict[str, Remark]
    """Mutants that cost nothing, or cost somewhere else than their line says, by name."""
    together: tuple[Together, ...] = ()
    unlike: tuple[Unlike, ...] = ()
    slow: frozenset[str] = frozenset()
    """Names of mutants that are never trained on a dataset."""
    mixed_up: MixedUp = NOTHING

    def source(self, solution: Right | Wrong) -> str:
        """The text of a solution's module."""
        return edited(self.base, solution.edits, solution.name)


def load(folder: Path) -> Bank:
    """Read the bank of a reference folder; `UsageError` where there is none, `AnswersError` for what is wrong in it."""
    folder = folder / "bank"
    if not folder.is_dir():
        raise UsageError(f"{folder}: is missing; it holds the solutions that `grade selftest` grades")
    base = _text(folder / "base.py")
    right = _read(folder / "right.toml", _Solutions).right
    wrong = _read(folder / "wrong.toml", _Solutions).wrong
    mutants = _read(folder / "mutants.toml", _Mutants)
    names: set[str] = set()
    for file, solutions in (("right.toml", right), ("wrong.toml", wrong)):
        for solution in solutions:
            if solution.name in names:
                raise AnswersError(f"{folder / file}: the name {solution.name!r} is there twice")
            names.add(solution.name)
            edited(base, solution.edits, f"{folder / file}: {solution.name!r}")
    remarks: dict[str, Remark] = {}
    for remark in (*mutants.equivalent, *mutants.elsewhere):
        if remark.mutant in remarks:
            raise AnswersError(f"{folder / 'mutants.toml'}: {remark.mutant!r} is there twice")
        remarks[remark.mutant] = remark
    exceptions = folder / "pairs.toml"
    of_pairs = _read(exceptions, _Pairs) if exceptions.exists() else _Pairs()
    slow = frozenset(entry.mutant for entry in mutants.slow)
    return Bank(
        base, right, wrong, mutants.lines, remarks, of_pairs.together, of_pairs.unlike, slow, mutants.mixed_up
    )


def edited(text: str, edits: tuple[Edit, ...], where: str) -> str:
    """A text with edits made, one after the other; `AnswersError` where a piece does not occur exactly once."""
    for edit in edits:
        count = text.count(edit.old)
        if count != 1:
            raise AnswersError(f"{where}: {count} times in the source, wanted once: {edit.old!r}")
        text = text.replace(edit.old, edit.new)
    return text


def _read(path: Path, type_: type[Any]) -> Any:
    try:
        data = tomllib.loads(_text(path))
        return msgspec.convert(data, type_)
    except tomllib.TOMLDecodeError as error:
        raise AnswersError(f"{path}: is not TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise AnswersError(f"{path}: {_entry(data, str(error))}{error}") from None


def _entry(data: dict[str, Any], message: str) -> str:
    """The name of the entry that an error of msgspec's is about, where it has one."""
    found = re.search(r"`\$\.(\w+)\[(\d+)\]", message)
    if not found:
        return ""
    entry = data[found[1]][int(found[2])]
    name = entry.get("name") or entry.get("mutant") or entry.get("function")
    return f"{name!r}: " if name else ""


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise AnswersError(
            f"{path}: cannot be read ({error.strerror}); `grade selftest` grades the solutions there"
        ) from None
