"""The matrix of a selftest: solution by question, and what was not as it should be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .pairs import Weighed, total
from .prove import MUTANT, RIGHT, WRONG, Row

TITLES = {
    RIGHT: "Right solutions: every point",
    WRONG: "Wrong solutions: points lost in each question",
    MUTANT: "Single mutations of the reference: points lost in each question",
}
MESSAGES = 6
"""Failing checks that are quoted below a surprise."""


def show(rows: Sequence[Row], pairs: Sequence[Weighed], questions: Sequence[str], console: Console) -> None:
    """Print a table for each group, then the surprises, then the totals."""
    for group, title in TITLES.items():
        own = [row for row in rows if row.known.group == group]
        if own:
            console.print(_table(title, own, questions))
            console.print()
    for row in rows:
        for line in _surprise(row):
            console.print(escape(line), soft_wrap=True)
    for pair in pairs:
        for line in _broken(pair):
            console.print(escape(line), soft_wrap=True)
    for line in _additivity(pairs):
        console.print(escape(line), soft_wrap=True)
    for line in totals(rows, pairs):
        console.print(line, soft_wrap=True)


def _table(title: str, rows: Sequence[Row], questions: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("solution", overflow="fold", ratio=1)
    for question in questions:
        table.add_column(question, justify="right", no_wrap=True)
    table.add_column("named", overflow="fold", max_width=36)
    for line, group in groupby(rows, lambda row: row.known.line):
        if line:
            table.add_row(escape(line))
        for row in group:
            name = row.known.name.replace(f"{line} -> ", "    -> ", 1) if line else row.known.name
            mark = "SURPRISE " if row.surprises else ""
            cells = [_cell(row, question) for question in questions]
            table.add_row(escape(mark + name), *cells, escape(", ".join(row.named)))
    return table


def _cell(row: Row, question: str) -> str:
    lost, wanted = row.lost.get(question), question in row.known.questions
    text = f"-{lost.normalize():f}" if lost else "."
    return text if bool(lost) == wanted else f"{text}!"


def _surprise(row: Row) -> list[str]:
    """What is not as it should be, and what to act on; nothing where all is."""
    if not row.surprises:
        return []
    lost = ", ".join(f"{question} -{points.normalize():f}" for question, points in row.lost.items())
    return [
        f"SURPRISE {row.known.group}: {row.known.name}",
        *(f"  {line}" for line in row.surprises),
        f"  should lose in: {', '.join(row.known.questions) or 'none'}; lost: {lost or 'nothing'}",
        *(f"  - {message}" for message in row.messages[:MESSAGES]),
        "",
    ]


def _broken(pair: Weighed) -> list[str]:
    """What a pair of mistakes earns by being two; nothing where it earns nothing."""
    if not pair.breaks:
        return []
    alone = (f"{name}: {_points(total(lost))}" for name, lost in zip(pair.names, pair.alone, strict=True))
    return [
        f"SURPRISE pair: two mistakes lose {_points(total(pair.together))}",
        *(f"  alone, {line}" for line in alone),
        *(f"  a fault of the grader's own: {fault}" for fault in pair.faults),
        *(f"  - {message}" for message in pair.carried),
        "",
    ]


def _additivity(pairs: Sequence[Weighed]) -> list[str]:
    """The pairs that do not cost what both mistakes cost alone, by the reason, where one is known."""
    lines = []
    for why in dict.fromkeys(pair.why for pair in pairs if pair.off):
        lines.append(f"Costs more or less than both alone{f', because {why}' if why else ''}:")
        for pair in pairs:
            if pair.off and pair.why == why:
                by = ", ".join(f"{id} {_points(points, '+')}" for id, points in pair.off.items())
                lines.append(f"  {' with '.join(pair.names)}: {by}")
        lines.append("")
    return lines


def _points(points: Decimal, sign: str = "") -> str:
    return f"{points.normalize():{sign}f}"


def totals(rows: Sequence[Row], pairs: Sequence[Weighed] = ()) -> list[str]:
    """What came of it, in a few lines; the last says whether anything was a surprise."""
    groups = {group: [row for row in rows if row.known.group == group] for group in TITLES}
    right, wrong, mutants = groups[RIGHT], groups[WRONG], groups[MUTANT]
    changing = [row for row in mutants if row.known.questions]
    same = [row for row in mutants if not row.known.questions]
    lines = []
    if right:
        lines.append(f"{len(right)} right: {_full(right)} with full marks.")
    if wrong:
        lines.append(
            f"{len(wrong)} wrong: {_full(wrong)} with full marks, {_elsewhere(wrong)} in other questions."
        )
    if mutants:
        lines.append(
            f"{len(mutants)} mutants: {len(changing)} wrong, {_full(changing)} of them with full marks, "
            f"{_elsewhere(changing)} in other questions; {len(same)} equivalent, {_full(same)} of them with full marks."
        )
    trained = _count(row.trained for row in rows)
    lines.append(
        f"{trained} of {len(rows)} were trained on the dataset as well: every right one that is not marked slow, and "
        "whatever had lost nothing without."
    )
    breaking = _count(pair.breaks for pair in pairs)
    lines.append(
        f"a mistake earns points: {breaking} of {len(pairs)} pairs."
        if breaking
        else f"no mistake earns points: {len(pairs)} pairs"
    )
    unlike = _count(pair.off for pair in pairs)
    unexplained = _count(pair.off and not pair.why for pair in pairs)
    lines.append(
        f"two mistakes cost what each costs alone: {len(pairs) - unlike} of {len(pairs)} pairs; "
        f"of the others, above, {unlike - unexplained} are explained and {unexplained} are not yet"
    )
    surprises = _count(row.surprises for row in rows) + breaking
    lines.append(f"{surprises} surprise{'s' * (surprises > 1)}." if surprises else "No surprises.")
    return lines


def _full(rows: Iterable[Row]) -> int:
    return _count(not row.lost for row in rows)


def _elsewhere(rows: Iterable[Row]) -> int:
    """How many lost points, and not in the questions where they should."""
    return _count(row.lost and set(row.lost) != set(row.known.questions) for row in rows)


def _count(facts: Iterable[object]) -> int:
    return sum(1 for fact in facts if fact)
