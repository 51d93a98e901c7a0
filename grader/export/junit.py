"""JUnit XML for CI: one testsuite a hand-in, one testcase a check.

Elements and attributes are those that Ant's and Jenkins' readers of the format agree on, plus `file` and `line` of a
testcase, which GitLab and pytest use. CI shows it to students, so all of it is made from `for_students`: what was
observed and expected, what code printed, and how long each check took, stays out. The time of each hand-in, in whole
seconds, is the only thing in it that differs between two runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..model import CheckResult, ClassHead, Entry, GradeReport, Outcome, QuestionResult, SourcePlace
from ..report import wording
from ..report.audience import for_students
from ..report.safe_text import one_line, printable
from .notices import Notices, stamps


@dataclass(frozen=True)
class _Case:
    """A testcase; `tag` is failure, error or skipped, or empty where it passed."""

    name: str
    group: str
    seconds: float = 0.0
    tag: str = ""
    type: str = ""
    message: str = ""
    text: str = ""
    place: SourcePlace | None = None


def write(
    head: ClassHead, entries: Iterable[Entry], file: TextIO, *, include_open: bool = False
) -> list[str]:
    """Lost points are failures; what did not run or waits for a person is skipped; our own faults are errors."""
    notices = Notices(include_open=True)
    suites = Element("testsuites", name=one_line(head.title))
    empty = tostring(suites, encoding="unicode", short_empty_elements=False)
    file.write(f'<?xml version="1.0" encoding="utf-8"?>\n{empty.removesuffix("</testsuites>")}\n')
    for entry in entries:
        notices.saw(entry)
        _put(_graded(head, entry), file)
    for id, reason in head.failed.items():
        case = _Case("The hand-in can be graded", id, 0.0, "error", "not-graded", reason, reason)
        _put(_suite(head, id, 0.0, (), (case,)), file)
    file.write("</testsuites>\n")
    return notices.sentences(head)


def _put(suite: Element, file: TextIO) -> None:
    indent(suite)
    file.write(tostring(suite, encoding="unicode") + "\n")


def _graded(head: ClassHead, entry: Entry) -> Element:
    """The testsuite of a hand-in."""
    report = for_students(entry.report)
    cases = tuple(case for question in report.questions for case in _question(question, report))
    suite = _suite(head, report.submission, entry.seconds, _properties(head, entry, report), cases)
    said = [wording.total(report), *([entry.late.why] if entry.late and entry.late.why else ())]
    SubElement(suite, "system-out").text = printable("\n".join(said))
    return suite


def _suite(
    head: ClassHead, id: str, seconds: float, properties: Iterable[tuple[str, str]], cases: tuple[_Case, ...]
) -> Element:
    tags = Counter(case.tag for case in cases)
    counts = {"failures": tags["failure"], "errors": tags["error"], "skipped": tags["skipped"]}
    suite = Element("testsuite", name=one_line(id), tests=str(len(cases)))
    for name, count in counts.items():
        suite.set(name, str(count))
    suite.set("time", _seconds(round(seconds)))
    if head.graded_at:
        suite.set("timestamp", one_line(head.graded_at))
    listed = [Element("property", name=one_line(name), value=one_line(value)) for name, value in properties]
    if listed:
        SubElement(suite, "properties").extend(listed)
    suite.extend(map(_case, cases))
    return suite


def _properties(head: ClassHead, entry: Entry, report: GradeReport) -> Iterator[tuple[str, str]]:
    yield "earned", wording.points(report.earned)
    yield "points", wording.points(report.points)
    yield "open", wording.points(report.open_points)
    if entry.late:
        yield "late deduction", wording.points(entry.late.deduction)
    yield "total", wording.points(entry.total)
    for question in report.questions:
        yield f"question {question.id}", wording.score(question)
    for question in report.questions:
        for check in question.checks:
            if check.points:
                yield f"check {check.id}", wording.score(check)
    yield "dataset", report.dataset
    yield "tier", report.host.tier
    yield from stamps(head)


def _question(question: QuestionResult, report: GradeReport) -> Iterator[_Case]:
    """A case for each check, and one for a person's mark, which then decides alone."""
    for check in question.checks:
        yield _check(check, question, report)
    if question.mark:
        given, short = wording.mark(question.mark), question.earned < question.points
        verdict = ("failure", "lost-points", given, given) if short else ()
        yield _Case("A person's mark", _group(question, report), 0.0, *verdict)


def _check(check: CheckResult, question: QuestionResult, report: GradeReport) -> _Case:
    lines = [check.message, check.diagnosis, wording.carried(report, check), check.hint]
    text = "\n".join(filter(None, lines))
    brief = " ".join(filter(None, lines[:2]))
    carried = check.carried_from and not wording.lost(check)
    match check.outcome:
        case _ if question.mark and wording.needs_attention(check):
            verdict = ("skipped", "marked-by-person", "A person's mark decides this question.", text)
        case Outcome.ERROR:
            verdict = ("error", "grader-fault", brief, text)
        case Outcome.NEEDS_REVIEW:
            verdict = ("skipped", "needs-review", brief, text)
        case Outcome.SKIPPED:
            verdict = ("skipped", "not-run", brief, text)
        case Outcome.FAILED if carried:
            verdict = ("skipped", "already-counted", wording.carried(report, check), text)
        case Outcome.PASSED | Outcome.PARTIAL if not wording.lost(check):
            verdict = ("", "", "", "")
        case _:
            verdict = ("failure", "lost-points" if wording.lost(check) else "no-points", brief, text)
    seconds = report.host.timings.get(check.id, 0.0)
    return _Case(check.title, _group(question, report), seconds, *verdict, place=check.place)


def _group(question: QuestionResult, report: GradeReport) -> str:
    """The class name, by which CI groups cases: a dot in it would start another level."""
    return f"{report.submission}.{wording.question_name(question.id).replace('.', '-')}"


def _case(case: _Case) -> Element:
    element = Element(
        "testcase", name=one_line(case.name), classname=one_line(case.group), time=_seconds(case.seconds)
    )
    if case.place:
        element.set("file", one_line(case.place.file))
        element.set("line", str(max(0, case.place.line)))
    if case.tag:
        told = SubElement(element, case.tag, message=one_line(case.message))
        if case.tag != "skipped":
            told.set("type", case.type)
        told.text = printable(case.text)
    return element


def _seconds(value: float) -> str:
    return f"{max(0.0, value):.3f}"
