"""Make marks of findings: pure, and quick enough to mark a class again while somebody waits.

A check found a share of its points. The rubric says how many that are, so another weight needs no student code. Written
answers are kept as judgements, and the rubric says what each is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from . import given_methods
from .findings import Exhibits, Findings, Unread
from .model import (
    SCHEMA_VERSION,
    ZERO,
    CheckResult,
    GradeReport,
    Host,
    Outcome,
    QuestionResult,
    question_result,
)
from .rubric import CheckSpec, Question, Rubric
from .written import marks


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
    questions = tuple(_question(q, rubric, results, findings, exhibits) for q in rubric.questions)
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
) -> QuestionResult:
    text = findings.texts.get(question.id)
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
    if question.id in findings.pasted:
        found = [_with_picture(result) for result in found]
    if (unread := findings.unread.get(question.id)) is not None:
        found = [_left_open(result, unread) for result in found]
    images = exhibits.images.get(question.id, ())
    return question_result(question.id, question.title, question.points, found, text or "", images)


def _with_picture(result: CheckResult) -> CheckResult:
    """A result of an answer with a picture in it: where no formula was read, that is what a person has to look at."""
    if result.formula or result.outcome is not Outcome.NEEDS_REVIEW:
        return result
    return msgspec.structs.replace(result, message="The answer holds a picture, which a person reads.")


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
