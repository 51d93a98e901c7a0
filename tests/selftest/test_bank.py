"""The bank of solutions says what is wrong with it: the file, the entry, what was found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.errors import AnswersError, UsageError
from grader.selftest import load
from tests.conftest import ROOT

BANK = ROOT / "reference" / "ps3" / "bank"
NUMBERS_THAT_SHOW = set(range(1, 32)) - {26, 27}
"""Of the list of mistakes that real hand-ins make; 26 (lists and matrices) and 27 (unshifted softmax) are right."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A reference folder with a copy of the bank."""
    shutil.copytree(BANK, tmp_path / "bank")
    return tmp_path


def append(folder: Path, file: str, text: str) -> None:
    path = folder / "bank" / file
    path.write_text(f"{path.read_text()}\n{text}\n")


def test_every_mistake_of_the_list_is_there():
    bank = load(BANK.parent)
    assert {wrong.number for wrong in bank.wrong} - {0} == NUMBERS_THAT_SHOW
    assert len(bank.wrong) >= 120


def test_every_solution_is_python_and_no_two_are_the_same():
    bank = load(BANK.parent)
    sources = [bank.source(one) for one in (*bank.right, *bank.wrong)]
    for source in sources:
        compile(source, "mlp.py", "exec", dont_inherit=True)
    assert len(set(sources)) == len(sources)


EDIT = "[[wrong.edits]]\nold = '{old}'\nnew = 'x'"
WRONG = '[[wrong]]\nname = "new one"\nquestions = ["Q2.1"]\n' + EDIT


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "wrong.toml",
            WRONG.format(old="not in it"),
            r"wrong.toml: 'new one': 0 times in the source, wanted once",
        ),
        (
            "wrong.toml",
            WRONG.format(old="self"),
            r"wrong.toml: 'new one': \d+ times in the source, wanted once",
        ),
        (
            "wrong.toml",
            WRONG.format(old="import numpy as np") + "\n" + EDIT.format(old="import numpy as np"),
            r"wrong.toml: 'new one': 0 times in the source, wanted once: 'import numpy as np'",
        ),
        (
            "wrong.toml",
            WRONG.format(old="import numpy as np").replace("new one", "leaky relu"),
            r"wrong.toml: the name 'leaky relu' is there twice",
        ),
        ("right.toml", '[[right]]\nname = "leaky relu"', r"wrong.toml: the name 'leaky relu' is there twice"),
        ("right.toml", '[[right]]\nname = "x"\nfast = true', r"right.toml: 'x': .*unknown field `fast`"),
        (
            "wrong.toml",
            '[[wrong]]\nname = "x"\nquestions = []\nedits = []',
            r"wrong.toml: 'x': .*length >= 1",
        ),
        ("wrong.toml", '[[wrong]]\nquestions = ["Q2.1"]', r"wrong.toml: .*missing required field `name`"),
        ("wrong.toml", "[[wrong]", r"wrong.toml: is not TOML"),
        (
            "mutants.toml",
            '[[equivalent]]\nmutant = "m"',
            r"mutants.toml: 'm': .*missing required field `why`",
        ),
        (
            "mutants.toml",
            '[[equivalent]]\nmutant = "m"\nwhy = "w"\n[[elsewhere]]\nmutant = "m"\nwhy = "w"\nquestions = ["Q2.1"]',
            r"mutants.toml: 'm' is there twice",
        ),
        (
            "mutants.toml",
            '[[elsewhere]]\nmutant = "m"\nwhy = "w"\nquestions = []',
            r"mutants.toml: 'm': .*length >= 1",
        ),
    ],
)
def test_an_error_names_the_file_and_the_entry(folder: Path, file: str, text: str, message: str):
    append(folder, file, text)
    with pytest.raises(AnswersError, match=message):
        load(folder)


def test_a_missing_file_is_named(folder: Path):
    (folder / "bank" / "right.toml").unlink()
    with pytest.raises(AnswersError, match=r"right.toml: cannot be read \(No such file"):
        load(folder)


def test_a_reference_without_a_bank_is_a_mistake_of_usage(tmp_path: Path):
    with pytest.raises(UsageError, match="bank: is missing"):
        load(tmp_path)
