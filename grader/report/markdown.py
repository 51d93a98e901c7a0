"""A report as Markdown that also reads well as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from ..model import CheckResult, ConfusionMatrix, Curves, Figure, GradeReport, NotebookResult, QuestionResult
from . import captions, wording
from .safe_text import one_line, printable

# What starts markup inside a line. An underscore counts at the edge of a word only, so that names such as
# `grad_W1` stay readable; "&" counts where it would start an entity.
_SPECIAL = re.compile(r"[\\`*\[\]|$~]|(?<!\w)_|_(?!\w)")


def render(report: GradeReport) -> str:
    """The whole report; text from outside is escaped, longer pieces stand in fenced blocks."""
    parts = [
        f"# {inline(report.title)}: {inline(report.submission)}",
        *(f"> **{word}.** {inline(sentence)}" for word, sentence in wording.stamps(report)),
        f"**{inline(wording.total(report))}**",
        wording.faults(report),
        _bullets(inline(note) for note in (*report.notes, *report.staff_notes)),
        _overview(report),
        *(_question(question, report) for question in report.questions),
        _notebook(report.notebook),
        _run(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def inline(text: str) -> str:
    """Untrusted text on one line, without any meaning in Markdown or HTML."""
    text = _SPECIAL.sub(lambda match: "\\" + match[0], one_line(text))
    return re.sub(r"&(?=#|\w)", "&amp;", text).replace("<", "&lt;")


def fenced(text: str) -> str:
    """Untrusted text as it is, in a fence that is longer than any in the text."""
    text = printable(text).rstrip("\n")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _overview(report: GradeReport) -> str:
    rows = [
        (
            f"{inline(wording.question_name(question.id))} {inline(question.title)}",
            _signed(wording.label(question.outcome)),
            wording.score(question),
        )
        for question in report.questions
    ]
    return _table(("Question", "Result", "Points"), rows, right=(2,))


def _question(question: QuestionResult, report: GradeReport) -> str:
    heading = (
        f"## {inline(wording.question_name(question.id))} {inline(question.title)}: {wording.score(question)}"
    )
    parts = [heading]
    if question.open_points:
        parts.append(f"{wording.counted(question.open_points)} open, for a person to decide.")
    if question.mark:
        parts.append(inline(f"{wording.mark(question.mark)} {wording.automatic(question)}"))
        if made := wording.mark_of_items(msgspec.structs.replace(question.mark, since="")):
            parts.append(inline(made))
    parts.extend(_check(check, question, report) for check in question.checks)
    if question.answer:
        parts.append(f"Answer as handed in:\n\n{fenced(question.answer)}")
    parts.extend(
        f"Pasted into the answer, shown in report.html: {inline(image.name)}" for image in question.images
    )
    return "\n\n".join(parts)


def _check(check: CheckResult, question: QuestionResult, report: GradeReport) -> str:
    hidden = " (hidden from students)" if check.hidden and report.audience == "staff" else ""
    parts = [
        f"### {', '.join(filter(None, [_signed(wording.check_label(question, check)), wording.score(check)]))}: "
        f"{inline(wording.title(question, check))}{hidden}",
        f"Formula:\n\n{fenced(check.formula)}" if check.formula else "",
        inline(wording.message(report, check)),
    ]
    remarks = []
    if check.carried_from:
        remarks.append(inline(wording.carried(report, check)))
    if check.diagnosis:
        remarks.append(f"**Diagnosis:** {inline(check.diagnosis)}")
    if check.hint:
        remarks.append(f"**What to do:** {inline(check.hint)}")
    remarks.extend(f"Note: {inline(note)}" for note in check.notes)
    parts.append(_bullets(remarks))
    if check.comparisons:
        rows = [[inline(cell) for cell in wording.evidence(line)] for line in check.comparisons]
        parts.append(_table(("Compared", "Observed", "Expected", "Tolerance"), rows, right=(1, 2, 3)))
    if check.detail:
        parts.append(f"For staff:\n\n{fenced(check.detail)}")
    if report.audience == "staff" and check.id in report.host.outputs:
        parts.append(f"Printed by the code:\n\n{fenced(report.host.outputs[check.id])}")
    parts.extend(_figure(figure) for figure in check.figures)
    return "\n\n".join(part for part in parts if part)


def _figure(figure: Figure) -> str:
    title = f"Figure: **{inline(figure.title)}**."
    if isinstance(figure, Curves):
        sentences = [captions.describe_curves(figure), *(f"{text}." for text in captions.remarks(figure))]
        return " ".join([title, *map(inline, sentences)])
    if isinstance(figure, ConfusionMatrix):
        head = ("True \\ predicted", *figure.labels)
        rows = [
            (label, *map(str, counts)) for label, counts in zip(figure.labels, figure.counts, strict=True)
        ]
        cells = [[inline(cell) for cell in row] for row in rows]
        table = _table([inline(cell) for cell in head], cells, right=range(1, len(head)))
        return f"{title} {inline(captions.describe_confusion(figure))}\n\n{table}"
    return f"{title} {inline(captions.describe_images(figure))}, in report.html."


def _notebook(notebook: NotebookResult | None) -> str:
    if notebook is None:
        return ""
    cells = [
        f"Code cell {cell.number}, {cell.status} ({inline(cell.first_line)}): {inline(cell.message)}"
        for cell in wording.did_not_run(notebook)
    ]
    rows = [
        [
            inline(part)
            for part in (
                line.title,
                line.claimed,
                line.obtained,
                line.expected,
                f"{line.verdict} {line.note}",
            )
        ]
        for line in map(wording.printed, notebook.values)
    ]
    plots = [f"{inline(plot.title)}: {inline(wording.plot_source(plot))}" for plot in notebook.plots]
    parts = [
        "## The notebook, executed again",
        f"{inline(notebook.file)}: {inline(notebook.summary)} No points depend on it.",
        _bullets(map(inline, notebook.notes)),
        _bullets(f"**{inline(flag)}**" for flag in wording.flags(notebook)),
        _bullets(cells),
        _table(("Number", "In the file", "Re-run", "Expected", ""), rows, right=(1, 2, 3)) if rows else "",
        f"Plots, shown in report.html:\n\n{_bullets(plots)}" if plots else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _run(report: GradeReport) -> str:
    host = report.host
    facts = {
        "Dataset": wording.dataset(report.dataset),
        "Rubric": report.rubric,
        "Written for": report.audience,
        **({"Nonce": report.nonce} if report.nonce else {}),
        "Sandbox tier": host.tier,
    }
    parts = [
        "## About this run",
        _bullets(f"{name}: {inline(value)}" for name, value in facts.items()),
        _pairs(("File", "SHA-256"), report.files),
        _pairs(("Fingerprint", "SHA-256, first digits"), report.fingerprints),
        _pairs(("Program", "Version"), host.versions),
        _pairs(("Stage", "Time"), {name: wording.seconds(value) for name, value in host.timings.items()}),
        *_blocks(report),
    ]
    return "\n\n".join(part for part in parts if part)


def _blocks(report: GradeReport) -> list[str]:
    host = report.host
    kinds = (
        ("Where the code was when time ran out", host.stacks),
        ("Fault of the grader", host.errors),
        (
            "Printed by the code",
            wording.elsewhere(report, host.outputs) if report.audience == "staff" else {},
        ),
    )
    return [
        f"{title} ({inline(name)}):\n\n{fenced(text)}"
        for title, texts in kinds
        for name, text in texts.items()
    ]


def _pairs(head: tuple[str, str], values: dict[str, str]) -> str:
    return _table(head, [(inline(name), inline(value)) for name, value in values.items()]) if values else ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], right: Iterable[int] = ()) -> str:
    """A table with padded columns, to be read as it stands; `right` names the columns of numbers."""
    right = set(right)
    lines = [list(head), *map(list, rows)]
    widths = [max(3, *(len(line[i]) for line in lines)) for i in range(len(lines[0]))]
    rule = [f"{'-' * (w - 1)}:" if i in right else "-" * w for i, w in enumerate(widths)]
    padded = [
        [
            cell.rjust(w) if i in right else cell.ljust(w)
            for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        ]
        for line in lines
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in [padded[0], rule, *padded[1:]])


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _signed(label: wording.Label) -> str:
    return f"{label.sign} {label.word}"
