"""The pages in a real browser, by keys alone: what a person does, and how it looks."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.gradebook import Gradebook, MarkRecord
from grader.model import PrintedValue
from grader.review.places import handle
from tests.desks import Desk, Member
from tests.report.browser import Browser
from tests.report.test_axe import VIOLATIONS
from tests.review.conftest import HOSTILE, SLOW
from tests.review.keyboard import Person
from tests.review.serving import Client, Server, serving

pytestmark = pytest.mark.slow


@pytest.fixture
def class_of_30(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    formula = r"$$\nabla_{b^1} J = (W^{2T}(h^2-y)) \odot h^1(1-h^1)$$"
    texts = [SLOW, SLOW, SLOW, SLOW, HOSTILE, *(f"It is slow, for reason {n}." for n in range(25))]
    wrong = PrintedValue(
        "ReLU: test accuracy", "Q2.4", 7, "differs", 0.97, 0.93, note="The cell was changed."
    )
    code = {"mlp.py": "import numpy\n" * 40}
    desk.grade(
        *(Member(f"student-{n:02}", {"Q1.6": text, "Q1.5": formula}, sources=code, claims=(wrong,) * (n < 2))
          for n, text in enumerate(texts)),
        Member("broken-0", trouble="The archive is damaged.", notes=("a file was left out",)),
    )  # fmt: skip
    return desk


@pytest.fixture
def server(class_of_30: Desk) -> Iterator[Server]:
    with serving(class_of_30.out, "--second", "50%") as running:
        yield running


@pytest.fixture
def person(browser: Browser, server: Server) -> Person:
    found = Person(browser, server)
    found.begin()
    return found


def marks(desk: Desk) -> dict[str, MarkRecord]:
    with Gradebook(desk.out, create=False, read_only=True) as book:
        return {id: own["Q1.6"] for id, own in book.marks("ps3").items() if "Q1.6" in own}


def find(person: Person, words: str) -> None:
    """With `n` to an answer that says this."""
    for _ in range(30):
        if words in person.browser.ask("document.querySelector('.answer').textContent"):
            return
        person.leads_on("n")
    raise AssertionError(f"no answer says {words}")


def test_twenty_answers_by_keys_alone(class_of_30: Desk, person: Person):
    person.go("/")
    person.leads_on("n")
    assert person.path().startswith("/q/Q1.1/")
    person.go("/q/Q1.6")
    given = 0
    while len(marks(class_of_30)) < 20:
        person.key("1" if given % 2 else "0")
        if given == 3:
            person.key("c")
            person.type("Say 1 thing, please.")
            person.key("Enter")  # alone it saves nothing within the note
            assert person.browser.ask("document.activeElement.name") == "note"
            person.leads_on("Enter", control=True)
        else:
            person.leads_on("Enter")
        given += 1
        assert "Saved:" in person.text()
    found = marks(class_of_30).values()
    assert {str(record.mark.points) for record in found} == {"0", "2"}
    assert [record.mark.note for record in found if record.mark.note] == ["Say 1 thing, please."]
    assert given == 20


def test_a_key_that_is_pressed_twice_saves_once(class_of_30: Desk, person: Person):
    person.go("/q/Q1.6")
    person.key("1")
    person.key("Enter")
    person.key("Enter")
    person.wait("document.body.innerText.includes('Saved:')")
    assert len(marks(class_of_30)) == 1


def test_the_sum_is_the_one_that_the_server_makes(class_of_30: Desk, person: Person):
    person.go("/q/Q1.6")
    assert person.browser.ask("document.querySelector('.sum').hidden")
    for keys, sum in (("1", "2"), ("2", "2"), ("5", "3"), ("1", "2"), ("0", "0")):
        person.key(keys)
        assert person.browser.ask("document.querySelector('.sum output').value") == sum
    for key in "1234":
        person.key(key)
    person.browser.ask("document.querySelector('[name=adjust]').focus()")
    person.type("-0,5")
    assert "3.5 of 5 points" in person.text()
    person.leads_on("Enter", control=True)
    assert "Saved: 3.5 of 5 points." in person.text()


def test_a_group_an_undo_a_flag_and_a_skip(class_of_30: Desk, person: Person):
    person.go("/q/Q1.6")
    find(person, SLOW)
    here = person.path()
    person.key("1")
    person.key("g")
    person.leads_on("Enter")
    assert "for 4 answers" in person.text()
    assert len(marks(class_of_30)) == 4
    person.leads_on("u")
    assert person.path() == here
    assert marks(class_of_30) == {}
    person.leads_on("f")
    assert "Flagged by kim" in person.text()
    person.leads_on("s")
    assert person.path() != here
    person.leads_on("p")
    person.key("?")
    assert person.browser.ask("document.getElementById('keys').open")


def chosen(person: Person, key: str) -> None:
    """Under `?`, the key that is to be changed."""
    person.browser.ask(f"""document.querySelector('#keys dt kbd[data-for="{key}"]').parentElement.click()""")


def status(person: Person) -> str:
    return str(person.browser.ask("document.querySelector('#keys [role=status]').textContent"))


def test_keys_are_changed_conflicts_are_said_and_a_reset_brings_them_back(class_of_30: Desk, person: Person):
    person.go("/q/Q1.6")
    person.key("?")
    person.browser.ask("document.querySelector('#keys [name=change]').click()")
    chosen(person, "1")
    assert status(person) == "Press the new key for: item 1. Esc leaves it as it is."
    person.key("s")
    assert status(person) == "s is the key for: skip. Press another one, or change that first."
    person.key("q")
    assert status(person) == "q is the key for: item 1."
    chosen(person, "Enter")
    person.key(" ")
    chosen(person, "s")
    person.key("1")  # which is free by now
    person.key("q")
    person.leads_on(" ")
    assert "Saved: 2 of 5 points." in person.text()
    assert person.browser.ask("document.querySelector('.items kbd').textContent") == "q"
    here = person.path()
    person.leads_on("1")
    assert person.path() != here and len(marks(class_of_30)) == 1
    with serving(class_of_30.out) as another:  # at another port, where the browser has another storage
        later = Person(person.browser, another)
        later.begin()
        later.go("/q/Q1.6")
        later.key("q")
        later.leads_on(" ")
        assert len(marks(class_of_30)) == 2
        later.browser.ask("document.querySelector('#keys [name=change]').click()")
        later.browser.ask("document.querySelector('#keys [name=reset]').click()")
        assert status(later) == "All keys are as they were."
        later.key("1")
        later.leads_on("Enter")
        assert len(marks(class_of_30)) == 3


def test_a_cookie_of_another_page_changes_no_key(class_of_30: Desk, person: Person):
    others = ["%", "{}", "[1]", '{"g": 1, "s": "<script>", "Escape": "x", "u": "\\u0000ab"}']
    for saved, kept in enumerate(others, 1):
        person.browser.ask(
            f"document.cookie = 'grade-review-keys=' + encodeURIComponent({kept!r}) + '; path=/'"
        )
        person.go("/q/Q1.6")
        assert person.browser.ask("document.querySelector('.items kbd').textContent") == "1", kept
        person.key("1")
        person.leads_on("Enter")
        assert "Saved:" in person.text(), kept
        assert len(marks(class_of_30)) == saved


def test_a_hand_in_is_found_by_keys_alone(class_of_30: Desk, person: Person):
    person.go("/q/Q1.6")
    person.leads_on("/")
    person.key("/")
    person.type("student-07")
    person.leads_on("Enter")
    assert person.path() == "/find"
    assert "1 found." in person.text()


def test_an_item_that_is_edited_marks_anew(class_of_30: Desk, person: Person):
    person.go("/q/Q1.6")
    person.key("1")
    person.leads_on("Enter")
    person.go("/items/Q1.6")
    person.browser.ask("document.querySelector('[name=points]').value = '1'")
    person.browser.ask("window.old = true; document.querySelector('.item-form').requestSubmit()")
    person.loaded()
    assert "1 mark was given anew" in person.text()
    assert [str(record.mark.points) for record in marks(class_of_30).values()] == ["1"]


def test_two_tabs_in_conflict(class_of_30: Desk, person: Person, server: Server):
    person.go("/q/Q1.6")
    other = Client(server)
    other.begin()
    assert other.save(person.path(), "5", note="Of the other one").status == 303
    person.key("1")
    person.leads_on("Enter")
    assert "has marked this since" in person.text() and "Of the other one" in person.text()
    assert [record.mark.note for record in marks(class_of_30).values()] == ["Of the other one"]
    person.leads_on("Enter")
    assert "Saved:" in person.text()
    with Gradebook(class_of_30.out, create=False, read_only=True) as book:
        assert len(book.all_marks()) == 2


def test_a_regrade_and_the_end_of_the_server_are_said_on_the_open_page(
    class_of_30: Desk, person: Person, server: Server
):
    person.go("/q/Q1.6")
    person.go(f"{person.path()}?who=1")
    id = person.browser.ask("document.querySelector('.masthead b').textContent")
    assert person.browser.ask("document.querySelector('#since').textContent") == ""
    class_of_30.grade(Member(id, {"Q1.6": "It is another answer now."}))
    person.wait("document.querySelector('#since').textContent.includes('graded again')")
    server.kill()
    person.wait("document.querySelector('#since').textContent.includes('does not answer')")


def test_without_script(class_of_30: Desk, person: Person):
    person.script = False
    person.go("/q/Q1.6")
    person.browser.ask("document.querySelector('[name=item]').checked = true")
    person.browser.ask("window.old = true; document.querySelector('button[value=save]').click()")
    person.loaded()
    assert "Saved:" in person.text()
    assert len(marks(class_of_30)) == 1


def test_no_script_of_a_student_runs(person: Person):
    person.browser.ask("window.alert = () => { document.title = 'attacked' }")
    person.go("/q/Q1.6")
    find(person, "alert(1)")
    assert (
        person.browser.ask("document.querySelectorAll('.answer img, .answer script, .answer a').length") == 0
    )
    refused = (
        "new Promise(done => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
    )
    refused += " document.body.append(s); setTimeout(() => done(window.ran || 0), 50); })"
    assert person.browser.ask(refused) == 0


PAGES = {
    "start": "/",
    "answer": "/q/Q1.6",
    "formula": "/q/Q1.5",
    "items": "/items/Q1.6",
    "trouble": "/q/none",
    "found": "/find?who=student",
    "group": f"/q/Q1.6/{handle('ps3', 'Q1.6', 'student-00')}/group/same",
    "claims": f"/q/Q1.6/{handle('ps3', 'Q1.6', 'student-00')}/all",
    "failed": f"/failed/{handle('ps3', '', 'broken-0')}",
}


def shown(person: Person, name: str, width: int, scheme: str) -> None:
    """A picture of the page, where SHOTS names a folder for them."""
    if folder := os.environ.get("SHOTS"):
        height = person.browser.ask("document.documentElement.scrollHeight") if width < 600 else 844
        picture = person.browser.call(
            "Page.captureScreenshot", captureBeyondViewport=True,
            clip={"x": 0, "y": 0, "width": width, "height": max(height, 844), "scale": 1},
        )  # fmt: skip
        path = Path(folder) / f"review-{name}-{width}-{scheme}.png"
        path.write_bytes(base64.b64decode(picture["data"]))


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_every_page_fits_and_can_be_read(
    class_of_30: Desk,
    person: Person,
    axe: str,
    width: int,
    scheme: str,
):
    first = Client(person.server)
    first.begin()
    path = first.first("Q1.6")
    person.browser.prefer(scheme)
    person.go(path, width)
    person.key("?")
    person.browser.ask("document.querySelector('#keys [name=change]').click()")
    chosen(person, "g")
    check(person, axe, "keys", width, scheme)
    first.post(path, {"do": "flag", "note": "Is this right?"})
    person.browser.prefer(scheme)
    pages = {**PAGES, "whole": f"{first.first('Q1.6')}/all", "code": f"{first.first('Q1.5')}?code=1&who=1"}
    for name, at in pages.items():
        person.go(at, width)
        check(person, axe, name, width, scheme)
    person.go(path, width)
    first.save(path, "1", "5", note="Of the other one")
    person.key("1")
    person.key("2")
    person.leads_on("Enter")
    check(person, axe, "crossing", width, scheme)
    person.go("/", width)
    person.browser.ask("document.querySelector('[name=name]').value = 'lee'")
    person.browser.ask("window.old = true; document.querySelector('[name=name]').form.requestSubmit()")
    person.loaded()
    check(person, axe, "start-second", width, scheme)
    person.go("/second/Q1.6", width)
    check(person, axe, "second", width, scheme)
    person.key("2")
    person.leads_on("Enter")
    assert "as a second opinion" in person.text()
    person.go("/agreement", width)
    check(person, axe, "agreement", width, scheme)
    person.go(path, width)
    assert "Two persons differ" in person.text()
    check(person, axe, "two", width, scheme)


def check(person: Person, axe: str, name: str, width: int, scheme: str) -> None:
    shown(person, name, width, scheme)
    root = "document.documentElement"
    assert person.browser.ask(f"{root}.scrollWidth <= {root}.clientWidth"), name
    # The page forbids scripts of others; what the debugger evaluates is none of its own.
    person.browser.ask(f"{axe}; 0")
    assert person.browser.ask(VIOLATIONS) == [], (name, width, scheme)
