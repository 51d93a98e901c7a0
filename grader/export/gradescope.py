"""results.json for Gradescope's autograder.

Keys are those of the Gradescope Autograder documentation, "Autograder specifications: output format". One test a
question: a question's points are what is rounded, so the scores of the tests, the late deduction among them, add up to
`score` exactly. Students see all of it, so all of it is made from `for_students`.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import msgspec

from ..model import (
    CheckResult,
    ClassHead,
    Entry,
    GradeReport,
    Outcome,
    QuestionResult,
    round_points,
    spell_text,
)
from ..report import wording
from ..report.audience import for_students
from ..report.markdown import inline
from .notices import Notices

FILE = "results.json"
Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]


def write_folder(
    head: ClassHead, entries: Iterable[Entry], folder: Path, *, include_open: bool = False
) -> list[str]:
    """`<id>/results.json` for each hand-in, each file whole or not there. `OSError` is let through."""
    notices = Notices(include_open=True)
    taken: set[str] = set()
    for entry in entries:
        notices.saw(entry)
        own = folder / _folder_name(entry.report.submission, taken)
        own.mkdir(parents=True, exist_ok=True)
        draft = own / f".{FILE}.{secrets.token_hex(6)}.tmp"
        try:
            draft.write_bytes(results(entry))
            draft.replace(own / FILE)
        finally:
            draft.unlink(missing_ok=True)
    return notices.sentences(head)


def results(entry: Entry, visibility: Visibility = "visible") -> bytes:
    """One hand-in as results.json: `score` is what was earned so far, after the late policy.

    Gradescope takes a test whose score is below its maximum for failed. Points that wait for a person are therefore
    in no maximum, and a test without any other has no score at all.
    """
    report = for_students(entry.report)
    tests = [_question(question, report, visibility) for question in report.questions]
    if entry.late and entry.late.why:
        tests.append(_late(entry, visibility))
    document = {
        "score": round_points(entry.total),
        "execution_time": math.ceil(entry.seconds),
        "output": _overview(entry, report),
        "output_format": "md",
        "test_output_format": "md",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "extra_data": {
            "submission": report.submission,
            "earned": wording.points(report.earned),
            "open": wording.points(report.open_points),
            "dataset": report.dataset,
            "provisional": report.provisional,
            "fingerprints": report.fingerprints,
            "nonce": report.nonce,
            "published_secret": report.published_secret,
        },
        "tests": tests,
    }
    plain = msgspec.json.Encoder(decimal_format="number").encode(spell_text(document))
    return msgspec.json.format(plain, indent=2) + b"\n"


def _overview(entry: Entry, report: GradeReport) -> str:
    parts = [f"**{inline(wording.total(report))}**"]
    if entry.late and entry.late.deduction:
        parts.append(f"After the deduction for being late: {wording.counted(entry.total)}.")
    parts += [f"**{word}.** {inline(sentence)}" for word, sentence in wording.stamps(report)]
    if report.open_points:
        parts.append("What waits for a person is neither earned nor lost: somebody will mark it.")
    parts += [inline(wording.faults(report)), *(f"Note: {inline(note)}" for note in report.notes)]
    return "\n\n".join(filter(None, parts))


def _question(question: QuestionResult, report: GradeReport, visibility: Visibility) -> dict[str, Any]:
    name = f"{wording.question_name(question.id)} {question.title}"
    output = []
    if question.open_points:
        name += f" ({wording.counted(question.open_points)} open)"
        output.append(
            f"A person will mark {wording.counted(question.open_points)} of this question: they are not lost."
        )
    if question.mark:
        output.append(inline(wording.mark(question.mark)))
    if question.checks:
        output.append("\n".join(f"- {_check(check, report)}" for check in question.checks))
    decided = question.points - question.open_points
    test: dict[str, Any] = {}
    if decided or question.earned or not question.open_points:
        test = {"score": round_points(question.earned), "max_score": round_points(decided)}
    if not question.open_points:
        test["status"] = "passed" if question.outcome is Outcome.PASSED else "failed"
    return {
        **test,
        "name": " ".join(name.split()),
        "name_format": "text",
        "number": wording.question_name(question.id).removeprefix("Q"),
        "output": "\n\n".join(output),
        "output_format": "md",
        "tags": [question.outcome.value],
        "visibility": visibility,
        "extra_data": {"question": question.id, "open": wording.points(question.open_points)},
    }


def _check(check: CheckResult, report: GradeReport) -> str:
    """A check in one line."""
    sign, _, word, _ = wording.label(check.outcome)
    score = wording.score(check)
    parts = [
        f"{sign} {word}{f', {score}' if score else ''}: **{inline(check.title)}.** {inline(check.message)}"
    ]
    parts.append(inline(wording.carried(report, check)))
    if check.diagnosis:
        parts.append(f"**Diagnosis:** {inline(check.diagnosis)}")
    if check.hint:
        parts.append(f"**What to do:** {inline(check.hint)}")
    parts.extend(f"Note: {inline(note)}" for note in check.notes)
    return " ".join(filter(None, parts))


def _late(entry: Entry, visibility: Visibility) -> dict[str, Any]:
    """The deduction as a test of its own, below zero; without a score where nothing is deducted."""
    assert entry.late is not None
    off = round_points(entry.late.deduction)
    scored = {"score": -off, "max_score": Decimal(0), "status": "failed"} if off else {}
    return {
        **scored,
        "name": "Handed in late" if off else "Time of handing in",
        "name_format": "text",
        "output": inline(entry.late.why),
        "output_format": "md",
        "visibility": visibility,
    }


def _folder_name(id: str, taken: set[str]) -> str:
    """The id, which intake has made a folder name of; one that could lead elsewhere is made harmless all the same.

    `taken` gets the name, without case: there are file systems that know none.
    """
    cleaned = "".join(c if c.isalnum() or c in "._-" else "_" for c in id).lstrip(".")
    if cleaned == id and 0 < len(id.encode()) <= 200 and id.casefold() not in taken:
        taken.add(id.casefold())
        return id
    digest = hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{cleaned[:40]}-{digest}"
