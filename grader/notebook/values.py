"""Compare the numbers that a notebook prints: as handed in, as executed again, and as they should be."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ..assignment.notebook_settings import Notebook, NotebookValue
from ..model import PrintedValue
from .code import in_force, with_called
from .file import Cell
from .raised import Raised

_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s?%?|[-+]?\b(?:nan|inf)\b)"
_MAX_LINE = 300
"""Characters of a line that are looked at: patterns may take the cube of it."""
_MAX_LINES = 5000
_REPR = re.compile(r"np\.(?:float|int)\d+\(([^()\n]{1,40})\)")


class Number(msgspec.Struct, frozen=True):
    """A number as it was printed."""

    value: float
    half_unit: float
    """Half a unit of its last printed digit."""


class Value(msgspec.Struct, frozen=True):
    """One of the rubric's values, in the file as handed in and executed again."""

    cell: int = 0
    """Number of the code cell; 0 where none prints it."""
    claimed: Number | None = None
    obtained: Number | None = None


class Values(msgspec.Struct, frozen=True):
    """All of the rubric's values."""

    found: tuple[Value, ...] = ()
    """In the rubric's order."""
    claimed_on: str = ""
    """The dataset whose size the notebook prints; empty where it prints none that is known."""


def find(settings: Notebook, cells: Sequence[Cell], executed: Mapping[int, str]) -> Values:
    """Find the rubric's values; `executed`: what cells have printed now, by their index."""
    activations = sorted({spec.activation for spec in settings.values if spec.activation})
    code, force = with_called(cells), in_force(cells, activations)
    numbers = {i: n for n, i in enumerate(code, 1)}
    found = []
    for spec in settings.values:
        pattern = re.compile(spec.code)
        looked_at = [i for i in code if spec.activation in ("", force[i]) and pattern.search(code[i])]
        found.append(_one(spec, looked_at, cells, executed, numbers))
    return Values(tuple(found), _claimed_on(settings, cells))


def _one(
    spec: NotebookValue,
    looked_at: Sequence[int],
    cells: Sequence[Cell],
    executed: Mapping[int, str],
    numbers: Mapping[int, int],
) -> Value:
    for i in looked_at:
        claimed = _find(spec, cells[i].shown.text)
        obtained = _find(spec, executed[i]) if i in executed else None
        if claimed or obtained:
            return Value(numbers[i], claimed, obtained)
    return Value()


def judged(
    settings: Notebook,
    values: Values,
    broken: frozenset[int],
    tables: Mapping[str, Any],
    dataset: str,
    marked_on: str,
    raised: Mapping[int, Raised] | None = None,
    small: str = "",
) -> tuple[PrintedValue, ...]:
    """One result for each of the rubric's values.

    `broken`: numbers of the cells that did not run to their end; `tables`: the reference's expected values;
    `dataset`: what the notebook was executed on; `marked_on`: what it was made for, unless it says otherwise itself;
    `raised`: cells that the hand-in's own code kept from their end; `small`: what it was executed on in place of the
    dataset, where all that it claims on that is known (`are_known`).
    """
    claimed_on = values.claimed_on or marked_on
    own = raised or {}
    if claimed_on != dataset:  # other data may be what a cell fails on, and all that comes after it
        own = {number: how for number, how in own.items() if number == min(broken)}
    return tuple(
        _known(spec, value, tables, dataset, small)
        if small and spec.data
        else _judged(spec, value, broken, tables, dataset, claimed_on, own)
        for spec, value in zip(settings.values, values.found, strict=False)
    )


def are_known(
    settings: Notebook, values: Values, tables: Mapping[str, Any], dataset: str, marked_on: str
) -> bool:
    """Whether all that is claimed on a dataset is what the solution gives there, to the last printed digit."""
    if (values.claimed_on or marked_on) != dataset:
        return False
    for spec, value in zip(settings.values, values.found, strict=False):
        if not spec.data or value.claimed is None:
            continue
        right = _look_up(tables.get(dataset, {}), spec.expect)
        if right is None or not abs(value.claimed.value - right) <= value.claimed.half_unit * (1 + 1e-9):
            return False
    return True


def _known(
    spec: NotebookValue, found: Value, tables: Mapping[str, Any], dataset: str, small: str
) -> PrintedValue:
    expected = _look_up(tables.get(dataset, {}), spec.expect)
    claimed = found.claimed.value if found.claimed else None
    note = (
        f"Not computed again: the known figure for {dataset}. The cells were executed on {small}."
        if found.claimed
        else "Not in the file as handed in."
    )
    verdict: Any = "agrees" if found.claimed else "not compared"
    return PrintedValue(spec.title, spec.question, found.cell, verdict, claimed, None, expected, None, note)


def _judged(
    spec: NotebookValue,
    found: Value,
    broken: frozenset[int],
    tables: Mapping[str, Any],
    dataset: str,
    claimed_on: str,
    raised: Mapping[int, Raised],
) -> PrintedValue:
    claimed, obtained, cell = found.claimed, found.obtained, found.cell
    table = tables.get(dataset, {}) if spec.data else tables
    expected = _look_up(table, spec.expect)
    spread = spec.spreads * (_look_up(table, spec.spread) or 0.0)
    if spread and claimed:
        spread += claimed.half_unit
    elif claimed and obtained:
        spread = max(abs(obtained.value) * spec.within, spec.noise) + claimed.half_unit
    verdict, note = _verdict(spec, claimed, obtained, spread, dataset, claimed_on)
    about_other_data = spec.data and claimed_on != dataset
    if claimed and verdict != "agrees" and cell in raised and not about_other_data:
        verdict, note = "raised", f"Executed again, code cell {cell} raised {raised[cell]}."
        if any(number < cell for number in broken):
            note += " Cells before it did not run to their end."
    elif verdict == "differs" and cell in broken:
        verdict, note = "not compared", "Its cell did not run to its end."
    elif verdict == "differs" and any(number < cell for number in broken):
        note = "Cells before it did not run to their end."
    return PrintedValue(
        spec.title,
        spec.question,
        cell,
        verdict,
        claimed.value if claimed else None,
        obtained.value if obtained else None,
        expected,
        spread if verdict != "not compared" else None,
        note,
    )


def _verdict(
    spec: NotebookValue,
    claimed: Number | None,
    obtained: Number | None,
    spread: float,
    dataset: str,
    claimed_on: str,
) -> tuple[Any, str]:
    if claimed is None:
        return "not compared", "Not in the file as handed in."
    if obtained is None:
        return "not compared", "Not printed when executed again."
    if spec.data and claimed_on != dataset:
        return "not compared", f"Claimed on {claimed_on}, executed on {dataset}."
    if math.isfinite(claimed.value) and math.isfinite(obtained.value):
        same = abs(claimed.value - obtained.value) <= spread
    else:
        same = claimed.value == obtained.value or (math.isnan(claimed.value) and math.isnan(obtained.value))
    return ("agrees", "") if same else ("differs", "")


def _find(spec: NotebookValue, text: str) -> Number | None:
    """The first or last number of the output that the spec names."""
    pattern = re.compile(spec.find.replace("{number}", _NUMBER))
    found = None
    for line in _lines(text):
        if match := pattern.search(line):
            found = _number(next(group for group in match.groups() if group is not None))
            if spec.which == "first":
                break
    return found


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines()[:_MAX_LINES]:
        yield _REPR.sub(r"\1", line[:_MAX_LINE])


def _number(text: str) -> Number:
    percent = text.endswith("%")
    text = text.removesuffix("%").strip()
    value = float(text)
    if not math.isfinite(value):
        return Number(value, 0.0)
    mantissa, _, power = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    # Of a zero the power says nothing, and may be any.
    half_unit = 0.5 * 10.0 ** ((int(power or 0) if value else 0) - decimals) if "." in text else 0.0
    return Number(value / 100, half_unit / 100) if percent else Number(value, half_unit)


def _look_up(table: Any, paths: Sequence[str]) -> float | None:
    """The first of the paths, such as `toy.sigmoid.loss` or `loss.-1` of a list, that leads to a number."""
    for path in paths:
        value = table
        try:
            for name in path.split("."):
                value = value[int(name)] if isinstance(value, list) else value[name]
            return float(value)
        except (KeyError, IndexError, TypeError, ValueError):
            continue
    return None


def _claimed_on(settings: Notebook, cells: Sequence[Cell]) -> str:
    """The dataset whose size the notebook prints; empty where it prints none that is known."""
    if settings.size is None:
        return ""
    pattern = re.compile(settings.size.find.replace("{number}", _NUMBER))
    for cell in cells:
        for line in _lines(cell.shown.text):
            if match := pattern.search(line):
                size = _number(match[1]).value
                for name, sizes in settings.size.datasets.items():
                    if size in sizes:
                        return name
    return ""
