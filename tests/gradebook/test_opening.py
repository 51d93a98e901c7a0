"""Where the file lies, and what lies beside it: read-only folders, full disks, copies, network file systems."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import GradebookError, GraderError
from grader.gradebook import FILE, Gradebook, copies, marks_file, opening
from tests.conftest import ROOT
from tests.gradebook import books

MARKS = marks_file.FILE


def test_what_is_closed_is_one_file_that_can_be_read_where_nothing_can_be_written(folder: Path):
    assert {path.name for path in folder.iterdir()} - {MARKS, "marks.lock", f"{FILE}.bak"} == {FILE}
    whole = books.contents(folder)
    names = sorted(folder.iterdir())
    assert books.contents(folder) == whole
    assert sorted(folder.iterdir()) == names
    code = (
        "import sys; from pathlib import Path; from tests.gradebook import books\n"
        "print(len(books.points(Path(sys.argv[1]))))"
    )
    out = subprocess.run(
        _in_a_read_only(folder, sys.executable, "-c", code, str(folder)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout == "4\n"


def bubblewrapped(*arguments: str) -> list[str]:
    """The start of a command that sees another file system; tests cannot do without in CI."""
    found = shutil.which("bwrap")
    works = found and subprocess.run([found, "--dev-bind", "/", "/", "true"], check=False).returncode == 0
    if not works:
        if os.environ.get("CI"):
            pytest.fail("bwrap does not run here; in CI it has to")
        pytest.skip("bwrap does not run here")
    assert found is not None
    return [found, "--dev-bind", "/", "/", *arguments]


def _in_a_read_only(folder: Path, *command: str) -> list[str]:
    return bubblewrapped("--ro-bind", str(folder), str(folder), *command)


@pytest.mark.parametrize("left", [("-wal", "-shm"), ("-wal",)])
def test_a_read_only_folder_with_the_log_of_a_killed_process_is_read(
    folder: Path, tmp_path: Path, left: tuple[str, ...]
):
    with Gradebook(folder) as book:
        book.add_marks([books.given("ann", 5, "in the log")])
        shutil.copytree(folder, tmp_path / "killed")
    for end in {"-wal", "-shm"} - set(left):
        (tmp_path / "killed" / f"{FILE}{end}").unlink()
    code = (
        "import sys; from pathlib import Path; from tests.gradebook import books\n"
        "print(books.points(Path(sys.argv[1]))[-1][-1])"
    )
    killed = tmp_path / "killed"
    out = subprocess.run(
        _in_a_read_only(killed, sys.executable, "-c", code, str(killed)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout == "in the log\n"


def test_a_full_disk_gives_no_mark_and_loses_none(folder: Path, tmp_path: Path):
    """A real one: a small file system in memory, in a mount namespace of its own."""
    small, script = tmp_path / "small", tmp_path / "full.py"
    small.mkdir()
    script.write_text(
        "import os, shutil, sys\nfrom pathlib import Path\nfrom grader.errors import GraderError\n"
        "from grader.gradebook import Gradebook, examine, repair\nfrom tests.gradebook import books\n"
        "source, small = map(Path, sys.argv[1:])\n"
        "for path in source.iterdir(): shutil.copy(path, small)\n"
        "said = 4\n"
        "try:\n"
        "    with Gradebook(small) as book:\n"
        "        for i in range(10_000):\n"
        "            book.add_marks([books.given('ann', 1, 'x' * 3000)])\n"
        "            said += 1\n"
        "except GraderError as error:\n"
        "    print(str(error).count(chr(10)), 'disk is full' in str(error) or 'No space' in str(error))\n"
        "(small / 'gradebook.sqlite.bak').unlink(missing_ok=True)\n"
        "found = len(books.points(small)), examine(small)\n"
        "print(said > 10, found[0] == said, found[1])\n"
    )
    size = sum(path.stat().st_size for path in folder.iterdir()) + 400_000
    command = bubblewrapped(
        "--size", str(size), "--tmpfs", str(small), sys.executable, str(script), str(folder), str(small)
    )
    out = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert out.stdout == "0 True\nTrue True []\n", out.stderr


def test_a_copy_is_made_once_a_day_and_the_newest_three_are_kept(folder: Path):
    for copy in folder.glob(f"{FILE}.*"):
        copy.unlink()
    for day in range(1, 6):
        for _ in range(2):
            with Gradebook(folder) as book:
                book.add_marks([books.given("ann", day, "in the log of the copied one")])
        os.utime(folder / f"{FILE}.bak", (day * 86_400, day * 86_400))
    names = [f"{FILE}.bak", f"{FILE}.bak.1", f"{FILE}.bak.2"]
    assert sorted(path.name for path in folder.glob(f"{FILE}.*")) == names
    found = []
    for name in names:
        (folder / name).replace(folder.parent / FILE)
        with Gradebook(folder.parent, read_only=True) as book:
            found.append(len(book.all_marks()))
    assert found == [12, 10, 8], "each as the first command of its day found it"


def test_a_copy_has_what_is_still_in_the_log(folder: Path, tmp_path: Path):
    other = tmp_path / "other"
    with Gradebook(folder) as book:
        book.add_marks([books.given("ann", 5)])
        (folder / f"{FILE}.bak").unlink()
        with Gradebook(folder):
            pass
    other.mkdir()
    (folder / f"{FILE}.bak").replace(other / FILE)
    assert len(books.points(other)) == 5


def test_a_damaged_file_replaces_no_copy(folder: Path):
    Gradebook(folder).close()
    before = (folder / f"{FILE}.bak").read_bytes()
    os.utime(folder / f"{FILE}.bak", (0, 0))
    books.overwrite(folder / FILE, books.PAGE, bytes(books.PAGE))
    with pytest.raises(GradebookError):
        Gradebook(folder)
    assert (folder / f"{FILE}.bak").read_bytes() == before
    assert not (folder / f"{FILE}.bak.1").exists()


def test_a_copy_that_cannot_be_written_stops_nobody(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copies, "_draft", full)
    with Gradebook(folder) as book:
        assert "No space left" in "".join(book.remarks) or (folder / f"{FILE}.bak").exists()
    os.utime(folder / f"{FILE}.bak", (0, 0)) if (folder / f"{FILE}.bak").exists() else None
    with Gradebook(folder) as book:
        assert "today's copy of the gradebook cannot be written" in book.remarks[0]
        book.add_marks([books.given("ann", 1)])


# ---- file systems ----


@pytest.mark.parametrize(
    ("magic", "name"),
    [
        (0x6969, "NFS"),
        (0xFF534D42, "CIFS"),
        (0x65735546, "FUSE"),
        (0x0BD00BD0, "Lustre"),
        (0xEF53, ""),
        (0x01021994, ""),
    ],
)
def test_network_file_systems_are_known_by_their_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, magic: int, name: str
):
    from grader.gradebook import filesystems

    monkeypatch.setattr(filesystems, "_type", lambda path: magic)
    assert filesystems.network_name(tmp_path) == name


def test_the_number_of_a_file_system_is_what_stat_says(tmp_path: Path):
    from grader.gradebook import filesystems

    wanted = subprocess.run(
        ["stat", "-f", "-c", "%t", str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert filesystems._type(tmp_path / "not there yet") == int(wanted.stdout, 16)


def test_on_a_network_there_is_no_log_and_one_that_came_along_is_put_into_the_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with Gradebook(folder) as book:
        assert book.all("PRAGMA journal_mode") == [("wal",)]
        book.add_marks([books.given("ann", 5, "in the log")])
        shutil.copytree(folder, tmp_path / "home")
    home = tmp_path / "home"
    (home / f"{FILE}-shm").unlink()
    monkeypatch.setattr(opening, "network_name", lambda path: "NFS")
    with Gradebook(home) as book:
        assert book.all("PRAGMA journal_mode") == [("delete",)]
        assert not list(home.glob(f"{FILE}-*"))
        assert book.all_marks()[-1].mark.note == "in the log"
        with Gradebook(home) as other:
            other.add_marks([books.given("ben", 2)])
        book.add_marks([books.given("ben", 1)])
    assert len(books.points(home)) == 7
    new = tmp_path / "new"
    new.mkdir()
    with Gradebook(new) as book:
        assert book.all("PRAGMA journal_mode") == [("delete",)]


def test_a_folder_that_cannot_be_written_is_named(folder: Path):
    code = "import sys; from pathlib import Path; from grader.gradebook import Gradebook; Gradebook(Path(sys.argv[1]))"
    out = subprocess.run(
        _in_a_read_only(folder, sys.executable, "-c", code, str(folder)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    last = out.stderr.splitlines()[-1]
    assert GraderError.__name__ in last and str(folder) in last and "writable" in last
