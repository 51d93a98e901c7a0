"""A comparison of runs names exactly those whose marks changed, and says why."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from grader.gradebook import HandIn, Row, RunRecord, compare_runs


def row(
    check: str = "loss", earned: str = "1", points: str = "1", outcome: str = "passed", **more: object
) -> Row:
    one = Row(
        1, "ann", "Q1", check, outcome, Decimal(earned), Decimal(points), "As it should be.", "", (), ""
    )
    return msgspec.structs.replace(one, **more)


def compare(
    before: list[Row], after: list[Row], files: tuple[str, str] = ("f", "f")
) -> list[compare_runs.Change]:
    books = tuple(
        {r.submission: HandIn(r.submission, digest) for r in rows}
        for rows, digest in zip((before, after), files, strict=True)
    )
    return compare_runs.changes(before, after, (books[0], books[1]))


def test_nothing_changed():
    assert compare([row()], [row(message="In other words.", diagnosis="Other.")]) == []


def test_who_by_how_much_in_which_check_and_why():
    lost = row("scores", "0", "2", "failed", message="The scores are off by 0.5.")
    before = [row(), row("scores", "2", "2"), row(submission="ben")]
    (change,) = compare(before, [row(), lost, row(submission="ben")])
    assert (change.submission, change.before, change.after, change.resubmitted) == ("ann", 3, 1, False)
    (check,) = change.checks
    assert (check.question, check.check) == ("Q1", "scores")
    assert check.why == "Before, passed: As it should be. Now, failed: The scores are off by 0.5."


def test_a_weight_that_changes_a_mark_is_named():
    before = [row(), row("scores", "0", "2", "failed")]
    (change,) = compare(before, [row(points="2", earned="2"), row("scores", "0", "1", "failed")])
    assert (change.before, change.after) == (1, 2)
    assert change.checks[0].why == "Its weight changed from 1 to 2 points."


def test_weights_that_move_between_passed_checks_change_no_mark():
    assert compare([row(), row("b", "2", "2")], [row(points="2", earned="2"), row("b", "1", "1")]) == []


def test_two_changes_that_cancel_out_are_both_named():
    before = [row("a", "1", "1"), row("b", "0", "1", "failed")]
    (change,) = compare(before, [row("a", "0", "1", "failed"), row("b", "1", "1")])
    assert change.before == change.after == 1
    assert [check.check for check in change.checks] == ["a", "b"]


def test_what_becomes_open_has_changed():
    (change,) = compare([row(earned="0", outcome="failed")], [row(earned="0", outcome="needs_review")])
    assert change.checks[0].why.startswith("Before, failed")


def test_thirds_are_rounded_once_a_question():
    third = [row(check, "0.3333333333", "1", "partial") for check in "abc"]
    assert compare_runs.total(third) == 1
    assert compare_runs.total([]) is None


def test_only_hand_ins_of_both_runs_are_compared():
    assert compare([row()], []) == compare([], [row()]) == []


def test_other_files_are_said():
    (change,) = compare([row()], [row(earned="0", outcome="failed")], ("f1", "f2"))
    assert change.resubmitted


RUN = RunRecord(1, "", "", "r1", "ps3", "a", "rubrics/ps3.toml", "", "ref", "g", "digits", "d", "s", "A")


def settings(before: dict, after: dict, **more: str) -> list[str]:
    return compare_runs.settings(RUN, msgspec.structs.replace(RUN, **more), (before, after))


def test_the_fields_of_the_rubric_that_changed_are_named():
    check = {"id": "loss", "points": 1, "params": {"tolerance": 1e-6, "nets": [1, 2]}}
    before = {"points": 80, "questions": [{"id": "Q1", "checks": [check, {"id": "b", "points": 2}]}]}
    looser = {**check, "params": {"tolerance": 1e-3, "nets": [1, 2]}}
    after = {"points": 80, "questions": [{"id": "Q1", "checks": [looser]}], "late": {"days": 3}}
    assert settings(before, after, rubric="r2") == [
        "rubric: questions[Q1].checks[loss].params.tolerance: 1e-06 -> 0.001",
        "rubric: questions[Q1].checks[b].id: 'b' -> nothing",
        "rubric: questions[Q1].checks[b].points: 2 -> nothing",
        "rubric: late.days: nothing -> 3",
    ]


@pytest.mark.parametrize("name", ["reference", "grader", "dataset", "dataset_hash", "secret", "tier"])
def test_other_settings_that_changed_are_named(name: str):
    assert settings({}, {}, nonce="X")[-1:] == ["nonce: none -> X"]
    assert settings({}, {}, **{name: "new"}) == [f"{name.replace('_', ' ')}: {getattr(RUN, name)} -> new"]


def test_a_comment_in_the_rubric_is_said_to_be_one():
    assert settings({"a": 1}, {"a": 1}, rubric="r2") == ["rubric: comments or layout only"]
