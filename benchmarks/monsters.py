"""What hand-ins made to hold up or kill their reader take, and a class with five of them within 3 GB.

    python benchmarks/monsters.py [--only NAME...] [--class-only]

A line for each monster: seconds of CPU of reading it, and the most memory of the process that reads; then the marks of
a class of three ordinary hand-ins and the first five monsters, graded within a memory group of 3 GB.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psutil

from grader.assignment import assets
from grader.grading import confinement
from grader.grading.loading import load_assignment
from grader.machine.workspace import workspace
from grader.reading.messages import FORMS, Asked, HandIn
from grader.reading.process import CPU, Confined, TooMuch
from tests import memory_group
from tests.conftest import SUBMISSIONS
from tests.hostile.reader import FIRST_FIVE, MONSTERS, write

MEMORY = 3 << 30
ORDINARY = ("alice", "lists_and_matrices", "notebook_only")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=MONSTERS, default=list(MONSTERS))
    parser.add_argument("--class-only", action="store_true")
    options = parser.parse_args()
    if not options.class_only:
        with workspace() as folder:
            each(options.only, folder)
    with tempfile.TemporaryDirectory(prefix="monsters-") as made:
        a_class(Path(made))


def each(names: list[str], folder: Path) -> None:
    """A line for each monster, read alone."""
    rubric, reference = load_assignment()
    sandbox = confinement.sandbox_for(rubric, reference, folder).sandbox
    for name in names:
        own = Path(tempfile.mkdtemp(dir=folder))
        own.chmod(0o711)
        (own / "handin").mkdir()
        files = MONSTERS[name]()
        write({n: c for n, c in files.items() if n.endswith(".py")}, own / "handin")
        copy = own / "notebook.ipynb"
        copy.write_bytes(files.get("ps3.ipynb", b'{"cells": []}'))
        handin = HandIn(
            folder=str(own / "handin"),
            notebook=str(copy),
            notebook_name="ps3.ipynb",
            entry=rubric.entry,
            questions=tuple(map(Asked.of, rubric.questions)),
            templates=reference.templates(rubric.earlier_notebooks),
            settings=rubric.notebook,
        )
        reader = Confined(sandbox, handin, own, threading.Event())
        most, too_much = 0, []
        for part in FORMS:
            try:
                reader.ask(part)
            except TooMuch as reason:
                too_much.append(f"{part}: it {reason}")
            most = max(most, of_children())
        print(f"{name:26}{CPU - reader.left:6.2f} s CPU {most >> 20:5} MB  {'; '.join(too_much)}", flush=True)
        reader.close()


def of_children() -> int:
    """The most memory, in bytes, of any process below this one, over its life."""
    most = 0
    for process in psutil.Process().children(recursive=True):
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            continue
        peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
        most = max(most, int(peak) << 10)
    return most


def a_class(folder: Path) -> None:
    """Three ordinary hand-ins among five monsters."""
    handins, out = folder / "class", folder / "reports"
    for name in FIRST_FIVE:
        (handins / name).mkdir(parents=True)
        write(MONSTERS[name](), handins / name)
    for name in ORDINARY:
        copied(SUBMISSIONS / name, handins / name)
    # Executing a monster's cells is the sandbox's affair: not for the minutes that an honest training may take.
    rubric = folder / "rubrics" / "ps3.toml"
    rubric.parent.mkdir()
    text = assets.default_rubric().read_text()
    for key, seconds in (("cell_wall", 10), ("wall", 40)):
        text = re.sub(rf"^{key} = \d+", f"{key} = {seconds}", text, flags=re.MULTILINE)
    rubric.write_text(text)
    command = [sys.executable, "-m", "grader", str(handins), "--dataset", "digits", "--out", str(out)]
    code, memory = bounded([*command, "--rubric", str(rubric)], folder)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"a class of {len(ORDINARY)} and {len(FIRST_FIVE)} monsters: exit code {code}, "
        f"{used.ru_utime + used.ru_stime:.0f} s of CPU in all, {memory}"
    )
    for path in sorted(out.glob("*/report.json")):
        report = json.loads(path.read_text())
        page = (path.parent / "report.html").stat().st_size
        print(
            f"  {report['submission']:20}{report['earned']:>6} / {report['points']}, {report['open_points']} open, "
            f"report.html {page >> 10} kB"
        )
        for note in report["notes"]:
            print(f"      {note[:150]}")


def bounded(command: list[str], folder: Path) -> tuple[int, str]:
    """Run a command with `MEMORY` bytes: in a memory group, or where there is none by a limit on each process."""
    try:
        done = memory_group.run(command, folder, MEMORY, seconds=1800)
    except memory_group.NoMemoryGroup:
        code = subprocess.run(
            command,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
            stdout=subprocess.DEVNULL,
            check=False,
        ).returncode
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        return code, f"no process with more than {most} MB (no memory group here: 3 GB for each process)"
    return (
        done.code,
        f"{done.peak >> 20} MB at most in a memory group of {MEMORY >> 20} MB, {done.killed} killed",
    )


def copied(original: Path, copy: Path) -> None:
    """A hand-in with its files."""
    copy.mkdir()
    for path in original.iterdir():
        if path.is_file():
            (copy / path.name).write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()
