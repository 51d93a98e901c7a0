"""What stands on the first page beside answers, and what is said of an answer that changes while it is open."""

from __future__ import annotations

import html
import re
import time
from pathlib import Path

import pytest

from grader.model import Person, PrintedValue
from tests.desks import Desk, Member
from tests.hangs import LATE
from tests.review.serving import Client, serving

WRONG = PrintedValue("ReLU: test accuracy", "Q2.4", 7, "differs", 0.97, 0.93, note="The cell was changed.")
RAISED = PrintedValue("Sigmoid: <b>loss</b>", "Q2.3", 6, "raised", 1.25, note="Executed again, it raises.")
RIGHT = PrintedValue("Sigmoid: test accuracy", "Q2.3", 6, "agrees", 0.86, 0.86)
TROUBLE = "The archive is damaged: <b>open</b> it yourself."


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.grade(
        Member(
            "student-0", {"Q1.6": "It is slow."}, claims=(WRONG, RIGHT, RAISED), persons=(Person("Name 0"),)
        ),
        Member("student-1", {"Q1.6": "It is slow."}, claims=(RIGHT,)),
        Member("student-2", trouble=TROUBLE, notes=("a file was left out",), persons=(Person("Name 2"),)),
    )
    return desk


@pytest.fixture
def kim(kim: Client) -> Client:
    """As for all pages, once the claims are looked at."""
    deadline = time.monotonic() + LATE
    while "are looked at" in kim.get("/").text:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return kim


@pytest.mark.slow
def test_claims_that_do_not_hold_lead_to_the_page_of_their_hand_in(kim: Client):
    start = kim.get("/").text
    assert "1 hand-in</summary>" in start and "And 1 more." in start
    ((link, text),) = re.findall(r'<a href="([^"]+)">Hand-in 1</a>: ([^<]*)', start)
    assert html.unescape(text).startswith(
        "ReLU: test accuracy: the file says 0.97, executed again it is 0.93."
    )
    page = kim.get(link).text
    assert "Claims that do not hold" in page and "Sigmoid: &lt;b&gt;loss&lt;/b&gt;" in page
    assert "student-" not in page and "Name 0 (student-0)" in kim.get(f"{link}?who=1").text


@pytest.mark.slow
def test_what_could_not_be_graded_has_a_page_that_says_why(desk: Desk, kim: Client):
    ((link, id),) = re.findall(r'<a href="(/failed/\w+)">([^<]*)</a>', kim.get("/").text)
    assert id == "student-2"
    page = html.unescape(kim.get(link).text)
    assert TROUBLE in page and "Name 2" in page and "a file was left out" in page
    assert "<b>open</b>" not in kim.get(link).text
    assert kim.get("/failed/0000").status == 404


@pytest.mark.slow
def test_without_either_nothing_is_said(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.grade(Member("student-0", {"Q1.6": "It is slow."}))
    with serving(desk.out) as server:
        kim = Client(server)
        assert "do not hold" not in kim.begin().text and "Could not be graded" not in kim.get("/").text


def since(kim: Client, page: str) -> str:
    found = re.search(r'data-at="([^"]+)"', page)
    assert found
    return kim.get(html.unescape(found[1])).text


@pytest.mark.slow
def test_a_page_is_told_of_a_mark_and_of_a_regrade_while_it_is_open(desk: Desk, kim: Client):
    path = kim.first("Q1.6")
    page = kim.get(path).text
    assert since(kim, page) == ""

    (id, *_) = re.findall(r"student-\d", kim.get(f"{path}?who=1").text)
    assert desk("mark", id, "Q1.6", "1").code == 0
    assert "has marked this answer since" in since(kim, page)
    desk.grade(Member(id, {"Q1.6": "It is slow."}, code="2"))
    assert "graded again" in since(kim, page)
    assert since(kim, kim.get(path).text) == ""
    assert kim.get(f"{path}/since?graded=x").status == 200
    assert kim.get("/q/Q1.6/none/since").status == 404
