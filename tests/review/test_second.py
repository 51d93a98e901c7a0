"""A second opinion: given unseen by another person, kept beside the mark, compared, and settled by a mark."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.gradebook import Gradebook, MarkRecord, items, opinions
from grader.model import ZERO
from grader.review import of_share
from grader.written.answered import key
from tests.desks import NOW, Desk, Member
from tests.hangs import LATE
from tests.review.serving import Client, Server, serving
from tests.review.test_pages import marks

NOTE = "Only the first person wrote this."


@pytest.fixture
def marked(tmp_path: Path) -> Desk:
    """Twenty answers, of which kim has decided ten."""
    desk = Desk(tmp_path)
    texts = {f"student-{n:02}": f"It is slow, for reason {n}." for n in range(20)}
    desk.grade(*(Member(id, {"Q1.6": text}) for id, text in texts.items()))
    question = next(one for one in desk.assignment()[0].questions if one.id == "Q1.6")
    chosen = items.chosen(items.counting(question, {}), ["1"])
    mark = items.made(question, chosen, ZERO, "kim", NOW, NOTE)
    with Gradebook(desk.out) as book:
        book.add_marks(
            MarkRecord("ps3", id, "Q1.6", mark, key(texts[id]), question.points) for id in list(texts)[:10]
        )
    return desk


@pytest.fixture
def server(marked: Desk) -> Iterator[Server]:
    with serving(marked.out, "--second", "20%") as running:
        yield running


def named(server: Server, name: str) -> Client:
    client = Client(server)
    client.begin()
    client.post("/me", {"name": name})
    return client


def second(client: Client) -> str:
    """The path of the first answer that waits for somebody's second opinion; empty where none does."""
    found = client.get("/second/Q1.6").location
    return found if found.startswith("/second/") else ""


def row(page: str) -> str:
    return " ".join(
        re.sub(r"<[^>]+>", " ", page.partition("Second opinions")[2].partition("</table>")[0]).split()
    )


@pytest.mark.slow
def test_a_share_of_what_one_person_decided_is_given_to_another(marked: Desk, server: Server):
    lee = named(server, "lee")
    assert row(lee.get("/").text).endswith("2 0 2 0")
    before = marks(marked)
    for left in (1, 0):
        path = second(lee)
        done = lee.save(path, "1")
        assert done.status == 303
        assert "as a second opinion" in lee.get(done.location).text
        assert row(lee.get("/").text).endswith(f"2 {2 - left} {left} 0")
    assert second(lee) == ""
    assert marks(marked) == before
    with Gradebook(marked.out, create=False, read_only=True) as book:
        found = opinions.newest(book, "ps3")
        assert len(found) == 2
        assert {(one.second.mark.by, len(one.second.mark.items)) for one in found.values()} == {("lee", 1)}


@pytest.mark.slow
def test_the_same_answers_are_drawn_each_time(marked: Desk):
    found = []
    for _ in range(2):
        with serving(marked.out, "--second", "20%") as server:
            lee = named(server, "lee")
            first = second(lee)
            lee.post(first, {"do": "skip"})
            found.append({first, second(lee)})
    assert found[0] == found[1] and len(found[0]) == 2


@pytest.mark.slow
def test_it_is_given_unseen(marked: Desk, server: Server):
    lee = named(server, "lee")
    path = second(lee)
    page = lee.get(path).text
    for hidden in (NOTE, "Marked by", "kim", " checked", "suggests", "seems there", "Take the mark back"):
        assert hidden not in page.partition("<main")[2], hidden
    assert lee.get(path.replace("/second/", "/q/")).location == path
    whole = lee.get(f"{path.replace('/second/', '/q/')}/all").text
    assert "waits for your second opinion" in whole
    kim = named(server, "kim")
    kim.post(path.replace("/second/", "/q/"), {"do": "flag", "note": "A hard one"})
    assert "A hard one" in kim.get("/").text and "A hard one" not in lee.get("/").text
    lee.save(path, "5", note="Mine")
    both = lee.get(path.replace("/second/", "/q/")).text
    assert NOTE in both and "Mine" in both


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kim", "KIM"])
def test_nobody_seconds_herself(server: Server, name: str):
    kim = named(server, name)
    assert row(kim.get("/").text).endswith("2 0 0 0")
    assert second(kim) == ""
    path = second(named(server, "lee"))
    assert kim.get(path).location == path.replace("/second/", "/q/")
    fields = {**kim.form(path.replace("/second/", "/q/")), "do": "save", "none": "1"}
    assert "waits for no second opinion of yours" in kim.post(path, fields).text


@pytest.mark.slow
def test_where_two_differ_both_are_shown_and_a_mark_settles_it(marked: Desk, server: Server):
    lee, path = named(server, "lee"), ""
    path = second(lee)
    lee.save(path, "5", note="Not computed again.")
    lee.save(second(lee), "1")
    page = lee.get("/agreement").text
    assert "1 of 2 decided alike" in page and "to be settled by a mark" in page
    assert NOTE in page and "Not computed again." in page
    assert "too few" in page
    here = path.replace("/second/", "/q/")
    assert "Two persons differ" in lee.get(here).text
    assert "settle" in lee.get(here).text
    mia = named(server, "mia")
    assert mia.save(here, "1", "5").status == 303
    assert "Two persons differ" not in mia.get(here).text
    assert "settled" in mia.get("/agreement").text and "1 of 2 decided alike" in mia.get("/agreement").text
    assert row(mia.get("/").text).endswith("2 2 0 0")
    assert sorted(record.mark.by for record in marks(marked).values())[-1] == "mia"


@pytest.mark.slow
def test_one_can_be_taken_back(marked: Desk, server: Server):
    lee = named(server, "lee")
    path = second(lee)
    lee.save(path, "1")
    back = lee.post("/undo", {})
    assert back.location == path
    assert "your last second opinion" in lee.get(path).text
    assert row(lee.get("/").text).endswith("2 0 2 0")
    lee.save(path, "1")
    named(server, "mia").save(path.replace("/second/", "/q/"), "1")
    assert "was marked since" in lee.get(lee.post("/undo", {}).location).text


@pytest.mark.slow
def test_an_answer_that_was_handed_in_anew_has_no_second_opinion(marked: Desk, server: Server):
    lee = named(server, "lee")
    lee.save(second(lee), "1")
    with Gradebook(marked.out, create=False, read_only=True) as book:
        ((id, _),) = opinions.newest(book, "ps3")
    marked.grade(Member(id, {"Q1.6": "Another answer."}))
    deadline = time.monotonic() + LATE
    while "1 of 1 decided alike" in lee.get("/agreement").text:  # until the class is read again
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
def test_nothing_chosen_is_no_opinion(server: Server):
    lee = named(server, "lee")
    refused = lee.save(second(lee))
    assert refused.status == 400
    assert "press the key of an item" in refused.text and "kim" not in refused.text.partition("<main")[2]


@pytest.mark.slow
def test_opinions_are_compared_without_the_option_too(marked: Desk, server: Server):
    lee = named(server, "lee")
    lee.save(second(lee), "5")
    server.stop()
    with serving(marked.out) as later:
        kim = Client(later)
        kim.begin()
        assert row(kim.get("/").text).endswith("1 1 1")
        assert "0 of 1 decided alike" in kim.get("/agreement").text


@pytest.mark.parametrize(("text", "share"), [("10%", "0.1"), ("12,5 %", "0.125"), ("100", "1")])
def test_a_share(text: str, share: str):
    assert str(of_share(text).normalize()) == share


@pytest.mark.parametrize("text", ["", "0", "101%", "-1", "nan", "a tenth"])
def test_what_is_no_share_is_said(text: str):
    with pytest.raises(UsageError, match="wanted a share"):
        of_share(text)
