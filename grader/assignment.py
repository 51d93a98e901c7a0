"""An assignment: a rubric and the reference that it names, loaded and found to agree."""

from __future__ import annotations

from pathlib import Path

from . import assets
from .checks import KINDS
from .errors import RubricError
from .reference import Reference
from .rubric import Rubric, load


def load_assignment(path: Path | None = None) -> tuple[Rubric, Reference]:
    """Load a rubric (by default Problem Set 3's) and its reference; `RubricError` where they contradict."""
    rubric = load(path or assets.default_rubric(), KINDS)
    reference = Reference(assets.reference_folder(rubric.path, rubric.reference))
    for q, question in enumerate(rubric.questions):
        for c, spec in enumerate(question.checks):
            if trouble := rubric.checks[spec.id].contradiction(reference):
                raise RubricError(f"{rubric.path}: questions[{q}].checks[{c}].params.{trouble}")
    known = reference.mistakes
    for name in [*rubric.mistakes, *known]:
        if name not in known:
            raise RubricError(
                f"{rubric.path}: mistakes: found {name!r}; {reference.folder} knows no such mistake"
            )
        if name not in rubric.mistakes:
            raise RubricError(
                f"{rubric.path}: mistakes: no sentence for {name!r}, which {reference.folder} knows"
            )
    return rubric, reference
