"""An assignment: a rubric and the reference that it names, loaded and found to agree."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..assignment import assets, datasets
from ..assignment.datasets import Dataset
from ..assignment.reference import Reference
from ..assignment.rubric import Rubric
from ..assignment.rubric_loading import fault, load, read
from ..coded.coded import Coded
from ..coded.kinds import CODED
from ..coded.variants import Variants
from ..errors import AnswersError, UsageError

_SOLUTION, _KINDS = "solution.py", "kinds/__init__.py"
"""The files by which a reference folder is recognised: one with answers, and one for public checks alone."""


def load_assignment(path: Path | None = None) -> tuple[Rubric, Reference]:
    """Load a rubric (by default Problem Set 3's) and its reference; `RubricError` where they contradict."""
    path = path or assets.default_rubric()
    if coded := _coded(path):
        return _of_its_own(path, coded)
    rubric = load(path, _kinds(path))
    public = is_public(rubric)
    holds = _KINDS if public else _SOLUTION
    reference = Reference(assets.reference_folder(rubric.path, rubric.reference, holds))
    for q, question in enumerate(rubric.questions):
        for c, spec in enumerate(question.checks):
            if trouble := rubric.checks[spec.id].contradiction(reference):
                field, _, said = trouble.partition(": ")
                raise fault(rubric, f"questions[{q}].checks[{c}].params.{field}", said)
    _agree_on_derivations(rubric, reference)
    _find_earlier_notebooks(rubric, reference)
    _find_handed_out(rubric, reference)
    known = () if public else reference.mistakes
    for name in [*rubric.mistakes, *known]:
        if name not in known:
            raise fault(rubric, "mistakes", f"found {name!r}; {reference.folder} knows no such mistake")
        if name not in rubric.mistakes:
            raise fault(rubric, "mistakes", f"no sentence for {name!r}, which {reference.folder} knows")
    return rubric, reference


def dataset_of(reference: Reference, choice: str, say: Callable[[str], None]) -> Dataset:
    """The dataset of that name as the assignment splits it; an empty one where it has none. Raises as `find`."""
    if not reference.has_datasets:
        return datasets.NONE
    return datasets.find(choice, reference.datasets.SPLITS, recipe_version=reference.recipe_version, say=say)


def _coded(path: Path) -> Coded | None:
    """What the reference that a rubric names declares; None where it has no `checks.py`."""
    name = _named(path)
    try:
        return Coded.there(assets.reference_folder(path, name)) if name else None
    except UsageError:
        return None


def _kinds(path: Path) -> Mapping[str, type[Any]]:
    """The kinds of check of the reference that a rubric names: all of them where the answers are, else public ones."""
    name = _named(path)
    if not name:
        return {}
    try:
        folder = assets.reference_folder(path, name, _SOLUTION)
    except UsageError as no_answers:
        try:
            folder = assets.reference_folder(path, name, _KINDS)
        except UsageError:
            raise no_answers from None
    kinds: Mapping[str, type[Any]] = Reference(folder).kinds.KINDS
    return kinds


def _named(path: Path) -> str:
    """The reference that a rubric names; empty where it names none, which `load` will tell."""
    _, tables = read(path)
    name = tables.get("reference", tables.get("id", ""))
    return name if isinstance(name, str) and re.fullmatch(r"[\w.-]+", name) else ""


def _of_its_own(path: Path, coded: Coded) -> tuple[Rubric, Reference]:
    """An assignment whose checks are its own."""
    rubric = load(path, CODED, coded.fill)
    variants = Variants.of(coded.folder, rubric.entry, rubric.constants, coded.mistakes)
    reference = Reference(coded.folder, coded, variants)
    for name in rubric.mistakes:
        if name not in reference.mistakes:
            raise fault(rubric, f"mistakes.{name}", f"{reference.folder} knows no such mistake")
    for unit in coded.units.values():
        for name in unit.check.supply:
            variants.has(name, unit.check.place)
    _find_handed_out(rubric, reference)
    return rubric, reference


def is_public(rubric: Rubric) -> bool:
    """Whether a rubric asks for nothing that takes answers: it has public checks, and only such."""
    checks = rubric.checks.values()
    return bool(checks) and all(check.public for check in checks) and rubric.written is None


def _find_earlier_notebooks(rubric: Rubric, reference: Reference) -> None:
    """They are where the rubric says that they are, and can be read."""
    for n, name in enumerate(rubric.earlier_notebooks):
        try:
            reference.templates([name])
        except AnswersError as error:
            raise fault(rubric, f"earlier_notebooks[{n}]", str(error)) from None


def _find_handed_out(rubric: Rubric, reference: Reference) -> None:
    """The methods that students were given are in the module that they were given."""
    if rubric.handed_out is None:
        return
    known = sorted({check.method for check in rubric.checks.values()} - {""})
    if not known:
        said = "found it, and no check says which method it is about: it would change nothing; leave it out"
        raise fault(rubric, "handed_out", said)
    path = reference.handed_out / rubric.entry.module
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        said = f"{path}: cannot be read; wanted the module that students were given"
        raise fault(rubric, "handed_out", said) from None
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == rubric.entry.class_name]
    defined = {n.name for one in classes for n in one.body if isinstance(n, ast.FunctionDef)}
    for n, name in enumerate(rubric.handed_out.methods):
        if name not in known:
            raise fault(
                rubric, f"handed_out.methods[{n}]", f"found {name!r}, wanted one of: {', '.join(known)}"
            )
        if name not in defined:
            said = f"found {name!r}, which {rubric.entry.class_name} in {path} has not"
            raise fault(rubric, f"handed_out.methods[{n}]", said)


def _agree_on_derivations(rubric: Rubric, reference: Reference) -> None:
    """The rubric's claims are what the reference can judge, and each of its mistakes has a sentence."""
    asking = [(q, question) for q, question in enumerate(rubric.questions) if question.claims]
    if not asking or rubric.written is None:
        return
    module = reference.derivations
    for q, question in asking:
        found, wanted = tuple(claim.symbol for claim in question.claims), module.ASKED.get(question.id, ())
        if found != wanted:
            answers = f"{reference.folder} answers {', '.join(wanted) or 'nothing'} to {question.id}"
            raise fault(rubric, f"questions[{q}].claims", f"found {', '.join(found)}; {answers}")
        for name in question.given:
            if name not in (*module.SHAPES, "f'"):
                wanted = ", ".join((*module.SHAPES, "f'"))
                raise fault(rubric, f"questions[{q}].given", f"found {name!r}, wanted some of: {wanted}")
    known = {*module.GENERAL_MISTAKES, *(name for forms in module.MISTAKES.values() for name in forms)}
    for name in sorted(known ^ set(rubric.written.mistakes)):
        what = (
            "knows no such mistake"
            if name in rubric.written.mistakes
            else "names it, and there is no sentence"
        )
        raise fault(rubric, "written.mistakes", f"found {name!r}; {reference.folder} {what}")
