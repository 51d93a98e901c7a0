"""An offline grading worksheet for Moodle: the assignment > Submissions > Upload grading worksheet.

Columns are those of Moodle's documentation, "Assignment settings: offline grading worksheet", as a course in English
downloads them. Moodle finds students by `Identifier`, and reads `Grade`, `Last modified (grade)` and `Feedback
comments`; the others are for people. No grade is said to be known here, so Moodle keeps one that somebody has given
there, unless the box for updating newer records is ticked.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import TextIO

from ..model import ClassHead, Entry, GradeReport, Person, QuestionResult
from ..report import wording
from ..report.audience import for_students
from ..report.rows import Fixed, Rows
from ..report.safe_text import one_line
from .notices import Notices

COLUMNS = (
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum grade",
    "Grade can be changed",
    "Last modified (submission)",
    "Last modified (grade)",
    "Feedback comments",
)
HANDED_IN = "Submitted for grading"
ABSENT = "No submission"
NEVER = Fixed("-")
"""How Moodle writes a time that there is none of."""


def write(
    head: ClassHead, entries: Iterable[Entry], file: TextIO, *, include_open: bool = False
) -> list[str]:
    """Grades after the late policy. Where the grade is left empty for a person, the feedback is too."""
    rows = Rows(file)
    notices = Notices(include_open)
    most = wording.points(head.points)
    rows.write(*COLUMNS)
    for entry in entries:
        identifier = _identifier(entry.person)
        if not identifier:
            notices.unknown(entry)
            continue
        notices.row_of(identifier, entry)
        grade = notices.total(entry)
        rows.write(
            *[
                identifier,
                *_names(entry.person),
                HANDED_IN,
                grade,
                most,
                "Yes",
                one_line(entry.submitted) or NEVER,
                NEVER,
                _feedback(entry) if grade else "",
            ]
        )
    for person in head.absent:
        if identifier := _identifier(person):
            rows.write(identifier, *_names(person), ABSENT, "", most, "Yes", NEVER, NEVER, "")
    return notices.sentences(head, "a Moodle participant number")


def _identifier(person: Person) -> str:
    """`Participant 12345`; empty where the course id is no number."""
    number = re.fullmatch(r"(?:Participant )?([0-9]+)", one_line(person.course_id))
    return f"Participant {number[1]}" if number else ""


def _names(person: Person) -> tuple[str, str]:
    return one_line(person.name), one_line(person.email)


def _feedback(entry: Entry) -> str:
    """Short HTML for the student: a line for the whole and one for each question."""
    report = for_students(entry.report)
    lines = [wording.total(report), *(sentence for _, sentence in wording.stamps(report))]
    if entry.late and entry.late.why:
        lines.append(entry.late.why)
    items = "".join(f"<li>{_escaped(_question(question, report))}</li>" for question in report.questions)
    return "".join(f"<p>{_escaped(line)}</p>" for line in lines) + f"<ul>{items}</ul>"


def _question(question: QuestionResult, report: GradeReport) -> str:
    """Points, and what is likely wrong: the diagnosis of each check that cost points, else what it found."""
    parts = [f"{wording.question_name(question.id)} {question.title}: {wording.score(question)}"]
    if question.open_points:
        parts.append(f"{wording.counted(question.open_points)} open, for a person to decide.")
    if question.mark:
        parts.append(question.mark.note)
    else:
        said = (check.diagnosis or check.message for check in question.checks if wording.lost(check))
        parts.extend(dict.fromkeys(said))
    return ". ".join([parts[0], " ".join(filter(None, parts[1:]))]).removesuffix(". ")


def _escaped(text: str) -> str:
    return html.escape(one_line(text))
