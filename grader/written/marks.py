"""Turn judgements into the results of a question's claims: points by the rubric, words for the student."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import msgspec

from ..assignment.rubric import Claim, Question, Written, worth
from ..model import ZERO, CheckResult, Comparison, Outcome, round_points
from .judgement import Judgement, Kind, claim_id

if TYPE_CHECKING:
    from .free_text import Synonyms

_LEFT: Final = {
    "fraction": "a fraction that cancels",
    "exponential": "an exponential, which can be written with the layer's output h",
    "slope": "f', which can be written with the layer's output h",
    "gradient": "the gradient of an earlier question, whose result can be put in",
}
_TO_DO: Final = {
    "derivative": "a derivative of something else than the loss",
    "gradient": "a gradient of the loss that you have not worked out before",
    "slope": "f'",
    "symbol": "something else than the question lets an answer be written in",
}


def results(
    question: Question,
    text: str | None,
    judged: tuple[Judgement, ...],
    written: Written,
    code: Mapping[str, CheckResult],
) -> list[CheckResult]:
    """One result for each claim of an answer. `judged` is empty where it says nothing; `code` are the checks by id.

    `text` is the answer, None where the question was not found.
    """
    by_symbol = {judgement.asked: judgement for judgement in judged}
    return [
        _judged(question, claim, by_symbol[claim.symbol], written, code)
        if claim.symbol in by_symbol
        else _open(question, claim, _missing(text))
        for claim in question.claims
    ]


def by_hand(question: Question, text: str | None, synonyms: Synonyms) -> CheckResult:
    """The one open check of a question that a person marks."""
    made: tuple[bool, ...] = ()
    if text:
        # Imported here: its patterns take a tenth of the time in which `grade` starts.
        from .free_text import points_made

        made = points_made(question, text, synonyms)
    return CheckResult(
        id=f"{question.id}-manual",
        title="Waits for a person to mark it",
        outcome=Outcome.NEEDS_REVIEW,
        earned=ZERO,
        points=question.points,
        message="" if text else _missing(text),
        detail=_expected(question, made),
        suggested=_suggested(question, made) if made else None,
    )


def _expected(question: Question, made: Sequence[bool]) -> str:
    """What a full answer says, and what of it seems to be there; `made` is empty where nothing is written."""
    if not question.expect:
        return _looked_for(question)
    lines = [
        f"{'seems there' if is_made else 'not seen'} ({point.points}): {point.text}"
        for point, is_made in zip(question.expect, made or (False,) * len(question.expect), strict=True)
    ]
    if made:
        lines.append(f"Suggested: {_suggested(question, made)} of {question.points}, if you agree.")
    return "\n".join(lines)


def _suggested(question: Question, made: Sequence[bool]) -> Decimal:
    return worth(point for point, is_made in zip(question.expect, made, strict=True) if is_made)


def _missing(text: str | None) -> str:
    return "No answer was found in a notebook." if text is None else "Nothing is written under the question."


def _open(question: Question, claim: Claim, message: str, formula: str = "") -> CheckResult:
    return CheckResult(
        id=claim_id(question.id, claim.symbol),
        title=claim.title,
        outcome=Outcome.NEEDS_REVIEW,
        earned=ZERO,
        points=claim.points,
        message=message,
        detail=_looked_for(question),
        formula=formula,
    )


def _judged(
    question: Question, claim: Claim, judgement: Judgement, written: Written, code: Mapping[str, CheckResult]
) -> CheckResult:
    kind = judgement.kind
    if kind is Kind.UNREADABLE:
        message = f"A person reads this: {judgement.reason}."
        unread = _open(question, claim, message, judgement.formula)
        share = None if judgement.suggests is None else written.shares[judgement.suggests.value]
        return msgspec.structs.replace(
            unread,
            suggested=None if share is None else round_points(share * claim.points),
            notes=tuple(_notes(claim, judgement, code)),
        )
    if kind is Kind.ERROR:
        failed = _open(question, claim, "The grader failed here; this costs no points.", judgement.formula)
        return msgspec.structs.replace(failed, outcome=Outcome.ERROR)
    earned = round_points(written.shares[kind.value] * claim.points)
    message, suggested = _message(judgement), None
    is_named = kind is not Kind.INCORRECT or judgement.mistake
    if kind.value not in written.final or not (is_named or "unnamed" in written.final):
        outcome = Outcome.NEEDS_REVIEW
        message = f"{message} A person decides."
        earned, suggested = ZERO, earned
    elif earned == claim.points:
        outcome = Outcome.PASSED
    else:
        outcome = Outcome.PARTIAL if earned else Outcome.FAILED
    return CheckResult(
        id=claim_id(question.id, claim.symbol),
        title=claim.title,
        outcome=outcome,
        earned=earned,
        points=claim.points,
        message=message,
        detail=_looked_for(question) if outcome is not Outcome.PASSED else "",
        diagnosis=written.mistakes[judgement.mistake] if judgement.mistake else "",
        mistakes=(judgement.mistake,) if judgement.mistake else (),
        notes=tuple(_notes(claim, judgement, code)),
        comparisons=_comparisons(judgement),
        formula=judgement.formula,
        suggested=suggested,
    )


def _message(judgement: Judgement) -> str:
    match judgement.kind:
        case Kind.CORRECT:
            return "Right."
        case Kind.UNSIMPLIFIED:
            left = "; ".join(text for name, text in _LEFT.items() if name in judgement.reason)
            return f"The value is right, but not simplified. Left in it: {left}."
        case Kind.UNFINISHED:
            left = "; ".join(text for name, text in _TO_DO.items() if name in judgement.reason)
            return f"What you write is true, but what is asked is still to be worked out in it: {left}."
        case Kind.TURNED:
            return "Right, in the orientation of your own forward pass."
        case Kind.SHAPE:
            return f"Right but for shapes: {judgement.reason}."
        case Kind.CARRIED:
            return "Follows rightly from your own gradient of an earlier question, which has cost its points there."
        case _:
            how = f": {judgement.reason}" if judgement.reason else ""
            return f"Not the gradient or update that is asked{how}."


def _comparisons(judgement: Judgement) -> tuple[Comparison, ...]:
    if judgement.values is None:
        return ()
    observed, expected = judgement.values
    return (Comparison(f"value at {judgement.at}", observed, expected),)


def _notes(claim: Claim, judgement: Judgement, code: Mapping[str, CheckResult]) -> list[str]:
    notes = []
    if judgement.false_link:
        notes.append(f"These two are not equal; this costs nothing: ${judgement.false_link}$")
    if judgement.results:
        notes.append(f"The results: {' and '.join(f'${result}$' for result in judgement.results)}")
    check = code.get(claim.code)
    is_read = judgement.kind is not Kind.UNREADABLE
    if is_read and check is not None and check.outcome in (Outcome.PASSED, Outcome.PARTIAL, Outcome.FAILED):
        is_right = judgement.kind not in (Kind.INCORRECT, Kind.CARRIED)
        code_is_right = check.outcome is Outcome.PASSED
        if is_right and not code_is_right:
            notes.append(
                f"Your formula is right here, and your code is not ({check.title}): compare the two."
            )
        elif code_is_right and not is_right:
            notes.append(
                f"Your code computes this rightly ({check.title}), and the formula does not: compare the two."
            )
    return notes


def _looked_for(question: Question) -> str:
    return "Points to look for: " + "; ".join(question.look_for) if question.look_for else ""
