"""What is wrong is told once, with one thing to do; other checks that meet the same point there.

One exception in one line ends many checks, and so does what is no answer. What is wrong as a whole is wrong in a part.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ..assignment.rubric import Rubric
from ..model import CheckResult, Outcome
from .explain import NOT_RUN


def told_once(results: Mapping[str, CheckResult]) -> dict[str, CheckResult]:
    """The results, in the order of the rubric, with words only where they say something new. Points stay."""
    where = {id: place for id, result in results.items() if (place := _place(result))}
    first: dict[tuple[str, int, str], CheckResult] = {}
    for id in sorted(where, key=lambda id: not results[id].points):  # a remark is not where a mistake is told
        first.setdefault(where[id], results[id])
    found = dict(results)
    for id, place in where.items():
        result, told = results[id], first[place]
        if told is not result:
            message = f"Ended by the same exception in {place[0]}, line {place[1]}, as: {told.title}."
            diagnosis = "" if result.diagnosis == told.diagnosis else result.diagnosis
            found[id] = msgspec.structs.replace(result, message=message, diagnosis=diagnosis)
    return _same_words_once(found)


def _same_words_once(results: Mapping[str, CheckResult]) -> dict[str, CheckResult]:
    """The results, with a message that says all that was found, such as what came for an array, in the first alone."""
    first: dict[str, CheckResult] = {}
    found = dict(results)
    for id in sorted(results, key=lambda id: not results[id].points):  # as above
        result = results[id]
        if result.outcome is not Outcome.FAILED or result.message.startswith(NOT_RUN):
            continue
        if result.place or result.comparisons or result.diagnosis:
            continue
        told = first.setdefault(result.message, result)
        if told is not result:
            hint = "" if result.hint == told.hint else result.hint
            message = f"The same was found as in: {told.title}."
            found[id] = msgspec.structs.replace(result, message=message, hint=hint)
    return found


def one_thing_to_do(results: Mapping[str, CheckResult], rubric: Rubric) -> dict[str, CheckResult]:
    """The results, with what to do about a whole only where none of its `Check.parts` is lost, and with notes once."""
    found = dict(results)
    for question in rubric.questions:
        ids = [spec.id for spec in question.checks if spec.id in results]
        lost = [id for id in ids if results[id].outcome in (Outcome.FAILED, Outcome.PARTIAL)]
        noted: set[str] = set()
        for id in ids:
            parts = [part for part in lost if _is_part(rubric, part, id)]
            notes = tuple(note for note in found[id].notes if note not in noted)
            noted.update(notes)
            found[id] = msgspec.structs.replace(found[id], notes=notes)
            if parts and found[id].hint:
                most = max(parts, key=lambda part: results[part].points)  # of several, the first
                found[id] = msgspec.structs.replace(
                    found[id], hint="", diagnosis=_PART.format(title=results[most].title)
                )
    return found


_PART = "Look first at \N{LEFT DOUBLE QUOTATION MARK}{title}\N{RIGHT DOUBLE QUOTATION MARK}, which is a part of this."


def _is_part(rubric: Rubric, part: str, whole: str) -> bool:
    one, all_ = rubric.checks[part], rubric.checks[whole]
    return one.about == all_.about and one.kind in all_.parts


def _place(result: CheckResult) -> tuple[str, int, str] | None:
    """Where an exception ended a check, and of which type; None where none did."""
    # The type is the first word of what staff are shown of an exception; a second try has put other words there.
    kind = result.detail.partition(":")[0]
    if result.place is None or result.outcome is not Outcome.FAILED or not kind:
        return None
    return result.place.file, result.place.line, kind
