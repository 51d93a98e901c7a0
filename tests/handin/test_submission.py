"""Finding and staging hand-ins: whatever a student's folder holds, only plain files are read, within bounds."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.handin import plain_files, staging
from grader.handin.plain_files import read_plain
from grader.handin.search import tree
from grader.handin.staging import Staged, stage
from grader.handin.submission import Submission, safe_id
from tests.finding import find
from tests.hangs import no_hang

CODE = "class TwoLayerMLP:\n    pass\n"
AS_ROOT = os.geteuid() == 0


@pytest.fixture
def ordinary_folder() -> Iterator[Path]:
    """A folder of an ordinary user, whom this process is meanwhile: root may read everything."""
    folder = Path(tempfile.mkdtemp())
    user = os.geteuid()
    if AS_ROOT:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        os.seteuid(user)
        shutil.rmtree(folder)


def write(folder: Path, *names: str, text: str = CODE) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def found_in(*paths: Path) -> list[Submission]:
    return find(paths, "TwoLayerMLP")


def only(path: Path) -> Submission:
    (one,) = found_in(path)
    return one


def staged(folder: Path, tmp_path: Path) -> tuple[Staged, set[str]]:
    """Stage the one hand-in in `folder`; return what was said and the names that arrived."""
    destination = tmp_path / "destination"
    destination.mkdir()
    return stage(only(folder), destination), {path.name for path in destination.iterdir()}


# ---- finding ---------------------------------------------------------------------------------------


def test_a_folder_with_the_module_is_one_hand_in(tmp_path: Path):
    one = only(write(tmp_path / "alice", "mlp.py", "utils.py"))
    assert (one.id, one.module, one.notebook, one.notes) == ("alice", "mlp.py", None, ())


@pytest.mark.parametrize(
    "name", ["MLP.py", "mlp (1).py", "Copy of mlp.py", "mlp_final_v2.py", "Mlp.PY", "mlp-2.py"]
)
def test_a_renamed_module_is_recognised_by_its_name(tmp_path: Path, name: str):
    one = only(write(tmp_path / "a", name, "other.py", text="x = 1\n"))
    assert one.module == name
    assert "graded as mlp.py" in one.notes[0]


def test_a_module_under_another_name_is_recognised_by_its_class(tmp_path: Path):
    write(tmp_path / "a", "aaa.py", text="# class TwoLayerMLP\nclass TwoLayerMLPs: pass\n")
    assert only(write(tmp_path / "a", "homework.py")).module == "homework.py"


def test_of_two_candidates_the_last_download_is_graded_and_the_choice_is_noted(tmp_path: Path):
    one = only(write(tmp_path / "a", "mlp (2).py", "mlp (10).py"))
    assert one.module == "mlp (10).py"
    assert one.notes == ("mlp (10).py was graded as mlp.py",)


def test_the_plain_name_wins_over_all_others(tmp_path: Path):
    assert only(write(tmp_path / "a", "mlp (1).py", "mlp.py")).module == "mlp.py"


def test_a_name_made_to_keep_a_regular_expression_busy_does_not(tmp_path: Path):
    write(tmp_path / "a", "mlp" + "1" * 100 + "x.py", "mlp" + " copy" * 40 + "!.py", text="")
    with no_hang():
        only(tmp_path / "a")


def test_one_folder_deeper_when_it_is_alone_there(tmp_path: Path):
    one = only(write(tmp_path / "a", "hw/mlp.py", "__MACOSX/mlp.py", "readme.txt"))
    assert (one.id, one.folder.name) == ("a", "hw")
    assert one.notes == ("hw/mlp.py was graded as mlp.py", "not used: readme.txt")


def test_a_folder_called_mlp_py_is_a_folder(tmp_path: Path):
    one = only(write(tmp_path / "a", "mlp.py/mlp.py"))
    assert (one.folder.name, one.module) == ("mlp.py", "mlp.py")


def test_any_other_folder_is_a_class(tmp_path: Path):
    write(tmp_path / "class", "bob/mlp.py", "al/hw/mlp.py", "carl/ps3.ipynb", "dora/notes.txt", "list.csv")
    found = found_in(tmp_path / "class")
    assert [(one.id, one.module, one.notebook) for one in found] == [
        ("al", "mlp.py", None),
        ("bob", "mlp.py", None),
        ("carl", None, "ps3.ipynb"),
        ("dora", None, None),
    ]


def test_a_folder_with_nothing_to_grade_is_a_hand_in_without_module(tmp_path: Path):
    assert only(write(tmp_path / "a", "notes.txt")).module is None


@pytest.mark.parametrize("path", ["empty", "missing", "a/notes.txt", "broken"])
def test_a_path_that_makes_no_sense_is_a_usage_error(tmp_path: Path, path: str):
    (tmp_path / "empty").mkdir()
    write(tmp_path / "a", "notes.txt")
    (tmp_path / "broken").symlink_to("nowhere")
    with pytest.raises(UsageError):
        found_in(tmp_path / path)


def test_the_path_of_a_file_means_that_file(tmp_path: Path):
    write(tmp_path / "a", "mlp.py", "other.py", "x.ipynb")
    assert only(tmp_path / "a/other.py").module == "other.py"
    both = found_in(tmp_path / "a/mlp.py", tmp_path / "a/x.ipynb")
    assert [(one.module, one.notebook) for one in both] == [("mlp.py", "x.ipynb")]
    with pytest.raises(UsageError, match="two modules"):
        found_in(tmp_path / "a/mlp.py", tmp_path / "a/other.py")


def test_the_same_folder_given_twice_is_graded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path / "a", "mlp.py")
    monkeypatch.chdir(tmp_path)
    assert len(found_in(tmp_path / "a", Path("a"), tmp_path / "a/../a")) == 1


def test_two_folders_of_one_name_are_refused_because_reports_would_overwrite_each_other(tmp_path: Path):
    write(tmp_path, "x/alice/mlp.py", "y/alice/mlp.py")
    with pytest.raises(UsageError, match="alice"):
        found_in(tmp_path / "x/alice", tmp_path / "y/alice")


def test_an_unreadable_member_keeps_its_place_and_harms_no_other(ordinary_folder: Path):
    write(ordinary_folder / "class", "alice/mlp.py", "bob/mlp.py", "carl/hw/mlp.py")
    for closed in ("bob", "carl/hw"):
        (ordinary_folder / "class" / closed).chmod(0)
    found = found_in(ordinary_folder / "class")
    for closed in ("bob", "carl/hw"):
        (ordinary_folder / "class" / closed).chmod(0o700)
    assert [one.id for one in found] == ["alice", "bob", "carl"]
    assert [bool(one.problem) for one in found] == [False, True, True]


def test_a_member_that_is_a_link_keeps_its_place_and_is_not_followed(tmp_path: Path):
    write(tmp_path / "elsewhere", "mlp.py")
    write(tmp_path / "class", "alice/mlp.py", "bob/mlp.py")
    (tmp_path / "class/eve").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "class/loop").symlink_to("loop")
    links = found_in(tmp_path / "class")[-2:]
    assert [(one.id, one.module) for one in links] == [("eve", None), ("loop", None)]
    assert all("symbolic link" in stage(one, tmp_path).problem for one in links)


def test_a_link_that_the_user_gives_is_followed(tmp_path: Path):
    write(tmp_path / "alice", "mlp.py")
    (tmp_path / "link").symlink_to("alice")
    assert only(tmp_path / "link").id == "alice"


# ---- ids -------------------------------------------------------------------------------------------

names = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=300)


@given(names)
@example("..")
@example(".")
@example("../../etc")
@example("a b'\"<script>")
@example("a\nb\x1b[31m")
@example("\udcff\udcfe")
@example("\u0958" * 80)
@example("𝔘" * 300)
@example("-rf")
def test_an_id_is_one_safe_path_component(name: str):
    id = safe_id(name)
    assert id not in ("", ".", "..")
    assert not id.startswith((".", "-")) or id == name
    assert not id.startswith(".")
    assert all(c.isalnum() or c in "._-" for c in id)
    assert 1 <= len(id.encode()) <= 255


@given(names, names)
def test_two_names_never_give_one_id(a: str, b: str):
    assert a == b or safe_id(a) != safe_id(b)
    assert safe_id(safe_id(a)) != safe_id(b) or b == safe_id(a) or safe_id(a) == a


def test_a_name_that_imitates_an_id_does_not_get_it():
    assert safe_id(safe_id("a b")) != safe_id("a b")


@pytest.mark.parametrize("name", ["alice", "Müller", "o_brien.2", "李雷"])
def test_an_ordinary_name_is_its_own_id(name: str):
    assert safe_id(name) == name


@pytest.mark.parametrize("name", [b"caf\xe9", b"a\nb", b"\x1b[2J", "n\u0303".encode(), b"x" * 255, b"a'b\"c"])
def test_odd_folder_names_are_found_and_staged(tmp_path: Path, name: bytes):
    write(tmp_path / "class" / os.fsdecode(name), "mlp.py")
    one = only(tmp_path / "class" / os.fsdecode(name))
    one.id.encode()
    destination = tmp_path / "destination"
    destination.mkdir()
    assert not stage(one, destination).problem


# ---- staging ---------------------------------------------------------------------------------------


def test_the_module_and_its_siblings_are_copied(tmp_path: Path):
    write(tmp_path / "a", "MLP (1).py", "utils.py", "notes.txt", ".hidden.py", "sub/x.py")
    done, arrived = staged(tmp_path / "a", tmp_path)
    assert arrived == {"mlp.py", "utils.py", "notes.txt", "sub"}
    assert set(done.files) == {"MLP (1).py", "utils.py", "notes.txt", "sub/x.py"}
    assert not done.problem


def spoil(folder: Path, kind: str) -> None:
    """Put something that is no plain file at `folder/mlp.py`."""
    path = folder / "mlp.py"
    match kind:
        case "absolute link":
            path.symlink_to("/etc/passwd")
        case "relative link":
            path.symlink_to("../../secret.py")
        case "loop":
            path.symlink_to("mlp.py")
        case "pipe":
            os.mkfifo(path)
        case "socket":
            here = Path.cwd()
            os.chdir(folder)  # the path of a socket must be short
            with socket.socket(socket.AF_UNIX) as sock:
                sock.bind("mlp.py")
            os.chdir(here)
        case "sparse":
            with path.open("wb") as file:
                file.truncate(10 << 30)
        case "device":
            try:
                os.mknod(path, 0o020666, os.makedev(1, 5))
            except PermissionError:
                pytest.skip("only root makes devices")


@pytest.mark.parametrize(
    "kind", ["absolute link", "relative link", "loop", "pipe", "socket", "sparse", "device"]
)
def test_what_is_no_plain_file_is_not_read_and_says_so(tmp_path: Path, kind: str):
    write(tmp_path, "secret.py")
    write(tmp_path / "a", "utils.py")
    spoil(tmp_path / "a", kind)
    with no_hang():
        done, arrived = staged(tmp_path / "a", tmp_path)
    assert arrived == {"utils.py"}
    assert done.problem.startswith("mlp.py cannot be read: it ")


def test_a_folder_in_the_modules_place_leaks_no_descriptor(tmp_path: Path):
    (tmp_path / "mlp.py").mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert read_plain(tmp_path / "mlp.py", 100) == (b"", "it is not a plain file")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_module_without_permission_says_so(ordinary_folder: Path):
    write(ordinary_folder / "a", "mlp.py")
    (ordinary_folder / "a/mlp.py").chmod(0)
    assert "Permission denied" in staged(ordinary_folder / "a", ordinary_folder)[0].problem


def test_hard_links_among_files_of_one_owner_are_read(tmp_path: Path):
    """De-duplication and `cp -al` make them: honest hand-ins may have two names for one file."""
    write(tmp_path / "a", "mlp.py")
    write(tmp_path / "b", "other.txt")
    os.link(tmp_path / "a/mlp.py", tmp_path / "b/mlp.py")
    assert not staged(tmp_path / "b", tmp_path)[0].problem


@pytest.mark.skipif(not AS_ROOT, reason="only root gives files away")
def test_a_hard_link_to_a_file_of_another_owner_is_not_read(tmp_path: Path):
    write(tmp_path / "answers", "solution.py")
    (tmp_path / "a").mkdir()
    os.link(tmp_path / "answers/solution.py", tmp_path / "a/mlp.py")
    os.chown(tmp_path / "a", 1234, 1234)
    done, arrived = staged(tmp_path / "a", tmp_path)
    assert "hard link" in done.problem
    assert not arrived


def test_a_folder_that_was_given_away_to_a_link_after_it_was_found_is_not_followed(tmp_path: Path):
    write(tmp_path / "secret", "mlp.py")
    one = only(write(tmp_path / "a", "mlp.py"))
    shutil.rmtree(tmp_path / "a")
    (tmp_path / "a").symlink_to("secret")
    (tmp_path / "destination").mkdir()
    assert stage(one, tmp_path / "destination").problem


def test_a_hand_in_that_is_gone_when_it_is_staged_is_a_problem_not_an_exception(tmp_path: Path):
    one = only(write(tmp_path / "a", "mlp.py"))
    shutil.rmtree(tmp_path / "a")
    assert "No such file" in stage(one, tmp_path).problem


def test_files_and_bytes_are_capped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(staging, "MAX_FILES", 5)
    monkeypatch.setattr(staging, "MAX_FILE", 100)
    monkeypatch.setattr(staging, "MAX_TOTAL", 250)
    write(tmp_path / "a", "mlp.py", "a0.py", "b.py", *(f"c{i}.py" for i in range(9)), text="#" * 90)
    write(tmp_path / "a", "a1.py", text="#" * 101)
    done, arrived = staged(tmp_path / "a", tmp_path)
    assert arrived == {"mlp.py", "a0.py"}
    assert len(done.notes) == 4
    assert not done.problem


def test_a_folder_full_of_links_gives_a_bounded_number_of_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(staging, "MAX_FILES", 10)
    write(tmp_path / "a", "mlp.py")
    for i in range(50):
        (tmp_path / f"a/x{i}.py").symlink_to("/etc/passwd")
    assert len(staged(tmp_path / "a", tmp_path)[0].notes) <= 11


def test_an_overfull_folder_is_said_not_sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for module in (plain_files, tree):
        monkeypatch.setattr(module, "MAX_ENTRIES", 100)
    write(tmp_path / "class", "alice/mlp.py", "bob/mlp.py")
    for i in range(101):
        (tmp_path / f"class/bob/.{i}").touch()
    alice, bob = found_in(tmp_path / "class")
    assert not alice.problem
    assert "more than 100 files" in stage(bob, tmp_path).problem
    with pytest.raises(UsageError, match="more than 100 files"):
        found_in(tmp_path / "class/bob")


@pytest.mark.slow
def test_a_hundred_thousand_files_take_bounded_time(tmp_path: Path):
    write(tmp_path / "class", "alice/mlp.py", "bob/mlp.py")
    for i in range(100_000):
        os.close(os.open(tmp_path / f"class/bob/{i}.py", os.O_CREAT))
    with no_hang():
        found_in(tmp_path / "class")
    shutil.rmtree(tmp_path / "class")  # pytest keeps the folders of three runs


@pytest.mark.parametrize(
    "name", ["a\nb.py", "-rf.py", "\udcff.py", "x" * 250 + ".py", "a b'\".py", "back\\slash.py"]
)
def test_siblings_with_odd_names_are_staged_under_names_that_can_be_printed(tmp_path: Path, name: str):
    write(tmp_path / "a", "mlp.py", name)
    done, arrived = staged(tmp_path / "a", tmp_path)
    assert name in arrived
    assert all(printed.isprintable() and printed.encode() for printed in done.files)
    assert len(done.files) == 2


@pytest.mark.parametrize(
    "name",
    [
        "gradebook.sqlite",
        "Gradebook.sqlite-WAL",
        "index.html",
        "marks.json",
        "junit.xml",
        "Similar.html",
        "similar.json",
    ],
)
def test_no_id_is_a_file_that_stands_beside_the_reports(name: str):
    assert safe_id(name) != name
    assert safe_id(name) == safe_id(name)
