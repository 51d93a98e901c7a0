"""A run with the published secret says so wherever its marks stand; one with a course's own says nothing of it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from grader.export import FORMATS
from grader.model import Entry, GradeReport, to_json
from grader.report import class_page, classroom
from grader.report.audience import for_students
from grader.report.html import render as render_html
from grader.report.markdown import render as render_markdown
from grader.report.terminal import render as render_terminal
from tests.export import export_samples as exports
from tests.report import report_samples as samples

STAMP = "published secret"


def report(published: bool) -> GradeReport:
    return msgspec.structs.replace(samples.partly_failed(), published_secret=published, nonce="3")


def on_a_terminal(report: GradeReport) -> str:
    console = Console(file=io.StringIO(), width=300)
    render_terminal(report, console)
    return console.file.getvalue()


def page(published: bool) -> str:
    head = exports.head(published_secret=published, nonces=("1", "2"))
    return class_page.render(classroom.summarise(head, entries(published)), {})


def entries(published: bool) -> list[Entry]:
    return [
        msgspec.structs.replace(
            entry, report=msgspec.structs.replace(entry.report, published_secret=published)
        )
        for entry in exports.small_class()
    ]


def exported(name: str, published: bool, folder: Path) -> tuple[str, str]:
    """The file, and what is said of it."""
    head, format = exports.head(published_secret=published), FORMATS[name]
    if format.write_folder is None:
        content, said = exports.told(name, entries(published), head)
    else:
        said = format.write_folder(head, entries(published), folder)
        content = "\n".join(path.read_text() for path in sorted(folder.rglob("*.json")))
    return content.lower(), "\n".join(said).lower()


@pytest.mark.parametrize("render", [on_a_terminal, render_html, render_markdown])
@pytest.mark.parametrize("audience", [lambda report: report, for_students])
def test_reports(render: Callable[[GradeReport], str], audience: Callable[[GradeReport], GradeReport]):
    assert STAMP in render(audience(report(True))).lower()
    assert STAMP not in render(audience(report(False))).lower()


@pytest.mark.parametrize("published", [True, False])
def test_the_json_of_a_report_has_it_and_the_nonce(published: bool):
    for one in (report(published), for_students(report(published))):
        found = json.loads(to_json(one))
        assert (found["published_secret"], found["nonce"]) == (published, "3")


def test_students_are_not_told_what_to_do_about_it():
    text = render_markdown(for_students(report(True)))
    assert "grade secret new" not in text
    assert "grade secret new" in render_markdown(report(True))


def test_the_nonce_stands_in_what_people_read():
    for text in (render_html(report(True)), render_markdown(report(True))):
        assert "Nonce" in text
    assert "1, 2" in page(published=False)


def test_the_class_page():
    assert STAMP in page(published=True).lower()
    assert STAMP not in page(published=False).lower()


@pytest.mark.parametrize("name", FORMATS)
def test_exports(name: str, tmp_path: Path):
    content, said = exported(name, True, tmp_path / "published")
    assert STAMP in said
    if name != "canvas":  # whose columns are given
        assert STAMP in content.replace("_", " ")
    content, said = exported(name, False, tmp_path / "own")
    assert STAMP not in said
    if name not in ("csv", "json", "gradescope"):  # which say of each run whether it was
        assert STAMP not in content
