from __future__ import annotations

import io
from pathlib import Path
from xml.dom import minidom, pulldom
from xml.etree import ElementTree

import msgspec
import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Entry, Lateness, Mark, Outcome, Person, SourcePlace, marked, question_result
from tests.export import export_samples as samples
from tests.export.export_samples import SECRET, head, report, text, writer
from tests.report.report_samples import all_samples, check, points


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))


def suites(content: str) -> dict[str, ElementTree.Element]:
    return {suite.attrib["name"]: suite for suite in ElementTree.fromstring(content.encode())}


def case(suite: ElementTree.Element, name: str) -> ElementTree.Element:
    return next(found for found in suite.iter("testcase") if found.get("name") == name)


def test_the_class_is_valid(schema: xmlschema.XMLSchema) -> None:
    content = text("junit")
    schema.validate(content)
    assert content.startswith('<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="Problem Set 3')
    assert list(suites(content)) == ["alice", "bob", "carol", "eve"]


@pytest.mark.parametrize("name", all_samples())
def test_every_sample_is_valid(schema: xmlschema.XMLSchema, name: str) -> None:
    content = text("junit", [Entry(all_samples()[name])], samples.hostile_head())
    schema.validate(content)
    minidom.parseString(content.encode())


def test_a_streaming_reader_counts_what_the_attributes_say() -> None:
    said, found = [], []
    kinds = ["testcase", "failure", "error", "skipped"]
    for event, node in pulldom.parseString(text("junit")):
        if event == pulldom.START_ELEMENT and node.tagName == "testsuite":
            said.append([int(node.getAttribute(key)) for key in ("tests", "failures", "errors", "skipped")])
            found.append([0, 0, 0, 0])
        elif event == pulldom.START_ELEMENT and node.tagName in kinds:
            found[-1][kinds.index(node.tagName)] += 1
    assert said == found == [[4, 2, 0, 1], [3, 1, 0, 1], [3, 0, 0, 0], [1, 0, 1, 0]]


def test_lost_points_are_failures_with_message_diagnosis_and_place() -> None:
    entry = samples.done()
    loss = case(suites(text("junit", [msgspec.structs.replace(entry, report=unmarked())]))["alice"], "Loss")
    assert loss.attrib == {
        "name": "Loss", "classname": "alice.Q2-1", "time": "0.000", "file": "mlp.py", "line": "41",
    }  # fmt: skip
    assert loss[0].tag == "failure"
    assert loss[0].attrib == {
        "type": "lost-points",
        "message": "The loss is too large. The penalty is counted twice.",
    }
    assert loss[0].text == "The loss is too large.\nThe penalty is counted twice.\nMultiply it by 0.5."


def unmarked():
    question = samples.forward(
        "1.335",
        diagnosis="The penalty is counted twice.",
        hint="Multiply it by 0.5.",
        place=SourcePlace("mlp.py", 41),
    )
    graded = report("alice", question)
    host = msgspec.structs.replace(graded.host, timings={"loss": 2.5})
    return msgspec.structs.replace(graded, host=host)


def test_every_outcome() -> None:
    checks = (
        check("a", "passed"),
        check("b", "left alone", Outcome.SKIPPED, "0", message="Not run."),
        check("c", "ours", Outcome.ERROR, "0", message="The grader failed here."),
        check("d", "open", Outcome.NEEDS_REVIEW, "0", message="A person looks."),
        check("e", "counted before", Outcome.FAILED, "2", carried_from="a"),
        check("f", "worth nothing", Outcome.FAILED, "0", "0", "It cannot be imported."),
        check("g", "passed at a price", Outcome.PASSED, "1", message="Only in part."),
    )
    content = text("junit", [Entry(report("ann", question_result("Q1", "All", points("12"), checks)))])
    found = {
        one.attrib["name"]: [(inner.tag, inner.get("type")) for inner in one]
        for one in suites(content)["ann"].iter("testcase")
    }
    assert found == {
        "passed": [],
        "left alone": [("skipped", None)],
        "ours": [("error", "grader-fault")],
        "open": [("skipped", None)],
        "counted before": [("skipped", None)],
        "worth nothing": [("failure", "no-points")],
        "passed at a price": [("failure", "lost-points")],
    }


def test_a_persons_mark_decides_alone() -> None:
    graded = report("ann", samples.written(), samples.forward("0", Outcome.FAILED))
    full = {q: Mark(points(p), "kim", "2026-03-20T09:00:00Z") for q, p in (("Q1.1", "6"), ("Q2.1", "4"))}
    suite = suites(text("junit", [Entry(marked(graded, full))]))["ann"]
    assert (suite.get("failures"), suite.get("skipped"), suite.get("tests")) == ("0", "2", "5")
    less = {"Q1.1": Mark(points("2"), "kim", "2026-03-20T09:00:00Z", "no sum")}
    given = case(suites(text("junit", [Entry(marked(graded, less))]))["ann"], "A person's mark")
    assert given[0].get("message") == "Marked by a person on 2026-03-20, 2 points: no sum"


def test_properties_hold_the_points() -> None:
    found = {p.attrib["name"]: p.attrib["value"] for p in suites(text("junit"))["alice"].iter("property")}
    assert found == {
        "earned": "5.84", "points": "10", "open": "0", "late deduction": "1.17", "total": "4.67",
        "question Q1.1": "4.5 / 6", "question Q2.1": "1.34 / 4", "check w": "– / 6", "check loss": "1.34 / 4",
        "dataset": "mnist", "tier": "A: bubblewrap",
    }  # fmt: skip
    out = suites(text("junit"))["alice"].find("system-out")
    assert out is not None
    assert out.text == "5.84 / 10 points\nHanded in 1 day and 1 hour late."


def test_nothing_hidden_nothing_printed_and_no_person() -> None:
    content = text("junit", [samples.waiting(), Entry(all_samples()["errors"])])
    for kept in (SECRET, "90210", "bob@example.org", "4712", "iteration 1", "Traceback", "dan@"):
        assert kept not in content


@given(st.text(), st.text(alphabet="\x00\x08\x0b\x1b\x7f\x85\ud800\udfff\ufffe\uffff\r\n]]>&<\"'"))
def test_always_well_formed(one: str, other: str) -> None:
    checks = [
        check("a", any_text, outcome, "0", "2", any_text, diagnosis=any_text, hint=any_text)
        for any_text in (one, other)
        for outcome in (Outcome.FAILED, Outcome.SKIPPED, Outcome.ERROR, Outcome.PASSED)
    ]
    place = SourcePlace(other, -3)
    checks[0] = msgspec.structs.replace(checks[0], place=place)
    graded = report(one, question_result(other, one, points("16"), checks))
    entry = Entry(graded, Person(one), late=Lateness(1, points("0"), other))
    file = io.StringIO(newline="")
    writer("junit")(head(title=other, failed={one: other}, tier=one, graded_at=""), [entry], file)
    root = ElementTree.fromstring(file.getvalue().encode())
    assert [suite.get("tests") for suite in root] == ["8", "1"]
