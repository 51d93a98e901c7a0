from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from grader.model import GradeReport, from_json, to_json
from grader.report import files
from grader.report.audience import for_students
from grader.report.files import write
from grader.report.html import render as render_html
from grader.report.markdown import render as render_markdown
from tests.report import report_samples as samples

NAMES = ["report.html", "report.json", "report.md"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writes_three_files_and_tells_what_they_hold(tmp_path: Path, either: GradeReport) -> None:
    folder = tmp_path / "reports" / "alice"
    assert write(either, folder) == files.fingerprint(folder) != ""
    assert names(folder) == NAMES
    assert (folder / "report.html").read_text("utf-8") == render_html(either)
    assert (folder / "report.md").read_text("utf-8") == render_markdown(either)
    assert to_json(from_json((folder / "report.json").read_bytes())) == to_json(either)


def test_writing_again_replaces(tmp_path: Path) -> None:
    write(samples.partly_failed(), tmp_path)
    write(for_students(samples.partly_failed()), tmp_path)
    assert names(tmp_path) == NAMES
    assert "90210" not in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_files_that_are_not_what_was_written_have_another_fingerprint(tmp_path: Path, name: str) -> None:
    known = write(samples.full_marks(), tmp_path)
    content = (tmp_path / name).read_bytes()
    for damaged in (
        b"",
        content[:-1],
        content[: len(content) // 2],
        bytes(len(content)),
        content[:-1] + b"?",
    ):
        (tmp_path / name).write_bytes(damaged)
        assert files.fingerprint(tmp_path) not in ("", known)
    (tmp_path / name).unlink()
    assert files.fingerprint(tmp_path) == ""


def test_files_follow_the_umask(tmp_path: Path) -> None:
    write(samples.full_marks(), tmp_path)
    other = tmp_path / "other"
    other.touch()
    assert (tmp_path / "report.html").stat().st_mode == other.stat().st_mode


@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_nothing_half_written_when_renaming_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException], step: int
) -> None:
    calls: list[str] = []
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        calls.append(target.name)
        if len(calls) == step:
            raise fault
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(fault):
        write(samples.full_marks(), tmp_path)
    assert calls == ["report.html", "report.md", "report.json"][:step]
    assert names(tmp_path) == sorted(calls[: step - 1])


@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError])
def test_nothing_half_written_when_writing_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException]
) -> None:
    write(samples.full_marks(), tmp_path)
    before = (tmp_path / "report.html").read_bytes()
    opened: list[Path] = []
    real = Path.open

    def failing(self: Path, *args: str) -> object:
        file = real(self, *args)
        opened.append(self)
        if len(opened) == 2:
            file.close()
            raise fault
        return file

    monkeypatch.setattr(Path, "open", failing)
    with pytest.raises(fault):
        write(samples.partly_failed(), tmp_path)
    monkeypatch.undo()
    assert names(tmp_path) == NAMES
    assert (tmp_path / "report.html").read_bytes() == before


def test_a_renderer_that_fails_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(report: GradeReport) -> bytes:
        raise ValueError(report.submission)

    monkeypatch.setattr(files, "to_json", failing)
    with pytest.raises(ValueError, match="alice"):
        write(samples.full_marks(), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_os_errors_are_let_through(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        write(samples.full_marks(), tmp_path / "file")


def test_what_takes_the_place_of_a_file_is_on_disk_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where power fails between, there is the old file or the new one, never one of zeros."""
    done: list[str] = []
    fsync, replace = files.os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        done.append(f"sync {Path(f'/proc/self/fd/{descriptor}').resolve().stat().st_size}")
        fsync(descriptor)

    def renamed(path: Path, target: Path) -> Path:
        done.append(f"rename {path.stat().st_size}")
        return replace(path, target)

    monkeypatch.setattr(files.os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    files.put({tmp_path / "a": b"1", tmp_path / "b": b"22"})
    with files.drafted(tmp_path / "c") as file:
        file.write("333")
    assert done == ["sync 1", "sync 2", "rename 1", "rename 2", "sync 3", "rename 3"]


def on_a_file_system_without_case(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold()).rstrip(". ")


@pytest.mark.parametrize(
    "ids",
    [
        ["ALICE", "alice"],
        ["Alice", "ALICE", "aLICE"],
        ["Straße", "STRASSE"],
        ["ü", "u\u0308", "Ü"],
        ["alice.", "alice", "alice.."],
        ["con", "NUL.txt", "aux", "Com1"],
        ["A" * 250, "a" * 250],
    ],
)
def test_no_two_reports_have_one_name_on_any_file_system(ids: list[str]) -> None:
    found = files.distinct_names(ids)
    assert list(found) == sorted(ids)
    assert len({on_a_file_system_without_case(name) for name in found.values()}) == len(ids)
    assert all(len(name.encode()) <= 255 for name in found.values())
    assert not {name.partition(".")[0].casefold() for name in found.values()} & {"con", "nul", "aux", "com1"}
    assert files.distinct_names(reversed(ids)) == found


def test_who_is_lower_case_keeps_the_name_whoever_comes_later() -> None:
    assert files.distinct_names(["alice", "Bob"]) == {"alice": "alice", "Bob": "Bob"}
    later = files.distinct_names(["alice", "ALICE", "Bob"])
    assert (later["alice"], later["Bob"]) == ("alice", "Bob")
    assert later["ALICE"].startswith("ALICE-")
