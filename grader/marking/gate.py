"""`--fail-under`: whether a hand-in has earned enough, and whether enough is decided to say so."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from ..model import GradeReport, round_points


class Verdict(enum.Enum):
    """What the gate says of a hand-in."""

    PASSED = "passed"
    BELOW = "below --fail-under"
    UNDECIDED = "not enough decided"


@dataclass(frozen=True)
class Gate:
    """What a hand-in needs."""

    least: Decimal
    """Percent of the decided points that it has to earn; with zero there is nothing to fail."""
    decided: Decimal
    """Percent of all points that have to be decided without waiting for a person."""

    def judge(self, earned: Decimal, decided: Decimal, points: Decimal) -> Verdict:
        """The verdict on points earned, of those decided, of all there are."""
        if not points or not self.least:
            return Verdict.PASSED
        if not decided or 100 * decided < self.decided * points:
            return Verdict.UNDECIDED
        return Verdict.BELOW if 100 * earned < self.least * decided else Verdict.PASSED

    def trouble(self, report: GradeReport) -> str:
        """Why a hand-in does not pass, with the figures; empty where it does."""
        earned, decided, points = report.earned, report.decided, report.points
        verdict = self.judge(earned, decided, points)
        match verdict:
            case Verdict.PASSED:
                return ""
            case Verdict.UNDECIDED:
                found = _of(decided, points, "points")
                figures = f"{found}, wanted {_plain(self.decided)} %; the rest waits for a person"
            case Verdict.BELOW:
                figures = f"earned {_of(earned, decided, 'decided points')}, wanted {_plain(self.least)} %"
        return f"{verdict.value}: {figures}"


def _of(part: Decimal, whole: Decimal, what: str) -> str:
    """`1.5 of 80 points (1.8 %)`, rounded down: what falls short never looks as if it did not."""
    share = (100 * part / whole).quantize(Decimal("0.1"), ROUND_FLOOR)
    return f"{_plain(part)} of {_plain(whole)} {what} ({_plain(share)} %)"


def _plain(number: Decimal) -> str:
    return f"{round_points(number):f}"
