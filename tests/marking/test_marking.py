"""Marks are made of findings: the same ones as by grading, and others when the rubric's points are others."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignment.rubric import Rubric
from grader.grading import runner
from grader.grading.loading import load_assignment
from grader.grading.runner import Run
from grader.marking import marking
from grader.marking.findings import Exhibits, Findings, packed, unpacked
from grader.model import CheckResult, Host, Outcome, to_json
from tests import finding
from tests.conftest import ROOT, SUBMISSIONS
from tests.grading.test_runner import without_accuracy

SAMPLE = CheckResult("c", "C", Outcome.PARTIAL, Decimal(1), Decimal(2), "")
RUBRIC = (ROOT / "rubrics" / "ps3.toml").read_text()


@pytest.fixture(scope="module")
def found(on_digits: Run) -> dict[str, tuple[Findings, Exhibits]]:
    """What is found in examples that lose points in code and in derivations, without trainings on the dataset."""
    run = dataclasses.replace(on_digits, rubric=without_accuracy(on_digits.rubric))
    names = ("unsimplified_derivations", "relu_mask_omitted", "exits_in_train", "missing_sibling")
    return {name: runner.observe(finding.find([SUBMISSIONS / name], "TwoLayerMLP")[0], run) for name in names}


def reweighted(tmp_path: Path, *edits: tuple[str, str, str]) -> Rubric:
    """The rubric with edits (behind which text, what, for what)."""
    text = RUBRIC
    for after, old, new in edits:
        start = text.index(after)
        at = text.index(old, start)
        text = text[:at] + new + text[at + len(old) :]
    path = tmp_path / "rubrics" / "ps3.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return load_assignment(path)[0]


def earned(findings: Findings, rubric: Rubric) -> dict[str, Decimal]:
    report = marking.report("x", (), findings, Exhibits(), without_accuracy(rubric), "ref")
    return {question.id: question.earned for question in report.questions}


@pytest.mark.slow
def test_findings_survive_the_gradebook(found, on_digits: Run):
    for findings, exhibits in found.values():
        back = unpacked(packed(findings), Findings), unpacked(packed(exhibits), Exhibits)
        rubric = without_accuracy(on_digits.rubric)
        reports = [marking.report("x", (), *pair, rubric, "ref") for pair in ((findings, exhibits), back)]
        assert to_json(reports[0]) == to_json(reports[1])


def test_a_damaged_finding_is_told():
    for content in (b"", b"nonsense", packed(Exhibits())):
        with pytest.raises(ValueError, match="Findings"):
            unpacked(content, Findings)


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters()), st.floats())
def test_any_text_and_number_survives(text: str, number: float):
    exhibits = Exhibits(outputs={"check": text}, stacks={text: "here"})
    back = unpacked(packed(exhibits), Exhibits)
    assert back.outputs["check"] == text.encode("utf-8", "backslashreplace").decode()
    host = msgspec.msgpack.decode(msgspec.msgpack.encode({"seconds": number}))
    assert str(host["seconds"]) == str(number)


@pytest.mark.slow
def test_other_weights_need_no_student_code(tmp_path: Path, found, ps3: Rubric):
    changed = reweighted(
        tmp_path,
        ('id = "sigmoid-toy-loss"', "points = 1\n", "points = 0.5\n"),
        ('id = "sigmoid-scores"', "points = 2\n", "points = 2.5\n"),
        ('id = "Q1.1"', "points = 5\n", "points = 4\n"),
        ('symbol = "a2"', "points = 5\n", "points = 4\n"),
        ('id = "Q1.2"', "points = 5\n", "points = 6\n"),
        ('symbol = "b2"', "points = 5\n", "points = 6\n"),
    )
    assert changed.asking == ps3.asking
    assert changed.fingerprint != ps3.fingerprint
    before, after = (earned(found["unsimplified_derivations"][0], rubric) for rubric in (ps3, changed))
    assert (before["Q1.1"], after["Q1.1"]) == (Decimal(4), Decimal("3.2"))
    assert (before["Q1.2"], after["Q1.2"]) == (Decimal(4), Decimal("4.8"))
    assert before["Q2.1"] == after["Q2.1"] == 5


@pytest.mark.slow
def test_marking_again_gives_what_grading_afresh_would(tmp_path: Path, found, on_digits: Run):
    """To the byte: whatever of points, shares and hints is another in the rubric."""
    edits = (
        ('id = "sigmoid-toy-loss"', "points = 1\n", "points = 0.70\n"),
        ('id = "sigmoid-scores"', "points = 2\n", "points = 2.300\n"),
        ('id = "relu-grad-W1"', 'hint = "', 'hint = "Anew: '),
        ("[written.shares]", "unsimplified = 0.8", "unsimplified = 0.75"),
    )
    changed = without_accuracy(reweighted(tmp_path, *edits))
    run = dataclasses.replace(on_digits, rubric=changed)
    for name, (findings, _) in found.items():
        afresh, _ = runner.observe(finding.find([SUBMISSIONS / name], "TwoLayerMLP")[0], run)
        afresh = msgspec.structs.replace(afresh, host=findings.host)
        reports = [marking.report("x", (), one, Exhibits(), changed, "ref") for one in (findings, afresh)]
        assert to_json(reports[0]) == to_json(reports[1]), name


@pytest.mark.slow
def test_other_shares_of_derivations_need_none_either(tmp_path: Path, found, ps3: Rubric):
    changed = reweighted(tmp_path, ("[written.shares]", "unsimplified = 0.8", "unsimplified = 1"))
    assert changed.asking == ps3.asking
    assert earned(found["unsimplified_derivations"][0], changed)["Q1.1"] == 5


@pytest.mark.parametrize(
    ("after", "old", "new", "same"),
    [
        ('id = "sigmoid-toy-loss"', "tolerance = 1e-6", "tolerance = 1e-5", False),
        ('id = "sigmoid-toy-loss"', "points = 1\n", "points = 1.0\n", True),
        ('id = "module"', "points = 0\n", "points = 0.0\n", True),
        ("[limits]", "call_cpu = 10 ", "call_cpu = 11 ", False),
        ("follow_through", "= 1\n", "= 0.5\n", False),
        ("[written.mistakes]", 'sign = "The sign', 'sign = "Its sign', True),
        ('id = "sigmoid-toy-loss"', 'hint = "The loss is', 'hint = "Indeed the loss is', True),
        ('relu-mask-omitted', '= "', '= "So: ', False),
        ("[[nets]]", "inputs = 5", "inputs = 6", False),
    ],
)  # fmt: skip
def test_what_counts_as_asking_the_same(
    tmp_path: Path, ps3: Rubric, after: str, old: str, new: str, same: bool
):
    assert (reweighted(tmp_path, (after, old, new)).asking == ps3.asking) is same


def test_a_weight_of_zero_asks_something_else(tmp_path: Path, ps3: Rubric):
    """A check without points loses none, and then nobody looks again for the mistake."""
    changed = reweighted(
        tmp_path,
        ('id = "sigmoid-toy-loss"', "points = 1\n", "points = 0\n"),
        ('id = "sigmoid-scores"', "points = 2\n", "points = 3\n"),
    )
    assert changed.asking != ps3.asking


@pytest.mark.slow
def test_a_changed_hint_is_shown_where_one_was(tmp_path: Path, found, ps3: Rubric):
    hinted = "untouched"
    findings = found["exits_in_train"][0]
    with_hint = msgspec.structs.replace(findings.results[hinted], hint="Look.")
    findings = msgspec.structs.replace(findings, results={**findings.results, hinted: with_hint})
    changed = reweighted(tmp_path, (f'id = "{hinted}"', 'hint = "', 'hint = "Anew: '))
    report = marking.report("x", (), findings, Exhibits(), without_accuracy(changed), "ref")
    hints = {c.id: c.hint for q in report.questions for c in q.checks}
    assert hints[hinted].startswith("Anew: ")
    assert hints["sigmoid-grad-W1"] == ""


@pytest.mark.slow
def test_open_points_stay_open(tmp_path: Path, found):
    changed = reweighted(
        tmp_path,
        ('id = "sigmoid-toy-loss"', "points = 1\n", "points = 0.5\n"),
        ('id = "sigmoid-scores"', "points = 2\n", "points = 2.5\n"),
    )
    report = marking.report(
        "x", (), found["missing_sibling"][0], Exhibits(), without_accuracy(changed), "ref"
    )
    assert report.earned == 0
    assert all(c.outcome is Outcome.NEEDS_REVIEW or not c.points for q in report.questions for c in q.checks)


@pytest.mark.slow
@given(
    share=st.fractions(0, 1).map(lambda f: Decimal(f.numerator) / Decimal(f.denominator)),
    old=st.decimals("0.01", "50", places=2),
    new=st.decimals("0.01", "50", places=2),
)
def test_any_share_stays_what_it_is(share: Decimal, old: Decimal, new: Decimal):
    result = msgspec.structs.replace(SAMPLE, earned=share * old, points=old)
    moved = marking.weighted(result, new)
    assert moved.points == new
    assert abs(moved.earned - share * new) < Decimal("1e-20")
    assert 0 <= moved.earned <= new


@pytest.mark.parametrize(
    ("id", "text", "pasted", "message"),
    [
        ("Q3.1", "![photo](attachment:a.png)", True, "The answer holds a picture, which a person reads."),
        ("Q3.1", "", True, "The answer holds a picture, which a person reads."),
        ("Q3.1", "", False, "Nothing is written under the question."),
        ("Q1.6", "", True, "The answer holds a picture, which a person reads."),
        ("Q1.6", "It is slower.", False, ""),
        ("Q2.1", "", True, None),
    ],
)
def test_an_answer_with_a_picture_is_not_called_empty(
    ps3: Rubric, id: str, text: str, pasted: bool, message: str | None
):
    question = next(one for one in ps3.questions if one.id == id)
    results = {
        spec.id: CheckResult(spec.id, spec.title, Outcome.PASSED, spec.points, spec.points, "as it was")
        for spec in question.checks
    }
    host = Host("none", {}, {})
    findings = Findings("digits", {}, {id: text}, {}, (id,) if pasted else (), {}, (), host)
    found = marking.question(question, ps3, results, findings)
    assert {check.message for check in found.checks} == {"as it was" if message is None else message}
