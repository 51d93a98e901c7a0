"""Hand-ins that attack the reading of derivations: a right module, and answers that are to steal or to break."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from tests.checks.handins import BASE

from .cases import FULL, Case
from .watch import Watch

_ASKED = {
    "Q1.1": r"$\nabla_{a^{(2)}}J$", "Q1.2": r"$\nabla_{b^{(2)}}J$", "Q1.3": r"$\nabla_{W^{(2)}}J$",
    "Q1.4": r"$\nabla_{h^{(1)}}J$", "Q1.5": r"$\nabla_{b^{(1)}}J$, $\nabla_{W^{(1)}}J$", "Q3.1": "L2", "Q3.2": "L1",
}  # fmt: skip
_ERROR = r"h^{(2)} - y"
_BACK = rf"(W^{{(2)}})^T ({_ERROR})"
_SLOPE = r"h^{(1)} \odot (1 - h^{(1)})"
_RIGHT = {
    "Q1.1": (_ERROR,), "Q1.2": (_ERROR,), "Q1.3": (rf"({_ERROR}) (h^{{(1)}})^T",), "Q1.4": (_BACK,),
    "Q1.5": (rf"({_BACK}) \odot {_SLOPE}", rf"(({_BACK}) \odot {_SLOPE}) x^T"),
    "Q3.1": (r"\theta_t - \eta (g_t + 2 \lambda \theta_t)",),
    "Q3.2": (r"\theta_t - \eta (g_t + \lambda \text{sign}(\theta_t))",),
}  # fmt: skip
_LEFT = {
    "Q1.1": (r"\nabla_{a^{(2)}}J",), "Q1.2": (r"\nabla_{b^{(2)}}J",), "Q1.3": (r"\nabla_{W^{(2)}}J",),
    "Q1.4": (r"\nabla_{h^{(1)}}J",), "Q1.5": (r"\nabla_{b^{(1)}}J", r"\nabla_{W^{(1)}}J"),
    "Q3.1": (r"\theta_{t+1}",), "Q3.2": (r"\theta_{t+1}",),
}  # fmt: skip
_RESTATED = {
    "Q1.1": (r"\nabla_{h^{(2)}}J \odot f'(a^{(2)})",), "Q1.2": (r"\nabla_{a^{(2)}}J",),
    "Q1.3": (r"\nabla_{a^{(2)}}J (h^{(1)})^T",), "Q1.4": (r"(W^{(2)})^T \nabla_{a^{(2)}}J",),
    "Q1.5": (r"\nabla_{a^{(1)}}J", r"\nabla_{a^{(1)}}J x^T"),
    "Q3.1": (r"\theta_t - \eta \nabla_\theta (L + \lambda \|\theta\|^2)",),
    "Q3.2": (r"\theta_t - \eta \nabla_\theta (L + \lambda \|\theta\|_1)",),
}  # fmt: skip


def _claimed(forms: Mapping[str, tuple[str, ...]], shown: Callable[[str, str], str]) -> dict[str, str]:
    """Answers that make a text of each left side and form."""
    return {id: "\n\n".join(map(shown, _LEFT[id], forms[id])) for id in forms}


def _plainly(left: str, form: str) -> str:
    return f"$${left} = {form}$$"


def _sometimes(left: str, form: str) -> str:
    """Right where gradients are positive, or the label is no 0."""
    wrong = form.replace("g_t", "|g_t|").replace(_ERROR, rf"{_ERROR} + \text{{sign}}(y) - 1")
    return f"$${left} = {wrong}$$"


def _twice(left: str, form: str) -> str:
    return f"$A = -({form})$, $A = {form}$, so ${left} = A$"


def written(
    name: str,
    answers: Mapping[str, str],
    earns: Decimal = Decimal(0),
    says: str = r"A person|Not the gradient",
) -> Case:
    """A notebook with these answers beside a right module; graded by its derivations alone."""

    def build(folder: Path, watch: Watch) -> None:
        (folder / "mlp.py").write_text(BASE)
        cells = [
            {"cell_type": "markdown", "metadata": {}, "source": source}
            for id, asked in _ASKED.items()
            for source in (f"**{id}** [5 pts] Find {asked}.", answers.get(id, ""))
        ]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        (folder / "ps3.ipynb").write_text(json.dumps(notebook))

    return Case(name, earns=earns, says=says, build=build, harmless=True, written=True)


_NEAR = {
    "Q1.1": rf"It is not $y - h^{{(2)}}$ but ${_LEFT['Q1.1'][0]} = {_ERROR} =: \delta$, with $h$ not transposed.",
    "Q1.2": r"<del>$\nabla_{b^{(2)}}J = y - h^{(2)}$</del> $\nabla_{b^{(2)}}J = \nabla_{a^{(2)}}J = \delta$",
    "Q1.3": r"$\nabla_{W^{(2)}}J = \delta (h^{(1)})^T % = y$",
    "Q1.4": r"Do not forget the transpose: "
    r"$\nabla_{h^{(1)}}J = (W^{(2)})^T \delta$, or, which is the same, $\delta (W^{(2)})^T$",
    "Q1.5": rf"$g = \nabla_{{h^{{(1)}}}}J = (W^{{(2)}})^T \delta$, $g = g \odot {_SLOPE}$, "
    r"$\nabla_{b^{(1)}}J = g$, $\nabla_{W^{(1)}}J = g x^T$",
    "Q3.1": _plainly(_LEFT["Q3.1"][0], _RIGHT["Q3.1"][0]),
    "Q3.2": "The norm is not differentiable at 0, so with a subgradient:\n\n"
    + _plainly(_LEFT["Q3.2"][0], _RIGHT["Q3.2"][0]),
}
"""Right answers, each of which comes near an attack."""
_ENTRIES = {
    "Q1.2": r"$\nabla_{b^{(2)}}J = h^{(1)}_3$",
    "Q1.3": r"$\nabla_{W^{(2)}}J = (h^{(2)} + y) [h^{(1)}_1, h^{(1)}_2, h^{(1)}_3]$",
    "Q1.4": r"$\nabla_{h^{(1)}}J = W^{(1)}_{23} [x_1, x_2, x_9]$",
}
_ALL_RIGHT = _claimed(_RIGHT, _plainly)
_ALL_RESTATED = _claimed(_RESTATED, _plainly)
_SOMETIMES = {id: text for id, text in _claimed(_RIGHT, _sometimes).items() if id != "Q3.2"}
_OF_CARRIED = Decimal(20)
"""What follows from a wrong answer to Q1.1, which may be any."""

CASES: tuple[Case, ...] = (
    written("derivations_right", _ALL_RIGHT, FULL),
    written("derivations_near_attacks", _NEAR, FULL),
    written("derivations_restated", _ALL_RESTATED),
    written("derivations_restated_after_nothing", {**_ALL_RESTATED, "Q1.1": r"$\nabla_{a^{(2)}}J = 0$"}),
    written("derivations_right_at_times", _SOMETIMES, _OF_CARRIED),
    written("derivations_of_two_minds", _claimed(_RIGHT, _twice)),
    written("derivations_struck_out", {id: f"<del>{text}</del>" for id, text in _ALL_RIGHT.items()}),
    written("derivations_denied", {id: f"It is certainly not {text}" for id, text in _ALL_RIGHT.items()}),
    # The ones that ended the grading of everything: the others keep their points.
    written("derivations_by_entries", {**_ALL_RIGHT, **_ENTRIES}, Decimal(30), r"Not the gradient"),
)
