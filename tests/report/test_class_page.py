from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

import grader.report
from grader.model import ClassHead, Entry, Outcome, Person
from grader.report import wording
from grader.report.class_page import render
from grader.report.classroom import summarise
from tests.report import class_samples as classes
from tests.report import test_report_html as single
from tests.report.class_samples import asked, entry
from tests.report.report_samples import HOSTILE, check

SENTENCES = {**classes.MISTAKES, "known": HOSTILE}


class Page(single.Page):
    """A page with fields, and with a script that is not read as text."""

    def __init__(self, source: str) -> None:
        self.texts: dict[str, list[str]] = {}
        super().__init__(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag == "input":
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        if self.stack:
            self.texts.setdefault(self.stack[-1], []).append(data)
        if self.stack and self.stack[-1] != "script":
            super().handle_data(data)


def page_of(head: ClassHead, entries: list[Entry]) -> str:
    return render(summarise(head, entries), SENTENCES)


def mixed() -> str:
    return page_of(classes.mixed_head(), list(classes.students(60)))


@pytest.fixture(scope="module", params=["mixed", "hostile", "empty"])
def source(request: pytest.FixtureRequest) -> str:
    if request.param == "mixed":
        return mixed()
    return page_of(*classes.hostile()) if request.param == "hostile" else page_of(classes.head(), [])


@pytest.fixture(scope="module")
def text() -> str:
    return plain(mixed())


def plain(source: str) -> str:
    return re.sub(r"\s+", " ", Page(source).text)


def test_page_is_well_formed_and_self_contained(source: str) -> None:
    page = Page(source)
    assert not page.tags & {"link", "iframe", "object", "embed", "base", "form", "img"}
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name != "src", (tag, value)
        if name == "href":
            assert re.fullmatch(r"#[\w-]+|[\w.~%-]+/report\.html(#[\w.~%-]+)?", value), value
        if name == "style":
            assert "url(" not in value, value
    assert "@import" not in source
    assert not re.search(r"https?:", source)


def test_only_our_own_script_may_run(source: str) -> None:
    page = Page(source)
    (script,) = page.texts["script"]
    assert script == (Path(grader.report.__file__).parent / "templates" / "class.js").read_text()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = (value for _, name, value in page.attributes if name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}';" in policy


def test_ids_are_unique_and_links_lead_somewhere(source: str) -> None:
    attributes = Page(source).attributes
    ids = [value for _, name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))
    links = {value[1:] for _, name, value in attributes if name == "href" and value.startswith("#")}
    links |= {value for _, name, value in attributes if name == "for"}
    assert links <= set(ids)


def test_headings_do_not_skip_a_level(source: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", source)]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_hostile_text_is_shown_not_obeyed() -> None:
    source = page_of(*classes.hostile())
    page = Page(source)
    assert source.count("<script") == source.count("</script>") == 1
    assert source.count("</style>") == 1
    assert "<script>alert(1)</script></style>" in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", source)
    assert "Zoë 漢字" in page.text


def test_ids_are_percent_encoded_in_links() -> None:
    question = asked("Q1", "2", check())
    ids = ["a b", "../up", "a:b", "50%", "naïve", "caf\udce9", "\ud800"]
    source = page_of(classes.small_head("2"), [entry(id, question) for id in ids])
    for link in ("a%20b", "..%2Fup", "a%3Ab", "50%25", "na%C3%AFve", "caf%E9", "%5Cud800"):
        assert f'href="{link}/report.html"' in source
    source.encode()


def test_headline_says_where_to_look() -> None:
    text = plain(mixed())
    summary = summarise(classes.mixed_head(), classes.students(60))
    assert summary.mean is not None and summary.median is not None
    top = text.partition("Totals")[0]
    assert "hand-ins 62 3 absent" in top
    assert f"mean so far {wording.points(summary.mean)} of 60" in top
    assert f"median so far {wording.points(summary.median)} of 60" in top
    assert f"wait for a person {summary.waiting} {wording.points(summary.open_points)} points" in top
    assert f"could not be graded {sum(row.faulty for row in summary.rows)} in whole or in part" in top
    assert f"late {summary.late}" in top
    assert "Run 12, graded 2026-03-02 10:41 UTC on MNIST" in top


def test_costs_are_named_and_counted(text: str) -> None:
    summary = summarise(classes.mixed_head(), classes.students(60))
    costs = text.partition("What costs the class the most")[2].partition("Questions")[0]
    for mistake in summary.mistakes:
        assert f"{mistake.count} student" in costs
        assert wording.mistake_name(mistake.name) in costs
        assert classes.MISTAKES[mistake.name] in costs
    for cost in summary.costs:
        assert f"−{wording.points(cost.lost)}" in costs
        assert (cost.title or "Taken off by a person") in costs


def test_questions_have_mean_median_and_share(text: str) -> None:
    summary = summarise(classes.mixed_head(), classes.students(60))
    for figures in summary.questions:
        assert figures.mean is not None and figures.median is not None
        shown = f"{wording.points(figures.mean)} / {wording.points(figures.question.points)}"
        share = f"{100 * figures.full / figures.decided:.0f} %"
        assert f"{shown} {wording.points(figures.median)} {share}" in text
        assert figures.question.title in text


def test_the_histogram_has_a_text(text: str) -> None:
    source = mixed()
    summary = summarise(classes.mixed_head(), classes.students(60))
    described = re.search(r'role="img" aria-label="(Histogram[^"]*)"', source)
    assert described
    for column in summary.histogram:
        if column.count:
            assert f": {column.count}" in described[1]
    assert "The numbers behind it" in text


def test_queues_failures_and_the_absent_are_named(text: str) -> None:
    summary = summarise(classes.mixed_head(), classes.students(60))
    names = {row.id: row.name for row in summary.rows}
    failures = text.partition("What the grader could not grade")[2].partition("Name or id")[0]
    assert "mlp-broken-zip The archive ends in the middle of a file." in failures
    waits = text.partition("Waits for a person")[2].partition("What the grader could not grade")[0]
    for queue in summary.review:
        assert f"{queue.question}: {queue.title}" in waits
        assert f"{len(queue.ids)} hand-in" in waits
    assert any(len(queue.ids) <= 12 and names[queue.ids[0]] in waits for queue in summary.review)
    absent = text.partition("Handed in nothing")[2]
    for name in ("Zoë Adler", "Ömer Haddad", "someone@example.org"):
        assert name in absent
    slow = text.partition("Slowest to grade")[2]
    assert f"{summary.slowest[0].name} {wording.seconds(summary.slowest[0].seconds)}" in slow


def test_without_a_script_all_rows_stand_in_order_and_the_filters_are_hidden() -> None:
    source = mixed()
    summary = summarise(classes.mixed_head(), classes.students(60))
    body = source.partition('id="book"')[2]
    names = re.findall(r'<tr[^>]*><th [^>]*scope="row">(?:<a [^>]*>)?([^<]*)', body)
    assert names == [row.name for row in summary.rows]
    assert re.search(r'<div id="filters"[^>]* hidden>', source)
    assert 'data-name="name" aria-sort="ascending"' in source
    assert "<button" not in source.partition('id="book"')[2]
    assert "All 62 hand-ins, sorted by name." in plain(source)


def test_marks_that_wait_are_so_far_and_never_a_final_zero() -> None:
    waits = check(outcome=Outcome.NEEDS_REVIEW, earned="0", of="2")
    source = page_of(classes.small_head("2"), [entry("ann", asked("Q1", "2", waits))])
    row = source.partition('id="book"')[2].partition("<tbody")[2]
    assert "<b>0</b> <small>so far</small>" in row
    assert '<td role="cell" class="o">?</td>' in row
    assert "mean so far" in plain(source)


def test_what_could_not_be_graded_is_no_zero_either() -> None:
    source = page_of(classes.small_head("2", failed={"bob": "It is empty."}), [])
    row = source.partition('id="book"')[2].partition("<tbody")[2]
    assert "<small>not graded</small>" in row
    assert '<td role="cell">—</td>' in row
    assert "bob/report.html" not in source


def test_nothing_waiting_says_so() -> None:
    text = plain(page_of(classes.small_head("2"), [entry("ann", asked("Q1", "2", check()))]))
    assert "Nothing waits for a person, and nothing failed." in text
    assert "so far" not in text
    assert "No points were lost." in text


def test_names_of_mistakes() -> None:
    assert wording.mistake_name("relu-mask-omitted") == "ReLU mask omitted"
    assert wording.mistake_name("b1-from-dW1") == "b1 from dW1"
    assert wording.mistake_name("nothing-updated") == "Nothing updated"
    assert wording.mistake_name("W1-divided-by-N-twice") == "W1 divided by N twice"
    unknown = check(outcome=Outcome.FAILED, earned="0", mistakes=("not-in-rubric",))
    source = page_of(classes.small_head("2"), [entry("ann", asked("Q1", "2", unknown))])
    assert "<h4>not-in-rubric</h4>" in source


def test_stamps() -> None:
    ann = entry("ann", asked("Q1", "2", check()))
    head = classes.small_head("2")
    assert 'class="stamp"' not in page_of(head, [ann])
    on_digits = msgspec.structs.replace(ann.report, submission="bob", dataset="digits", provisional=True)
    practice = msgspec.structs.replace(
        on_digits, host=msgspec.structs.replace(on_digits.host, tier="practice")
    )
    text = plain(page_of(head, [ann, Entry(practice)]))
    assert "Accuracy was measured on digits, not on MNIST. (digits: 1 hand-in of 2.)" in text
    assert "without a sandbox" in text


def test_spans_of_lateness() -> None:
    assert [wording.span(minutes) for minutes in (5, 125, 1500, 2880)] == [
        "5 min",
        "2 h 5 min",
        "1 d 1 h",
        "2 d",
    ]


def test_same_class_same_bytes() -> None:
    assert mixed() == mixed()


def test_a_large_class_stays_small() -> None:
    entries = [
        msgspec.structs.replace(e, person=Person(name=f"{e.person.name} {number}"))
        for number, e in enumerate([*classes.students(50)] * 20)
    ]
    for number, e in enumerate(entries):
        renamed = msgspec.structs.replace(e.report, submission=f"hand-in-{number}")
        entries[number] = msgspec.structs.replace(e, report=renamed)
    source = page_of(classes.mixed_head(), entries)
    assert source.count('scope="row"><a href=') == 1000
    assert len(source.encode()) < 2_000_000
