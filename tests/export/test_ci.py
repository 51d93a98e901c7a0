"""What CI is told: one line for each remark, at the right place, whatever student code has written."""

from __future__ import annotations

import os
import re
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import GraderError
from grader.export import ci
from grader.export.ci import Remark
from grader.handin.submission import Submission
from grader.model import Entry, GradeReport, Mark, Outcome, Person, SourcePlace, marked, question_result
from tests.export import export_samples as samples
from tests.export.export_samples import HOSTILE, SECRET, forward, head, report, written
from tests.report import report_samples
from tests.report.report_samples import check

LOST = "Q2.1: Loss"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with no CI around it."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path.resolve() / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def on_github(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same where GitHub runs this; the path of the job summary comes back."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary.md"))
    return here / "summary.md"


def failed_at(file: str, line: int) -> GradeReport:
    return report("alice", forward("0", Outcome.FAILED, place=SourcePlace(file, line)))


def place(found: GradeReport, submission: Submission | None) -> tuple[str, int]:
    (remark,) = ci.remarks(found, submission)
    return remark.path, remark.line


# ---- form


def test_values_are_escaped_as_github_documents_it() -> None:
    remark = Remark("error", "a,b:c%.py", 7, "alice Q2.1: 50%, or::so", "100 %\r\nof: a, b::error::c")
    assert ci.github(remark) == (
        "::error file=a%2Cb%3Ac%25.py,line=7,title=alice Q2.1%3A 50%25%2C or%3A%3Aso::100 %25 of: a, b::error::c"
    )


def test_what_is_not_known_is_left_out() -> None:
    assert ci.github(Remark("warning", "", 0, "t", "x")) == "::warning title=t::x"
    assert ci.github(Remark("warning", "", 5, "t", "x")) == "::warning title=t::x"
    assert ci.github(Remark("warning", "mlp.py", 0, "t", "x")) == "::warning file=mlp.py,title=t::x"
    assert ci.plain(Remark("warning", "", 5, "t", "x")) == "warning: t: x"
    assert ci.plain(Remark("warning", "mlp.py", 0, "t", "x")) == "mlp.py: warning: t: x"
    assert ci.plain(Remark("error", "a/mlp.py", 7, "t", "x")) == "a/mlp.py:7: error: t: x"


ANY = st.one_of(
    st.text(st.characters(codec=None)), st.sampled_from([HOSTILE, "::error::x", "\x85::stop-commands::t", "%0A::x"])
)  # fmt: skip


@given(st.sampled_from(["error", "warning", "notice"]), ANY, st.integers(0, 10**6), ANY, ANY)
def test_a_remark_is_always_one_line(level: str, path: str, line: int, title: str, text: str) -> None:
    remark = Remark(level, path, line, title, text)
    command, plain = ci.github(remark), ci.plain(remark)
    for shown in (command, plain):
        assert len(shown.splitlines()) <= 1
        shown.encode()
    found = re.fullmatch(r"::(error|warning|notice) (?P<fields>[^:]*)::(?P<text>.*)", command)
    assert found is not None
    assert f"{level}: " in plain
    assert not re.search(r"%(?!25|3A|2C)", found["fields"])
    assert not re.search(r"%(?!25)", found["text"])
    names = [field.partition("=")[0] for field in found["fields"].split(",") if field]
    assert names == [name for name in ("file", "line", "title") if name in names]


# ---- place


def test_the_file_is_named_as_it_was_handed_in_from_the_working_folder(here: Path) -> None:
    alice = Submission("alice", here / "class" / "alice", "MLP (1).py", None, stage_as="mlp.py")
    assert place(failed_at("mlp.py", 41), alice) == ("class/alice/MLP (1).py", 41)
    assert place(failed_at("helper.py", 3), alice) == ("class/alice/helper.py", 3)


def test_without_a_place_the_module_is_named_and_no_line(here: Path) -> None:
    lost = report("alice", forward("0", Outcome.FAILED))
    assert place(lost, Submission("alice", here, "mlp.py", "ps3.ipynb")) == ("mlp.py", 0)
    assert place(lost, Submission("alice", here, None, "ps3.ipynb")) == ("ps3.ipynb", 0)
    assert place(lost, Submission("alice", here, None, None)) == ("", 0)
    assert place(lost, None) == ("", 0)


def test_a_cell_of_a_notebook_has_no_line_in_the_file(here: Path) -> None:
    only = Submission("alice", here / "a", None, "ps3.ipynb")
    assert place(failed_at("ps3.ipynb, code cell 4", 2), only) == ("a/ps3.ipynb", 0)


def test_a_derivation_is_in_the_notebook(here: Path) -> None:
    both = Submission("alice", here, "mlp.py", "ps3.ipynb")
    lost = report("alice", forward("0", Outcome.FAILED, formula=r"\delta"))
    assert place(lost, both) == ("ps3.ipynb", 0)


@pytest.mark.parametrize("name", ["../mlp.py", "/etc/passwd", "a/../../../b.py", "..", ""])
def test_no_path_leads_out_of_the_working_folder(here: Path, name: str) -> None:
    path, line = place(failed_at(name, 9), Submission("alice", here / "alice", "mlp.py", None))
    assert (path, line) == ("", 0)


def test_what_lies_elsewhere_has_no_path(here: Path) -> None:
    unpacked = Submission("alice", here.parent / "elsewhere", "mlp.py", None)
    assert place(failed_at("mlp.py", 9), unpacked) == ("", 0)


# ---- what is said


def test_lost_points_are_errors_and_what_waits_is_a_warning(here: Path) -> None:
    found = report("alice", written(), forward("1"))
    assert [(r.level, r.title) for r in ci.remarks(found, None)] == [
        ("warning", "alice Q1.1: Derivation"),
        ("error", f"alice {LOST}"),
    ]


def test_the_cause_is_named_even_without_points_and_what_was_not_run_is_not(here: Path) -> None:
    checks = (
        check("module", "Import", Outcome.FAILED, "0", "0", "It raised.", place=SourcePlace("mlp.py", 3)),
        check("loss", "Loss", Outcome.SKIPPED, "0", "4", "Not run, because this failed: Import."),
        check("carried", "Carried", Outcome.FAILED, "2", "2", "Wrong too.", carried_from="module"),
    )
    found = report("alice", question_result("Q2.1", "Forward pass", Decimal(6), checks))
    (remark,) = ci.remarks(found, Submission("alice", here, "mlp.py", None))
    assert ci.plain(remark) == "mlp.py:3: error: alice Q2.1: Import: It raised."


def test_a_failure_that_costs_nothing_is_a_warning(here: Path) -> None:
    checks = (
        check("loss", "Loss", Outcome.PASSED, "4", "4"),
        check("large", "Very large scores", Outcome.FAILED, "0", "0", "It overflows."),
    )
    found = report("alice", written(), question_result("Q2.1", "Forward pass", Decimal(4), checks))
    assert [r.level for r in ci.remarks(found, None)] == ["warning", "warning"]


def test_a_person_has_the_last_word(here: Path) -> None:
    found = report("alice", written(), forward("1"))
    given = {q: Mark(Decimal(3), "kim", "2026-03-20T09:00:00Z") for q in ("Q1.1", "Q2.1")}
    assert list(ci.remarks(marked(found, given), None)) == []


def test_full_marks_are_a_notice(here: Path) -> None:
    (remark,) = ci.remarks(samples.nobody().report, None)
    assert ci.plain(remark).startswith("notice: carol: ")
    assert list(ci.remarks(report("alice"), None)) == []


def announced(capsys: pytest.CaptureFixture[str], *entries: Entry, **more: object) -> list[str]:
    ci.announce([], head(failed={}, **more), entries)
    return capsys.readouterr().out.splitlines()


def test_nothing_hidden_and_no_person_is_said(on_github: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = "\n".join([*announced(capsys, *samples.small_class()), on_github.read_text()])
    assert "ReLU is not applied." in said
    for kept in (SECRET, "90210", "bob@example.org", "1002", "4712"):
        assert kept not in said


def test_github_gets_commands_and_a_summary(on_github: Path, capsys: pytest.CaptureFixture[str]) -> None:
    on_github.write_text("What another step wrote.\n")
    lines = announced(capsys, *samples.small_class())
    assert lines
    assert all(re.match(r"::(error|warning|notice) ", line) for line in lines)
    assert on_github.read_text().startswith("What another step wrote.\n")
    assert "bob" in on_github.read_text()


def test_elsewhere_lines_are_plain(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = announced(capsys, *samples.small_class())
    assert lines
    assert all(re.match(r"(error|warning|notice): ", line) for line in lines)


def test_hostile_text_makes_no_further_lines(on_github: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = Entry(report_samples.hostile(), samples.hostile().person)
    expected = len(list(ci.remarks(entry.report, None)))
    lines = announced(capsys, entry)
    assert len(lines) == expected > 0
    assert all(re.match(r"::(error|warning|notice) ", line) for line in lines)


def test_what_could_not_be_graded_is_a_warning(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ci.announce([], head(failed={HOSTILE: HOSTILE, "eve": "why"}), [])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1] == "warning: eve: not graded: why"


def test_what_does_not_pass_the_gate_is_an_error(on_github: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ci.announce([], head(failed={}), [], {"alice": "not enough decided: 1.5 of 80 points"})
    assert capsys.readouterr().out == "::error title=alice::not enough decided: 1.5 of 80 points\n"
    assert "- Hand-in alice: not enough decided: 1.5 of 80 points\n" in on_github.read_text()


def test_a_summary_that_cannot_be_written(on_github: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(on_github / "none" / "summary.md"))
    with pytest.raises(GraderError, match=r"summary\.md: the job summary cannot be written"):
        ci.announce([], head(), [samples.nobody()])


def test_github_obeys_nothing_in_a_report(on_github: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ci.literal():
        print("::error::from student code")
    with ci.literal():
        pass
    first, text, last, second, _ = capsys.readouterr().out.splitlines()
    token = first.removeprefix("::stop-commands::")
    assert re.fullmatch(r"[0-9a-f]{32}", token)
    assert (text, last) == ("::error::from student code", f"::{token}::")
    assert second != first


def test_elsewhere_nothing_stands_around_a_report(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ci.literal():
        print("report")
    assert capsys.readouterr().out == "report\n"


def test_entries_for_staff_are_made_fit_for_students(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = msgspec.structs.replace(samples.waiting(), person=Person("Bob Smith"))
    assert "Bob Smith" not in "\n".join(announced(capsys, entry))
    assert os.environ.get("GITHUB_ACTIONS") is None


def test_what_matters_most_comes_first(capsys: pytest.CaptureFixture[str]):
    """GitHub shows ten of a kind."""
    entries = [
        Entry(report(id, written(), forward(earned, outcome)), Person())
        for id, earned, outcome in (
            ("ann", "4", Outcome.PARTIAL), ("ben", "0", Outcome.FAILED), ("cleo", "0", Outcome.NEEDS_REVIEW)
        )
    ]  # fmt: skip
    ci.announce([], head(failed={"eve": "why"}), entries, {"dora": "below"})
    said = [line.split(": ")[1].split()[0] for line in capsys.readouterr().out.splitlines()]
    order = list(dict.fromkeys(said))
    assert order[:4] == ["eve", "dora", "ben", "ann"]
