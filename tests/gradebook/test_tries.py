"""Which nonce a hand-in is graded under: the same files keep theirs, other files of the same student get another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.gradebook import tries

A1, B2, AX, A2 = ("a", "1"), ("b", "2"), ("a", "X"), ("a", "2")


@pytest.mark.parametrize(
    ("files", "before", "wanted"),
    [
        ("a", [], "1"),
        ("a", [A1], "1"),
        ("a", [A1, A1, A1], "1"),
        ("b", [A1], "2"),
        ("b", [A1, A1, A1], "2"),
        ("c", [A1, B2], "3"),
        ("a", [A1, B2], "1"),
        ("b", [A1, B2], "2"),
        ("a", [A1, AX], "X"),
        ("a", [AX, A1], "1"),
        ("b", [AX], "2"),
        ("b", [A2], "3"),  # try 1 was judged on what try 2 would have been: never the same twice
        ("c", [("a", "3"), ("b", "4")], "5"),
        ("b", [("a", "new-0123456789abcdef")], "2"),
    ],
)
def test_the_nonce_of_a_hand_in(files: str, before: list[tuple[str, str]], wanted: str):
    assert tries.nonce("ann", files, {"ann": before}) == wanted


def test_no_two_versions_of_a_hand_in_share_a_nonce():
    before: list[tuple[str, str]] = []
    for files in "abcadbe":
        before.append((files, tries.nonce("ann", files, {"ann": before})))
    assert len({nonce for _, nonce in before}) == len({files for files, _ in before}) == 5


@pytest.mark.parametrize(
    ("own", "others", "wanted"),
    [
        # A class that was graded under one that was asked for, and somebody who comes later.
        ([], [[("b", "X")], [("c", "X")]], "X"),
        ([], [[("b", "1")], [("c", "1")], [("d", "Y")]], "1"),
        ([("z", "X")], [[("b", "X")], [("c", "X")]], "2"),
        # As others at the same try, whatever theirs is called.
        ([("z", "1")], [[("b", "1"), ("c", "2")]], "2"),
        ([("z", "1")], [[("b", "X"), ("c", "2")], [("d", "X"), ("e", "Y")], [("f", "X"), ("g", "Y")]], "Y"),
        ([("z", "1"), ("y", "2")], [[("b", "1"), ("c", "2")]], "3"),
        # Never what one has met already, be it in another order than others.
        ([("z", "2")], [[("b", "1"), ("c", "2")]], "3"),
        ([("z", "Y")], [[("b", "X"), ("c", "Y")], [("d", "X"), ("e", "Y")]], "2"),
        ([("z", "1"), ("z", "2")], [[("b", "1"), ("c", "2")]], "3"),
        # Graded again under another one: the newest counts.
        ([], [[("b", "1"), ("b", "X")], [("c", "1"), ("c", "X")], [("d", "1")]], "X"),
    ],
)
def test_it_is_that_of_most_others_at_the_same_try(
    own: list[tuple[str, str]], others: list[list[tuple[str, str]]], wanted: str
):
    history = {"ann": own, **{f"other{n}": one for n, one in enumerate(others)}}
    assert tries.nonce("ann", "new files", history) == wanted
    for n in range(3):  # those of the same run that are done before it is stopped
        history[f"beside{n}"] = [*own, (f"new files {n}", wanted)]
        assert tries.nonce("ann", "new files", history) == wanted


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("fghij")), max_size=30), st.integers(0, 30))
def test_no_hand_in_meets_the_same_twice_and_equal_files_stay(runs: list[tuple[str, str]], asked: int):
    """Whatever comes in which order, one of them under a nonce that is asked for."""
    history: dict[str, list[tuple[str, str]]] = {}
    for n, (id, files) in enumerate(runs):
        known = dict(history.get(id, ()))
        chosen = "X" if n == asked else tries.nonce(id, files, history)
        if files in known and n != asked:
            assert chosen == known[files]
        elif n != asked:
            assert chosen not in {nonce for _, nonce in history.get(id, ())}
        history.setdefault(id, []).append((files, chosen))
