"""Two that share what nobody else has are found, and what says nothing is not."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model import Person
from grader.similar import Given, Looked, Similar, Work, compare
from tests.similar.sources import SHARED, class_of, of_all, own, work


def ranked(works: list[Work], *more: object) -> Similar:
    return compare("Test", works, *more)  # type: ignore[arg-type]


def without_content(found: Similar) -> Similar:
    """All but the hash of what the two of a pair hold."""
    pairs = tuple(msgspec.structs.replace(one, content="") for one in found.pairs)
    return msgspec.structs.replace(found, pairs=pairs)


def two(*code: str) -> list[Work]:
    """A class of fourteen, two of whom share something, each beside a function of their own."""
    return [*class_of(12), *(work(f"t{i}", own(100 + i), one) for i, one in enumerate(code))]


def pair(found: Similar, left: str = "t0", right: str = "t1") -> object:
    return next((p for p in found.pairs if (p.left, p.right) == (left, right)), None)


def test_two_that_share_a_function_come_first():
    found = ranked(two(SHARED, SHARED))
    assert (found.pairs[0].left, found.pairs[0].right) == ("t0", "t1")
    assert found.pairs[0].is_above
    evidence = [one for one in found.pairs[0].evidence if one.kind == "code"]
    assert evidence[0].have == 2
    assert "def shared" in "".join(evidence[0].left.lines)  # type: ignore[union-attr]
    assert "least" in evidence[0].right.lines[-1]  # type: ignore[union-attr]


def test_those_who_share_nothing_are_not_above_the_line():
    assert not any(p.is_above for p in ranked(class_of(40)).pairs)


@pytest.mark.slow
@settings(max_examples=3, deadline=None)
@given(st.lists(st.from_regex(r"[a-z]{3,9}_", fullmatch=True), min_size=5, max_size=5, unique=True))
def test_renaming_changes_nothing_of_what_code_says(names: list[str]):
    renamed = SHARED
    for old, new in zip(("values", "rate", "total", "index", "shared"), names, strict=True):
        renamed = renamed.replace(old, new)
    as_it_is, otherwise = pair(ranked(two(SHARED, SHARED))), pair(ranked(two(SHARED, renamed)))
    assert as_it_is.amounts["code"] == otherwise.amounts["code"]  # type: ignore[attr-defined]


@pytest.mark.slow
@settings(max_examples=5, deadline=None)
@given(st.permutations(range(4)))
def test_functions_may_stand_anywhere(order: list[int]):
    functions = [own(200 + i, 25) for i in range(4)]
    moved = [functions[i] for i in order]
    found = ranked([*class_of(12), work("t0", *functions), work("t1", *moved)])
    shared = [one for one in pair(found).evidence if one.kind == "code"]  # type: ignore[attr-defined]
    lines = {line for one in shared for line in one.left.lines}
    assert len(lines & set("\n".join(functions).split("\n"))) > 0.9 * len(
        set("\n".join(functions).split("\n"))
    )


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 1000))
def test_it_is_the_same_from_both_sides(seed: int):
    works = two(SHARED + own(5000 + seed), own(5000 + seed) + SHARED)
    names = {"t0": "t1", "t1": "t0"}
    swapped = [msgspec.structs.replace(one, id=names.get(one.id, one.id)) for one in works]
    one, other = pair(ranked(works)), pair(ranked(swapped))
    assert (one.surprise, one.amounts) == (other.surprise, other.amounts)  # type: ignore[attr-defined]


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 12))
def test_what_everybody_has_never_counts(seed: int, count: int):
    alone = class_of(count)
    code = [{**one.code, "common.py": of_all(seed, 60)} for one in alone]
    together = [msgspec.structs.replace(one, code=files) for one, files in zip(alone, code, strict=True)]
    assert without_content(ranked(together)) == without_content(ranked(alone))


def test_what_was_handed_out_is_nobodys_own():
    found = ranked(two(SHARED, SHARED), Given((SHARED,)))
    assert pair(found) is None or "code" not in pair(found).amounts  # type: ignore[attr-defined]


def test_equal_hand_ins_give_equal_bytes_in_any_order():
    works = two(SHARED, SHARED)
    mixed = works[:]
    random.Random(3).shuffle(mixed)
    assert msgspec.json.encode(ranked(works)) == msgspec.json.encode(ranked(mixed))


def test_what_is_no_hand_in_of_the_class_is_told_apart():
    old = [work(f"2024/{i}", SHARED, source="2024") for i in range(2)]
    found = ranked([*class_of(30), work("t0", own(100), SHARED), *old])
    assert {(p.left, p.right, p.source) for p in found.outside} == {
        ("t0", "2024/0", "2024"), ("t0", "2024/1", "2024")
    }  # fmt: skip
    assert not any("2024" in p.left + p.right for p in found.pairs)
    assert "2024/0" not in found.members


@pytest.mark.slow
def test_more_than_two_are_a_cluster():
    found = ranked([*class_of(57), *(work(f"t{i}", own(100 + i), SHARED) for i in range(3))])
    assert found.clusters == (("t0", "t1", "t2"),)


def test_written_answers():
    chain = (
        r"$\nabla_W J = \frac{1}{N} \sum_n (p_n - y_n) h_n^T + \lambda W$ so, with $h = \sigma(z)$, $\delta$"
    )
    said = [" ".join(random.Random(i).choices("abcdefg+=()", k=60)) for i in range(30)]
    works = [Work(f"s{i:02}", answers={"Q1.1": text}) for i, text in enumerate(said)]
    found = ranked([*works, *(Work(f"t{i}", answers={"Q1.1": f"So {i}: {chain}"}) for i in range(2))])
    assert (found.pairs[0].left, found.pairs[0].right) == ("t0", "t1")
    assert found.pairs[0].evidence[0].kind == "answers"


def test_answers_that_were_handed_out_or_that_many_write_say_nothing():
    text = "Compute the gradient of the loss with respect to $W_2$ by the chain rule and give its shape " * 2
    said = [" ".join(random.Random(i).choices("abcdefg+=()", k=60)) for i in range(30)]
    two = [Work(f"t{i}", answers={"Q1.1": f"{text} So {said[i]}"}) for i in range(2)]
    works = [*(Work(f"s{i:02}", answers={"Q1.1": one}) for i, one in enumerate(said)), *two]
    assert pair(ranked(works)) is not None
    assert pair(ranked(works, Given(prose=(text,)))) is None
    many = [Work(f"u{i}", answers={"Q1.1": f"{text} So {one}"}) for i, one in enumerate(said[:10])]
    assert pair(ranked([*works, *many])) is None


GROUP = (Person("Ana", number="7"), Person("Ben", login="ben"))


@pytest.mark.parametrize(
    ("others", "seen"),
    [
        ((), True),
        ((Person("Cem", number="8"),), True),
        ((Person("Ana"),), True),  # many are called so
        ((Person("Ana", number="8"),), True),
        ((Person("Bo", number="7", login="bo"), Person("Ben Otto", login="BEN")), False),
        ((Person("Ana", number="7"),), False),
        ((Person("Ana", number="7", email="ana@b.c"),), False),
    ],
)
def test_two_hand_ins_of_one_person_are_no_pair(others: tuple[Person, ...], seen: bool):
    works = [
        msgspec.structs.replace(one, persons=p)
        for one, p in zip(two(SHARED, SHARED)[-2:], (GROUP, others), strict=True)
    ]
    assert (pair(ranked([*class_of(12), *works])) is not None) == seen


@pytest.mark.parametrize(("beside", "seen"), [(0, False), (3, False), (4, True)])
def test_a_number_that_many_have_is_nobodys(beside: int, seen: bool):
    zero = (Person("Ana", number="0"),)
    works = [msgspec.structs.replace(one, persons=zero) for one in two(SHARED, SHARED)[-2:]]
    others = [
        msgspec.structs.replace(one, persons=zero if i < beside else ()) for i, one in enumerate(class_of(12))
    ]
    assert (pair(ranked([*others, *works])) is not None) == seen


def test_a_note_is_shown_and_changes_nothing():
    note = Looked("jo", "2026-03-02T09:00:00+00:00", "same tutor")
    found = ranked(two(SHARED, SHARED), Given(), {("t0", "t1"): note})
    assert found.pairs[0].looked == note
    assert found.pairs[0].surprise == ranked(two(SHARED, SHARED)).pairs[0].surprise


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_smallest_classes(count: int):
    found = ranked([work(f"s{i}", SHARED) for i in range(count)])
    assert len(found.members) == count
    assert not found.clusters


@pytest.mark.slow
def test_hostile_pairs_are_compared_in_time_and_shown_in_part():
    rng = random.Random(1)
    monsters = [
        "".join(f"a{rng.choice('+-*/')}b{rng.choice('<>')}" for _ in range(4_000)),
        "x = 1\n" * 2_000 + "y = x" * 2_000,
        "'" + "long " * 5_000,
        "n" * 20_000 + " = 1\n" + "y = " + "(1 + " * 3_000,
    ]
    works = [*class_of(12), *(work(f"m{n}{i}", text) for n, text in enumerate(monsters) for i in range(2))]
    found = ranked(works)
    assert (found.pairs[0].left, found.pairs[0].right, found.pairs[0].is_above) == ("m00", "m01", True)
    assert len(msgspec.json.encode(found)) < 300_000


@pytest.mark.slow
def test_hostile_hand_ins_cost_only_themselves():
    monsters = ["(" * 5_000, "x=1\n" * 3_000, "\ufffd\0" * 3_000, "'" * 50_000, "a b " * 3_000, ""]
    found = ranked([*two(SHARED, SHARED), *(work(f"m{i}", text) for i, text in enumerate(monsters))])
    assert pair(found).is_above  # type: ignore[attr-defined]
