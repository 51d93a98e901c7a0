"""The words, signs and numbers that all renderers share, so that they say the same thing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from ..model import (
    CellRun,
    CheckResult,
    Comparison,
    Cover,
    GradeReport,
    Mark,
    Misfit,
    NotebookPlot,
    NotebookResult,
    Outcome,
    PrintedValue,
    QuestionResult,
    round_points,
)

EMPTY = "—"
_SPELT = {"relu": "ReLU", "numpy": "NumPy", "nan": "NaN", "l1": "L1", "l2": "L2"}
"""Words that are not written the way they are in names."""


class Label(NamedTuple):
    """An outcome as a reader sees it: never by colour alone."""

    sign: str
    ascii_sign: str
    word: str
    tone: str
    """`good`, `part`, `bad`, `open` or `idle`: what a renderer picks a colour by."""


class Evidence(NamedTuple):
    """A comparison in print."""

    label: str
    observed: str
    expected: str
    tolerance: str


class Printed(NamedTuple):
    """A number that a notebook prints, in print."""

    title: str
    claimed: str
    obtained: str
    expected: str
    verdict: str
    note: str


def label(outcome: Outcome) -> Label:
    """Sign, word and tone of an outcome."""
    match outcome:
        case Outcome.PASSED:
            return Label("✓", "+", "passed", "good")
        case Outcome.PARTIAL:
            return Label("◐", "~", "partly", "part")
        case Outcome.FAILED:
            return Label("✗", "x", "failed", "bad")
        case Outcome.SKIPPED:
            return Label("–", "-", "not run", "idle")
        case Outcome.NEEDS_REVIEW:
            return Label("?", "?", "for a person", "open")
        case Outcome.ERROR:
            return Label("!", "!", "grader error", "open")


def points(value: Decimal) -> str:
    """Points without needless zeros: `80`, `2.5`, `0.33`."""
    return f"{round_points(value):f}"


def counted(value: Decimal) -> str:
    """Points with their noun: `1 point`, `2.5 points`."""
    return f"{points(value)} {'point' if value == 1 else 'points'}"


def misfit(one: Misfit) -> str:
    """A mark that does not count: what was given, by whom and when, and why it does not."""
    note = f", {one.mark.note}" if one.mark.note else ""
    return f"{counted(one.mark.points)} by {one.mark.by} on {one.mark.at[:10]}{note}: {one.why}"


def lost(check: CheckResult) -> Decimal:
    """Points that a check cost; open points are not lost."""
    return Decimal(0) if check.outcome.is_open else max(Decimal(0), check.points - check.earned)


def score(result: QuestionResult | CheckResult) -> str:
    """Earned of possible points; nothing for a check without points."""
    return f"{earned(result)} / {points(result.points)}" if result.points else ""


def earned(result: QuestionResult | CheckResult) -> str:
    """The points earned; a dash, not a zero, where a person still decides all of them."""
    if isinstance(result, QuestionResult):
        undecided = result.open_points == result.points > 0
    else:
        undecided = result.outcome.is_open
    return "–" if undecided and not result.earned else points(result.earned)


def mark(given: Mark) -> str:
    """A person's mark in one line; students are not told whose."""
    note = f": {given.note}" if given.note else "."
    was = f" (given as {given.was})" if given.was else ""
    return f"Marked by {given.by or 'a person'} on {given.at[:10]}, {counted(given.points)}{was}{note}"


def mark_of_items(given: Mark) -> str:
    """What a mark is made of, and why it was given anew; empty for a number alone."""
    parts = [f"{signed(item.points)} {item.text}" for item in given.items]
    parts += [f"{signed(given.adjustment)} besides"] if given.items and given.adjustment else []
    parts += [given.since] if given.since else []
    return "; ".join(parts)


def signed(points_: Decimal) -> str:
    """Points that are added or taken off."""
    return f"+{points(points_)}" if points_ >= 0 else points(points_)


def automatic(question: QuestionResult) -> str:
    """What the checks alone make of a question that a person has marked; empty where none has."""
    if question.mark is None:
        return ""
    decided = sum((check.earned for check in question.checks), Decimal(0))
    left = sum((check.points for check in question.checks if check.outcome.is_open), Decimal(0))
    if left == question.points and not decided:
        return "The checks decide nothing here."
    waits = f", and leave {points(left)} to a person" if left else ""
    return f"The checks alone give {points(decided)} of {counted(question.points)}{waits}."


def title(question: QuestionResult, check: CheckResult) -> str:
    """Of a check, as it stands where a person may have marked its question since."""
    if question.mark is not None and check.id == f"{question.id}-manual":
        return "Marked by a person"
    return check.title


def root(report: GradeReport, check: CheckResult) -> tuple[str, CheckResult] | None:
    """What kept a check from running, with its question: the first that did run. None for a check that ran itself."""
    checks = {each.id: (question.id, each) for question in report.questions for each in question.checks}
    seen = {check.id}
    found = None
    if not check.waits_for and check.outcome is Outcome.SKIPPED:  # a student's report has it in words
        named = (one for one in checks.values() if check.message == _not_run(*one))
        return next(named, None)
    while (before := check.waits_for) in checks and before not in seen:
        seen.add(before)
        found = checks[before]
        check = found[1]
    return found


def message(report: GradeReport, check: CheckResult) -> str:
    """What a check found; of one that did not run, what kept it from that."""
    if check.outcome is not Outcome.SKIPPED or (cause := root(report, check)) is None:
        return check.message
    return _not_run(*cause)


def _not_run(question: str, cause: CheckResult) -> str:
    return f"Not run, because of “{cause.title}” ({question_name(question)})."


def check_label(question: QuestionResult, check: CheckResult) -> Label:
    """The outcome of a check; what a person has marked waits for nobody."""
    if question.mark is not None and check.outcome.is_open:
        return Label("·", ".", "see the mark", "idle")
    return label(check.outcome)


def late(report: GradeReport, cover: Cover) -> tuple[str, ...]:
    """What being late does to the total, a line for each whom it concerns; nothing where all was in time for all."""
    found = []
    for name, one in cover.late:
        parts = [one.own_due, one.why or ("Handed in in time." if one.own_due else "")]
        if one.deduction:
            so_far = " so far" if report.open_points else ""
            left = report.earned - one.deduction
            parts.append(
                f"Total{so_far}: {points(report.earned)} − {points(one.deduction)} = {points(left)} of "
                f"{counted(report.points)}."
            )
        if said := " ".join(filter(None, parts)):
            found.append(f"{name}: {said}" if name else said)
    return tuple(found)


def carried(report: GradeReport, check: CheckResult) -> str:
    """That an earlier check has already counted the same mistake; empty where none has."""
    if not check.carried_from:
        return ""
    where = f"Already counted in {_place(report, check.carried_from)}"
    return f"{where}." if lost(check) else f"{where}, no points lost here."


def needs_attention(check: CheckResult) -> bool:
    """Whether a reader has to do something about this check."""
    return check.outcome is not Outcome.PASSED or lost(check) > 0


def total(report: GradeReport) -> str:
    """The sum in one sentence."""
    if not report.points:
        found = [check.outcome for question in report.questions for check in question.checks]
        return f"{found.count(Outcome.PASSED)} of {len(found)} checks passed; no marks"
    if not report.open_points:
        return f"{points(report.earned)} / {counted(report.points)}"
    waiting = f"{counted(report.open_points)} {'waits' if report.open_points == 1 else 'wait'} for a person"
    if not report.decided:
        return f"All {waiting}" if report.points != 1 else f"The {waiting}"
    return f"Automatic part {points(report.earned)} / {points(report.decided)}; {waiting}"


def dataset(name: str) -> str:
    """The name of a dataset as people write it."""
    return {"mnist": "MNIST"}.get(name, name)


def stamps(report: GradeReport) -> tuple[tuple[str, str], ...]:
    """What stands over every page of a run that is no final marking: a word and a sentence each."""
    used = [report.dataset] if report.provisional else []
    known = published(report.audience) if report.published_secret else ()
    return (*known, *stamps_of(used, report.marked_on, [report.host.tier]))


def published(audience: str = "staff") -> tuple[tuple[str, str], ...]:
    """The stamp of a run whose hidden inputs are drawn from the secret that is published with the grader."""
    if audience == "student":
        return (
            (
                "Published secret",
                "Hidden checks asked what was drawn from the published secret, which anybody can read.",
            ),
        )
    sentence = (
        "Hidden inputs were drawn from the secret that is published with the grader, so that anybody can work them "
        "out: this run is not for marking. Make a secret of your own with: grade secret new."
    )
    return (("Published secret", sentence),)


def stamps_of(
    provisional: Iterable[str], marked_on: str, tiers: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """The same for one hand-in or many: the datasets of provisional runs, and all tiers that were used."""
    found = []
    used = " and ".join(dataset(name) for name in provisional)
    if used:
        found.append(("Provisional", f"Accuracy was measured on {used}, not on {dataset(marked_on)}."))
    if any("practice" in tier.lower() for tier in tiers):
        found.append(("Practice", "The submitted code ran without a sandbox: this run is not for marking."))
    return tuple(found)


def faults(report: GradeReport) -> str:
    """A sentence where the grader itself failed; empty where it did not."""
    count = sum(check.outcome is Outcome.ERROR for question in report.questions for check in question.checks)
    if not count:
        return ""
    checks = "1 check" if count == 1 else f"{count} checks"
    return f"The grader itself failed on {checks}. That costs no points: a person will decide them."


def flags(notebook: NotebookResult) -> tuple[str, ...]:
    """A sentence or two for each number that the notebook claims and execution does not bear out."""
    found = []
    for value in notebook.values:
        shown = printed(value)
        if value.verdict == "raised":
            found.append(f"{value.title}: the file says {shown.claimed}. {value.note}")
        elif value.verdict == "differs":
            claim = f"{value.title}: the file says {shown.claimed}, executed again it is {shown.obtained}."
            found.append(" ".join(filter(None, (claim, value.note))))
    return tuple(found)


def printed(value: PrintedValue) -> Printed:
    """A number that a notebook prints, three times; those that differ never look equal."""
    for digits in (7, 10, 17):
        claimed, obtained = (
            EMPTY if n is None else number(n, digits) for n in (value.claimed, value.obtained)
        )
        if value.verdict != "differs" or claimed != obtained:
            break
    expected = EMPTY if value.expected is None else number(value.expected, 7)
    word = {"agrees": "✓", "differs": "✗ differs", "raised": "✗ raised", "not compared": ""}[value.verdict]
    return Printed(value.title, claimed, obtained, expected, word, value.note)


def plot_source(plot: NotebookPlot) -> str:
    """Where a plot comes from, or why there is none; a sentence."""
    if plot.note:
        return plot.note
    return "Drawn by the notebook, executed again." if plot.executed else "As handed in."


def did_not_run(notebook: NotebookResult) -> tuple[CellRun, ...]:
    """The cells that there is something to say about."""
    return tuple(cell for cell in notebook.cells if cell.status != "ran")


def _place(report: GradeReport, check_id: str) -> str:
    """Where a check stands, in words: `“Loss” (Question 2.1)`; the bare id where there is no such check."""
    for question in report.questions:
        for check in question.checks:
            if check.id == check_id:
                return f"“{check.title}” ({question_name(question.id)})"
    return check_id


def question_name(question_id: str) -> str:
    """`Q2.1` for the ids `2.1`, `q2.1` and `Q2.1`; other ids as they are."""
    bare = question_id[1:] if question_id[:1] in ("q", "Q") else question_id
    return f"Q{bare}" if bare[:1].isdigit() else question_id


def mistake_name(name: str) -> str:
    """A mistake's name as a heading: `relu-mask-omitted` is “ReLU mask omitted”."""
    words = [_SPELT.get(word, word) for word in name.split("-") if word]
    # `b1` and `W2` are names of parameters, and stay as they are.
    if words and words[0].isalpha() and words[0] == words[0].lower():
        words[0] = words[0][:1].upper() + words[0][1:]
    return " ".join(words) or name


def counted_things(count: int, one: str, many: str = "") -> str:
    """`1 hand-in`, `2 hand-ins`, `1,000 hand-ins`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def span(minutes: int) -> str:
    """A lateness in print: `5 min`, `2 h 5 min`, `3 d 2 h`."""
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (left, "min")]
    shown = [f"{count} {unit}" for count, unit in (parts[:2] if days else parts[1:]) if count]
    return " ".join(shown) or "0 min"


def number(value: float, digits: int = 10) -> str:
    """About `digits` significant digits; what is no number, in words."""
    if math.isnan(value):
        return "NaN: not a number"
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    if abs(value) < 10 ** min(digits, 15) and value == int(value):
        return str(int(value))
    mantissa, exponent, power = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(power)}" if exponent else mantissa


def evidence(comparison: Comparison) -> Evidence:
    """A comparison in print; two numbers that differ never look equal."""
    observed, expected = comparison.observed, comparison.expected
    for digits in (10, 12, 14, 17):
        shown = _value(observed, digits), _value(expected, digits)
        if shown[0] != shown[1] or observed == expected:
            break
    tolerance = EMPTY if comparison.tolerance is None else f"± {number(comparison.tolerance, 3)}"
    return Evidence(comparison.label, *shown, tolerance)


def elsewhere(report: GradeReport, texts: dict[str, str]) -> dict[str, str]:
    """Those of the texts that belong to no check of the report, and so are not shown at one."""
    checks = {check.id for question in report.questions for check in question.checks}
    return {name: text for name, text in texts.items() if name not in checks}


def is_short(text: str) -> bool:
    """Whether a text may stand open in a report, without a reader having to scroll past it."""
    return len(text) <= 1000 and text.count("\n") <= 10


def seconds(value: float) -> str:
    """A wall time, with digits that mean something."""
    return f"{value:.3f} s" if value < 1 else f"{value:.2f} s"


def _value(value: float | str | None, digits: int) -> str:
    if value is None:
        return EMPTY
    return value if isinstance(value, str) else number(value, digits)
