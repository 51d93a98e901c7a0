"""What a worker sees of the machine's files: nothing hidden, and everything else that Python needs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.student.sandbox import command, view
from grader.student.sandbox.command import CHILD
from grader.student.sandbox.view import View, _around, of_this_machine

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def covers(pieces: Collection[str | Path], path: Path) -> bool:
    return any(path.is_relative_to(piece) for piece in pieces)


def make(base: Path, files: Collection[str]) -> None:
    """Make these files, and the folders on the way; one that is on another's way is left out."""
    for file in sorted(files, key=len, reverse=True):
        path = base / file
        if not path.exists() and not any(parent.is_file() for parent in path.parents):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


# ---- cutting out what is hidden ---------------------------------------------------------------------


@pytest.mark.slow
@settings(max_examples=60)  # each makes files
@given(files=st.lists(PATHS, max_size=12), secret=st.lists(PATHS, max_size=3))
def test_nothing_hidden_is_inside_a_readable_piece_and_everything_else_is(
    files: list[str], secret: list[str]
):
    with tempfile.TemporaryDirectory() as made:
        base = Path(made)
        make(base, files)
        hidden = [base / name for name in secret if (base / name).exists()]
        parts = list(_around(base, hidden))
        whole = [path for path, is_whole in parts if is_whole]
        cut = [path for path, is_whole in parts if not is_whole]
        for path in base.rglob("*"):
            if path.is_file():
                assert covers(whole, path) == (not covers(hidden, path)), path
        # Landlock rules hold for all that is below: a piece must not have a hidden one below it either.
        assert not any(covers([piece], path) for piece in whole for path in hidden)
        assert all(any(path.is_relative_to(folder) for path in hidden) for folder in cut)
        assert not set(whole) & set(cut)


def test_a_link_beside_something_hidden_is_no_way_to_it(tmp_path: Path):
    make(tmp_path, ["answers/solution.py", "numpy/core.py"])
    (tmp_path / "link").symlink_to("answers")
    pieces = [path for path, whole in _around(tmp_path, [tmp_path / "answers"]) if whole]
    assert pieces == [tmp_path / "numpy"]


def test_the_folders_that_were_cut_can_be_listed_and_the_workers_own_code_read(tmp_path: Path):
    make(tmp_path, ["site/grader/cli.py", "site/numpy/core.py", "other/x"])
    site, other = tmp_path / "site", tmp_path / "other"
    readable, listable = View((other, site), (), (site / "grader",)).readable()
    assert readable == [str(other), str(site / "numpy"), "/dev/null", "/dev/urandom", str(CHILD)]
    assert listable == [str(site)]


# ---- a machine ----------------------------------------------------------------------------------------


class Machine:
    """A tree below `base` that stands for a machine, on which `view` is made to look."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.base = base.resolve()
        self._monkeypatch = monkeypatch

    def has(self, *files: str) -> None:
        make(self.base, files)

    def view(
        self, package: str, packages: Collection[str], answers: Collection[str], python: str = "usr"
    ) -> View:
        """`package`: the running grader's folder; `packages`: those on the path; `python`: its prefix."""
        lib = self.base / python / "lib" / "python3.11"
        for target, value in {
            "_PACKAGE": self.base / package,
            "_LIBRARIES": tuple(
                str(self.base / name) for name in ("lib", "lib64", "usr/lib", "usr/local/lib")
            ),
            "_FILES": (str(self.base / "etc/ld.so.cache"),),
            "package_folders": lambda: [str(self.base / name) for name in packages],
            "interpreter": lambda: str(self.base / python / "bin" / "python3.11"),
            "sysconfig.get_path": lambda _: str(lib),
            "sys.base_prefix": str(self.base / python),
        }.items():
            self._monkeypatch.setattr(f"{view.__name__}.{target}", value)
        return of_this_machine([self.base / name for name in answers])

    def sees(self, found: View, file: str) -> bool:
        """Whether a worker can read a file, by the path as it is after all links."""
        return covers(found.readable()[0], (self.base / file).resolve())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path, monkeypatch)
    made.has(
        "usr/bin/python3.11",
        "usr/bin/bash",
        "usr/lib/python3.11/os.py",
        "usr/lib/x86_64/libc.so",
        "etc/ld.so.cache",
        "etc/passwd",
        "home/course/rubric/ps3.toml",
    )
    (made.base / "lib").symlink_to("usr/lib")
    return made


SEEN = ["usr/bin/python3.11", "usr/lib/python3.11/os.py", "usr/lib/x86_64/libc.so", "etc/ld.so.cache"]
UNSEEN = ["usr/bin/bash", "etc/passwd", "home/course/rubric/ps3.toml"]


def assert_sees(machine: Machine, found: View, seen: Collection[str], unseen: Collection[str]) -> None:
    assert [name for name in (*SEEN, *seen) if not machine.sees(found, name)] == []
    assert [name for name in (*UNSEEN, *unseen) if machine.sees(found, name)] == []
    assert not any(p != q and p.is_relative_to(q) for p in found.roots for q in found.roots)


def test_a_venv_in_the_checkout_is_seen_and_the_checkout_is_not(machine: Machine):
    site = "work/.venv/lib/python3.11/site-packages"
    machine.has(f"{site}/numpy/core.py", "work/grader/cli.py", "work/reference/ps3/solution.py")
    found = machine.view("work/grader", [site], ["work/reference/ps3", "work/rubrics"])
    assert_sees(
        machine,
        found,
        [f"{site}/numpy/core.py"],
        ["work/grader/cli.py", "work/reference/ps3/solution.py"],
    )
    assert found.hidden == ()


def test_answers_in_a_folder_that_holds_the_venv_hide_no_package(machine: Machine):
    site = "work/.venv/lib/python3.11/site-packages"
    machine.has(f"{site}/numpy/core.py", "work/ps3.toml")
    found = machine.view("work/grader", [site], ["work"])
    assert_sees(machine, found, [f"{site}/numpy/core.py"], ["work/ps3.toml"])


@pytest.mark.parametrize("package", ["work/grader", "venv/site-packages/grader"])
def test_every_installed_copy_of_the_package_is_hidden(machine: Machine, package: str):
    copies = ["venv/site-packages/grader", "base/site-packages/grader"]
    for copy in {*copies, package}:
        machine.has(f"{copy}/cli.py", f"{copy}/_assets/reference/ps3/solution.py")
    machine.has("venv/site-packages/numpy/core.py", "base/site-packages/scipy/special.py")
    found = machine.view(
        package, ["venv/site-packages", "base/site-packages"], [f"{package}/_assets/reference/ps3"]
    )
    assert_sees(
        machine,
        found,
        ["venv/site-packages/numpy/core.py", "base/site-packages/scipy/special.py"],
        [
            f"{copy}/{name}"
            for copy in {*copies, package}
            for name in ("cli.py", "_assets/reference/ps3/solution.py")
        ],
    )
    assert {machine.base / copy for copy in copies} <= set(found.hidden)


def test_a_package_inside_the_standard_librarys_folder_is_hidden(machine: Machine):
    site = "usr/lib/python3.11/site-packages"
    machine.has(f"{site}/grader/cli.py", f"{site}/numpy/core.py")
    found = machine.view(f"{site}/grader", [site], [])
    assert_sees(machine, found, [f"{site}/numpy/core.py"], [f"{site}/grader/cli.py"])
    assert found.roots.count(machine.base / "usr/lib") == 1
    assert str(machine.base / "usr/lib/python3.11") in found.readable()[1]


def test_a_link_to_the_package_hides_what_it_points_to(machine: Machine):
    machine.has("venv/site-packages/numpy/core.py", "usr/local/lib/course/grader/cli.py")
    (machine.base / "venv/site-packages/grader").symlink_to("../../usr/local/lib/course/grader")
    found = machine.view("usr/local/lib/course/grader", ["venv/site-packages"], [])
    assert_sees(machine, found, ["venv/site-packages/numpy/core.py"], ["usr/local/lib/course/grader/cli.py"])


def test_links_in_the_place_of_system_folders_are_links_there_too(machine: Machine):
    found = machine.view("work/grader", [], [])
    assert found.links == (machine.base / "lib",)
    assert machine.base / "usr/lib" in found.roots
    assert machine.base / "lib" not in found.roots


def test_system_folders_that_are_no_links_are_roots(machine: Machine):
    (machine.base / "lib").unlink()
    machine.has("lib/ld.so", "lib64/ld-linux.so")
    found = machine.view("work/grader", [], [])
    assert found.links == ()
    assert_sees(machine, found, ["lib/ld.so", "lib64/ld-linux.so"], [])


def test_of_a_python_in_a_closed_folder_only_its_own_is_seen(machine: Machine):
    machine.has("root/py/bin/python3.11", "root/py/lib/python3.11/os.py", "root/py/lib/libpython3.11.so")
    machine.has("root/.ssh/id", "root/py/share/x")
    found = machine.view("work/grader", [], [], python="root/py")
    seen = ["root/py/bin/python3.11", "root/py/lib/python3.11/os.py", "root/py/lib/libpython3.11.so"]
    assert [name for name in seen if not machine.sees(found, name)] == []
    assert [name for name in ("root/.ssh/id", "root/py/share/x", *UNSEEN) if machine.sees(found, name)] == []


def test_on_this_machine_neither_package_nor_answers_are_seen():
    package = Path(view.__file__).parents[2]
    answers = package.parent / "reference" / "ps3"
    readable, _ = of_this_machine([answers]).readable()
    assert covers(readable, Path(os.__file__).resolve())
    assert not covers(readable, package / "grading" / "runner.py")
    assert not covers(readable, answers / "solution.py")


def test_of_a_checkout_below_a_library_folder_only_the_environment_is_seen(machine: Machine):
    site = "usr/lib/course/.venv/lib/python3.11/site-packages"
    machine.has(
        f"{site}/numpy/core.py",
        "usr/lib/course/grader/cli.py",
        "usr/lib/course/tests/checks/handins.py",
        "usr/lib/course/submissions/alice/mlp.py",
        "usr/lib/course/.git/objects/ab",
    )
    found = machine.view("usr/lib/course/grader", [site], [])
    assert_sees(
        machine,
        found,
        [f"{site}/numpy/core.py"],
        [
            "usr/lib/course/grader/cli.py",
            "usr/lib/course/tests/checks/handins.py",
            "usr/lib/course/submissions/alice/mlp.py",
            "usr/lib/course/.git/objects/ab",
        ],
    )


def test_package_folders_are_told_without_links_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real = tmp_path / "real" / "site-packages"
    real.mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    linked = tmp_path / "link" / "site-packages"
    monkeypatch.setattr("sys.path", [str(linked), str(real), str(tmp_path)])
    assert command.package_folders() == [str(real.resolve())]
