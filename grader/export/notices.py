"""What somebody has to know of an export before using it, in sentences."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..model import ClassHead, Entry, Misfit
from ..report import wording
from ..report.safe_text import one_line

NAMES = 8
"""How many hand-ins a sentence names."""
PROVISIONAL = "Provisional"
PRACTICE = "Practice"


class Notices:
    """Gathers, while the hand-ins go by, what to say in the end; keeps ids only."""

    def __init__(self, include_open: bool = False) -> None:
        self._include_open = include_open
        self._waiting: list[str] = []
        self._undated: list[str] = []
        self._unknown: list[str] = []
        self._owners: dict[str, list[str]] = {}

    def total(self, entry: Entry) -> str:
        """The cell of the total: empty, never a number, for what a person decides and is not to be included."""
        self.saw(entry)
        return "" if entry.report.open_points and not self._include_open else wording.points(entry.total)

    def saw(self, entry: Entry) -> None:
        """Remember a hand-in that waits for a person, or of which nobody knows whether it was late."""
        if entry.report.open_points:
            self._waiting.append(entry.report.submission)
        if entry.late and not entry.submitted:
            self._undated.append(entry.report.submission)

    def unknown(self, entry: Entry) -> None:
        """Remember a hand-in whose student the target could not tell."""
        self._unknown.append(entry.report.submission)

    def row_of(self, key: str, entry: Entry) -> None:
        """Remember whose row was written, to find those that have two."""
        self._owners.setdefault(key, []).append(entry.report.submission)

    def sentences(self, head: ClassHead, missing: str = "") -> list[str]:
        """All that is to be said; `missing` is what those need who were left out."""
        found = [f"{word}: {sentence}" for word, sentence in stamps(head)]
        if self._waiting:
            so_far = "the total is what was earned so far"
            empty = "the total is left empty; --include-open writes what was earned so far"
            many = len(self._waiting) > 1
            what = f"{_hand_ins(self._waiting)} {'wait' if many else 'waits'} for a person"
            found.append(f"{what}: {so_far if self._include_open else empty} ({_some(self._waiting)}).")
        if self._undated:
            what = f"{_hand_ins(self._undated)} without a known time of handing in"
            found.append(f"{what}: nothing is taken off for being late ({_some(self._undated)}).")
        if self._unknown:
            left = f"{_hand_ins(self._unknown)} left out for want of {missing}"
            found.append(f"{left} ({_some(self._unknown)}); name them in the roster.")
        found += [
            f"{_some(ids)} are of the same student, {one_line(key)}: only one of these rows can be right."
            for key, ids in self._owners.items()
            if len(ids) > 1
        ]
        if head.strangers:
            found.append(strangers(head.strangers))
        if head.misfits:
            found.append(misfits(head.misfits))
        if head.adjusted:
            found.append(adjusted(head.adjusted))
        if head.failed:
            verb = "could not be graded and has" if len(head.failed) == 1 else "could not be graded and have"
            found.append(f"{_hand_ins(head.failed)} {verb} no marks ({_some(head.failed)}).")
        return found


def misfits(found: Sequence[Misfit]) -> str:
    """How many marks of persons do not count, and which."""
    what = "1 mark of a person does" if len(found) == 1 else f"{len(found)} marks of persons do"
    return (
        f"{what} not count, as the answer or the rubric has changed ({_told(found)}): look, and give them again with "
        "grade mark."
    )


def adjusted(found: Sequence[Misfit]) -> str:
    """How many marks of persons count for other points than were given, and which."""
    what = "1 mark of a person counts" if len(found) == 1 else f"{len(found)} marks of persons count"
    return f"{what} for other points, as the rubric says ({_told(found)})."


def _told(found: Sequence[Misfit]) -> str:
    named = [one_line(f"{one.submission} {one.question}, {wording.misfit(one)}") for one in found[:NAMES]]
    return "; ".join(named) + ("; ..." if len(found) > NAMES else "")


def strangers(found: Mapping[str, str]) -> str:
    """Whose hand-ins are on nobody's row of the roster, and who may be meant."""
    named = [f"{one_line(id)}: {one_line(who)}" for id, who in list(found.items())[:NAMES]]
    verb = "is" if len(found) == 1 else "are"
    some = "; ".join(named) + ("; ..." if len(found) > NAMES else "")
    return f"{_hand_ins(found)} {verb} on nobody's row of the roster ({some}): name them there, in the column id."


def stamps(head: ClassHead) -> list[tuple[str, str]]:
    """What stands over every page of a run that is no final marking, as `report.wording.stamps` has it for one."""
    found = list(wording.published()) if head.published_secret else []
    if head.provisional:
        used, wanted = wording.dataset(head.dataset), wording.dataset(head.marked_on)
        found.append((PROVISIONAL, f"Accuracy was measured on {used}, not on {wanted}."))
    if "practice" in head.tier.lower():
        found.append((PRACTICE, "The submitted code ran without a sandbox: this run is not for marking."))
    return found


def _hand_ins(ids: Collection[str]) -> str:
    return "1 hand-in" if len(ids) == 1 else f"{len(ids)} hand-ins"


def _some(ids: Collection[str]) -> str:
    names = [one_line(id) for id in list(ids)[:NAMES]]
    return ", ".join(names) + (", ..." if len(ids) > NAMES else "")
