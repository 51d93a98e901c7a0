"""The late policy: what being late costs one hand-in. Pure; applied where marks leave the gradebook.

A day is 24 hours, whatever a clock on the wall does meanwhile: times carry their offset from UTC. Days count from
the due time, also where there is a grace: once that has passed, it is as if there had been none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from ..assignment.rubric import Late
from ..errors import UsageError
from ..model import ZERO, Lateness, round_points

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_MOST_HOURS = 24 * 366


def lateness(
    rule: Late, earned: Decimal, submitted: str, due: str, extension_hours: Decimal | None
) -> Lateness:
    """What the policy does to a hand-in that earned `earned` points.

    `submitted` and `due` are ISO 8601 with offset. `due`, where it is not empty, is the student's own and replaces
    the rubric's; `extension_hours` are added to either. Where nobody knows when it was handed in, nothing is
    deducted, and `why` says so. `UsageError` for a due time or an extension that is none.
    """
    at = _moment(submitted)
    until = _due(rule, due, extension_hours)
    own = _own_due(rule, until)
    if at is None:
        return Lateness(
            0, ZERO, "Nobody knows when this was handed in: a person has to see whether it was late.", own
        )
    past = at - until
    minutes = -(-past // _MINUTE)  # begun minutes: one second late is late
    if past <= timedelta(0):
        return Lateness(minutes, ZERO, "", own)
    if past <= rule.grace_minutes * _MINUTE:
        return Lateness(minutes, ZERO, f"Handed in {_spell(minutes)} late, which costs nothing yet.", own)
    deduction, reason = _deduction(rule, max(earned, ZERO), -(-past // _DAY))
    return Lateness(minutes, deduction, f"Handed in {_spell(minutes)} late: {reason}.", own)


def _own_due(rule: Late, until: datetime) -> str:
    """An extension in words; empty where there is none."""
    more = until - rule.due
    if not more:
        return ""
    span, way = _spell(max(1, abs(more) // _MINUTE)), "later" if more > timedelta(0) else "earlier"
    return f"Due {until.isoformat(' ', 'minutes')}, which is {span} {way} than for the class."


def _due(rule: Late, due: str, extension_hours: Decimal | None) -> datetime:
    """The student's own due time."""
    until = _moment(due) if due else rule.due
    if until is None:
        wanted = "a date and time with its offset, such as 2026-03-13T23:59:59+01:00"
        raise UsageError(f"due: found {due!r}, wanted {wanted}")
    hours = ZERO if extension_hours is None else extension_hours
    if not (hours.is_finite() and 0 <= hours <= _MOST_HOURS):
        raise UsageError(f"extension: found {hours} hours, wanted 0 to {_MOST_HOURS}")
    try:
        return until + timedelta(seconds=int(hours * 3600))
    except OverflowError:
        raise UsageError(f"due: found {until.isoformat()}, wanted a year before 9999") from None


def _moment(text: str) -> datetime | None:
    """None for what is no date and time, or one without offset: it could be any of 26 hours."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.utcoffset() is None else moment


def _deduction(rule: Late, earned: Decimal, days: int) -> tuple[Decimal, str]:
    """Points off for so many days begun, and in words."""
    begun = "1 day begun" if days == 1 else f"{days} days begun"
    if rule.days is not None and days > rule.days:
        return earned, f"{begun}, and nothing is earned after {rule.days}"
    if rule.percent_per_day is not None:
        wanted = earned * rule.percent_per_day * days / 100
        price = f"{_plain(rule.percent_per_day)} % of the points earned"
    else:
        wanted = (rule.points_per_day or ZERO) * days
        price = _points(rule.points_per_day or ZERO)
    most = earned if rule.max_percent is None else earned * rule.max_percent / 100
    # The bound is rounded too, so that 0.005 of a point more than was earned cannot be taken.
    deduction = min(round_points(min(wanted, most, earned)), earned)
    capped = (
        f", {_plain(rule.max_percent)} % at most" if rule.max_percent is not None and wanted > most else ""
    )
    each = price if days == 1 else f"{price} for each of {begun}"
    where = f"{begun} costs {each}" if days == 1 else each
    return deduction, f"{where}{capped}, which takes off {_points(deduction)}"


def _points(value: Decimal) -> str:
    return f"{_plain(value)} {'point' if value == 1 else 'points'}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _spell(minutes: int) -> str:
    """`2 days, 3 hours and 5 minutes`."""
    days, rest = divmod(minutes, 24 * 60)
    amounts = {"day": days, "hour": rest // 60, "minute": rest % 60}
    words = [f"{n} {unit}{'' if n == 1 else 's'}" for unit, n in amounts.items() if n]
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
