"""Methods that students were given whole: what nobody had to write earns nothing by itself.

A check of such a method shows that it works together with what the student wrote. So it counts with that: where the
forward pass or the gradients of its activation earn less than the rubric's share of their points, it earns nothing, be
it that it passed or that a mistake elsewhere was not to cost again. Whether the method was changed is of no account: a
line added to it makes it nobody's work, and one that breaks it fails its checks.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ..assignment.rubric import CheckSpec, HandedOut, Rubric
from ..model import ZERO, CheckResult, Outcome

_FORWARD = ("toy-loss", "scores", "loss")
_BACKWARD = ("gradient",)
_PARTS = {_FORWARD: "the forward pass", _BACKWARD: "the gradients"}
"""Kinds of check of what students write, and what they are about."""
_OF = {
    "train": ("toy-training", "histories", "update-step", "epoch", "decay", "untouched", "accuracy"),
    "predict": ("predict",),
}
"""A method that may be given to kinds of check of it."""
_STANDS_ON = {"train": (_FORWARD, _BACKWARD), "predict": (_FORWARD,)}


def counted(results: Mapping[str, CheckResult], rubric: Rubric) -> dict[str, CheckResult]:
    """The results by check id, in which no method that was given earns anything by itself."""
    found = dict(results)
    given = rubric.handed_out
    if given is None:
        return found
    specs = [spec for question in rubric.questions for spec in question.checks]
    for spec in specs:
        method = next((m for m in given.methods if spec.kind in _OF[m]), None)
        result = results[spec.id]
        if method and result.earned and (missing := _missing(method, spec, specs, results, given)):
            found[spec.id] = msgspec.structs.replace(
                result,
                outcome=Outcome.FAILED,
                earned=ZERO,
                message=f"{method} was given with the assignment: it counts once you have at least {given.least:.0%} "
                f"of the points of {missing}.",
                hint="",
                diagnosis="",
                mistakes=(),
                carried_from="",
                place=None,
            )
    return found


def _missing(
    method: str,
    check: CheckSpec,
    specs: list[CheckSpec],
    results: Mapping[str, CheckResult],
    given: HandedOut,
) -> str:
    """What the method stands on and that earns too little, in words; empty where it earns enough.

    Of a check that asks several activations, one that earns enough will do.
    """
    named: list[str] = []
    for activation in _activations(check):
        short = []
        for kinds in _STANDS_ON[method]:
            about = [s for s in specs if s.kind in kinds and activation in _activations(s)]
            whole = sum((s.points for s in about), ZERO)
            # What is open may yet be earned.
            earned = sum(
                (s.points if results[s.id].outcome.is_open else results[s.id].earned for s in about), ZERO
            )
            if earned < given.least * whole:
                short.append(_PARTS[kinds])
        if not short:
            return ""
        named = named or short
    return " and of ".join(named)


def _activations(spec: CheckSpec) -> tuple[str, ...]:
    one = spec.params.get("activation")
    return (one,) if one else tuple(spec.params.get("activations", ()))
