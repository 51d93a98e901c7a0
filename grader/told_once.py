"""One exception in one line ends many checks: it is told in the first of them, and the others point there."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from .model import CheckResult, Outcome


def told_once(results: Mapping[str, CheckResult]) -> dict[str, CheckResult]:
    """The results, in the order of the rubric, with words only where they say something new. Points stay."""
    told: dict[tuple[str, int, str], CheckResult] = {}
    found = {}
    for id, result in results.items():
        found[id] = result
        # The type is the first word of what staff are shown of an exception; a second try has put other words there.
        kind = result.detail.partition(":")[0]
        if result.place is None or result.outcome is not Outcome.FAILED or not kind:
            continue
        first = told.setdefault((result.place.file, result.place.line, kind), result)
        if first is not result:
            message = f"Ended by the same exception in the same line as: {first.title}."
            diagnosis = "" if result.diagnosis == first.diagnosis else result.diagnosis
            found[id] = msgspec.structs.replace(result, message=message, diagnosis=diagnosis)
    return found
