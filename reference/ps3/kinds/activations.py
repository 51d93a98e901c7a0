"""Checks of a network with one activation or another: much of what is judged is the same code for both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from grader.assignment.reference import Reference
from grader.checks.base import Bench, Check, Malformed, Verdict, carried
from grader.student.faults import StudentError

FORWARD, BACKWARD = "the forward pass", "the gradients"
"""What students write, of each activation."""


def both_activations(bench: Bench) -> tuple[str, str]:
    """The activations of the earlier check of the same lines (`shared_with`) and of this one."""
    checks = bench.rubric.checks
    return checks[bench.spec.shared_with].activation, checks[bench.spec.id].activation


def lost_among(bench: Bench, *kinds: str, activation: str = "") -> list[str]:
    """Ids of the earlier checks of these kinds (and this activation, if given) that cost points."""
    return [
        id
        for id in bench.earlier
        if (check := bench.rubric.checks[id]).kind in kinds
        and (not activation or getattr(check, "activation", "") == activation)
        and bench.lost_points(id)
    ]


class NetworkCheck(Check, frozen=True):
    """A check that says in `activation` or `activations` which networks it is about."""

    supplied: ClassVar[bool] = False
    """Whether it may be run again with a right `loss` supplied, where the hand-in's own has cost points already."""

    @property
    def about(self) -> tuple[str, ...]:
        """The activations."""
        one: str = getattr(self, "activation", "")
        several: tuple[str, ...] = getattr(self, "activations", ())
        return (one,) if one else several

    def contradiction(self, reference: Reference) -> str:
        """An activation that there is not."""
        known = self.activations_of(reference)
        for name in ("activation", "activations"):
            named = getattr(self, name, ())
            for activation in (named,) if isinstance(named, str) else named:
                if activation not in known:
                    return f"{name}: found {activation!r}, wanted one of: {', '.join(known)}"
        return ""

    def activations_of(self, reference: Reference) -> Iterable[str]:
        """Which activations there are."""
        names: Iterable[str] = reference.own("layers").SLOPES
        return names

    def shared(self, bench: Bench) -> Verdict | None:
        """The verdict where what is wrong is code that an earlier check (`shared_with`) has judged; None otherwise.

        The student of the bench is told the same loss of all activations.
        """
        return None


class TrainCheck(NetworkCheck, frozen=True):
    """A check of `train`."""

    method: ClassVar[str] = "train"
    stands_on: ClassVar[tuple[str, ...]] = (FORWARD, BACKWARD)


class SharedCheck(NetworkCheck, frozen=True):
    """A check of lines that an earlier check (`shared_with`) has judged with another activation.

    A mistake in those lines has cost its points there. `judge` does what `run` does elsewhere; where it is
    not content and the earlier check was not either, `same_mistake` tells whether this activation's own
    lines are right.
    """

    activation: str

    def run(self, bench: Bench) -> Verdict:
        """Judge; carry a mistake that is the earlier check's."""
        source = bench.spec.shared_with
        try:
            verdict = self.judge(bench)
        except (StudentError, Malformed):
            if self._is_shared(bench):
                return carried(f"{self.shared_words()} {_SHARED}", source)
            raise
        if verdict.fraction < 1 and self._is_shared(bench):
            return carried(f"{self.shared_words()} {_SHARED}", source, comparisons=verdict.comparisons)
        return verdict

    def _is_shared(self, bench: Bench) -> bool:
        if not bench.lost_points(bench.spec.shared_with):
            return False
        try:
            return self.same_mistake(bench)
        except (StudentError, Malformed):
            return False

    def judge(self, bench: Bench) -> Verdict:
        """Observe and judge, as if there were no earlier check."""
        raise NotImplementedError

    def same_mistake(self, bench: Bench) -> bool:
        """Whether what is wrong here is wrong in the same way with the earlier check's activation."""
        raise NotImplementedError

    def shared_words(self) -> str:
        """What is wrong, as the subject of a sentence that goes on with `_SHARED`."""
        raise NotImplementedError


_SHARED = "for the same reason as with the sigmoid."
