"""What is in a reference folder is loaded once, and anew where its files are others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.assignment.reference import Reference
from grader.errors import AnswersError
from grader.grading.loading import load_assignment
from tests.conftest import ROOT
from tests.ps3 import kinds

PS3 = ROOT / "reference" / "ps3"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A course's own copy of Problem Set 3, in a folder with a dot in its name."""
    folder = tmp_path / "reference" / "ps3.2"
    shutil.copytree(PS3, folder, ignore=shutil.ignore_patterns("__pycache__", "bank"))
    return folder


def test_all_who_load_a_folder_get_the_same_classes():
    rubric, reference = load_assignment()
    assert reference.kinds is Reference(PS3).kinds is kinds
    assert {type(check) for check in rubric.checks.values()} <= set(kinds.ALL)
    assert reference.second_tries is Reference(PS3).second_tries


def test_another_folder_has_classes_of_its_own(copy: Path):
    own = Reference(copy)
    assert own.kinds.KINDS.keys() == kinds.KINDS.keys()
    assert own.kinds is not kinds


@pytest.mark.parametrize("file", ["kinds/forward.py", "diagnosis/look.py", "second_tries.py", "answers.py"])
def test_a_process_that_stays_sees_files_that_have_changed(copy: Path, file: str):
    before = Reference(copy)
    assert before.second_tries is not None and before.kinds.forward.__doc__
    path = copy / file
    path.write_text('"""Another docstring."""\n' + path.read_text().partition('"""\n')[2])
    after = Reference(copy)
    assert after.fingerprint != before.fingerprint
    top, _, inner = file.removesuffix(".py").partition("/")
    module = after.own(top)
    assert (getattr(module, inner) if inner else module).__doc__ == "Another docstring."
    assert after.kinds is not before.kinds  # nothing of the two is mixed


@pytest.mark.parametrize("missing", ["kinds", "diagnosis", "answers.py"])
def test_what_is_missing_is_named(copy: Path, missing: str):
    path = copy / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(AnswersError, match=r"is missing; a reference folder holds it"):
        Reference(copy).own(path.stem)
