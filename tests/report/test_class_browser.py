"""The class report in a real browser: sorted and filtered by keys, on a phone, and without its script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.report import wording
from grader.report.class_figures import Summary
from grader.report.class_page import render
from grader.report.classroom import summarise
from tests.report import class_samples as classes
from tests.report.browser import Browser

pytestmark = pytest.mark.slow

WIDE = """[document.documentElement.clientWidth, document.documentElement.scrollWidth,
  [...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll > *") &&
    e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).length]"""
NAMES = """[...document.querySelectorAll("#book tbody tr")].filter(r => !r.hidden)
  .map(r => r.cells[0].firstChild.textContent)"""
POINTS = """[...document.querySelectorAll("#book tbody tr")].filter(r => !r.hidden)
  .map(r => r.cells[1].textContent)"""
SORTED = """[...document.querySelectorAll("#book thead th")].filter(h => h.hasAttribute("aria-sort"))
  .map(h => [h.dataset.name, h.getAttribute("aria-sort")])"""


@pytest.fixture(scope="module")
def thousand() -> Summary:
    return summarise(classes.mixed_head(), classes.students(1000))


@pytest.fixture(scope="module")
def page(thousand: Summary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(render(thousand, classes.MISTAKES), "utf-8")
    return path


def totals(browser: Browser) -> list[float]:
    """The totals that are shown, from above."""
    return [float(text.split()[0]) for text in browser.ask(POINTS) if text[0].isdigit()]


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width)
    client, scroll, wide = browser.ask(WIDE)
    assert (client, wide) == (scroll, 0)
    assert width - 20 <= client <= width


def test_hostile_names_do_not_stick_out(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    path.write_text(render(summarise(*classes.hostile()), {}), "utf-8")
    browser.open(path, 390)
    client, scroll, wide = browser.ask(WIDE)
    assert (client, wide) == (scroll, 0)
    assert browser.ask("document.scripts.length") == 1
    assert browser.ask("document.querySelectorAll('#book button').length") > 3


def test_the_measurement_sees_overflow(browser: Browser, page: Path, tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    wide = page.read_text("utf-8").replace("<main>", '<main><p style="width:500px">wide</p>')
    path.write_text(wide, "utf-8")
    browser.open(path, 390)
    assert browser.ask(WIDE)[2] > 0


def test_sorted_by_keyboard(browser: Browser, page: Path, thousand: Summary) -> None:
    browser.open(page)
    assert browser.ask(NAMES) == [row.name for row in thousand.rows]
    assert browser.ask(SORTED) == [["name", "ascending"]]
    browser.ask("document.querySelector('#book thead button').focus()")
    browser.press("Tab", 9)
    assert browser.ask("document.activeElement.parentElement.dataset.name") == "points"
    assert browser.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press("Enter", 13, "\r")
    assert browser.ask(SORTED) == [["points", "ascending"]]
    assert totals(browser) == sorted(totals(browser))
    assert len(totals(browser)) == 1000
    assert browser.ask(POINTS)[-1] == "not graded"
    browser.press(" ", 32, " ")
    assert browser.ask(SORTED) == [["points", "descending"]]
    assert totals(browser) == sorted(totals(browser), reverse=True)
    assert browser.ask(POINTS)[-1] == "not graded"
    assert "1002 hand-ins shown, sorted by points, highest first" in browser.ask("shown.textContent")


def test_filtered_by_typing(browser: Browser, page: Path, thousand: Summary) -> None:
    browser.open(page)
    browser.ask("document.getElementById('by-text').focus()")
    browser.call("Input.insertText", text="LUCIA d")
    wanted = [row.name for row in thousand.rows if row.name.startswith("Lucía D")]
    assert wanted
    assert browser.ask(NAMES) == wanted
    assert browser.ask("shown.textContent").startswith(f"{len(wanted)} of 1002 hand-ins shown")


def choose(browser: Browser, **values: str) -> list[str]:
    """Fill the fields, and read which rows are left."""
    for field, value in values.items():
        browser.ask(
            f"(e => {{ e.value = {json.dumps(value)}; e.dispatchEvent(new Event('change')); }})"
            f"(document.getElementById('by-{field}'))"
        )
    names: list[str] = browser.ask(NAMES)
    return names


def test_filtered_by_what_happened(browser: Browser, page: Path, thousand: Summary) -> None:
    browser.open(page)
    rows, questions = thousand.rows, [figures.question.id for figures in thousand.questions]
    assert choose(browser, state="waits") == [row.name for row in rows if row.waits]
    assert choose(browser, state="failed") == [row.name for row in rows if row.faulty]
    assert choose(browser, state="late") == [row.name for row in rows if row.minutes_late]
    index = questions.index("Q2.4")
    lost = [row.name for row in rows if row.cells and (cell := row.cells[index]) and cell.lost]
    assert 0 < len(lost) < 1000
    assert choose(browser, state="lost", question=str(index)) == lost
    number = [m.name for m in thousand.mistakes].index("decay-missing")
    named = [row.name for row in rows if "decay-missing" in row.mistakes]
    assert choose(browser, state="", question="", mistake=str(number)) == named
    browser.ask("document.getElementById('reset').click()")
    assert len(browser.ask(NAMES)) == 1002


def test_a_count_leads_to_its_rows(browser: Browser, page: Path, thousand: Summary) -> None:
    browser.open(page)
    browser.ask("document.querySelector('[data-mistake] button').focus()")
    browser.press("Enter", 13, "\r")
    first = thousand.mistakes[0]
    assert len(browser.ask(NAMES)) == first.count
    assert browser.ask("document.activeElement.id") == "book"
    assert browser.ask("document.getElementById('hand-ins').getBoundingClientRect().top") < 844


def test_without_a_script(browser: Browser, page: Path, thousand: Summary) -> None:
    browser.open(page, script=False)
    assert browser.ask("document.querySelectorAll('button').length") == 1
    assert browser.ask("document.getElementById('filters').checkVisibility()") is False
    assert browser.ask(NAMES) == [row.name for row in thousand.rows]
    text = browser.ask("document.body.innerText")
    assert "Show students" not in text
    assert f"{wording.points(thousand.open_points)} points" in text
    assert f"All {thousand.graded + 2:,} hand-ins, sorted by name." in text
