"""What lies inside a hand-in is never an export: nobody gives another student a mark."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.handin.intake.names import says_export, says_one_student
from grader.handin.submission import Submission
from grader.model import Person
from tests.handin.intake.making import CODE, NOTEBOOK, found_in, tarred, write, zipped

Files = Mapping[str, "str | bytes"]


def listed(*students: str) -> str:
    """Gradescope's list, with a submission for each of them."""
    return "".join(
        f"submission_{i}:\n  :submitters:\n  - :name: {name}\n    :sid: '{i}'\n"
        for i, name in enumerate(students, 9)
    )


def markers(workspace: Path) -> dict[str, Files]:
    """For each system what it puts at the top of an export of Bob's hand-in, or of his and Carl's."""
    archive = zipped(workspace / "bobs.zip", {"mlp.py": CODE}).read_bytes()
    canvas = {"bob_107_9007_mlp.py": CODE, "carl_108_9008_mlp.py": CODE}
    made: dict[str, Files] = {
        "gradescope": {"submission_metadata.yml": listed("Bob"), "submission_9/mlp.py": CODE},
        "gradescope of two": {
            "submission_metadata.yml": listed("Bob", "Carl"),
            "submission_9/mlp.py": CODE,
            "submission_10/mlp.py": CODE,
        },
        "gradescope of nobody": {"submission_metadata.yml": listed("Bob")},
        "gradescope unreadable": {"submission_metadata.yml": "{", "submission_9/mlp.py": CODE},
        "canvas": {"bob_107_9007_mlp.py": CODE},
        "canvas of two": canvas,
        "canvas of an archive": {"bob_107_9007_code.zip": archive},
        "canvas of two archives": {"bob_107_9007_code.zip": archive, "carl_108_9008_code.zip": archive},
        "canvas of notebooks": {"bob_LATE_107_9007_ps3.ipynb": NOTEBOOK, "carl_108_9008_ps3.ipynb": NOTEBOOK},
        "moodle": {"Bob Roe_4001_assignsubmission_file_/mlp.py": CODE},
        "moodle of two": {
            "Bob Roe_4001_assignsubmission_file_/mlp.py": CODE,
            "Carl Coe_4002_assignsubmission_file_/ps3.ipynb": NOTEBOOK,
        },
        "classroom": {
            f"ps3-{who}/{file}": text
            for who in ("bob", "carl")
            for file, text in {"mlp.py": CODE, ".git/HEAD": ""}.items()
        },
        "one file each": {"bob.py": CODE, "carl.py": CODE},
        "one notebook each": {"bob.ipynb": NOTEBOOK, "carl.ipynb": NOTEBOOK},
        "an export as archive": {"submissions.zip": zipped(workspace / "canvas.zip", canvas).read_bytes()},
    }  # fmt: skip
    return made | {
        f"{name}, in a folder": {f"submissions/{file}": text for file, text in files.items()}
        for name, files in made.items()
    }


OWN: dict[str, Files] = {
    "nothing": {},
    "a module": {"mlp.py": CODE},
    "another module": {"network.py": CODE},
    "a notebook": {"ps3.ipynb": NOTEBOOK},
}


CLASSES = ("classroom", "classroom, in a folder", "an export as archive, in a folder")
"""Without what names a system (archives lose `.git`) and with nothing else, these are folders as a class has them."""
BOBS = {"Bob_9", "Carl_10", "bob_107", "carl_108", "Bob_Roe_4001", "Carl_Coe_4002", "bob", "carl"}
"""What Bob and Carl are called where they handed in themselves."""


def laid(folder: Path, files: Files) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def below(folder: str, files: Files) -> dict[str, str | bytes]:
    return {f"{folder}/{name}": text for name, text in files.items()}


def situations(root: Path, files: Files) -> dict[str, tuple[Path, set[str]]]:
    """Where Alice's files may lie: what is named on the command line, and who is in it."""
    own = zipped(root / "own.zip", files).read_bytes()
    zoe = {"zoe/mlp.py": CODE}
    return {
        "her folder": (laid(root / "a/alice", files), {"alice"}),
        "alone in a class": (laid(root / "b/class", below("alice", files)).absolute(), {"alice"}),
        "among others": (laid(root / "c/class", below("alice", files) | zoe), {"alice", "zoe"}),
        "her archive": (zipped(root / "alice.zip", files), {"alice"}),
        "her folder in her archive": (zipped(root / "d-alice.zip", below("d-alice", files)), {"d-alice"}),
        "her tarball": (tarred(root / "alice.tar.gz", files), {"alice"}),
        "her archive alone in a class": (laid(root / "e/class", {"alice.zip": own}), {"alice"}),
        "her archive among others": (laid(root / "f/class", {"alice.zip": own} | zoe), {"alice", "zoe"}),
        "her archive in her folder": (laid(root / "g/alice", {"hw.zip": own}), {"alice"}),
        "a class's archive": (zipped(root / "g-class.zip", below("alice", files) | zoe), {"alice", "zoe"}),
        "alone in a class's archive": (zipped(root / "h-class.zip", below("alice", files)), {"alice"}),
        "an archive in a class's": (
            zipped(root / "i-class.zip", {"alice.zip": own} | zoe),
            {"alice", "zoe"},
        ),
        "an archive alone in a class's": (zipped(root / "j-class.zip", {"alice.zip": own}), {"alice"}),
        "her part of an export": (
            laid(
                root / "k/assignment_1_export",
                below("submission_3", files)
                | below("submission_4", {"mlp.py": CODE})
                | {
                    "submission_metadata.yml": "submission_3: {}\nsubmission_4:\n"
                    "  :submitters:\n  - :email: zoe@example.org\n"
                },
            ),
            {"submission_3", "zoe_example.org"},
        ),
        "her part of an export, alone": (laid(root / "l/submission_3", files), {"submission_3"}),
        "her clone": (laid(root / "m/ps3", {**files, ".git/HEAD": ""}), {"ps3"}),
        "her part of Moodle's, alone": (
            laid(root / "n/Al_4009_assignsubmission_file_", files),
            {"Al_4009_assignsubmission_file_"},
        ),
    }


@pytest.mark.slow
@pytest.mark.parametrize("own", OWN)
def test_nobody_else_gets_a_mark(tmp_path: Path, own: str):
    wrong = []
    for marker, placed in markers(tmp_path).items():
        root = tmp_path / marker
        root.mkdir()
        for where, (path, who) in situations(root, {**placed, **OWN[own]}).items():
            found = found_in(tmp_path / "w", path)
            # A folder that is alone in what is named gives its hand-in that name.
            names = {path.name.partition(".")[0]} if len(found) == 1 and "alone" in where else who
            known = {one.id for one in found} in (who, names) or (own == "nothing" and marker in CLASSES)
            if not known or not is_nobody_else(found):
                wrong.append((marker, where, [(one.id, one.person.name) for one in found]))
    assert not wrong, "\n".join(map(str, wrong))


def is_nobody_else(found: list[Submission]) -> bool:
    if {one.id for one in found} & BOBS:
        return False
    return all(one.person == Person() or one.person.email == "zoe@example.org" for one in found)


def test_what_she_has_of_her_own_is_what_is_graded(tmp_path: Path):
    for marker, placed in markers(tmp_path).items():
        (one,) = found_in(tmp_path / "w", laid(tmp_path / marker / "alice", {**placed, "mlp.py": CODE}))
        assert (one.id, one.module, one.problem) == ("alice", "mlp.py", ""), marker


def test_what_is_doubtful_is_said(tmp_path: Path):
    for marker in ("gradescope", "canvas of two", "moodle of two", "classroom", "one file each"):
        (one,) = found_in(tmp_path / "w", laid(tmp_path / marker / "alice", markers(tmp_path)[marker]))
        assert "looks like the hand-ins of several students" in one.notes[-1]
        # Spread over folders, it cannot be graded: that is for a person to see, and no zero.
        assert bool(one.problem) == (marker in ("gradescope", "moodle of two", "classroom"))


@pytest.mark.parametrize(
    "name", ["submission_export_folder", "assignment_12_export", "ps3", "submissions", "hw (2)"]
)
@pytest.mark.parametrize("kind", ["folder", "zip", "zip with a folder"])
@pytest.mark.parametrize(
    ("system", "id"),
    [
        ("gradescope", "Bob_9"),
        ("canvas", "bob_107"),
        ("canvas of an archive", "bob_107"),
        ("moodle", "Bob_Roe_4001"),
    ],
)
def test_a_real_export_of_one_student_is_one(tmp_path: Path, name: str, kind: str, system: str, id: str):
    files = markers(tmp_path)[system]
    (tmp_path / "x").mkdir()
    match kind:
        case "folder":
            path = laid(tmp_path / "x" / name, files)
        case "zip":
            path = zipped(tmp_path / "x" / f"{name}.zip", files)
        case _:
            path = zipped(tmp_path / "x" / f"{name} (1).zip", below(name, files))
    (one,) = found_in(tmp_path / "w", path)
    assert (one.id, bool(one.module)) == (id, True)
    assert one.person.name.lower().startswith("bob")


@pytest.mark.parametrize("system", ["gradescope", "moodle of two", "classroom"])
def test_an_answer_at_the_top_of_folders_makes_them_one_hand_in(tmp_path: Path, system: str):
    for own in ("a notebook", "another module"):
        files = {**markers(tmp_path)[system], **OWN[own]}
        (one,) = found_in(tmp_path / "w", laid(tmp_path / own / "ps3", files))
        # What lies in folders that look like other students' is not taken for an answer.
        assert one.id == "ps3"
        assert bool(one.problem) == (own != "another module")
    write(laid(tmp_path / "export", markers(tmp_path)[system]), "count.py", text="print(1)\n")
    assert {one.id for one in found_in(tmp_path / "w", tmp_path / "export")} != {"export"}


@pytest.mark.parametrize(
    ("name", "one", "export"),
    [
        ("alice", True, False),
        ("doe_jane", True, False),
        ("ps3_alice", True, False),
        ("s1234567", True, False),
        ("1234567", True, False),
        ("李雷", True, False),
        ("submission_9", True, False),
        ("Jane Doe_4001_assignsubmission_file_", True, False),
        ("alice_submission", True, False),
        ("ps3", False, False),
        ("x", False, False),
        ("hw 3", False, False),
        ("cs229 fall 2026", False, False),
        ("submissions", False, True),
        ("assignment_1_export", False, True),
        ("submission_export_folder", False, True),
        ("Deep Learning-Problem Set 3-4711", False, True),
        ("ps3-submissions", False, True),
        ("berlin course", False, True),
    ],
)
def test_what_names_say(name: str, one: bool, export: bool):
    assert (says_one_student(name), says_export(name)) == (one, export)
