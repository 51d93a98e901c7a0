"""Every page against axe-core's rules on accessibility: in light and in dark, as wide as a desk and as a phone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from grader.report.audience import for_students
from grader.report.class_page import render
from grader.report.classroom import summarise
from grader.report.html import render as render_html
from tests.report import class_samples as classes
from tests.report import report_samples as samples
from tests.report.browser import Browser

pytestmark = pytest.mark.slow

PAGES: dict[str, Callable[[], str]] = {
    **{f"{name}, staff": partial(render_html, report) for name, report in samples.all_samples().items()},
    **{
        f"{name}, student": partial(render_html, for_students(report))
        for name, report in samples.all_samples().items()
    },
    "class": lambda: render(summarise(classes.mixed_head(), classes.students(30)), classes.MISTAKES),
    "empty class": lambda: render(summarise(classes.mixed_head(), []), classes.MISTAKES),
}
VIOLATIONS = """axe.run(document, {resultTypes: ["violations"]}).then(found =>
  found.violations.map(v => v.id + " (" + v.help + "): " + v.nodes.slice(0, 3).map(n => n.html).join("; ")))"""


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(name: str, axe: str, browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGES[name](), "utf-8")
    for scheme, width in (("light", 1280), ("dark", 390)):
        browser.prefer(scheme)
        browser.open(page, width)
        browser.ask(f"{axe}; 0")
        assert browser.ask(VIOLATIONS) == [], (scheme, width)


def test_axe_sees_what_is_wrong(axe: str, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text('<html><body><img src="x.png"><p style="color: #ccc">pale</p></body></html>', "utf-8")
    browser.prefer("light")
    browser.open(path)
    browser.ask(f"{axe}; 0")
    found = " ".join(browser.ask(VIOLATIONS))
    assert "image-alt" in found
    assert "color-contrast" in found
