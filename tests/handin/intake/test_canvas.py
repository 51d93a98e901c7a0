"""Canvas's bulk download: names of files are all that says whose they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.model import Person
from tests.handin.intake.making import CODE, NOTEBOOK, content, found_in, tarred, write, zipped

FILES = {
    "doejane_101_9001_mlp.py": CODE,
    "doejane_101_9002_ps3.ipynb": NOTEBOOK,
    "roerick_LATE_102_9003_mlp-1.py": CODE,
    "roerick_LATE_102_9004_ps3-1.ipynb": NOTEBOOK,
    "zhaoli_103_9005_report.pdf": "x",
    "lodi_104_text.html": "<p>",
}
RETURNED = ["doejane_101_9002_", "", "roerick_LATE_102_9004_", "zhaoli_103_9005_"]
"""How the names begin of what Canvas takes back, by id."""


def laid(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        write(folder, name, text=text)
    return folder


@pytest.mark.parametrize("kind", ["folder", "zip", "zip with a folder", "tar", "folder in a folder"])
def test_a_download_is_recognised(tmp_path: Path, kind: str):
    match kind:
        case "folder":
            path = laid(tmp_path / "submissions", FILES)
        case "folder in a folder":
            path = laid(tmp_path / "x/submissions", FILES).parent
        case "zip":
            path = zipped(tmp_path / "submissions.zip", FILES)
        case "zip with a folder":
            path = zipped(tmp_path / "submissions.zip", {f"submissions/{n}": t for n, t in FILES.items()})
        case _:
            path = tarred(tmp_path / "submissions.tgz", FILES)
    found = found_in(tmp_path / "w", path)
    assert [one.id for one in found] == ["doejane_101", "lodi_104", "roerick_102", "zhaoli_103"]
    jane, lodi, rick, zhao = found
    assert jane.person == Person(name="doejane", course_id="101")
    assert [one.returned_as for one in found] == RETURNED
    assert {one.origin for one in found} == {"Canvas download"}
    assert content(jane) == content(rick) == {"mlp.py": CODE, "ps3.ipynb": NOTEBOOK}
    assert (jane.notes, rick.notes) == ((), ("Canvas marks it as late",))
    assert lodi.module is None and "lodi_104_text.html" in lodi.problem
    assert lodi.notes == ("a text or link typed into Canvas was not read",)
    assert zhao.module is None and "report.pdf" in zhao.problem
    assert not list((tmp_path / "w").rglob("*.pdf")) or all(
        p.stat().st_size == 0 for p in (tmp_path / "w").rglob("*.pdf")
    )


def test_the_newest_attachment_of_a_name_counts(tmp_path: Path):
    files = {"doejane_1_99_mlp.py": "old", "doejane_1_100_mlp-1.py": CODE, "doejane_1_100_mlp-2.py.txt": ""}
    (one,) = found_in(tmp_path / "w", laid(tmp_path / "s", files))
    assert content(one)["mlp.py"] == CODE
    assert one.notes == ("of 2 files called mlp.py, the newest was read", "not used: mlp-2.py.txt")


def test_two_of_one_name_are_told_apart_by_their_ids(tmp_path: Path):
    files = {"doejane_1_7_mlp.py": CODE, "doejane_2_8_mlp.py": CODE, "doejane_2_9_utils.py": ""}
    found = found_in(tmp_path / "w", laid(tmp_path / "s", files))
    assert [(one.id, one.person.course_id) for one in found] == [("doejane_1", "1"), ("doejane_2", "2")]


def test_an_id_does_not_change_when_others_hand_in(tmp_path: Path):
    one = found_in(tmp_path / "w", laid(tmp_path / "s", {"doejane_1_7_mlp.py": CODE}))[0]
    laid(tmp_path / "s", {"doejane_0_3_mlp.py": CODE})
    assert one.id in [o.id for o in found_in(tmp_path / "w", tmp_path / "s")]


def test_archives_among_the_attachments(tmp_path: Path):
    code = zipped(tmp_path / "code.zip", {"hw/mlp.py": CODE}).read_bytes()
    folder = laid(tmp_path / "s", {"doejane_1_7_work.ipynb": NOTEBOOK, "roerick_2_10_mlp.py": CODE})
    (folder / "doejane_1_8_code-1.zip").write_bytes(code)
    (folder / "zhaoli_3_9_code.zip").write_bytes(b"no zip")
    jane, rick, zhao = found_in(tmp_path / "w", folder)
    assert (jane.module, jane.notebook, jane.notes) == (
        "mlp.py",
        "work.ipynb",
        ("code.zip/hw/mlp.py was graded as mlp.py",),
    )
    assert rick.module
    assert zhao.problem.startswith("code.zip was left out: it is damaged or no zip file")


def test_odd_files_are_the_problem_of_their_owner(tmp_path: Path):
    folder = laid(tmp_path / "s", {"doejane_1_7_mlp.py": CODE, "a_2_8_x\n\x1b[31m.py": CODE})
    (folder / "b_3_9_mlp.py").symlink_to("/etc/passwd")
    os.mkfifo(folder / "c_4_9_mlp.py")
    (folder / "d_5_9_mlp.py").touch()
    os.truncate(folder / "d_5_9_mlp.py", 1 << 40)
    found = found_in(tmp_path / "w", folder)
    assert [one.id for one in found] == ["a_2", "b_3", "c_4", "d_5", "doejane_1"]
    assert [bool(one.problem) for one in found] == [False, True, True, True, False]
    assert all(note.isprintable() for one in found for note in (*one.notes, one.problem))


def test_the_name_may_hold_what_looks_like_ids(tmp_path: Path):
    (one,) = found_in(
        tmp_path / "w", laid(tmp_path / "s", {"doejane_1_7_8_9_mlp.py": CODE, "doejane_1_6_a.txt": ""})
    )
    assert (one.person.course_id, one.module) == ("1", "8_9_mlp.py")


@pytest.mark.parametrize("stray", ["bob.py", "carl.ipynb", "dora.zip"])
def test_a_file_of_nobody_among_them_is_named(tmp_path: Path, stray: str):
    folder = laid(tmp_path / "s", {**FILES, stray: CODE})
    with pytest.raises(UsageError, match=stray):
        found_in(tmp_path / "w", folder)


@pytest.mark.parametrize(
    "files",
    [
        ["mlp.py", "a_1_2_x.py", "b_3_4_y.py"],
        ["ps3_1_2.py", "homework.py"],
        ["a_1_2_notes.txt", "b_2_3_notes.txt", "homework.py"],
        ["a_1_2_test.py", "homework.py"],
    ],
)
def test_one_hand_in_is_not_mistaken_for_a_download(tmp_path: Path, files: list[str]):
    (one,) = found_in(tmp_path / "w", write(tmp_path / "alice", *files))
    assert (one.id, one.origin) == ("alice", "")
