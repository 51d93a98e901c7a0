"""Make marks of findings: pure, and quick enough to mark a class again while somebody waits.

A check found a share of its points. The rubric says how many that are, so another weight needs no student code. Written
answers are kept as judgements, and the rubric says what each is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from ..assignment.rubric import CheckSpec, Question, Rubric
from ..model import (
    SCHEMA_VERSION,
    ZERO,
    Answered,
    CheckResult,
    GradeReport,
    Host,
    Outcome,
    QuestionResult,
    question_result,
)
from ..written import marks
from ..written.answered import answered, files_named, key
from . import given_methods
from .findings import Exhibits, Findings, Unread

_NAMES = 4
"""Files that a message names."""


def report(
    submission: str,
    notes: tuple[str, ...],
    findings: Findings,
    exhibits: Exhibits,
    rubric: Rubric,
    reference: str,
) -> GradeReport:
    """The report of a hand-in, for staff, before persons' marks.

    `notes` are about this hand-in, not about its files; `reference` is the fingerprint of the answers. With empty
    `exhibits` it has the same marks and words, and no pictures.
    """
    marked = {
        spec.id: _marked(findings.results[spec.id], spec)
        for question in rubric.questions
        for spec in question.checks
    }
    results = given_methods.counted(marked, rubric)
    questions = tuple(_question(q, rubric, results, findings, exhibits, notes) for q in rubric.questions)
    host = findings.host
    return GradeReport(
        schema=SCHEMA_VERSION,
        submission=submission,
        rubric=rubric.id,
        title=rubric.title,
        dataset=findings.dataset,
        marked_on=rubric.dataset,
        provisional=findings.dataset != rubric.dataset,
        audience="staff",
        earned=sum((q.earned for q in questions), ZERO),
        points=rubric.points,
        open_points=sum((q.open_points for q in questions), ZERO),
        questions=questions,
        files=findings.files,
        notes=(*notes, *findings.notes),
        fingerprints={
            "rubric": rubric.fingerprint,
            "reference": reference,
            "secret": rubric.secret_fingerprint,
        },
        host=Host(host.tier, host.versions, host.timings, exhibits.stacks, exhibits.errors, exhibits.outputs),
        notebook=exhibits.notebook,
        nonce=findings.nonce,
        published_secret=rubric.has_published_secret,
        sources=exhibits.sources,
    )


def question(
    question: Question, rubric: Rubric, results: Mapping[str, CheckResult], findings: Findings
) -> QuestionResult:
    """One question without pictures, given the marked results of its checks of code."""
    return _question(question, rubric, results, findings, Exhibits())


def _question(
    question: Question,
    rubric: Rubric,
    results: Mapping[str, CheckResult],
    findings: Findings,
    exhibits: Exhibits,
    notes: tuple[str, ...] = (),
) -> QuestionResult:
    text = findings.texts.get(question.id)
    how = _answered(question, findings, notes)
    if question.checks:
        found = [
            msgspec.structs.replace(results[spec.id], figures=exhibits.figures.get(spec.id, ()))
            for spec in question.checks
        ]
    elif question.claims and rubric.written:
        judged = findings.judgements.get(question.id, ())
        found = marks.results(question, text, judged, rubric.written, results)
    else:
        found = [marks.by_hand(question, text, rubric.synonyms)]
    found = [_by_how(result, how, (*notes, *findings.notes)) for result in found]
    if (unread := findings.unread.get(question.id)) is not None:
        found = [_left_open(result, unread) for result in found]
    images = exhibits.images.get(question.id, ())
    made = question_result(question.id, question.title, question.points, found, text or "", images)
    return msgspec.structs.replace(made, answered=how, answer_key=_key(question, how, findings, notes))


def _answered(question: Question, findings: Findings, notes: tuple[str, ...]) -> Answered:
    if question.checks:
        return ""
    return answered(
        findings.texts.get(question.id),
        pasted=question.id in findings.pasted,
        not_read=question.id in findings.unread,
        has_notebook=any(name.lower().endswith(".ipynb") for name in findings.files),
        notes=(*notes, *findings.notes),
    )


def _key(question: Question, how: Answered, findings: Findings, notes: tuple[str, ...]) -> str:
    """What tells this answer from the one that was handed in before."""
    if question.checks:
        return findings.code
    beside = files_named((*notes, *findings.notes)) if how == "elsewhere" else ()
    unread = how if how in ("elsewhere", "not read") else ""
    return key(findings.texts.get(question.id) or "", findings.pictures.get(question.id, ""), unread, *beside)


def _by_how(result: CheckResult, how: Answered, notes: tuple[str, ...]) -> CheckResult:
    """A result that waits for a person, with what there is to look at and what that suggests.

    Where a formula was read, that is looked at, and says enough.
    """
    if result.formula or result.outcome is not Outcome.NEEDS_REVIEW:
        return result
    replace = msgspec.structs.replace
    match how:
        case "picture":
            return replace(
                result, message="The answer holds a picture, which a person reads.", suggested=None
            )
        case "elsewhere":
            files = ", ".join(files_named(notes)[:_NAMES])
            which = f" ({files})" if files else ""
            message = f"The answer seems to be in another file{which}, which a person reads."
            return replace(result, message=message, suggested=None)
        case "nothing":
            return replace(result, suggested=ZERO)
        case _:
            return result


def _left_open(result: CheckResult, unread: Unread) -> CheckResult:
    """A result that waits for a person, as nothing was found out."""
    return msgspec.structs.replace(
        result,
        outcome=Outcome.ERROR if unread.ours else Outcome.NEEDS_REVIEW,
        earned=ZERO,
        suggested=None,
        message=f"{unread.why[:1].upper()}{unread.why[1:]}. A person reads the answer.",
    )


def weighted(result: CheckResult, points: Decimal) -> CheckResult:
    """A result with the same share of other points; equal numbers are written alike, however they came about."""
    # All first, so that a third of three points is one point: division alone would leave 0.9999...
    earned = result.earned * points / result.points if result.points else ZERO
    return msgspec.structs.replace(result, earned=_plain(min(earned, points)), points=_plain(points))


def _plain(points: Decimal) -> Decimal:
    """Without trailing zeros or an exponent."""
    shorter = points.normalize()
    return shorter.quantize(Decimal(1)) if shorter == shorter.to_integral() else shorter


def _marked(result: CheckResult, spec: CheckSpec) -> CheckResult:
    """The result by the points that the rubric gives now, with its words for what to do."""
    hint = spec.hint if result.hint else ""
    return msgspec.structs.replace(weighted(result, spec.points), hint=hint)
