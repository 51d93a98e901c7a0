"""A report as one HTML file that needs no network and no script."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache, partial
from typing import Any, NamedTuple

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..model import (
    CheckResult,
    ConfusionMatrix,
    Cover,
    Curves,
    Figure,
    GradeReport,
    NotebookPlot,
    Outcome,
    QuestionResult,
)
from . import captions, code, compiled, plots, wording
from .answer import answer
from .formula import in_lines, with_formulas
from .safe_text import printable

MAX_PAGE = 2 << 20
"""Characters of a page; an ordinary one has a third of that."""
_BEGINNING = 2000
"""Characters of an answer that stay where a page would be too large."""


class Picture(NamedTuple):
    """A figure, ready for the template; exactly one of `svg`, `png` and `matrix` is filled, or none."""

    title: str
    caption: str
    remarks: tuple[str, ...] = ()
    svg: Markup = Markup()
    lines: tuple[plots.Line, ...] = ()
    png: str = ""
    """Base64."""
    width: int = 0
    """Width in CSS pixels at which the pixels of an image grid are comfortable to look at."""
    matrix: ConfusionMatrix | None = None


class Loss(NamedTuple):
    """What cost points, for the list at the top."""

    points: str
    anchor: str
    title: str
    why: str


def render(report: GradeReport, cover: Cover | None = None) -> str:
    """The whole page; `cover` is whose it is and what being late does.

    Everything is escaped by the template engine; only our own SVG passes as it is.

    What would make it larger than `MAX_PAGE` is left out, and the page says so.
    """
    page = ""
    for lighter in _lighter(report):
        page = _page(lighter, cover or report.cover or Cover())
        if len(page) <= MAX_PAGE:
            break
    return page


def _lighter(report: GradeReport) -> Iterator[GradeReport]:
    """The report, and then with less and less of what a hand-in can make large."""
    yield report
    replace = msgspec.structs.replace
    left_out = f"left out of this page, which may have {MAX_PAGE >> 20} MB (report.json has it): what the code printed"
    report = replace(report, host=replace(report.host, outputs={}), sources={})
    yield replace(report, notes=(*report.notes, left_out))
    questions = [replace(question, images=()) for question in report.questions]
    notebook = report.notebook and replace(report.notebook, plots=())
    report = replace(report, questions=tuple(questions), notebook=notebook)
    yield replace(report, notes=(*report.notes, f"{left_out}, and pictures"))
    questions = [replace(question, answer=question.answer[:_BEGINNING]) for question in questions]
    notebook = notebook and replace(notebook, cells=())
    report = replace(report, questions=tuple(questions), notebook=notebook)
    yield replace(
        report, notes=(*report.notes, f"{left_out}, pictures, cells, and all but the beginning of answers")
    )


def _page(report: GradeReport, cover: Cover) -> str:
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            cover=cover,
            late=wording.late(report, cover),
            staff=report.audience == "staff",
            total=wording.total(report),
            stamps=wording.stamps(report),
            faults=wording.faults(report),
            dataset=wording.dataset(report.dataset),
            losses=_losses(report),
            lost=report.decided - report.earned,
            pictures=_pictures(report),
            stacks_elsewhere=wording.elsewhere(report, report.host.stacks),
            outputs_elsewhere=wording.elsewhere(report, report.host.outputs),
            is_short=wording.is_short,
            label=wording.label,
            check_label=wording.check_label,
            check_title=wording.title,
            automatic=wording.automatic,
            question_name=wording.question_name,
            needs_attention=wording.needs_attention,
            evidence=wording.evidence,
            seconds=wording.seconds,
            carried=wording.carried,
            earned=wording.earned,
            mark=wording.mark,
            signed=wording.signed,
            share=_share,
            flags=wording.flags(report.notebook) if report.notebook else (),
            plots=_plots(report),
            parted=partial(_parted, report),
            folding=partial(_folding, report),
            message=partial(wording.message, report),
            sources=code.sources(report),
            has_hidden=any(check.hidden for question in report.questions for check in question.checks),
            printed=wording.printed,
            plot_source=wording.plot_source,
            did_not_run=wording.did_not_run,
        )
    )


def _parted(report: GradeReport, question: QuestionResult) -> tuple[list[CheckResult], list[CheckResult]]:
    """The checks that a reader has to look at, and those that stand folded in a line: passed, not run, or marked."""

    def is_shown(check: CheckResult) -> bool:
        if question.mark is not None and check.outcome.is_open:
            return check.id == f"{question.id}-manual"
        if check.outcome is Outcome.SKIPPED and wording.root(report, check):
            return False
        return wording.needs_attention(check) or bool(check.carried_from)

    shown = [check for check in question.checks if is_shown(check)]
    return shown, [check for check in question.checks if check not in shown]


def _folding(report: GradeReport, question: QuestionResult, checks: list[CheckResult]) -> str:
    """What a line of folded checks says."""
    groups: dict[str, list[CheckResult]] = {}
    for check in checks:
        cause = wording.root(report, check) if check.outcome is Outcome.SKIPPED else None
        if check.outcome is Outcome.PASSED:
            said = "✓ # passed"
        elif cause:
            said = f"– # not run, because of “{cause[1].title}” ({wording.question_name(cause[0])})"
        else:
            said = "· # that the mark stands for"
        groups.setdefault(said, []).append(check)
    return ". ".join(
        f"{said.replace('#', str(len(own)), 1)}: {'; '.join(check.title for check in own)}"
        for said, own in groups.items()
    )


def anchor(name: str) -> str:
    """An id for use in links, made of harmless characters."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", name)


@cache
def environment() -> Environment:
    """The engine of every page; kept, because compiling a template takes as long as filling it several times."""
    engine = Environment(
        loader=PackageLoader("grader.report"),
        bytecode_cache=compiled.kept(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Every value that is printed passes here: no control character can be forgotten.
        finalize=_finalize,
    )
    engine.filters.update(points=wording.points, counted=wording.counted, anchor=anchor)
    engine.filters.update(answer=answer, formula=in_lines, with_formulas=with_formulas)
    return engine


def _finalize(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _losses(report: GradeReport) -> list[Loss]:
    losses = []
    kept = _kept_from_running(report)
    for question in report.questions:
        name = wording.question_name(question.id)
        if question.mark is not None:
            if question.earned < question.points:
                lost = wording.points(question.points - question.earned)
                losses.append(
                    Loss(
                        lost,
                        f"question-{anchor(question.id)}",
                        f"{name}: {question.title}",
                        wording.mark(question.mark),
                    )
                )
            continue
        for check in question.checks:
            if check.outcome is Outcome.SKIPPED and wording.root(report, check):
                continue  # stands at its cause
            others = kept.get(check.id, [])
            cost = sum(map(wording.lost, [check, *others]), Decimal(0))
            if cost > 0:
                # A diagnosis says what was seen as well; a hint does not.
                seen = "" if check.diagnosis and not others else check.message
                why = " ".join(filter(None, (seen, check.diagnosis, check.hint)))
                if others:
                    why += f" Because of it, {wording.counted_things(len(others), 'check')} did not run."
                losses.append(
                    Loss(wording.points(cost), f"check-{anchor(check.id)}", f"{name}: {check.title}", why)
                )
    return losses


def _kept_from_running(report: GradeReport) -> dict[str, list[CheckResult]]:
    """The checks that did not run, by the id of what kept them from it, but those that a person's mark stands for."""
    found: dict[str, list[CheckResult]] = {}
    for question in report.questions:
        for check in question.checks if question.mark is None else ():
            if check.outcome is Outcome.SKIPPED and (cause := wording.root(report, check)):
                found.setdefault(cause[1].id, []).append(check)
    return found


def _pictures(report: GradeReport) -> dict[str, list[Picture]]:
    """The pictures of each check, by check id."""
    pictures: dict[str, list[Picture]] = {}
    count = 0
    for question in report.questions:
        for check in question.checks:
            for figure in check.figures:
                count += 1
                pictures.setdefault(check.id, []).append(_picture(figure, f"figure-{count}"))
    return pictures


def _picture(figure: Figure, prefix: str) -> Picture:
    if isinstance(figure, Curves):
        svg = Markup(plots.svg(figure, prefix))
        caption = "" if svg else "There is nothing to draw."
        return Picture(figure.title, caption, captions.remarks(figure), svg, plots.lines(figure))
    if isinstance(figure, ConfusionMatrix):
        return Picture(figure.title, captions.describe_confusion(figure), matrix=figure)
    columns, _ = plots.grid_shape(figure)
    return Picture(
        figure.title,
        captions.describe_images(figure),
        png=base64.b64encode(plots.png(figure)).decode(),
        width=columns * (figure.width + 2) * 2,
    )


def _plots(report: GradeReport) -> dict[str, list[NotebookPlot]]:
    """The notebook's plots, by the question that asks for them."""
    found: dict[str, list[NotebookPlot]] = {}
    for plot in report.notebook.plots if report.notebook else ():
        found.setdefault(plot.question, []).append(plot)
    return found


def _share(count: int, row: tuple[int, ...]) -> str:
    """How deep a cell of a confusion matrix is shaded: its part of all examples of the class."""
    return f"{100 * count / max(1, sum(row)):.0f}%"
