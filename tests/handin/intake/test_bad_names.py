"""A bad name in one student's part of the archive of a class costs that student, and nobody else."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.handin.submission import Submission
from tests.handin.intake.making import CODE, NOTEBOOK, found_in, tar_entry, tarred, write, zip_link, zipped
from tests.handin.intake.test_inside import listed

BAD = {
    "backslashes that lead up": "x\\..\\mlp.py",
    "backslashes": "x\\mlp.py",
    "backslash first": "\\mlp.py",
    "drive": "C:\\mlp.py",
    "share": "\\\\server\\share\\mlp.py",
    "up": "../../mlp.py",
    "up and into another's": "../zoe/mlp.py",
    "up in the middle": "a/../../zoe/mlp.py",
    "up by backslashes into another's": "..\\zoe\\mlp.py",
    "too long": "m" * 300 + ".py",
    "too long a folder": "m" * 300 + "/mlp.py",
    "too deep": "d/" * 40 + "mlp.py",
    "NUL": "ml\0p.py",
    "NUL in a folder": "a\0b/mlp.py",
}
ODD = {
    "device": "NUL.py",
    "device as folder": "CON/mlp.py",
    "control characters": "\x1b[2Jm\nl\rp.py",
    "bidi override": "\u202eyp.plm.py",
    "dots": "....py",
    "blank": " .py",
    "trailing blank": "mlp.py ",
    "colon": "C:mlp.py",
    "stream": "mlp.py::$DATA",
    "dash": "-rf.py",
    "percent": "%s%n{0}.py",
    "wildcard": "*.py",
    "quote": "';--\".py",
    "home": "~/mlp.py",
    "absolute": "//etc/mlp.py",
}


HIDDEN = ("trailing blank", "stream", "dots")
"""Names that are no Python file's, or a hidden one's."""


def zip_of(path: Path, files: Mapping[str, str]) -> Path:
    """A zip file with names as they are: Python's own writer would cut one at a NUL."""
    stands_for = {name: name.replace("\0", "\uffff") for name in files}
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(stands_for[name].replace("\uffff", "@@@@"), text)
    data = path.read_bytes()
    if any("\0" in name for name in files):
        data = data.replace(b"@@@@", b"\0@@@")
    path.write_bytes(data)
    return path


def tar_of(path: Path, files: Mapping[str, str]) -> Path:
    return tarred(path, files, "w", tarfile.PAX_FORMAT)


PARTS: dict[str, Callable[[str], str]] = {
    "folders": lambda name: "{who}/" + name,
    "folders in one": lambda name: "class/{who}/" + name,
    "moodle": lambda name: "{who}_400{n}_assignsubmission_file_/" + name,
    "gradescope": lambda name: "submission_{n}/" + name,
    "canvas": lambda name: "{who}_10{n}_900{n}_" + name,
}


def class_of(
    path: Path, kind: str, eves: Mapping[str, str], make: Callable[[Path, Mapping[str, str]], Path]
) -> Path:
    """The archive of a class, with Eve's files among those of Alice and Zoe."""
    files = {}
    for n, (who, own) in enumerate(
        {"alice": {"mlp.py": CODE}, "eve": eves, "zoe": {"mlp.py": CODE}}.items(), 9
    ):
        for name, text in own.items():
            files[PARTS[kind]("\1").format(who=who, n=n).replace("\1", name)] = text
    if kind == "gradescope":
        files["submission_metadata.yml"] = listed("alice", "eve", "zoe")
    return make(path, files)


def by_name(found: list[Submission]) -> dict[str, Submission]:
    return {one.id.partition("_")[0]: one for one in found}


MAKERS = {"class.zip": zip_of, "class.tar": tar_of}


@pytest.mark.slow
@pytest.mark.parametrize("archive", MAKERS)
@pytest.mark.parametrize("kind", PARTS)
def test_it_is_that_students_problem_alone(tmp_path: Path, kind: str, archive: str):
    for what, name in (BAD | ODD).items():
        if kind == "canvas" and "/" in name:
            continue  # its names have no folders
        if archive == "class.tar" and "\0" in name:
            continue  # a tarball's names end there
        for own in ({}, {"mlp.py": CODE}):
            path = class_of(tmp_path / archive, kind, {name: CODE, **own}, MAKERS[archive])
            found = by_name(found_in(tmp_path / "w", path))
            said = (what, own, {id: (one.problem, one.notes) for id, one in found.items()})
            assert set(found) == {"alice", "eve", "zoe"}, said
            for other in ("alice", "zoe"):
                assert (found[other].module, found[other].problem, found[other].notes) == (
                    "mlp.py",
                    "",
                    (),
                ), said
            eve = found["eve"]
            if what in BAD:
                assert bool(eve.problem) == (not own), said
                assert "was left out: " in eve.notes[0], said
            assert eve.problem or eve.module or what in HIDDEN, said
            assert all(text.isprintable() for text in (eve.problem, *eve.notes)), said


@pytest.mark.parametrize("name", ["/class/eve/mlp.py", "//class/eve/mlp.py", "C:/class/eve/mlp.py"])
def test_a_path_from_the_root_is_the_one_it_names(tmp_path: Path, name: str):
    path = zip_of(tmp_path / "class.zip", {"class/alice/mlp.py": CODE, "class/zoe/mlp.py": CODE, name: CODE})
    found = by_name(found_in(tmp_path / "w", path))
    assert "its path" in found["eve"].problem
    assert (found["alice"].module, found["zoe"].module) == ("mlp.py", "mlp.py")


@pytest.mark.parametrize(
    "names",
    [
        ["mlp.py", "mlp.py"],
        ["mlp.py", "MLP.py"],
        ["mlp.py", "./mlp.py"],
        ["hw/mlp.py", "HW/mlp.py"],
        ["ü.py", "u\u0308.py"],
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_twins_cost_their_owner(tmp_path: Path, names: list[str]):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in ["alice/mlp.py", *(f"eve/{name}" for name in names), "zoe/mlp.py"]:
            archive.writestr(name, CODE)
    found = by_name(found_in(tmp_path / "w", tmp_path / "class.zip"))
    assert found["eve"].problem
    assert not found["alice"].problem
    assert not found["zoe"].problem


def test_two_students_whose_names_differ_in_case_only_are_two(tmp_path: Path):
    files = {"ALICE/mlp.py": CODE, "alice/mlp.py": CODE + "# other\n", "Alice/ps3.ipynb": NOTEBOOK}
    for path in (zip_of(tmp_path / "class.zip", files), tar_of(tmp_path / "class.tar", files)):
        found = found_in(tmp_path / "w", path)
        assert [bool(one.module or one.notebook) for one in found] == [True] * 3
        assert not any(one.problem for one in found)


@pytest.mark.parametrize("link", ["eve", "eve/mlp.py"])
def test_a_link_is_named_and_nobody_is_lost(tmp_path: Path, link: str):
    files = {"alice/mlp.py": CODE, "zoe/mlp.py": CODE}
    found = by_name(found_in(tmp_path / "w", zip_link(zipped(tmp_path / "class.zip", files), link, "zoe")))
    assert (
        found["eve"].problem == "eve was left out: it is a symbolic link" or "mlp.py" in found["eve"].problem
    )
    assert (found["alice"].module, found["zoe"].module) == ("mlp.py", "mlp.py")
    (tmp_path / "class").mkdir()
    write(tmp_path / "class", "alice/mlp.py", "zoe/mlp.py")
    assert tar_entry(tmp_path / "x.tar", "eve", tarfile.SYMTYPE, "zoe").exists()


def test_a_students_folder_that_cannot_be_made_is_in_the_class(tmp_path: Path):
    files = {"alice/mlp.py": CODE, "e" * 300 + "/mlp.py": CODE, "e\\ve/mlp.py": CODE, "zoe/mlp.py": CODE}
    found = found_in(tmp_path / "w", zip_of(tmp_path / "class.zip", files))
    assert [bool(one.problem) for one in found] == [False, True, True, False]


def test_what_is_in_nobodys_part_is_said_before_anything_is_graded(tmp_path: Path):
    for name in ("../evil.py", "class/../../evil.py", "../class/eve/mlp.py"):
        path = zip_of(
            tmp_path / "class.zip", {"class/alice/mlp.py": CODE, "class/zoe/mlp.py": CODE, name: ""}
        )
        with pytest.raises(UsageError, match="leads out of the archive"):
            found_in(tmp_path / "w", path)
