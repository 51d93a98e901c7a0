"""What an assignment declares: its checks, and the mistakes that are named."""

from __future__ import annotations

import inspect
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import ModuleType
from typing import Any

Function = Callable[..., None]
_DECLARED = "__checks__"
"""What a module keeps its own checks under, in order."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


@dataclass(frozen=True)
class Check:
    """A check as it was declared: a function of a `Trial`, and with `each` of one of these values, too."""

    function: Function
    title: str
    points: Decimal
    question: str
    each: tuple[Any, ...]
    after: tuple[Check, ...]
    hidden: bool
    supply: tuple[str, ...]
    hint: str
    relative: float
    slow: bool

    @property
    def id(self) -> str:
        """Its name in the rubric and in reports; of one with `each`, the beginning of the names."""
        return self.function.__name__.strip("_").replace("_", "-")

    @property
    def place(self) -> str:
        """Where it stands, for who wrote it: `checks.py:12`."""
        code = inspect.unwrap(self.function).__code__
        return f"{code.co_filename}:{code.co_firstlineno}"


@dataclass(frozen=True)
class Unit:
    """One check as reports have it."""

    check: Check
    arguments: tuple[Any, ...] = ()
    """What the function gets beside the trial."""

    @property
    def id(self) -> str:
        """Its name in the rubric and in reports."""
        return "-".join([self.check.id, *(str(value) for value in self.arguments)])

    @property
    def title(self) -> str:
        """Its title, with the value in it."""
        if not self.arguments:
            return self.check.title
        names = list(inspect.signature(self.check.function).parameters)[1:]
        return self.check.title.format(**dict(zip(names, self.arguments, strict=False)))

    @property
    def needs(self) -> tuple[str, ...]:
        """Ids of the checks that have to have run to their end before: of those for each value, the one for this."""
        found = []
        for before in self.check.after:
            own = [unit for unit in units_of(before) if unit.arguments == self.arguments]
            found += [unit.id for unit in own or units_of(before)]
        return tuple(found)


def check(
    title: str,
    points: float | str = 0,
    *,
    question: str = "",
    each: tuple[Any, ...] = (),
    after: Check | tuple[Check, ...] = (),
    hidden: bool = True,
    supply: str | tuple[str, ...] = (),
    hint: str = "",
    relative: float = 1e-7,
    slow: bool = False,
) -> Callable[[Function], Check]:
    """Declare a check: the decorator of a function `f(t)`, or `f(t, value)` with `each`.

    The rubric may give it another title, other points, another hint and another tolerance; these are the defaults.

    Args:
        title: what reports call it; `{name}` stands for the value, by the name of the function's second argument.
        points: what it is worth; with `each`, every one of them.
        question: id of the rubric's question that it belongs to; by default that of the check before it.
        each: values for each of which it is a check of its own.
        after: checks that have to have run to their end before this one makes sense. That they passed is not asked.
        hidden: whether students are kept from what went in and came out.
        supply: a method or function, or several. Where the hand-in's own has lost points in another check, this one is
            asked again with the solution's in its place, and what is right then is earned.
        hint: what a student should do where it fails and no mistake is named.
        relative: largest difference from what is wanted, relative to its largest entry, in `Trial.close`.
        slow: whether it runs beside the others, in a process of its own.
    """
    before = (after,) if isinstance(after, Check) else tuple(after)
    supplied = (supply,) if isinstance(supply, str) else tuple(supply)
    worth = Decimal(str(points)) if isinstance(points, int | float) and math.isfinite(points) else None
    wanted = {
        "title: wanted a text": isinstance(title, str) and bool(title),
        "points: wanted a number, zero or more": worth is not None and worth >= 0,
        "after: wanted a check, or several": all(isinstance(one, Check) for one in before),
        "supply: wanted the name of a method or function, or several": all(
            isinstance(s, str) for s in supplied
        ),
        "hint: wanted a text": isinstance(hint, str),
        "question: wanted its id": isinstance(question, str),
        "relative: wanted a number, zero or more": math.isfinite(relative) and relative >= 0,
    }
    for what, holds in wanted.items():
        if not holds:
            raise TypeError(f"@check: {what}")

    def declare(function: Function) -> Check:
        _can_be_called(function, with_a_value=bool(each))
        made = Check(
            function, title, worth or Decimal(0), question, tuple(each), before, hidden, supplied, hint, relative, slow
        )  # fmt: skip
        own = function.__globals__.setdefault(_DECLARED, [])
        if any(one.id == made.id for one in own):
            raise NameError(f"@check: the name {made.id!r} is taken already")
        own.append(made)
        return made

    return declare


def _can_be_called(function: Function, with_a_value: bool) -> None:
    """`TypeError` for what is no function of a trial, or of a trial and a value."""
    if not inspect.isfunction(function):
        raise TypeError(f"@check: found {type(function).__name__}, wanted a function")
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise TypeError(f"@check: {function.__name__} is async or yields, so that calling it runs nothing")
    takes = len(inspect.signature(function).parameters)
    if takes != (2 if with_a_value else 1):
        wanted = f"(t{', value' if with_a_value else ''})"
        raise TypeError(f"@check: {function.__name__} takes {takes} arguments, wanted {wanted}")


@dataclass(frozen=True)
class Mistake:
    """A mistake as it was declared: the solution with pieces of its text exchanged."""

    name: str
    sentence: str
    """What is told; empty where it is no mistake but another way that is right, too."""
    edits: tuple[tuple[str, str], ...]
    place: str = ""
    """Where it stands, for who wrote it."""
    questions: tuple[str, ...] = ()
    """The questions that it has to cost points in, and no other; empty where any will do."""


def mistake(
    name: str, sentence: str, edits: Mapping[str, str], *, questions: tuple[str, ...] = ()
) -> Mistake:
    """Declare a mistake: `mistake("no-mean", "The loss is summed, not averaged.", {"/ len(X)": ""})`.

    Args:
        name: letters, digits and dashes; by it a class's mistakes are counted.
        sentence: what is wrong, for the student who made it. Not what is right.
        edits: pieces of `solution.py`, each of which stands there once, and what stands there instead.
        questions: ids of the questions that it has to cost points in; `grade check` holds it to this.
    """
    if not (isinstance(sentence, str) and sentence.strip()):
        raise TypeError(f"mistake {name!r}: found {sentence!r}, wanted a sentence")
    if isinstance(questions, str):
        raise TypeError(f"mistake {name!r}: questions: found {questions!r}, wanted a tuple of ids")
    return Mistake(name, sentence, _edits(name, edits), _caller(), tuple(questions))


def alternative(name: str, edits: Mapping[str, str]) -> Mistake:
    """Declare another way that is right, too, by the checks: one that a hand-in may have beside its mistakes."""
    return Mistake(name, "", _edits(name, edits), _caller())


def _edits(name: str, edits: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise TypeError(f"mistake {name!r}: wanted a name of letters, digits and dashes")
    if not (
        isinstance(edits, Mapping)
        and edits
        and all(isinstance(part, str) for pair in edits.items() for part in pair)
    ):
        raise TypeError(f"mistake {name!r}: wanted pieces of text, each with what stands there instead")
    return tuple(edits.items())


def _caller() -> str:
    """Where `mistake` or `alternative` was called."""
    frame = sys._getframe(2)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def units_of(check: Check) -> list[Unit]:
    """The checks that a declared one stands for."""
    return [Unit(check, (value,)) for value in check.each] if check.each else [Unit(check)]


def checks_in(module: ModuleType) -> list[Check]:
    """The checks that a module imports and declares, in order; one without a question has that before it."""
    own = vars(module).get(_DECLARED, [])
    imported = [value for value in vars(module).values() if isinstance(value, Check) and value not in own]
    return list(_in_questions(iter([*imported, *own])))


def _in_questions(found: Iterator[Check]) -> Iterator[Check]:
    question = ""
    for check in found:
        question = check.question or question
        yield replace(check, question=question)


def mistakes_in(module: ModuleType) -> list[Mistake]:
    """The mistakes in a module's `MISTAKES`, in that order; `TypeError` where it holds something else."""
    found = module.MISTAKES
    if not (isinstance(found, list | tuple) and all(isinstance(one, Mistake) for one in found)):
        raise TypeError("MISTAKES: wanted a list of mistake(...)")
    return list(found)
