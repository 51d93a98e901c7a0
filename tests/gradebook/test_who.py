"""Which hand-in somebody means."""

from __future__ import annotations

import pytest

from grader.errors import UsageError
from grader.gradebook.who import meant
from grader.model import Person

PERSONS = {
    "doejane_101": (Person("Jane Doe", "jane@x.org", "00123", "jdoe", "101"),),
    "roe_102": (Person("Roe, River", "roe@x.org", "124", "rroe", "102"), Person("Zoë Çelik", number="125")),
    "student-1": (Person(),),
    "student-10": (Person(),),
    "124": (Person("Anton"),),
}


@pytest.mark.parametrize(
    ("word", "id"),
    [
        ("doejane_101", "doejane_101"), ("DOEJANE_101", "doejane_101"),
        ("doej", "doejane_101"), ("jdoe", "doejane_101"),
        ("00123", "doejane_101"), ("101", "doejane_101"), ("Doe, Jane", "doejane_101"), ("jane  DOE", "doejane_101"),
        ("jane@x.org", "doejane_101"), ("River Roe", "roe_102"), ("zoe celik", "roe_102"), ("Celik", "roe_102"),
        ("student-1", "student-1"), ("student-10", "student-10"), ("124", "124"), ("anton", "124"),
    ],
)  # fmt: skip
def test_it_is_found(word: str, id: str):
    assert meant(word, PERSONS) == id


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("student", "2 hand-ins: student-1, student-10"),
        ("doejnae_101", "did you mean doejane_101 (Jane Doe)"),
        ("", "there is no hand-in ''"),
        ("77", "there is no hand-in '77'"),
        ("xyzzy", "there is no hand-in 'xyzzy'"),
    ],
)
def test_what_is_not_certain_is_refused(word: str, words: str):
    with pytest.raises(UsageError) as error:
        meant(word, PERSONS)
    assert words in str(error.value)
