"""The page in a real browser: nothing sticks out at the width of a phone, and it takes few sheets of paper."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.model import GradeReport
from grader.report.audience import for_students
from grader.report.html import render as render_html
from tests.desks import Desk, Member
from tests.report import report_samples as samples
from tests.report.browser import Browser
from tests.report.written_samples import six_answers

pytestmark = pytest.mark.slow

# The window of a browser cannot be as narrow as a phone; a frame can. Boxes that scroll by themselves count
# with their own width, so what is inside of them may be wider.
WRAPPER = """<!doctype html><body><iframe style="width:{width}px;height:844px;border:0" srcdoc="{page}"></iframe>
<p id="result">not measured</p>
<script>
onload = () => {{
  const page = document.querySelector("iframe").contentDocument;
  const root = page.documentElement;
  const wide = [...page.querySelectorAll("body *")].filter(e =>
    !e.closest(".scroll > *") && !e.closest(".math > *") && !e.closest(".formula > *") && !e.closest(".plot > *") &&
    e.getBoundingClientRect().right > root.clientWidth + 1);
  const closed = [...page.querySelectorAll("details > :not(summary)")].filter(e =>
    !e.checkVisibility({{contentVisibilityAuto: true}}) || e.getBoundingClientRect().height == 0);
  document.getElementById("result").textContent =
    [root.clientWidth, root.scrollWidth, wide.length, closed.length,
     page.querySelectorAll("script").length].join(" ");
}};
</script>"""


def measure(browser: Browser, page: str, folder: Path, width: int = 390) -> list[int]:
    """Client width, scroll width, elements that stick out, closed details, scripts."""
    wrapper = folder / "wrapper.html"
    wrapper.write_text(WRAPPER.format(page=html.escape(page), width=width), "utf-8")
    browser.open(wrapper)
    result = browser.ask("document.getElementById('result').textContent")
    assert re.fullmatch(r"[\d ]+", result), result
    return [int(part) for part in result.split()]


def test_no_horizontal_overflow_on_a_phone(browser: Browser, either: GradeReport, tmp_path: Path) -> None:
    client, scroll, wide, _, scripts = measure(browser, render_html(either), tmp_path)
    assert 370 <= client <= 390
    assert scroll == client
    assert wide == 0
    assert scripts == 0


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dress", [lambda report: report, for_students], ids=["staff", "student"])
def test_written_answers_fit(
    browser: Browser,
    ps3: Rubric,
    reference: Reference,
    dress: Callable[[GradeReport], GradeReport],
    width: int,
    tmp_path: Path,
) -> None:
    page = render_html(dress(six_answers(ps3, reference)))
    assert page.count("<math") > 20
    client, scroll, wide, *_ = measure(browser, page, tmp_path, width)
    assert scroll == client
    assert wide == 0
    # Without their limits, the photo and the formulas stick out: the measurement sees them.
    free = page.replace(".answer img { display: block; max-width: 100%;", ".answer img {")
    assert measure(browser, free, tmp_path, width)[2] > 0


def test_the_measurement_sees_overflow(browser: Browser, tmp_path: Path) -> None:
    page = render_html(samples.full_marks()).replace("<main>", '<main><p style="width:500px">wide</p>')
    client, scroll, wide, _, _ = measure(browser, page, tmp_path)
    assert scroll > client
    assert wide > 0


def printed(browser: Browser, page: Path) -> int:
    """How many pages a file takes on paper."""
    browser.open(page)
    paper = browser.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"]
    return len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(paper)))


@pytest.mark.parametrize(("failed", "most"), [(False, 3), (True, 6)], ids=["full marks", "all failed"])
def test_pages_on_paper(
    browser: Browser, failed: bool, most: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(tmp_path)
    rubric, _ = desk.assignment()
    checks = tuple(spec.id for question in rubric.questions for spec in question.checks)
    texts = {question.id: "Because of the chain rule. " * 12 for question in rubric.questions}
    desk.grade(Member("ann", texts, failed=checks if failed else ()))
    for question in rubric.questions:
        if not question.checks:
            desk(
                "mark",
                "ann",
                question.id,
                "1" if failed else question.points,
                "--note",
                "As we said in class.",
            )
    desk("feedback", tmp_path / "feedback")
    counts = {
        "student": printed(browser, tmp_path / "feedback" / "ann.html"),
        "staff": printed(browser, desk.out / "ann" / "report.html"),
    }
    with capsys.disabled():
        print(f"\nprinted pages, {'all failed' if failed else 'full marks'}: {counts}")
    assert counts["student"] <= most
