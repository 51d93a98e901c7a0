"""What intake leaves as it is, classes of folders and archives, and one file for each student."""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from grader.entry_point import EntryPoint
from grader.errors import UsageError
from grader.handin import intake, plain_files
from grader.handin.intake import describe
from grader.handin.search import Wanted, tree
from grader.handin.submission import Submission
from grader.model import Person
from tests import finding
from tests.conftest import SUBMISSIONS
from tests.handin.intake.making import CODE, NOTEBOOK, content, found_in, tarred, write, zipped


def names(found: list[Submission]) -> list[tuple[str, str | None, str | None]]:
    return [(one.id, one.module, one.notebook) for one in found]


# ---- as before -------------------------------------------------------------------------------------


def test_the_examples_are_found_as_they_were(tmp_path: Path):
    paths = [SUBMISSIONS]
    assert found_in(tmp_path / "w", *paths) == finding.find(paths, "TwoLayerMLP")


@pytest.mark.parametrize(
    "files",
    [
        ["a/mlp.py", "a/utils.py", "a/ps3.ipynb"],
        ["a/hw/mlp.py", "a/readme.txt"],
        ["a/mlp (2).py", "a/mlp (10).py"],
        ["a/homework.py", "a/other.ipynb"],
        ["a/ps3.ipynb", "a/ps3-copy.ipynb"],
        ["a/one/mlp.py", "a/two/ps3.ipynb", "a/three/notes.txt", "a/list.csv"],
        ["a/class/one/mlp.py", "a/class/two/mlp.py"],
        ["a/notes.txt"],
    ],
)
def test_a_plain_folder_is_found_as_before(tmp_path: Path, files: list[str]):
    write(tmp_path, *files)
    before = finding.find([tmp_path / "a"], "TwoLayerMLP")
    assert found_in(tmp_path / "w", tmp_path / "a") == before
    assert not list((tmp_path / "w").iterdir())


def test_files_and_a_folder_given_twice_are_found_as_before(tmp_path: Path):
    write(tmp_path / "a", "mlp.py", "ps3.ipynb")
    paths = [tmp_path / "a/mlp.py", tmp_path / "a/ps3.ipynb", tmp_path / "a", tmp_path / "a"]
    assert names(found_in(tmp_path / "w", *paths)) == [("a", "mlp.py", "ps3.ipynb")]


@pytest.mark.parametrize("path", ["missing", "empty", "a/notes.txt", "broken", "missing.zip", "a/pipe"])
def test_a_path_that_makes_no_sense_is_a_usage_error(tmp_path: Path, path: str):
    (tmp_path / "empty").mkdir()
    write(tmp_path / "a", "notes.txt")
    os.mkfifo(tmp_path / "a/pipe")
    (tmp_path / "broken").symlink_to("nowhere")
    with pytest.raises(UsageError):
        found_in(tmp_path / "w", tmp_path / path)


# ---- archives --------------------------------------------------------------------------------------


def test_an_archive_of_one_hand_in(tmp_path: Path):
    path = zipped(
        tmp_path / "alice.zip", {"hw/mlp.py": CODE, "hw/ps3.ipynb": NOTEBOOK, "hw/report.pdf": b"x"}
    )
    (one,) = found_in(tmp_path / "w", path)
    assert (one.id, one.module, one.notebook, one.problem) == ("alice", "mlp.py", "ps3.ipynb", "")
    assert one.origin == "archive"
    assert content(one) == {"mlp.py": CODE, "ps3.ipynb": NOTEBOOK, "report.pdf": ""}
    assert one.notes[-1] == "not used: hw/report.pdf"
    assert one.folder.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("alice.tar", "w"),
        ("alice.tar.gz", "w:gz"),
        ("alice.tgz", "w:gz"),
        ("alice.tar.xz", "w:xz"),
        ("alice.tar.bz2", "w:bz2"),
        ("Alice.TAR.GZ", "w:gz"),
    ],
)
def test_tarballs(tmp_path: Path, name: str, mode: str):
    (one,) = found_in(
        tmp_path / "w", tarred(tmp_path / name, {"./hw/mlp.py": CODE, "./hw/utils.py": "x = 1\n"}, mode)
    )
    assert one.id.lower() == "alice"
    assert content(one) == {"mlp.py": CODE, "utils.py": "x = 1\n"}


@pytest.mark.parametrize("format", [0, 1, 2], ids=["ustar", "gnu", "pax"])
def test_long_and_foreign_names_in_tarballs(tmp_path: Path, format: int):
    folder = "/".join(["x" * 40] * 3 + (["y" * 100, "Übung"] if format else []))
    path = tarred(tmp_path / "a.tar", {f"{folder}/mlp.py": CODE, f"{folder}/empty.py": ""}, "w", format)
    (one,) = found_in(tmp_path / "w", path)
    assert content(one) == {"empty.py": "", "mlp.py": CODE}


def test_a_class_in_one_archive(tmp_path: Path):
    files = {
        "class/bob/mlp.py": CODE,
        "class/al/hw/mlp.py": CODE,
        "class/dora/report.pdf": b"x",
        "class/x.csv": "",
    }
    found = found_in(tmp_path / "w", zipped(tmp_path / "class.zip", files))
    assert names(found) == [("al", "mlp.py", None), ("bob", "mlp.py", None), ("dora", None, None)]
    assert {one.origin for one in found} == {"archive"}


def test_an_archive_for_each_student(tmp_path: Path):
    write(tmp_path / "class", "carl/mlp.py")
    zipped(tmp_path / "class/alice.zip", {"mlp.py": CODE})
    tarred(tmp_path / "class/bob.tar.gz", {"hw/ps3.ipynb": NOTEBOOK})
    found = found_in(tmp_path / "w", tmp_path / "class")
    assert names(found) == [("alice", "mlp.py", None), ("bob", None, "ps3.ipynb"), ("carl", "mlp.py", None)]
    assert [one.origin for one in found] == ["archive", "archive", ""]


def test_a_class_of_archives_in_an_archive(tmp_path: Path):
    inner = [zipped(tmp_path / n, {"mlp.py": CODE}).read_bytes() for n in ("a.zip", "b.zip")]
    path = zipped(
        tmp_path / "class.zip", {"all/alice.zip": inner[0], "all/bob.zip": inner[1], "all/eve.zip": b"no zip"}
    )
    alice, bob, eve = found_in(tmp_path / "w", path)
    assert (alice.id, alice.module, bob.id, bob.module) == ("alice", "mlp.py", "bob", "mlp.py")
    assert eve.problem.startswith("eve.zip cannot be unpacked: it is damaged or no zip file")


def test_a_folder_with_one_archive_is_the_archive(tmp_path: Path):
    (tmp_path / "downloads").mkdir()
    zipped(tmp_path / "downloads/ps3.zip", {"alice/mlp.py": CODE, "bob/mlp.py": CODE})
    assert names(found_in(tmp_path / "w", tmp_path / "downloads")) == [
        ("alice", "mlp.py", None),
        ("bob", "mlp.py", None),
    ]


def test_an_archive_in_a_students_folder(tmp_path: Path):
    write(tmp_path / "class", "alice/notes.txt", "bob/mlp.py")
    zipped(tmp_path / "class/alice/hw.zip", {"hw/mlp.py": CODE})
    zipped(tmp_path / "class/bob/old.zip", {"hw/mlp.py": "old"})
    alice, bob = found_in(tmp_path / "w", tmp_path / "class")
    assert (alice.id, alice.module, alice.notes) == (
        "alice",
        "mlp.py",
        ("hw.zip/hw/mlp.py was graded as mlp.py", "not used: notes.txt"),
    )
    assert (bob.folder, bob.notes) == ((tmp_path / "class/bob").resolve(), ("not used: old.zip/hw/mlp.py",))


def test_of_several_archives_the_last_download_counts(tmp_path: Path):
    write(tmp_path / "class", "alice/notes.txt", "bob/mlp.py")
    for n in (2, 10):
        zipped(tmp_path / f"class/alice/hw ({n}).zip", {"mlp.py": CODE + f"# {n}\n"})
    alice, _ = found_in(tmp_path / "w", tmp_path / "class")
    assert content(alice)["mlp.py"].endswith("# 10\n")
    assert alice.notes == ("hw (10).zip/mlp.py was graded as mlp.py", "not used: hw (2).zip, notes.txt")


def test_a_folder_with_an_archive_beside_it_is_one_hand_in(tmp_path: Path):
    write(tmp_path / "alice", "hw/mlp.py")
    zipped(tmp_path / "alice/data.zip", {"mlp.py": CODE})
    (one,) = found_in(tmp_path / "w", tmp_path / "alice")
    assert one.folder.name == "hw"
    assert one.notes == ("hw/mlp.py was graded as mlp.py", "not used: data.zip/mlp.py")


def test_an_archive_in_an_archive_is_unpacked(tmp_path: Path):
    inner = zipped(tmp_path / "inner.zip", {"mlp.py": CODE}).read_bytes()
    write(tmp_path / "class", "bob/mlp.py", "carl/mlp.py")
    zipped(tmp_path / "class/alice.zip", {"again.zip": inner})
    alice, *_ = found_in(tmp_path / "w", tmp_path / "class")
    assert (alice.module, alice.notebook) == ("mlp.py", None)


def test_a_notebook_beside_an_archive_with_the_module_is_kept(tmp_path: Path):
    write(tmp_path / "class", "bob/mlp.py")
    write(tmp_path / "class", "alice/work.ipynb", text=NOTEBOOK)
    zipped(tmp_path / "class/alice/code.zip", {"mlp.py": CODE, "work.ipynb/x.py": ""})
    write(tmp_path / "class", "carl/work.ipynb", text=NOTEBOOK)
    zipped(tmp_path / "class/carl/code.zip", {"mlp.py": CODE})
    write(tmp_path / "class", "dora/work.ipynb", text=NOTEBOOK)
    zipped(tmp_path / "class/dora/data.zip", {"X.npy": b"x"})
    alice, _, carl, dora = found_in(tmp_path / "w", tmp_path / "class")
    assert (alice.module, alice.notebook, alice.problem) == ("mlp.py", "work.ipynb", "")
    assert (carl.module, carl.notebook, carl.problem) == ("mlp.py", "work.ipynb", "")
    assert (dora.module, dora.notebook, dora.problem, dora.notes) == (
        None,
        "work.ipynb",
        "",
        ("not used: data.zip/X.npy",),
    )


def test_a_folder_and_an_archive_of_one_name_are_one_hand_in(tmp_path: Path):
    write(tmp_path / "class", "alice/mlp.py", "bob/mlp.py")
    zipped(tmp_path / "class/alice.zip", {"mlp.py": "other"})
    zipped(tmp_path / "class/carl.zip", {"mlp.py": CODE})
    tarred(tmp_path / "class/carl.tgz", {"mlp.py": "other"})
    alice, _, carl = found_in(tmp_path / "w", tmp_path / "class")
    assert alice.notes == ("alice.zip was left out: there is alice",)
    assert (content(carl), carl.notes) == ({"mlp.py": CODE}, ("carl.tgz was left out: there is carl.zip",))


@pytest.mark.parametrize("name", ["hw.rar", "hw.7z", "mlp.py.gz"])
def test_an_archive_that_is_not_read_needs_a_person_not_a_zero(tmp_path: Path, name: str):
    write(tmp_path / "class", f"alice/{name}", "bob/mlp.py", f"bob/{name}")
    zipped(tmp_path / "class/carl.zip", {name: b"x"})
    alice, bob, carl = found_in(tmp_path / "w", tmp_path / "class")
    for one in (alice, carl):
        assert one.problem == f"{name} was left out: archives of its kind are not read; hand in a .zip"
    assert not bob.problem


def test_the_same_archive_given_twice_is_graded_once(tmp_path: Path):
    path = zipped(tmp_path / "alice.zip", {"mlp.py": CODE})
    (tmp_path / "link.zip").symlink_to("alice.zip")
    assert len(found_in(tmp_path / "w", path, path, tmp_path / "link.zip")) == 1


# ---- one file each ---------------------------------------------------------------------------------


def test_one_file_for_each_student(tmp_path: Path):
    write(tmp_path / "class", "alice.py", "bob.py")
    write(tmp_path / "class", "utils.py", text="x = 1\n")
    write(tmp_path / "class", "bob.ipynb", "carl.ipynb", text=NOTEBOOK)
    found = found_in(tmp_path / "w", tmp_path / "class")
    assert names(found) == [
        ("alice", "alice.py", None),
        ("bob", "bob.py", "bob.ipynb"),
        ("carl", None, "carl.ipynb"),
    ]
    assert set(content(found[1])) == {"bob.py", "bob.ipynb", "utils.py"}
    assert {one.origin for one in found} == {"one file each"}
    assert found[0].notes == ("alice.py was graded as mlp.py",)


@pytest.mark.parametrize(
    ("files", "ids"),
    [
        (["alice.ipynb", "bob.ipynb"], ["alice", "bob"]),
        (["ps3_alice.ipynb", "ps3_bob.ipynb"], ["alice", "bob"]),
        (["ann.py", "anna.py"], ["ann", "anna"]),
        (["Jane Doe.py", "John Doe (1).py"], ["Jane_Doe", "John_Doe_1"]),
        (["s1234567.py", "s7654321.py"], ["s1234567", "s7654321"]),
        (["alice.py", "alice_final.py", "bob.py"], ["alice", "bob"]),
        (["李雷.py", "韩梅梅.py"], ["李雷", "韩梅梅"]),
    ],
)
def test_names_of_students(tmp_path: Path, files: list[str], ids: list[str]):
    assert [one.id for one in found_in(tmp_path / "w", write(tmp_path / "class", *files))] == ids


@pytest.mark.parametrize(
    "files",
    [
        ["mlp.py", "alice.py", "bob.py"],
        ["mlp (1).py", "alice.py", "bob.py"],
        ["ps3.ipynb", "ps3-copy.ipynb"],
        ["part1.ipynb", "part2.ipynb"],
        ["homework.py", "homework_old.py"],
        ["alice.py", "alice_old.py"],
        ["alice_20250101.ipynb", "alice_20250102.ipynb"],
        ["alice.ipynb", "theory.ipynb"],
        ["solution.py", "alice.ipynb"],
        ["alice.py", "alice.ipynb"],
        ["TwoLayerMLP.py", "TwoLayerMLP (1).py"],
    ],
)
def test_several_files_of_one_student(tmp_path: Path, files: list[str]):
    write(tmp_path / "alice", *files)
    (one,) = found_in(tmp_path / "w", tmp_path / "alice")
    assert one == finding.find([tmp_path / "alice"], "TwoLayerMLP")[0]


def test_a_student_whose_file_defines_no_class_is_graded_all_the_same(tmp_path: Path):
    write(tmp_path / "class", "alice.py", "bob.py")
    write(tmp_path / "class", "carl.py", text="class TwoLayer(:")
    carl = found_in(tmp_path / "w", tmp_path / "class")[2]
    assert (carl.id, carl.module, carl.notes) == ("carl", "carl.py", ("carl.py was graded as mlp.py",))


def test_others_beside_single_files(tmp_path: Path):
    write(tmp_path / "class", "alice.py", "bob.py", "carl/mlp.py", "data/readme.txt", "alice/mlp.py")
    zipped(tmp_path / "class/dora.zip", {"mlp.py": CODE})
    (tmp_path / "class/eve.py").symlink_to("/etc/passwd")
    found = found_in(tmp_path / "w", tmp_path / "class")
    assert [one.id for one in found] == ["alice", "bob", "carl", "dora", "eve"]
    assert found[4].problem == "eve.py was left out: it is a symbolic link"


@pytest.mark.parametrize(
    ("real", "archives"),
    [((), ()), (("ann", "ben"), ()), (("ann", "ben"), ("dora.zip",)), ((), ("dora.zip",))],
)
def test_every_link_in_a_class_is_named_and_none_is_followed(
    tmp_path: Path, real: tuple[str, ...], archives: tuple[str, ...]
):
    folder = tmp_path / "class"
    write(tmp_path / "elsewhere", "mlp.py")
    folder.mkdir()
    write(folder, *(f"{name}/mlp.py" for name in real))
    for name in archives:
        zipped(folder / name, {"mlp.py": CODE})
    links = {"there": tmp_path / "elsewhere", "gone": Path("nowhere"), "round": Path("round")}
    for name, target in links.items():
        (folder / name).symlink_to(target)
    found = {one.id: one for one in found_in(tmp_path / "w", folder)}
    assert set(found) == {*links, *real, *(Path(name).stem for name in archives)}
    for name in links:
        assert (found[name].module, "symbolic link" in found[name].problem) == (None, True)
    for name in set(found) - set(links):
        assert (found[name].module, found[name].problem) == ("mlp.py", "")


def test_a_link_beside_the_only_folder_is_named(tmp_path: Path):
    write(tmp_path / "class", "ann/mlp.py")
    write(tmp_path / "elsewhere", "mlp.py")
    (tmp_path / "class" / "ben").symlink_to(tmp_path / "elsewhere")
    ann, ben = found_in(tmp_path / "w", tmp_path / "class")
    assert (ann.id, ann.module, ann.problem) == ("ann", "mlp.py", "")
    assert "symbolic link" in ben.problem


# ---- hostile folders -------------------------------------------------------------------------------


def test_one_bad_hand_in_harms_no_other(tmp_path: Path):
    folder = write(tmp_path / "class", "alice/mlp.py", "zoe/mlp.py", "a\nb\x1b[2J/x.zip")
    (folder / "link").symlink_to("/etc")
    (folder / "link.zip").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.zip")
    (folder / "huge.zip").touch()
    os.truncate(folder / "huge.zip", 1 << 40)
    (folder / "folder.zip").mkdir()
    here = Path.cwd()
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("s.tar")
    os.chdir(here)
    deep = folder / "deep"
    for _ in range(300):
        deep /= "d"
    deep.mkdir(parents=True)
    found = {one.id: one for one in found_in(tmp_path / "w", folder)}
    shutil.rmtree(folder / "deep")
    assert len(found) == 9
    assert found["alice"].module == found["zoe"].module == "mlp.py"
    assert "symbolic link" in found["link"].problem
    for name in ("huge", "pipe", "s"):
        assert "cannot be unpacked" in found[name].problem
    assert all(line.isprintable() for one in found.values() for line in (*one.notes, one.problem))


def test_an_overfull_folder_has_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for module in (plain_files, tree):
        monkeypatch.setattr(module, "MAX_ENTRIES", 50)
    write(tmp_path / "class", "alice/mlp.py", *(f"bob/{i}.txt" for i in range(51)))
    alice, bob = found_in(tmp_path / "w", tmp_path / "class")
    assert not alice.problem
    assert "more than 50 files" in bob.problem
    with pytest.raises(UsageError, match="more than 50 files"):
        found_in(tmp_path / "w", tmp_path / "class/bob")


def test_two_paths_with_one_name_are_refused(tmp_path: Path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        zipped(tmp_path / folder / "alice.zip", {"mlp.py": CODE})
    with pytest.raises(UsageError, match=r"y/alice\.zip and .*x/alice\.zip: both have a hand-in alice"):
        found_in(tmp_path / "w", tmp_path / "x/alice.zip", tmp_path / "y/alice.zip")


# ---- the list --------------------------------------------------------------------------------------


def test_rows_are_printable_and_say_why(tmp_path: Path):
    one = Submission("alice", tmp_path, "mlp\x1b.py", None, ("a note",), "a problem\n")
    one = replace(
        one, person=Person(name="Al\nice", email="a@example.org", course_id="12"), origin="Canvas download"
    )
    (row,) = describe([one])
    assert (row.id, row.who, row.module, row.notebook) == (
        "alice",
        "Al\\nice (a@example.org, 12)",
        "mlp\\x1b.py",
        "",
    )
    assert (row.how, row.remarks, row.problem) == ("Canvas download", ("a problem\\n", "a note"), True)
    (plain,) = describe([Submission("bob", tmp_path, "mlp.py", "ps3.ipynb")])
    assert (plain.who, plain.how, plain.remarks, plain.problem) == ("", "folder", (), False)


def test_the_notebooks_of_one_course_are_one_students(tmp_path: Path):
    """A repository with the notebooks of all exercises: none of them is named after a student."""
    given = ("knn.ipynb", "svm.ipynb", "softmax.ipynb", "two_layer_net.ipynb", "features.ipynb")
    top = tmp_path / "ann" / "assignment1"
    (top / "cs231n" / "classifiers").mkdir(parents=True)
    for name in given:
        (top / name).write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    (top / "cs231n" / "classifiers" / "neural_net.py").write_text("class TwoLayerNet:\n    pass\n")
    (top / "cs231n" / "classifiers" / "softmax.py").write_text("def softmax_loss(): pass\n")
    wanted = Wanted(EntryPoint("neural_net.py", ("TwoLayerNet",)), notebook_name="two_layer_net.ipynb")
    (one,) = intake.find([tmp_path / "ann"], wanted, tmp_path / "work")
    assert (one.id, one.module, one.notebook, one.problem) == (
        "ann",
        "neural_net.py",
        "two_layer_net.ipynb",
        "",
    )
