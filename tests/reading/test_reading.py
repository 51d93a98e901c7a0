"""Reading in a process of its own: the same as here, within limits, and nothing to be had from inside it."""

from __future__ import annotations

import os
import socket
import textwrap
import threading
from pathlib import Path

import msgspec
import pytest

from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.grading import confinement
from grader.model import Image
from grader.notebook.answers import Answers
from grader.reading import process
from grader.reading.messages import FORMS, Asked
from grader.reading.process import CannotRead, Here, TooMuch, checked
from grader.student.output import Drain
from grader.student.sandbox import Launch, Practice
from tests.conftest import SUBMISSIONS
from tests.hostile.reader import BASE, CLASS, MONSTERS, ODD, code, notebook, prose
from tests.reading.conftest import Opened

ALICE = {path.name: path.read_bytes() for path in (SUBMISSIONS / "alice").iterdir() if path.is_file()}


@pytest.mark.slow
def test_confined_it_is_what_it_is_here(reader: Opened):
    confined = reader(ALICE)
    here = Here(Practice(), confined._handin, Path(), threading.Event())
    for part in FORMS:
        assert confined.ask(part) == here.ask(part), part


@pytest.mark.slow
def test_what_takes_too_long_costs_its_own_part(reader: Opened, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process, "_OF_A_PART", 0.5)
    slow = Asked("Q1.1", r"(x+)+y", checks=False, claims=False)
    opened = reader(notebook(prose("x" * 5000), code("y = 1")), questions=(slow,))
    with pytest.raises(TooMuch, match=r"takes more than 0\.5 seconds of computing"):
        opened.ask("answers")
    assert opened.ask("cells").code == {1: "y = 1"}


@pytest.mark.slow
def test_all_that_is_read_has_its_time(reader: Opened, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process, "CPU", 0.6)
    monkeypatch.setattr(process, "_OF_A_PART", 0.5)
    slow = Asked("Q1.1", r"(x+)+y", checks=False, claims=False)
    opened = reader(notebook(prose("x" * 5000)), questions=(slow,))
    for _ in range(2):
        with pytest.raises(TooMuch):
            opened.ask("answers")
    with pytest.raises(TooMuch, match=r"takes more than 0\.6 seconds"):
        opened.ask("cells")


@pytest.mark.slow
def test_what_takes_too_much_memory_costs_its_own_part(reader: Opened, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process, "MEMORY", 370 << 20)
    opened = reader(notebook(prose("x" * (60 << 20)), code("y = 1")))
    with pytest.raises(TooMuch, match=r"memory|crash"):
        opened.ask("cells")
    assert opened.ask("names").imported == ("numpy",)


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_unusual_code_is_read_as_any_other(reader: Opened, name: str):
    opened = reader(notebook(code(ODD[name]), code(CLASS)), handed_out={"mlp.py": BASE})
    chosen = opened.ask("module")  # the module is as it was handed out
    assert chosen.source is not None and "again = 1" in chosen.source
    assert opened.ask("names").imported == ("numpy",)


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_unusual_code_beside_a_class_does_not_make_it_another(reader: Opened, name: str):
    one = reader(notebook(code(f"{BASE}\n{ODD[name]}")))
    assert one.ask("module").notes == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", MONSTERS)
def test_a_monster_ends_within_its_limits(reader: Opened, name: str, monkeypatch: pytest.MonkeyPatch):
    # What takes all of the seconds shows no more with the others.
    monkeypatch.setattr(process, "CPU", 8.0)
    monkeypatch.setattr(process, "_OF_A_PART", 2.0)
    files = MONSTERS[name]()
    opened = reader(files)
    found = {}
    for part in FORMS:
        try:
            found[part] = opened.ask(part)
        except TooMuch as reason:
            found[part] = str(reason)
    # The module is the student's own, and is graded whatever stands beside it.
    assert getattr(found["module"], "problem", "") == ""
    assert not isinstance(found["names"], str)


def test_what_is_something_else_is_not_taken():
    for content in (b"", b"\xc1", msgspec.msgpack.encode(5), b"\x91" * 100_000):
        with pytest.raises(CannotRead):
            checked("answers", content)
    script = Image("x", "image/svg+xml", "PHN2Zy8+")
    with pytest.raises(CannotRead, match="an image that is none"):
        checked("answers", msgspec.msgpack.encode(Answers({}, {"Q1.1": (script,)})))


ATTEMPTS = """
import ctypes, os, socket

def serve(connection):
    got = []
    def attempt(name, action):
        try:
            if action() not in (None, False, -1, b"", []):
                got.append(name)
        except BaseException:
            pass
    for path in OUTSIDE:
        attempt(f"read {path}", lambda: open(path, "rb").read(1))
        attempt(f"list {os.path.dirname(path)}", lambda: os.listdir(os.path.dirname(path)))
    attempt("fork", os.fork)
    attempt("exec", lambda: os.execv("/bin/true", ["true"]))
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 16, 17, 40):
        attempt(f"socket {family}", lambda: socket.socket(family, socket.SOCK_STREAM).fileno() + 1)
    attempt("write", lambda: open("/tmp/escaped", "w").write("x"))
    attempt("change what was handed in", lambda: open(HANDIN, "ab").write(b"x"))
    attempt("signal all", lambda: os.kill(-1, 0) or True)
    attempt("become root", lambda: os.setuid(0) or os.geteuid() == 0)
    connection.sendall(repr(got).encode())
"""


@pytest.mark.slow
@pytest.mark.parametrize("tier", ["A", "B"])
def test_nothing_can_be_had_from_inside(tier: str, ps3: Rubric, reference: Reference, temporary: Path):
    sandbox = confinement.tiers(ps3, reference)[tier]()
    folder = temporary / f"inside-{tier}"
    for name in ("handin", "scratch", "package"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o711)
    (folder / "handin" / "mlp.py").write_text("x = 1\n")
    outside = [
        "/etc/passwd",
        "/proc/self/environ",
        str(reference.folder / "solution.py"),
        str(reference.folder / "expected.toml"),
        str(ps3.path),
        str(Path(confinement.__file__)),
    ]
    text = textwrap.dedent(ATTEMPTS).replace("OUTSIDE", repr(outside))
    (folder / "package" / "attempts.py").write_text(
        text.replace("HANDIN", repr(str(folder / "handin" / "mlp.py")))
    )
    ours, theirs = socket.socketpair()
    output, their_output = os.pipe()
    started = sandbox.start(
        Launch(
            folder=folder / "handin",
            scratch=folder / "scratch",
            socket=theirs.fileno(),
            output=their_output,
            arrays={},
            memory=process.MEMORY,
            cpu=20,
            file_size=1 << 20,
            program="reader",
            readable=(folder / "package",),
            settings={"package": str(folder / "package"), "work": "attempts"},
        )
    )
    theirs.close()
    os.close(their_output)
    drain = Drain(output)
    ours.settimeout(60)
    try:
        assert ours.recv(10_000).decode() == "[]"
    finally:
        started.kill()
        drain.stop()
        ours.close()
    assert not Path("/tmp/escaped").exists()
