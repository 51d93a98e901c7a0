"""Numbers that a notebook prints: found however they are printed, and flagged where execution gives others."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.model import CellRun, PrintedValue
from grader.notebook import file, values
from grader.notebook.file import Printed
from grader.notebook.raised import Raised, by_own_code
from tests.conftest import SUBMISSIONS
from tests.hangs import no_hang

ALICE = file.cells((SUBMISSIONS / "alice" / "ps3.ipynb").read_bytes())
SHOWN = {i: cell.shown for i, cell in enumerate(ALICE) if cell.kind == "code"}


@pytest.fixture(scope="module")
def compare(ps3: Rubric, reference: Reference):
    """Compares a notebook's claims with what alice's prints when executed."""

    def compare(
        cells=ALICE, executed=SHOWN, dataset="mnist", runs=(), raised=None
    ) -> dict[str, PrintedValue]:
        assert ps3.notebook is not None
        texts = {i: shown.text for i, shown in executed.items()}
        found = values.find(ps3.notebook, cells, texts)
        broken = frozenset(run.number for run in runs)
        judged = values.judged(ps3.notebook, found, broken, reference.expected, dataset, "mnist", raised)
        return {value.title: value for value in judged}

    return compare


def edited(old: str, new: str) -> tuple[file.Cell, ...]:
    """Alice's notebook with something else in an output."""
    cells = tuple(replace(c, shown=replace(c.shown, text=c.shown.text.replace(old, new))) for c in ALICE)
    assert cells != ALICE
    return cells


def differing(found: dict[str, PrintedValue]) -> list[str]:
    return [title for title, value in found.items() if value.verdict == "differs"]


def test_what_alice_claims_is_borne_out(compare):
    found = compare()
    assert {value.verdict for value in found.values()} == {"agrees"}
    expected = {
        "Sigmoid: loss on the toy data": 1.1822479803941373,
        "Sigmoid: final loss of the training on the toy data": 0.10926794610680686,
        "Sigmoid: loss in the last epoch": 1.876564,
        "Sigmoid: test accuracy": 0.8639,
        "ReLU: loss on the toy data": 1.3037878913298202,
        "ReLU: final loss of the training on the toy data": 0.017856220486983883,
        "ReLU: test accuracy": 0.9652,
    }
    for title, value in expected.items():
        assert found[title].claimed == pytest.approx(value, abs=1e-6)
        assert found[title].expected == pytest.approx(value, abs=1e-6)


def test_an_edited_accuracy_is_flagged_with_both_values(compare):
    found = compare(edited("Sigmoid test accuracy:  0.8639", "Sigmoid test accuracy:  0.99"))
    assert differing(found) == ["Sigmoid: test accuracy"]
    assert (found["Sigmoid: test accuracy"].claimed, found["Sigmoid: test accuracy"].obtained) == (
        0.99,
        0.8639,
    )


EDITS = [
    ("1.1822479803941373", "1.182", []),  # rounded
    ("1.1822479803941373", "1.1822", []),
    ("1.1822479803941373", "1.183", ["Sigmoid: loss on the toy data"]),
    ("1.1822479803941373", "1.3209729331", ["Sigmoid: loss on the toy data"]),
    ("1.1822479803941373", "nan", ["Sigmoid: loss on the toy data"]),
    ("loss =  1.3037878913298206", "loss = np.float64(1.3037878913298206)", []),
    ("W1 max relative error: 1.126755e-08", "W1 max relative error: 4.1e-07", []),  # noise
    ("error: 1.126755e-08", "error: 3.1e-01", ["Sigmoid: relative error of the gradient of W1"]),
    ("Final training loss:  0.1092679461068068", "final loss: 0.109", []),
    ("loss:  0.1092679461068068", "loss: 0.0001", ["Sigmoid: final loss of the training on the toy data"]),
    ("Sigmoid test accuracy:  0.8639", "test_acc = 86.39%", []),
    ("Sigmoid test accuracy:  0.8639", "Accuracy (test): 0.86", []),
    ("Sigmoid test accuracy:  0.8639", "Test accuracy is 86 %", []),
    ("Sigmoid test accuracy:  0.8639", "test accuracy: np.float64(0.8639)", []),
    ("Sigmoid test accuracy:  0.8639", "test accuracy: 0.861", []),  # another starting state
    ("ReLU test accuracy:  0.9652", "ReLU test accuracy:  0.98", ["ReLU: test accuracy"]),
    ("loss 1.876564", "loss 0.3", ["Sigmoid: loss in the last epoch"]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "flagged"), EDITS)
def test_one_number_edited(compare, old: str, new: str, flagged: list[str]):
    assert differing(compare(edited(old, new))) == flagged


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1).filter(lambda x: abs(x - 0.8639) > 0.035))
def test_any_accuracy_beyond_the_spread_is_flagged(compare, accuracy: float):
    claim = f"Sigmoid test accuracy:  {accuracy:.6f}"
    assert differing(compare(edited("Sigmoid test accuracy:  0.8639", claim))) == ["Sigmoid: test accuracy"]


def test_a_claim_about_other_data_is_not_compared(compare):
    found = compare(edited("0.8639", "0.99"), dataset="digits")
    assert differing(found) == []
    value = found["Sigmoid: test accuracy"]
    assert (value.verdict, value.claimed, value.obtained) == ("not compared", 0.99, 0.8639)
    assert value.note == "Claimed on mnist, executed on digits."
    assert found["Sigmoid: loss on the toy data"].verdict == "agrees"


def test_a_notebook_may_say_that_it_used_the_digits(compare):
    cells = edited("Train data shape:  (50000, 784)", "Train data shape:  (1285, 784)")
    assert compare(cells)["Sigmoid: test accuracy"].note == "Claimed on digits, executed on mnist."
    assert compare(cells, dataset="digits")["Sigmoid: test accuracy"].verdict == "agrees"


def test_what_is_not_there_is_not_compared(compare):
    empty = tuple(replace(cell, shown=file.Shown()) for cell in ALICE)
    assert {v.note for v in compare(empty).values()} == {"Not in the file as handed in."}
    assert {v.note for v in compare(executed={}).values()} == {"Not printed when executed again."}
    assert {v.note for v in compare(()).values()} == {"Not in the file as handed in."}


def test_a_cell_that_was_stopped_bears_nothing_out(compare):
    cells = edited("Sigmoid test accuracy:  0.8639", "Sigmoid test accuracy:  0.99")
    stopped = CellRun(10, "", "stopped", "")
    assert (
        compare(cells, runs=(stopped,))["Sigmoid: test accuracy"].note == "Its cell did not run to its end."
    )
    before = CellRun(8, "", "failed", "")
    flagged = compare(cells, runs=(before,))["Sigmoid: test accuracy"]
    assert (flagged.verdict, flagged.note) == ("differs", "Cells before it did not run to their end.")


TOY = "Sigmoid: loss on the toy data"
FAILED = CellRun(3, "", "failed", "")
"""The cell that prints it."""


def without_output_of(number: int) -> dict[int, file.Shown]:
    """What alice's cells print when this one raises at once."""
    return {i: shown for n, (i, shown) in enumerate(SHOWN.items(), 1) if n != number}


def test_what_a_cell_shows_whose_code_raises_is_flagged(compare):
    found = compare(executed=without_output_of(3), runs=(FAILED,), raised={3: Raised("TypeError", 2)})
    assert [title for title, value in found.items() if value.verdict == "raised"] == [TOY]
    assert found[TOY].note == "Executed again, code cell 3 raised TypeError at line 2."
    assert (found[TOY].claimed, found[TOY].obtained) == (pytest.approx(1.182248), None)


def test_nothing_is_flagged_of_a_cell_that_the_machine_kept_from_its_end(compare):
    found = compare(executed=without_output_of(3), runs=(FAILED,))
    assert (found[TOY].verdict, found[TOY].note) == ("not compared", "Not printed when executed again.")


def test_what_a_cell_printed_before_it_raised_is_borne_out(compare):
    assert compare(runs=(FAILED,), raised={3: Raised("TypeError", 2)})[TOY].verdict == "agrees"


def test_the_last_line_before_an_exception_is_not_the_last_line(compare):
    cells = edited("loss 1.876564", "loss 0.3")
    number = compare(cells)["Sigmoid: loss in the last epoch"].cell
    broken = CellRun(number, "", "failed", "")
    found = compare(cells, runs=(broken,), raised={number: Raised("KeyError", 0)})
    assert (
        found["Sigmoid: loss in the last epoch"].note
        == f"Executed again, code cell {number} raised KeyError."
    )


def test_a_cell_that_raises_on_other_data_is_not_flagged_for_them(compare):
    number = compare()["Sigmoid: test accuracy"].cell
    broken, raised = (
        (FAILED, CellRun(number, "", "failed", "")),
        {n: Raised("ValueError", 1) for n in (3, number)},
    )
    found = compare(executed={}, dataset="digits", runs=broken, raised=raised)
    assert [title for title, value in found.items() if value.verdict == "raised"] == [TOY]
    only_later = compare(
        executed={}, dataset="digits", runs=(CellRun(2, "", "stopped"), *broken), raised=raised
    )
    assert "raised" not in {value.verdict for value in only_later.values()}


OWN = ["TypeError: f() missing 1 required argument", "NotImplementedError", "ValueError: 1", "KeyError: 'W1'",
       "AttributeError: module 'mlp' has no attribute 'TwoLayerMLP'", "NameError: name 'net' is not defined",
       "SyntaxError: invalid syntax (1.py, line 1)"]  # fmt: skip
NOT_OWN = ["", "ModuleNotFoundError: No module named 'torch'", "ImportError: x", "MemoryError", "_ArrayMemoryError: x",
           "FileNotFoundError: [Errno 2]", "OSError: [Errno 30]", "PermissionError: x", "KeyboardInterrupt",
           "StdinNotImplementedError: x", "RuntimeError: can't start new thread", "URLError: <urlopen error>",
           "AttributeError: module 'numpy' has no attribute 'float'.", "NameError: name 'xrange' is not defined",
           "AttributeError: 'dict' object has no attribute 'iteritems'",
           "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?"]  # fmt: skip


@pytest.mark.parametrize("error", OWN + NOT_OWN)
def test_only_the_code_itself_is_to_blame_for_some_exceptions(error: str):
    found = by_own_code([CellRun(1, "", "ran"), FAILED], {3: Printed("", error, (), 4)}, "mlp")
    assert (found == {3: Raised(error.partition(":")[0], 4)}) == (error in OWN)


def test_after_a_cell_that_was_cut_off_no_exception_speaks_against_a_notebook():
    raised = Printed("", "NameError: name 'net' is not defined", (), 1)
    later = CellRun(5, "", "failed")
    assert list(by_own_code([FAILED, later], {3: raised, 5: raised}, "mlp")) == [3, 5]
    for cut in (
        CellRun(4, "", "stopped", "Stopped: it took longer than 600 seconds."),
        CellRun(4, "", "not run", "Not run: cell 3 had to be ended, and the notebook with it."),
        CellRun(4, "", "failed", "It ended the notebook's Python process."),
        CellRun(4, "", "failed"),
    ):
        said = {3: raised, 4: Printed("", "MemoryError"), 5: raised}
        assert list(by_own_code([FAILED, cut, later], said, "mlp")) == [3]


# ---- executed on small data, because what is claimed of the dataset is known ----


@pytest.fixture(scope="module")
def known(ps3: Rubric, reference: Reference):
    def known(cells=ALICE, dataset="mnist") -> bool:
        found = values.find(ps3.notebook, cells, {})
        return values.are_known(ps3.notebook, found, reference.expected, dataset, "mnist")

    return known


KNOWN = {
    "as it is": [],
    "fewer digits": [("val_acc 0.866400", "val_acc 0.87")],
    "percent": [("Sigmoid test accuracy:  0.8639", "Sigmoid test accuracy:  86.39%")],
    "nothing is claimed": [("Sigmoid test accuracy:  0.8639", "done")],
    "another number on the toy data": [("1.1822479803941373", "1.2")],
}
UNKNOWN = {
    "a digit more": ("Sigmoid test accuracy:  0.8639", "Sigmoid test accuracy:  0.8640"),
    "better": ("Sigmoid test accuracy:  0.8639", "Sigmoid test accuracy:  0.93"),
    "no number": ("Sigmoid test accuracy:  0.8639", "Sigmoid test accuracy:  nan"),
    "infinite": ("Sigmoid test accuracy:  0.8639", "Sigmoid test accuracy:  inf"),
    "the loss": ("loss 1.876564", "loss 1.876566"),
    "of ReLU": ("ReLU test accuracy:  0.9652", "ReLU test accuracy:  0.9653"),
}


@pytest.mark.parametrize("edits", KNOWN.values(), ids=KNOWN)
def test_what_is_claimed_is_what_the_solution_gives(known, edits):
    cells = ALICE
    for old, new in edits:
        cells = edited(old, new)
    assert known(cells)


@pytest.mark.parametrize("edit", UNKNOWN.values(), ids=UNKNOWN)
def test_what_differs_in_a_printed_digit_is_not(known, edit):
    assert not known(edited(*edit))


def test_what_is_known_of_other_data_is_not_known_of_this(known):
    assert not known(dataset="digits")
    assert not known(edited("(50000, 784)", "(1297, 784)"))


def test_what_was_not_computed_again_says_so(ps3: Rubric, reference: Reference):
    toy = {i: cell.shown.text for i, cell in enumerate(ALICE) if cell.kind == "code"}
    found = values.find(ps3.notebook, ALICE, toy)
    judged = values.judged(
        ps3.notebook, found, frozenset(), reference.expected, "mnist", "mnist", small="digits"
    )
    for spec, value in zip(ps3.notebook.values, judged, strict=True):
        assert value.verdict == "agrees"
        assert (value.obtained is None) == spec.data
        assert ("executed on digits" in value.note) == spec.data
        assert value.claimed is not None


def test_cells_may_stand_in_another_order(compare):
    code = [cell for cell in ALICE if cell.kind == "code"]
    order = [0, 1, 7, 8, 10, 6, 5, 9, 2, 3, 4]
    cells = tuple(code[i] for i in order)
    found = compare(cells, {i: cell.shown for i, cell in enumerate(cells)})
    assert {value.verdict for value in found.values()} == {"agrees"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "9" * 100_000,
        "train " * 20_000,
        "acc " * 25_000,
        "loss\n" * 20_000,
        "epoch train acc val " * 5000,
        "1e999",
    ],
)
def test_hostile_outputs_take_bounded_time(compare, text: str):
    cells = tuple(replace(cell, shown=file.Shown(text)) for cell in ALICE)
    with no_hang():
        compare(cells, {i: file.Shown(text) for i in SHOWN})


def test_every_pattern_of_the_rubric_has_its_number(ps3: Rubric):
    assert ps3.notebook is not None
    assert all(re.search(r"\{number\}", value.find) for value in ps3.notebook.values)
