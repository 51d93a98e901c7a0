"""What is graded of one hand-in, in the situations that real ones are in: a row each, tried as a folder and as a zip.

`SRC` fills the template in; what a row expects is which file is graded, which notebook is read, and either nothing, a
part of a note, or, where a person has to look, a part of the problem.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader.entry_point import EntryPoint
from grader.handin import intake
from grader.handin.search import Wanted
from grader.handin.search.names import family, newness
from grader.handin.search.tree import Entry
from grader.handin.search.which import Candidate, choose
from grader.handin.staging import stage
from grader.handin.submission import Submission
from tests.conftest import ROOT, SUBMISSIONS
from tests.handin.intake.making import zipped

HANDOUT = ROOT / "reference" / "ps3" / "handout"
SRC = (SUBMISSIONS / "alice" / "mlp.py").read_bytes()
OTHER = SRC + b"\n\nprint('another')\n"
TEMPLATE = (HANDOUT / "mlp.py").read_bytes()
NB = (SUBMISSIONS / "alice" / "ps3.ipynb").read_bytes()
EMPTY_NB = (HANDOUT / "ps3.ipynb").read_bytes()
WANTED = Wanted(EntryPoint("mlp.py", ("TwoLayerMLP",)), TEMPLATE, EMPTY_NB, "ps3.ipynb")
Files = Mapping[str, bytes]


def cell(text: str, kind: str = "code") -> bytes:
    """A notebook of one cell, which was not made of the handout's."""
    one = {"cell_type": kind, "source": text, "metadata": {}, "outputs": [], "execution_count": None}
    return json.dumps({"cells": [one], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def again(notebook: bytes, **metadata: str) -> bytes:
    """The same, opened and saved: other metadata and outputs."""
    read = json.loads(notebook)
    read["metadata"] = metadata
    for one in read["cells"]:
        if one["cell_type"] == "code":
            one["execution_count"] = 7
            one["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "hello"}]
    return json.dumps(read, indent=3).encode()


def answered(notebook: bytes, text: str) -> bytes:
    """The same with an answer added."""
    read = json.loads(notebook)
    read["cells"].append({"cell_type": "markdown", "source": text, "metadata": {}})
    return json.dumps(read).encode()


def packed(files: Files, tmp: str = "inner") -> bytes:
    """A zip of these files."""
    import io
    import zipfile

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


@dataclass(frozen=True)
class Row:
    """One situation."""

    files: Files
    module: str | None = None
    """Path of what is graded, as the note says it; `mlp.py` at the top needs none."""
    notebook: str | None = None
    problem: str = ""
    note: str = ""


DEEP: dict[str, Row] = {
    "module and notebook apart": Row(
        {"code/mlp.py": SRC, "notebook/ps3.ipynb": NB}, "code/mlp.py", "notebook/ps3.ipynb"
    ),
    "two deep": Row({"homework/ps3/mlp.py": SRC}, "homework/ps3/mlp.py"),
    "three deep": Row({"a/b/c/mlp.py": SRC}, "a/b/c/mlp.py"),
    "nine deep": Row({"a/b/c/d/e/f/g/h/i/mlp.py": SRC}, "a/b/c/d/e/f/g/h/i/mlp.py"),
    "beside data": Row({"src/mlp.py": SRC, "data/x.csv": b"1"}, "src/mlp.py", note="data/x.csv"),
    "beside an environment": Row({"ps3/mlp.py": SRC, "venv/lib/x.py": b"x = 1"}, "ps3/mlp.py"),
    "beside another environment": Row(
        {"ps3/mlp.py": SRC, "myenv/pyvenv.cfg": b"", "myenv/lib/mlp.py": OTHER}, "ps3/mlp.py"
    ),
    "notebook outside, module inside": Row(
        {"ps3.ipynb": NB, "code/mlp.py": SRC}, "code/mlp.py", "ps3.ipynb"
    ),
    "module outside, notebook inside": Row({"mlp.py": SRC, "nb/x.ipynb": NB}, "mlp.py", "nb/x.ipynb"),
    "another name, deep": Row({"a/b/network.py": SRC}, "a/b/network.py"),
    "a zip with folders": Row(
        {"hw.zip": packed({"ps3/code/mlp.py": SRC, "ps3/notebook/ps3.ipynb": NB})},
        "hw.zip/ps3/code/mlp.py",
        "hw.zip/ps3/notebook/ps3.ipynb",
    ),
    "a zip in a zip": Row(
        {"hw.zip": packed({"x/inner.zip": packed({"mlp.py": SRC})})}, "hw.zip/x/inner.zip/mlp.py"
    ),
    "three zips": Row(
        {"a.zip": packed({"b.zip": packed({"c.zip": packed({"mlp.py": SRC})})})}, "a.zip/b.zip/c.zip/mlp.py"
    ),
    "a zip in a folder": Row({"upload/hw.zip": packed({"mlp.py": SRC})}, "upload/hw.zip/mlp.py"),
    "module beside, notebook in a zip": Row(
        {"mlp.py": SRC, "nb.zip": packed({"ps3.ipynb": NB})}, "mlp.py", "nb.zip/ps3.ipynb"
    ),
    "two zips": Row(
        {"code.zip": packed({"mlp.py": SRC}), "nb.zip": packed({"ps3.ipynb": NB})},
        "code.zip/mlp.py",
        "nb.zip/ps3.ipynb",
    ),
    "a template beside a zip": Row(
        {"mlp.py": TEMPLATE, "hw.zip": packed({"mlp.py": SRC})}, "hw.zip/mlp.py", note="not filled in: mlp.py"
    ),
    "a damaged zip": Row({"hw.zip": b"no zip"}, problem="hw.zip was left out: it is damaged"),
    "an empty zip": Row({"hw.zip": packed({})}, problem="hw.zip"),
    "only an environment": Row({"venv/mlp.py": SRC}, problem="venv"),
    "only a checkpoint": Row({".ipynb_checkpoints/mlp-checkpoint.py": SRC}, problem=".ipynb_checkpoints"),
    "only a hidden file": Row({".mlp.py": SRC}, problem=".mlp.py"),
    "checkpoints beside": Row({"mlp.py": SRC, ".ipynb_checkpoints/mlp-checkpoint.py": OTHER}, "mlp.py"),
    "what a system leaves": Row({"ps3/mlp.py": SRC, "__MACOSX/ps3/._mlp.py": b"x", "Thumbs.db": b""}, "ps3/mlp.py"),
    "two in different folders": Row(
        {"a/mlp.py": SRC, "b/mlp.py": OTHER}, problem="several files may be meant as mlp.py: a/mlp.py, b/mlp.py"
    ),
    "the same in different folders": Row({"a/mlp.py": SRC, "b/mlp.py": SRC}, "a/mlp.py"),
    "one at the top and one below": Row({"mlp.py": SRC, "b/mlp.py": OTHER}, "mlp.py", note="b/mlp.py"),
    "one around the other": Row({"a/mlp.py": SRC, "a/b/mlp.py": OTHER}, "a/mlp.py", note="a/b/mlp.py"),
    "an old folder": Row({"new/mlp.py": SRC, "old/mlp.py": OTHER}, "new/mlp.py", note="old/mlp.py"),
    "an old zip": Row(
        {"ps3.zip": packed({"mlp.py": SRC}), "ps3_old.zip": packed({"mlp.py": OTHER})}, "ps3.zip/mlp.py"
    ),
    "a template at the top, filled below": Row(
        {"mlp.py": TEMPLATE, "solution/mlp.py": SRC}, "solution/mlp.py", note="not filled in: mlp.py"
    ),
}  # fmt: skip

WHICH: dict[str, Row] = {
    "template and (1)": Row({"mlp.py": TEMPLATE, "mlp (1).py": SRC}, "mlp (1).py", note="filled in: mlp.py"),
    "template and final": Row({"mlp.py": TEMPLATE, "mlp_final.py": SRC}, "mlp_final.py"),
    "template and solution": Row({"mlp.py": TEMPLATE, "mlp_solution.py": SRC}, "mlp_solution.py"),
    "template and Kopie": Row({"mlp.py": TEMPLATE, "mlp - Kopie.py": SRC}, "mlp - Kopie.py"),
    "template and another name": Row({"mlp.py": TEMPLATE, "network.py": SRC}, "network.py"),
    "template with a name on it": Row(
        {"mlp.py": b"# Jane Doe, 123\n" + TEMPLATE.replace(b"\n", b"\r\n"), "net.py": SRC}, "net.py"
    ),
    "template with a text on it": Row({"mlp.py": b'"""Jane Doe"""\n' + TEMPLATE, "net.py": SRC}, "net.py"),
    "filled (1) is the template": Row({"mlp.py": SRC, "mlp (1).py": TEMPLATE}, "mlp.py", note="mlp (1).py"),
    "the template alone": Row({"mlp.py": TEMPLATE}, "mlp.py"),
    "two templates": Row({"mlp.py": TEMPLATE, "mlp (1).py": TEMPLATE + b"# x\n"}, "mlp.py"),
    "another that defines it": Row({"mlp.py": SRC, "network.py": OTHER}, "mlp.py", note="network.py"),
    "a copy of the same": Row({"mlp.py": SRC, "network.py": SRC}, "mlp.py"),
    "filled and filled (1)": Row({"mlp.py": SRC, "mlp (1).py": OTHER}, "mlp.py", note="mlp (1).py"),
    "(1) of zips": Row(
        {"ps3.zip": packed({"mlp.py": OTHER}), "ps3 (1).zip": packed({"mlp.py": SRC})},
        "ps3 (1).zip/mlp.py",
        note="ps3.zip",
    ),
    "-1 of zips": Row(
        {"ps3.zip": packed({"mlp.py": OTHER}), "ps3-1.zip": packed({"mlp.py": SRC})}, "ps3-1.zip/mlp.py"
    ),
    "2 of zips": Row(
        {"homework.zip": packed({"mlp.py": OTHER}), "homework2.zip": packed({"mlp.py": SRC})},
        "homework2.zip/mlp.py",
    ),
    "(10) of zips": Row(
        {"hw (2).zip": packed({"mlp.py": OTHER}), "hw (10).zip": packed({"mlp.py": SRC})}, "hw (10).zip/mlp.py"
    ),
    "the newest zip holds nothing": Row(
        {"hw.zip": packed({"mlp.py": SRC}), "hw (1).zip": packed({"a.pdf": b"x"})}, "hw.zip/mlp.py"
    ),
    "zips of the same work": Row(
        {"final.zip": packed({"mlp.py": SRC}), "ps3.zip": packed({"mlp.py": SRC})}, "final.zip/mlp.py"
    ),
    "zips of other names": Row(
        {"anna.zip": packed({"mlp.py": SRC}), "ps3.zip": packed({"mlp.py": OTHER})}, problem="several files"
    ),
    "final2": Row({"mlp_final.py": OTHER, "mlp_final2.py": SRC}, "mlp_final2.py", note="mlp_final.py"),
    "copy 2": Row({"mlp copy.py": OTHER, "mlp copy 2.py": SRC}, "mlp copy 2.py"),
    "final over (1)": Row({"mlp (1).py": OTHER, "mlp_final.py": SRC}, "mlp_final.py"),
    "(2) and (10)": Row({"mlp (2).py": OTHER, "mlp (10).py": SRC}, "mlp (10).py"),
    "old last": Row({"mlp_old.py": OTHER, "MLP.py": SRC}, "MLP.py", note="mlp_old.py"),
    "backup last": Row({"mlp_backup2.py": OTHER, "mlp1.py": SRC}, "mlp1.py"),
    "an old one alone": Row({"mlp_old.py": SRC}, "mlp_old.py"),
    "copies that nobody can order": Row({"mlp (1).py": SRC, "mlp-1.py": OTHER}, problem="several files"),
    "two names": Row({"model.py": SRC, "network.py": OTHER}, problem="model.py, network.py"),
    "mlp in the name": Row({"mlp_final.py": SRC, "test_it.py": OTHER}, "mlp_final.py", note="test_it.py"),
    "empty mlp.py and another": Row({"mlp.py": b"", "network.py": SRC}, "network.py"),
    "TODO and another": Row({"mlp.py": b"# TODO\n", "work/network.py": SRC}, "work/network.py"),
    "mlp.py that imports it": Row(
        {"mlp.py": b"from network import TwoLayerMLP\n", "network.py": SRC}, "mlp.py", note="network.py"
    ),
    "mlp.py in UTF-16": Row({"mlp.py": SRC.decode().encode("utf-16"), "network.py": OTHER}, "mlp.py"),
    "another name in UTF-16": Row({"network.py": SRC.decode().encode("utf-16")}, "network.py"),
    "untouched notebook": Row(
        {"mlp.py": SRC, "ps3.ipynb": EMPTY_NB, "mine.ipynb": NB}, "mlp.py", "mine.ipynb", note="filled in: ps3.ipynb"
    ),
    "untouched notebook, saved again": Row(
        {"mlp.py": SRC, "ps3.ipynb": again(EMPTY_NB, kernel="x"), "mine.ipynb": NB}, "mlp.py", "mine.ipynb"
    ),
    "untouched notebook in a folder": Row(
        {"mlp.py": SRC, "ps3.ipynb": EMPTY_NB, "done/ps3.ipynb": NB}, "mlp.py", "done/ps3.ipynb"
    ),
    "a notebook to try things": Row({"mlp.py": SRC, "ps3.ipynb": NB, "try.ipynb": cell("1")}, "mlp.py", "ps3.ipynb"),
    "a larger one to try things": Row(
        {"mlp.py": SRC, "mine.ipynb": NB, "try.ipynb": cell("1" * 2_000_000)}, "mlp.py", "mine.ipynb"
    ),
    "two copies of a notebook": Row(
        {"ps3-2.ipynb": answered(NB, "x"), "ps3-1.ipynb": NB, "mlp.py": SRC}, "mlp.py", "ps3-2.ipynb"
    ),
    "two other notebooks": Row(
        {"mlp.py": SRC, "mine.ipynb": NB, "yours.ipynb": answered(NB, "x")}, "mlp.py", None, note=""
    ),
}  # fmt: skip

NOTHING: dict[str, Row] = {
    **{
        f"only {name}": Row({name: b"x"}, problem=name)
        for name in (
            "mlp.py.txt", "ps3.ipynb.json", "report.docx", "homework.pages", "answers.pdf", "photo.HEIC", "IMG_1.jpg",
            "notes.txt", "link.webloc", "hw.rar", "hw.7z", "mlp.py.gz", "mlp", "utils.py", "code/helper.py",
        )
    },
    "a class in a text": Row({"work.txt": SRC}, problem="work.txt"),
    "an empty mlp.py": Row({"mlp.py": b""}, "mlp.py"),
    "template and mlp.py.txt": Row({"mlp.py": TEMPLATE, "mlp.py.txt": SRC}, problem="mlp.py.txt"),
    "template and a text with the class": Row({"mlp.py": TEMPLATE, "mine.txt": SRC}, problem="mine.txt"),
    "template and a report": Row({"mlp.py": TEMPLATE, "report.pdf": b"x"}, "mlp.py", note="not used: report.pdf"),
    "a module and a report": Row({"mlp.py": SRC, "report.pdf": b"x"}, "mlp.py", note="not used: report.pdf"),
    "many that are not used": Row(
        {"mlp.py": SRC, **{f"{i}.png": b"x" for i in range(9)}}, "mlp.py", note="and 4 more"
    ),
    "a module that is a folder": Row({"mlp.py/mlp.py": SRC}, "mlp.py/mlp.py"),
}  # fmt: skip
ROWS = {**DEEP, **WHICH, **NOTHING}


def test_there_are_enough_of_them():
    assert len(ROWS) >= 90


def laid(folder: Path, files: Files) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)
    return folder


def found(path: Path, workspace: Path) -> dict[str, Submission]:
    workspace.mkdir(exist_ok=True)
    return {one.id: one for one in intake.find([path], WANTED, workspace)}


def arranged(tmp_path: Path, how: str, files: Files) -> Submission:
    """The same files of one student as they may come: Alice's."""
    bob = {"mlp.py": SRC}
    match how:
        case "folder":
            laid(laid(tmp_path / "class/bob", bob).parent / "alice", files)
            return found(tmp_path / "class", tmp_path / "w")["alice"]
        case "zip":
            zipped(laid(tmp_path / "class/bob", bob).parent / "alice.zip", files)
            return found(tmp_path / "class", tmp_path / "w")["alice"]
        case "Moodle":
            laid(tmp_path / "m/Al Doe_4001_assignsubmission_file_", files)
            return found(tmp_path / "m", tmp_path / "w")["Al_Doe_4001"]
    raise AssertionError(how)


@pytest.mark.parametrize("how", ["folder", "zip"])
@pytest.mark.parametrize("name", ROWS)
def test_situations(tmp_path: Path, name: str, how: str):
    row = ROWS[name]
    one = arranged(tmp_path, how, row.files)
    if row.problem:
        assert row.problem in one.problem
        return
    assert not one.problem
    assert one.module is not None
    graded = (one.folder / one.module).read_bytes()
    note = f"{row.module} was graded as mlp.py"
    if row.module == "mlp.py":
        assert not any("was graded as" in said for said in one.notes)
        assert graded == row.files["mlp.py"]
    else:
        assert note in one.notes
    if row.notebook is None:
        assert one.notebook is None
    else:
        assert one.notebook_path is not None
        assert one.notebook_path.name == row.notebook.rpartition("/")[2]
    assert any(row.note in said for said in (*one.notes, ""))


@pytest.mark.parametrize("name", DEEP)
def test_course_systems_are_searched_in_the_same_way(tmp_path: Path, name: str):
    one = arranged(tmp_path, "Moodle", ROWS[name].files)
    assert bool(one.problem) == bool(ROWS[name].problem)
    if ROWS[name].module not in (None, "mlp.py"):
        assert f"{ROWS[name].module} was graded as mlp.py" in one.notes


def test_nothing_is_nothing_only_in_an_empty_folder(tmp_path: Path):
    laid(
        tmp_path / "class",
        {"bob/mlp.py": SRC, "carl/.gitkeep": b"", "carl/.DS_Store": b"x", "dora/x/.keep": b""},
    )
    for name in ("alice", "carl", "dora"):
        (tmp_path / "class" / name).mkdir(exist_ok=True)
    them = found(tmp_path / "class", tmp_path / "w")
    for name in ("alice", "carl", "dora"):
        assert (them[name].module, them[name].notebook, them[name].problem) == (None, None, "")


def test_several_notebooks_leave_the_answers_to_a_person_and_not_the_code(tmp_path: Path):
    one = arranged(tmp_path, "folder", WHICH["two other notebooks"].files)
    assert (one.module, one.notebook, one.problem) == ("mlp.py", None, "")
    assert one.notebook_problem == "several notebooks may be meant: mine.ipynb, yours.ipynb"


def test_answers_in_a_document_are_a_persons(tmp_path: Path):
    one = arranged(tmp_path, "folder", NOTHING["a module and a report"].files)
    assert one.notebook_problem == "there is no notebook, and answers may be in report.pdf"


@pytest.mark.parametrize(
    ("folder", "files", "ids"),
    [
        ("alice", ["code/mlp.py", "notebook/ps3.ipynb"], ["alice"]),
        ("hand", ["src/mlp.py", "data/x.csv"], ["hand"]),
        ("a", ["ps3/mlp.py", "venv/lib/x.py"], ["a"]),
        ("a", ["b/c/mlp.py"], ["a"]),
        ("submissions", ["alice/code/mlp.py", "bob/x.pdf"], ["alice", "bob"]),
        ("submissions", ["alice/code/mlp.py"], ["alice"]),
        ("submissions", ["1/mlp.py", "2/mlp.py"], ["1", "2"]),
        ("x", ["anna/a/b/mlp.py", "ben/mlp.py", "carl/notes.txt"], ["anna", "ben", "carl"]),
        ("x", ["anna/mlp.py", "ben.zip"], ["anna", "ben"]),
        ("physics2026", ["anna/mlp.py", "ben/x.txt"], ["anna", "ben"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", ["folder", "zip"])
def test_a_class_or_one_hand_in(tmp_path: Path, folder: str, files: list[str], ids: list[str], how: str):
    content = {name: packed({"mlp.py": SRC}) if name.endswith(".zip") else SRC for name in files}
    if how == "folder":
        path = laid(tmp_path / "x" / folder, content)
    else:
        (tmp_path / "x").mkdir()
        path = zipped(tmp_path / "x" / f"{folder}.zip", content)
    assert sorted(found(path, tmp_path / "w")) == ids


def test_what_was_taken_can_be_staged_from_where_it_lies(tmp_path: Path):
    files = {"code/mlp.py": SRC, "code/layers/act.py": b"x = 1", "code/mean.npy": b"x", "nb/ps3.ipynb": NB}
    one = arranged(tmp_path, "folder", files)
    (tmp_path / "staged").mkdir()
    done = stage(one, tmp_path / "staged")
    assert set(done.files) == {"mlp.py", "layers/act.py", "mean.npy"}
    assert one.notebook_path == (tmp_path / "class/alice/nb/ps3.ipynb").resolve()


# ---- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("ps3", "ps3 (1)"), ("ps3", "ps3-1"), ("homework", "homework2"), ("mlp_final", "mlp_final2"),
        ("mlp copy", "mlp copy 2"), ("mlp", "mlp_final"), ("mlp (9)", "mlp (10)"), ("mlp_v1", "mlp_v2"),
        ("mlp3", "mlp_final"), ("mlp", "mlp_neu"),
    ],
)  # fmt: skip
def test_newer_copies(older: str, newer: str):
    assert family(older) == family(newer)
    assert newness(older) < newness(newer)


def test_parts_are_no_copies():
    assert family("part1") != family("part2")
    assert family("Aufgabe 1") != family("Aufgabe 2")


# ---- properties ------------------------------------------------------------------------------------

FOLDERS = st.lists(
    st.sampled_from(
        ["a", "code", "src", "ps3", "old", "New folder", "hw (1)", "Übung", "data", "x.y", "mlp.py"]
    ),
    max_size=4,
)
SCRIPTS = (
    "mlp.py",
    "MLP.py",
    "mlp (1).py",
    "mlp_final.py",
    "network.py",
    "mlp_old.py",
    "alice.py",
    "utils.py",
    "m.PY",
)
CONTENTS = {"filled": SRC, "other": OTHER, "template": TEMPLATE, "no class": b"x = 1\n", "empty": b""}
PLACED = st.dictionaries(
    st.tuples(FOLDERS, st.sampled_from((*SCRIPTS, "a.pdf", "mlp.py.txt", "notes.md"))).map(
        lambda at: "/".join((*at[0], at[1]))
    ),
    st.sampled_from(sorted(CONTENTS)),
    min_size=1,
    max_size=6,
).filter(
    lambda files: not any(one != other and other.startswith(f"{one}/") for one in files for other in files)
)


def outcome(one: Submission) -> str:
    """What is graded, by its content; `person` where somebody has to look; `nothing`."""
    if one.problem:
        return "person"
    if one.module is None:
        return "nothing"
    content = (one.folder / one.module).read_bytes()
    return next(name for name, known in CONTENTS.items() if known == content)


TWINS: dict[str, Files] = {
    "an empty copy": {"mlp.py": b"", "MLP.py": SRC, "mlp (1).py": b""},
    "a template deeper": {"mlp.py": SRC, "MLP.py": OTHER, "code/mlp.py": TEMPLATE},
    "another one of another name": {"mlp.py": SRC, "Mlp.py": TEMPLATE, "network.py": OTHER},
    "what was kept": {"mlp_final.py": SRC, "MLP_final.py": OTHER, "mlp_old.py": OTHER},
    "another notebook": {"mlp.py": SRC, "ps3.ipynb": b"{}", "PS3.ipynb": b"{ }", "x.ipynb": b"{  }"},
}
"""Names that differ in case only, of which an archive gives none; and beside them something of less right."""


@pytest.mark.parametrize("name", TWINS)
def test_what_was_left_out_does_not_give_way_to_something_of_less_right(tmp_path: Path, name: str):
    assert "upper and lower case" in arranged(tmp_path, "zip", TWINS[name]).problem


def test_what_is_old_or_no_answer_is_left_out_without_a_person(tmp_path: Path):
    files = {
        "mlp.py": SRC,
        "mlp_old.py": OTHER,
        "MLP_old.py": TEMPLATE,
        "utils.py": b"x = 1\n",
        "UTILS.py": b"x = 2\n",
    }
    one = arranged(tmp_path, "zip", files)
    assert (one.module, one.problem) == ("mlp.py", "")
    assert sum("upper and lower case" in note for note in one.notes) == 4


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example({"mlp.py": "empty", "MLP.py": "filled", "mlp (1).py": "empty"}, [])
@given(PLACED, st.lists(st.sampled_from(["up", "code", "x y"]), max_size=2))
def test_never_a_zero_while_a_file_defines_the_class(
    tmp_path_factory: pytest.TempPathFactory, placed: dict[str, str], around: list[str]
):
    files = {name: CONTENTS[kind] for name, kind in placed.items()}
    folder = tmp_path_factory.mktemp("tree")
    plain = outcome(arranged(folder, "folder", files))
    assert plain != "nothing"
    defining = {kind for name, kind in placed.items() if name.lower().endswith(".py")} & {"filled", "other"}
    if defining:
        assert plain in (*defining, "person")
    # The same files, further in or in an archive: the same, or a person.
    for how in ("zip", "Moodle"):
        moved = {"/".join((*around, name)): text for name, text in files.items()}
        assert outcome(arranged(tmp_path_factory.mktemp(how), how, moved)) in (plain, "person")


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(FOLDERS, st.sampled_from(SCRIPTS), st.sampled_from("abc"), st.booleans()),
        min_size=1,
        max_size=6,
    )
)
def test_a_choice_does_not_depend_on_the_order_and_loses_nothing(
    files: list[tuple[list[str], str, str, bool]],
):
    named = {(*folder, name): (digest, is_template) for folder, name, digest, is_template in files}
    found = [
        Candidate(Entry(path, Path("/".join(path))), digest, is_template and digest == "a")
        for path, (digest, is_template) in named.items()
    ]
    choice = choose(found, "mlp.py")
    assert choice == choose(found[::-1], "mlp.py")
    assert (choice.meant is None) == bool(choice.several)
    if choice.meant is not None:
        kept = {choice.meant, *choice.others, *choice.templates}
        # Each content is the chosen one's or named, where anything is filled in.
        assert {c.digest for c in found if c.entry in kept} >= {c.digest for c in found if not c.handed_out}
