from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

import grader.report
from grader.model import GradeReport, Host, Outcome, question_result
from grader.report.audience import for_students
from grader.report.html import render as render_html
from tests.report import report_samples as samples

VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """Reads a page strictly: every tag closed in order; gathers tags, attributes and text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(source)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.extend((tag, name, value or "") for name, value in attrs)
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.extend((tag, name, value or "") for name, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] != "style":
            self.text += data


def plain(source: str) -> str:
    return re.sub(r"\s+", " ", Page(source).text)


def test_page_is_well_formed_and_self_contained(either: GradeReport) -> None:
    source = render_html(either)
    page = Page(source)
    assert not page.tags & {"script", "link", "iframe", "object", "embed", "base", "form"}
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in ("src", "href", "xlink:href"):
            assert value.startswith(("#", "data:image/png;base64,")), (tag, value)
        if name == "style":
            assert "url(" not in value.replace("url(#", ""), value
    assert "default-src 'none'" in source
    assert "@import" not in source


def test_ids_are_unique_and_links_lead_somewhere(either: GradeReport) -> None:
    attributes = Page(render_html(either)).attributes
    ids = [value for _, name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))
    links = {value[1:] for _, name, value in attributes if name == "href"}
    links |= set(re.findall(r"url\(#([^)]+)\)", " ".join(value for _, _, value in attributes)))
    assert links <= set(ids)


def test_hostile_text_is_shown_not_obeyed() -> None:
    for report in (samples.hostile(), for_students(samples.hostile())):
        source = render_html(report)
        page = Page(source)
        assert "script" not in page.tags
        assert "<script>alert(1)</script></style>" in page.text
        assert source.count("</style>") == 1
        assert "{{ 7 * 7 }}" in page.text
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", source)
        assert "Zoë 漢字" in page.text


def test_surrogates_do_not_stop_the_page() -> None:
    report = msgspec.structs.replace(samples.full_marks(), files={"caf\udce9.py": "00"})
    assert "caf\\udce9.py" in render_html(report).encode().decode()


def test_same_report_same_bytes(either: GradeReport) -> None:
    assert render_html(either) == render_html(either)


def test_only_the_end_of_the_page_depends_on_the_host() -> None:
    report = samples.partly_failed()
    other = msgspec.structs.replace(report, host=Host("B", {"python": "3.12"}, {"stage": 9.0}))

    def head(source: str) -> str:
        return source.partition("About this run")[0]

    assert head(render_html(report)) == head(render_html(other))


def test_a_student_sees_points_losses_and_what_to_do() -> None:
    text = plain(render_html(for_students(samples.partly_failed())))
    assert "11.33 / 18 points in the automatic part" in text
    assert "6.67 lost" in text
    assert "10 wait for a person" in text
    losses = text.partition("Where points were lost")[2].partition("Questions")[0]
    assert "−2 Q2.1: Loss on networks that you have not seen The penalty seems to be counted twice" in losses
    assert "Multiply the penalty by 0.5" in losses
    assert "−0.67" in losses
    assert "ReLU" not in losses
    assert "Already counted in “Loss on the toy network” (Q2.1), no points lost here." in text
    assert "Diagnosis The penalty" in text
    assert "hidden inputs" in text
    assert "90210" not in text


def test_full_marks_say_so() -> None:
    text = plain(render_html(samples.full_marks()))
    assert "No points were lost." in text
    assert "Where points were lost" not in text


def test_non_finite_values_are_words() -> None:
    text = plain(render_html(samples.nan_history()))
    assert "NaN: not a number" in text
    assert "infinite" in text
    assert "NaN from iteration 37 on" in text


def test_stamps() -> None:
    assert "Accuracy was measured on digits, not on MNIST." in plain(render_html(samples.provisional()))
    assert "without a sandbox" in plain(render_html(samples.errors()))
    assert 'class="stamp"' not in render_html(samples.full_marks())


def test_faults_and_stacks_are_shown() -> None:
    text = plain(render_html(samples.errors()))
    assert "The grader itself failed on 1 check." in text
    assert "ZeroDivisionError" in text
    assert "mlp.py, line 41" in text
    assert "Where the code was when time ran out: notebook" in text


def test_output_stands_at_its_check_harmless_and_folded_where_it_is_long() -> None:
    source = render_html(samples.errors())
    text = Page(source).text
    cards, _, run = source.partition("About this run")
    loss, _, train = cards.partition('id="check-train"')
    assert (
        "<details>\n<summary>Printed by the code</summary>\n<pre>\nepoch 0: &lt;b&gt;loss&lt;/b&gt;\n" in loss
    )
    assert "<details open>\n<summary>Printed by the code</summary>\n<pre>\niteration 0\n" in train
    assert "Printed by the code: notebook" in run
    assert "epoch 39: <b>loss</b>\n" in text
    assert source.count("Printed by the code") == 3
    assert "\x1b" not in source
    assert "[31m" not in source


def test_leading_line_feed_of_an_answer_stays() -> None:
    question = msgspec.structs.replace(samples.partly_failed().questions[0], answer="\n\n  indented")
    assert "<pre>\n\n\n  indented</pre>" in render_html(samples.report(question))


def test_matplotlib_is_imported_only_for_figures() -> None:
    source = Path(grader.report.__file__).parent
    for path in source.glob("*.py"):
        assert not re.search(r"^(import|from) (matplotlib|PIL)", path.read_text(), re.MULTILINE), path


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_meets_wcag_aa(scheme: str) -> None:
    css = (Path(grader.report.__file__).parent / "templates" / "report.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[0]))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[1]))
    for ground in ("paper", "well"):
        for ink in ("ink", "muted", "link", "good", "part", "bad", "open", "idle"):
            assert _contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    assert _contrast(colours["ink"], colours["heat"]) >= 4.5
    assert _contrast(colours["stamp-ink"], colours["stamp"]) >= 4.5
    for line in ("plot-1", "plot-2", "plot-3", "plot-4", "plot-reference-1", "plot-reference-2"):
        assert _contrast(colours[line], colours["paper"]) >= 3, line


def test_headings_do_not_skip_a_level(either: GradeReport) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", render_html(either))]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_the_list_of_lost_points_names_the_mistake_where_it_is_known():
    lost = samples.check(
        outcome=Outcome.FAILED, earned="0", diagnosis="Added twice.", hint="General advice.", message="Wrong."
    )
    page = render_html(samples.report(question_result("Q", "t", lost.points, [lost])))
    summary = page[page.index("Where points were lost") : page.index("<h2>Questions")]
    assert "Added twice. General advice." in summary
    assert "Wrong." not in summary
