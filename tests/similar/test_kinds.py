"""Evidence that is no code: claims, named mistakes, words."""

from __future__ import annotations

import pytest

from grader.similar import Claim, Given, Mistake, Pair, Work, compare
from tests.hangs import no_hang
from tests.similar.sources import own, work

TITLE = "Accuracy on the test set"


def claiming(id: str, claimed: float | None, obtained: float | None) -> Work:
    return Work(id, claims=(Claim(TITLE, claimed, obtained, claimed == obtained),))


def honest(count: int = 30) -> list[Work]:
    """All of whom claim what their code gives."""
    return [claiming(f"s{i:02}", 0.9 + i / 1000, 0.9 + i / 1000) for i in range(count)]


def first(works: list[Work], kind: str) -> Pair | None:
    """The first pair that shares something of a kind."""
    return next((p for p in compare("Test", works).pairs if any(e.kind == kind for e in p.evidence)), None)


def test_a_claim_that_only_anothers_code_gives():
    found = first([*honest(), claiming("t", 0.912, 0.731)], "claims")
    assert found is not None
    assert (found.left, found.right) == ("s12", "t")
    (one,) = found.evidence
    assert (
        one.text
        == f"{TITLE}: the second claims 0.912, its code gives 0.731; the code of the other gives 0.912"
    )
    assert one.have == 2


def test_a_claim_is_compared_to_its_last_digit():
    assert (
        first([*honest(), claiming("t", 0.951, 0.7), claiming("u", 0.95149, 0.95149)], "claims") is not None
    )
    assert first([*honest(), claiming("t", 0.951, 0.7), claiming("u", 0.95151, 0.95151)], "claims") is None


def test_claims_that_hold_and_claims_that_many_have_say_nothing():
    same = [claiming(f"s{i:02}", 0.9, 0.9) for i in range(30)]
    assert first([*same, claiming("t", 0.9, 0.7)], "claims") is None
    assert first([*same, claiming("t", None, 0.7), claiming("u", None, None)], "claims") is None


@pytest.mark.parametrize(
    ("claimed", "other", "seen"),
    [
        (0.912, 0.912, True),
        (0.912, 0.9124, True),
        (0.912, 0.9126, False),
        (1.0, 0.9, False),  # may have been printed as 1.000000
        (0.91, 0.914, False),
        (float("nan"), float("nan"), False),
        (float("inf"), float("inf"), False),
        (-1.25e-7, -1.25e-7, True),
        (1182.5, 1182.5, True),
        (1.182, 1.182, False),  # stands in the handout
        (1.1825, 1.1825, True),
    ],
)
def test_which_numbers_are_anothers(claimed: float, other: float, seen: bool):
    given = Given(("correct = 1.182  # toy",), ("The loss is 12.5.",))
    works = [*honest(), claiming("t", claimed, 0.5), claiming("u", other, other)]
    found = compare("Test", works, given)
    assert any({p.left, p.right} == {"t", "u"} for p in found.pairs) == seen


@pytest.mark.slow
def test_one_number_of_another_where_nobody_else_claims_what_is_not_so():
    """It is the strongest kind: in a large class one is above the line; where many claim so, one is not."""
    class_ = [claiming(f"s{i:03}", 0.5 + i / 1000, 0.5 + i / 1000) for i in range(300)]
    one = [claiming("t", 0.9123, 0.731), claiming("u", 0.9123, 0.9123)]
    (found,) = [p for p in compare("Test", [*class_, *one]).pairs if p.is_above]
    assert (found.left, found.right) == ("t", "u")
    many = [claiming(f"s{i:03}", 1.5 + i / 1000, 0.5) for i in range(300)]
    assert not [p for p in compare("Test", [*many, *one]).pairs if p.is_above]


@pytest.mark.slow
def test_a_class_whose_claims_all_differ_costs_no_square():
    """A thousand with twenty claims each that do not hold: the numbers are looked up, not compared one by one."""
    claims = [tuple(Claim(f"n{k}", 1 + i / 1e5 + k, 0.5, False) for k in range(20)) for i in range(1000)]
    with no_hang():
        compare("Test", [Work(f"s{i:04}", claims=own) for i, own in enumerate(claims)])


def mistaken(id: str, *names: str, line: str = "") -> Work:
    lines = {line: ("", 0)} if line else {}
    return Work(id, mistakes=tuple(Mistake(name, "Q2.1", lines) for name in names))


def test_a_rare_mistake_and_more_so_in_the_same_line():
    many = [mistaken(f"s{i:02}", "usual") for i in range(40)]
    one = mistaken("t0", "usual", "odd", line="N = 0")
    apart = first([*many, one, mistaken("t1", "odd", line="N = N")], "mistakes")
    same = first([*many, one, mistaken("t1", "odd", line="N = 0")], "mistakes")
    assert apart is not None
    assert same is not None
    assert [e.text for e in apart.evidence if e.kind == "mistakes"] == ["Q2.1: odd"]
    assert any("in the same line" in e.text for e in same.evidence)
    assert same.amounts["mistakes"] >= apart.amounts["mistakes"]


def test_a_line_that_few_have_stands_beside_a_shared_mistake():
    line = "grads['W1'] = x.T.dot(h) * (z > 0) - reg\n"
    works = [work(f"s{i:02}", own(i)) for i in range(20)]
    works += [work(f"t{i}", own(100 + i), line, mistakes=(Mistake("odd", "Q2.1"),)) for i in range(2)]
    found = first(works, "mistakes")
    assert found is not None
    beside = [e for e in found.evidence if e.kind == "mistakes" and e.left is not None]
    assert any(e.left.lines == (line.rstrip(),) for e in beside)  # type: ignore[union-attr]
    assert all(e.have <= 4 and e.weight == 0 for e in beside)


def test_words_that_nobody_else_has():
    common = [
        work(f"s{i:02}", own(i), "# compute the loss of the network\nlearning = 1\n") for i in range(30)
    ]
    odd = "# compute the gradeint of the network\nmy_little_helper = 'Unknown activaton type'\n"
    found = first([*common, work("t0", own(100), odd), work("t1", own(101), odd)], "words")
    assert found is not None
    assert (found.left, found.right) == ("t0", "t1")
    said = {e.text for e in found.evidence if e.kind == "words"}
    assert {"word gradeint", "word activaton", "name my_little_helper", "text Unknown activaton type"} <= said
    assert not any("learning" in text for text in said)
