"""A report as one compact table for the terminal, just as readable in a pipe or without colour."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..model import CheckResult, GradeReport, NotebookResult, Outcome, QuestionResult
from . import wording
from .safe_text import one_line

_STYLES = (("good", "green"), ("part", "yellow"), ("bad", "red"), ("open", "magenta"), ("idle", "dim"))


def render(report: GradeReport, console: Console) -> None:
    """Print `report`: stamps, per question its points and checks, then the sum."""
    writer = _Writer(console)
    writer.print(writer.text(f"{report.title}: {report.submission}", "bold"))
    for word, sentence in wording.stamps(report):
        writer.print(writer.text(f" {word.upper()} ", "bold reverse yellow"), writer.text(f" {sentence}"))
    for note in (*report.notes, *report.staff_notes):
        writer.print(writer.text(f"Note: {note}"))
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0), expand=False)
    # Wide enough for every outcome; a long id folds.
    table.add_column(overflow="fold", min_width=14, max_width=16)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    for question in report.questions:
        _add_question(table, question, report, writer)
    console.print(table)
    console.print()
    if report.notebook:
        _print_notebook(report.notebook, writer)
    if wording.faults(report):
        writer.print(writer.text(wording.faults(report), "magenta"))
    writer.print(writer.text(wording.total(report), "bold"))


_MOST_CELLS = 5
"""Cells of a notebook that are named."""


class _Writer:
    """Makes safe `Text` for one console: no markup, no controls, nothing that its encoding cannot hold."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._encoding = console.encoding
        self.ascii_only = not console.encoding.lower().startswith("utf")

    def text(self, text: str, style: str = "") -> Text:
        """`text` on one line; leading and trailing blanks stay."""
        start = " " if text.startswith(" ") else ""
        end = " " if text.endswith(" ") else ""
        clean = f"{start}{one_line(text)}{end}"
        if self.ascii_only:
            clean = clean.replace("“", '"').replace("”", '"').replace("—", "-").replace("–", "-")
        # A `Text` is never parsed for markup, nor for emoji codes.
        return Text(clean.encode(self._encoding, "backslashreplace").decode(self._encoding), style)

    def print(self, *parts: Text) -> None:
        """One line, wrapped where it is too long."""
        self._console.print(Text.assemble(*parts), overflow="fold", highlight=False)


def _print_notebook(notebook: NotebookResult, writer: _Writer) -> None:
    """One line, and one for whatever is to be looked at."""
    writer.print(writer.text(f"{notebook.file}: {notebook.summary}"))
    stopped = wording.did_not_run(notebook)
    for cell in stopped[:_MOST_CELLS]:
        writer.print(
            writer.text(f"  Code cell {cell.number}, {cell.status}: {cell.message or cell.first_line}")
        )
    if len(stopped) > _MOST_CELLS:
        writer.print(writer.text(f"  and {len(stopped) - _MOST_CELLS} more"))
    for flag in wording.flags(notebook):
        writer.print(writer.text(f"  Claim not borne out: {flag}", "yellow"))


def _add_question(table: Table, question: QuestionResult, report: GradeReport, writer: _Writer) -> None:
    table.add_row()
    table.add_row(
        writer.text(wording.question_name(question.id), "bold"),
        writer.text(wording.score(question), "bold"),
        writer.text(_question_title(question), "bold"),
    )
    if question.mark:
        marked = f"{wording.mark(question.mark)} {wording.automatic(question)}"
        table.add_row("", "", writer.text(marked))
    for check in question.checks:
        label = wording.check_label(question, check)
        style = dict(_STYLES)[label.tone]
        sign = label.ascii_sign if writer.ascii_only else label.sign
        table.add_row(
            writer.text(f"{sign} {label.word}", style),
            writer.text(wording.score(check)),
            Text("\n").join(_lines(check, question, report, writer)),
        )


def _question_title(question: QuestionResult) -> str:
    if not question.open_points:
        return question.title
    return f"{question.title} ({wording.points(question.open_points)} open)"


def _lines(check: CheckResult, question: QuestionResult, report: GradeReport, writer: _Writer) -> list[Text]:
    # What passed needs no words here: the other formats have them.
    silent = check.outcome is Outcome.PASSED and check.earned == check.points and not check.carried_from
    title = wording.title(question, check)
    message = wording.message(report, check)
    lines = [writer.text(title if silent or not message else f"{title}: {message}")]
    if check.carried_from:
        lines.append(writer.text(wording.carried(report, check)))
    if wording.needs_attention(check):
        remarks = (("Diagnosis: ", check.diagnosis), ("What to do: ", check.hint))
        lines.extend(
            Text.assemble(writer.text(name, "bold"), writer.text(remark))
            for name, remark in remarks
            if remark
        )
    if check.id in report.host.stacks:
        lines.append(writer.text(f"It was at: {report.host.stacks[check.id]}"))
    if check.outcome is Outcome.ERROR and check.id in report.host.errors:
        # The last line of a traceback names the fault; the whole of it is in the other formats.
        last = report.host.errors[check.id].strip().rpartition("\n")[2]
        lines.append(writer.text(f"Fault: {last}"))
    lines.extend(writer.text(f"Note: {note}", "dim") for note in check.notes)
    return lines
