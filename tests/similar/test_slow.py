"""The page in a real browser, and a class of which it is known who copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import similar as benchmark
from benchmarks.similar_class import with_copies
from grader.selftest import bank
from grader.similar import page
from tests.conftest import ROOT
from tests.report.browser import Browser
from tests.report.test_axe import VIOLATIONS
from tests.similar.test_page import found

pytestmark = pytest.mark.slow

FOCUS = "document.activeElement.id || document.activeElement.tagName"
SHOWN = "[...document.querySelectorAll('summary .named')].filter(e => e.checkVisibility()).length"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("page") / "similar.html"
    written.write_text(page.render(found()), "utf-8")
    return written


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out(browser: Browser, path: Path, width: int):
    browser.open(path, width)
    browser.ask("document.querySelectorAll('details').forEach(e => e.open = true)")
    browser.ask("document.getElementById('names').click()")
    client, scroll = browser.ask(
        "[document.documentElement.clientWidth, document.documentElement.scrollWidth]"
    )
    assert client == scroll


def test_by_keyboard_and_without_a_script(browser: Browser, path: Path):
    browser.open(path, script=False)
    assert browser.ask(SHOWN) == 0
    for _ in range(2):  # past the link that skips
        browser.press("Tab", 9)
    assert browser.ask(FOCUS) == "names"
    browser.press(" ", 32, " ")
    assert browser.ask(SHOWN) > 1
    browser.press("Tab", 9)
    assert browser.ask(FOCUS) == "SUMMARY"
    assert browser.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press("Enter", 13, "\r")
    assert browser.ask("document.querySelectorAll('details[open]').length") == 1
    assert "gradeint" in browser.ask("document.querySelector('details[open]').innerText")


def test_axe_finds_nothing(browser: Browser, path: Path, axe: str):
    for scheme, width in (("light", 1280), ("dark", 390)):
        browser.prefer(scheme)
        browser.open(path, width)
        browser.ask("document.querySelectorAll('details').forEach(e => e.open = true)")
        browser.ask(f"{axe}; 0")
        assert browser.ask(VIOLATIONS) == [], (scheme, width)


def test_copies_are_above_the_line_and_others_are_not():
    made = with_copies(bank.load(ROOT / "reference" / "ps3"), 80, 12, seed=5)
    result = benchmark.compared(made)
    recovered = benchmark.recovered(made, result)
    assert sum(recovered[disguise] for disguise in benchmark.WHOLE) >= 7  # of 8
    assert benchmark.by_chance(made, result) <= 5
