"""Which nonce a hand-in is graded under: the same files keep theirs, other files of the same student get another."""

from __future__ import annotations

import pytest

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
    assert tries.nonce(files, before) == wanted


def test_no_two_versions_of_a_hand_in_share_a_nonce():
    before: list[tuple[str, str]] = []
    for files in "abcadbe":
        before.append((files, tries.nonce(files, before)))
    assert len({nonce for _, nonce in before}) == len({files for files, _ in before}) == 5
