"""What was handed out is nobody's own, in every assignment: modules of classes and of functions, cells of notebooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.errors import AnswersError
from grader.grading.loading import load_assignment
from grader.similar import Pair, Similar, Work, compare, outside
from tests.conftest import ROOT
from tests.similar.sources import SHARED, class_of

NAMES = ("ps3", "ps3-public", "two_layer_net", "softmax", "kmeans")


def compared(rubric: Rubric, reference: Reference, code: dict[str, str]) -> Similar:
    """A class of whom two have this code."""
    return compare(
        "Test",
        [*class_of(12), *(Work(f"t{i}", code=code) for i in range(2))],
        outside.given(rubric, reference),
    )


def shared_lines(pair: Pair) -> Iterator[str]:
    """The lines of the first that are shown as shared, and not as what stands between."""
    for one in pair.evidence:
        if one.kind == "code" and one.left:
            yield from (
                line for n, line in enumerate(one.left.lines, one.left.first) if n not in one.left.beside
            )


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_two_who_hand_in_what_they_were_given_share_nothing(name: str):
    rubric, reference = load_assignment(ROOT / "rubrics" / f"{name}.toml")
    given = reference.given_code()
    assert any(rubric.entry.names[0] in text for text in given)
    code = {f"{i}.py": text for i, text in enumerate(given)}
    assert not [p for p in compared(rubric, reference, code).pairs if p.left == "t0"]
    template = (reference.handed_out / rubric.entry.module).read_text()
    (pair,) = [
        p for p in compared(rubric, reference, {"m.py": SHARED + template + SHARED}).pairs if p.left == "t0"
    ]
    shown = list(shared_lines(pair))
    own = {line.strip() for line in SHARED.split("\n")}
    assert sum(line.strip() in own for line in shown) >= 6
    assert sum(line.strip() not in own for line in shown) <= 4  # where the two meet


def test_cells_of_notebooks_that_were_handed_out(tmp_path: Path):
    def notebook(*cells: tuple[str, str]) -> str:
        made = [{"cell_type": kind, "source": [text], "metadata": {}} for kind, text in cells]
        return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})

    reference = Reference(tmp_path)
    for name in ("handout", "earlier"):
        (tmp_path / name).mkdir()
    (tmp_path / "handout/any.ipynb").write_text(
        notebook(("markdown", "Do it."), ("code", "x = 'märchen'")), "utf-8"
    )
    (tmp_path / "handout/a.py").write_text("a = 1", "utf-8")
    (tmp_path / "earlier/2024.ipynb").write_text(notebook(("code", "y = 2")), "utf-8")
    assert reference.given_code() == ("a = 1", "x = 'märchen'", "y = 2")
    (tmp_path / "earlier/2023.ipynb").write_text("no notebook", "utf-8")
    with pytest.raises(AnswersError, match=r"2023\.ipynb: cannot be read; wanted"):
        reference.given_code()


def test_no_folder_of_what_was_handed_out(tmp_path: Path):
    assert Reference(tmp_path).given_code() == ()
