"""One exception in one line ends many checks: it is told in the first of them, and the others point there."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ..model import CheckResult, Outcome


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
    return found


def _place(result: CheckResult) -> tuple[str, int, str] | None:
    """Where an exception ended a check, and of which type; None where none did."""
    # The type is the first word of what staff are shown of an exception; a second try has put other words there.
    kind = result.detail.partition(":")[0]
    if result.place is None or result.outcome is not Outcome.FAILED or not kind:
        return None
    return result.place.file, result.place.line, kind
