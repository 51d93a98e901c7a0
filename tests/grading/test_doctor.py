"""`grade doctor` and the choice of a tier: what was tried, what to do about what is missing, and the refusal."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from grader import cli
from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.grading import confinement, doctor
from grader.grading.doctor import Findings, Machine, advice, show
from grader.student.canary import NoSandbox, NotTried, Probe, Trial, choose, probe
from grader.student.sandbox import TIERS, Practice, Sandbox
from tests.acceptance.conftest import Grade, grade
from tests.conftest import SUBMISSIONS
from tests.hostile.test_hostile import not_possible
from tests.student.test_client import alive_with

__all__ = ["grade"]

DEBIAN = Machine(
    architecture="x86_64",
    system="Linux",
    distribution="debian ",
    container=False,
    bubblewrap=True,
    apparmor_restricts=False,
    namespaces=True,
    landlock=True,
)
UBUNTU = replace(DEBIAN, distribution="ubuntu debian", apparmor_restricts=True)
FEDORA = replace(DEBIAN, distribution="fedora ")


def one_advice(machine: Machine, problem: str = "bwrap: it failed") -> str:
    (line,) = advice(machine, problem)
    return line


# ---- advice -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distribution", "command"),
    [
        ("debian ", "apt-get"),
        ("ubuntu debian", "apt-get"),
        ("linuxmint ubuntu debian", "apt-get"),
        ("fedora ", "dnf"),
        ("rocky rhel centos fedora", "dnf"),
        ("centos rhel fedora", "dnf"),
    ],
)
def test_where_bubblewrap_is_missing_the_distributions_command_brings_it(distribution: str, command: str):
    line = one_advice(replace(DEBIAN, distribution=distribution, bubblewrap=False))
    assert line == f"For tier A install bubblewrap: sudo {command} install bubblewrap"


def test_on_an_unknown_distribution_there_are_two_commands_to_choose_from():
    line = one_advice(replace(DEBIAN, distribution=" ", bubblewrap=False))
    assert "apt-get install bubblewrap" in line
    assert "dnf install bubblewrap" in line


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (UBUNTU, "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"),
        (replace(DEBIAN, namespaces=False), "sudo sysctl kernel.unprivileged_userns_clone=1"),
        (replace(DEBIAN, container=True), "docker run --security-opt seccomp=unconfined"),
        (replace(UBUNTU, container=True), "docker run"),
        (replace(DEBIAN, landlock=False), "lsm="),
        (replace(FEDORA, landlock=False, bubblewrap=False), "Landlock"),
        (replace(DEBIAN, architecture="aarch64"), "x86_64 only; this is aarch64"),
        (
            replace(DEBIAN, architecture="arm64", system="Darwin", landlock=False),
            "needs Linux; this is Darwin",
        ),
        (replace(DEBIAN, system="Windows", architecture="AMD64"), "needs Linux; this is Windows"),
        (DEBIAN, "bwrap: it failed"),
    ],
)
def test_there_is_one_piece_of_advice_and_it_is_the_one_that_helps_first(machine: Machine, words: str):
    assert words in one_advice(machine)


def test_where_nothing_is_known_to_be_wrong_nothing_is_advised():
    assert advice(DEBIAN, "") == ()


def test_this_machine_can_be_looked_at():
    machine = Machine.this()
    assert machine.system
    assert machine.architecture


# ---- what is shown ------------------------------------------------------------------------------------

HELD, LEAKED = Trial("fork", True, "PermissionError"), Trial("fork", False, "it went through")
WORKS, BROKEN = Trial("to compute", True, "works"), Trial("to compute", False, "a wrong [result]")
GOOD = Probe("A: good", (HELD,), (WORKS,))
LEAKY = Probe("A: leaky", (LEAKED,), (WORKS,))
UNUSABLE = Probe("B: broken", (HELD,), (BROKEN,))
ABSENT = Probe("", (), (), "bubblewrap (the program bwrap) is not [installed]")


def shown(found: Findings) -> str:
    text = io.StringIO()
    show(found, Console(file=text, width=200))
    return text.getvalue()


@pytest.mark.parametrize(
    ("probes", "tier"),
    [
        ({"A": GOOD, "B": GOOD}, "A"),
        ({"A": LEAKY, "B": GOOD}, "B"),
        ({"A": ABSENT, "B": GOOD}, "B"),
        ({"A": GOOD, "B": ABSENT}, "A"),
        ({"A": ABSENT, "B": UNUSABLE}, ""),
        ({"A": LEAKY, "B": ABSENT}, ""),
        ({}, ""),
    ],
)
def test_the_tier_is_the_first_that_holds(probes: dict[str, Probe], tier: str):
    found = Findings(probes, ())
    assert found.tier == tier
    assert (f"Hand-ins run in tier {tier}." if tier else "No tier holds: hand-ins are refused.") in shown(
        found
    )


def test_a_tier_that_could_not_be_tried_has_no_column_but_its_reason_and_the_advice():
    text = shown(Findings({"A": ABSENT, "B": GOOD}, ("install [it]",)))
    header = text.splitlines()[0]
    assert "tier B" in header
    assert "tier A" not in header
    assert "Tier A cannot be used: bubblewrap (the program bwrap) is not [installed]" in text
    assert "Tier B holds, 1 of 1 attempts failed" in text
    assert text.rstrip().endswith("install [it]")


def test_what_got_through_and_what_broke_is_in_the_table_and_in_the_reason():
    text = shown(Findings({"A": LEAKY, "B": UNUSABLE}, ()))
    assert "NOT HELD: it went through" in text
    assert "BROKEN: a wrong" in text
    assert "Tier A cannot be used: it let through: fork" in text
    assert "Tier B cannot be used: it broke: to compute (a wrong [result])" in text


def test_with_no_tier_tried_there_is_no_table():
    text = shown(Findings({"A": ABSENT, "B": ABSENT}, ()))
    assert "what was tried" not in text


def test_a_network_file_system_is_said():
    assert "network" not in shown(Findings({"A": GOOD, "B": GOOD}, ()))
    text = shown(Findings({"A": GOOD, "B": GOOD}, (), "NFS"))
    assert "Reports are on a network file system (NFS)" in text
    assert "rollback journal" in text


def test_whether_workers_come_from_a_warm_parent_is_said():
    text = shown(Findings({"A": GOOD, "B": GOOD}, (), warm={"A": GOOD, "B": GOOD}))
    assert text.splitlines()[0].split("tier ")[1:] == ["A  ", "A, warm  ", "B  ", "B, warm"]
    assert "Tier A, warm holds, 1 of 1 attempts failed" in text
    assert "Hand-ins run in tier A.\nWorkers are forked from a warm parent." in text


def test_why_a_warm_parent_is_not_used_is_said():
    text = shown(Findings({"A": ABSENT, "B": GOOD}, (), warm={"B": LEAKY}))
    assert "Hand-ins run in tier B." in text
    assert "a warm parent cannot be used (it let through: fork)" in text


# ---- the canary ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_leaks_on_purpose_does_not_hold_and_is_undone(
    ps3: Rubric, reference: Reference, temporary: Path
):
    def state() -> list[object]:
        # What other programs do meanwhile is not ours: look for what the canary could have left.
        ours = [path.name for top in ("/tmp", "/dev/shm") for path in Path(top).glob("grade-canary-*")]
        mounts = Path("/proc/self/mountinfo").read_text() if sys.platform == "linux" else ""
        return [ours, sorted(temporary.iterdir()), [m for m in mounts.splitlines() if str(temporary) in m]]

    before = state()
    limits = [path.stat().st_mode for path in (reference.folder, ps3.path)]
    found = probe(Practice, confinement.facts(ps3, reference, temporary))
    assert not found.holds
    assert not found.problem
    own = "read the grader's own code"  # what is not there is not let through: it names a file that has moved once
    for what in ("read solution.py of the answers", own, "read another hand-in", "read /etc/passwd", "fork"):
        assert what in found.reason
    assert "execute a program" in found.reason
    assert all(trial.held for trial in found.works)
    pairs = [trial for trial in found.trials if trial.what.startswith("tell a neighbour")]
    assert len(pairs) == 3
    assert not [trial for trial in pairs if trial.held], "without a sandbox a neighbour hears"
    assert not [trial for trial in found.visible if trial.held], "without a sandbox everything shows"
    assert not [t for t in found.trials if t.how.startswith(("not tried", "unclear"))]
    assert state() == before
    assert [path.stat().st_mode for path in (reference.folder, ps3.path)] == limits
    assert alive_with(str(temporary / "canary-")) == []


@pytest.mark.slow
def test_a_tier_that_leaks_is_passed_over_and_named(ps3: Rubric, reference: Reference, temporary: Path):
    facts = confinement.facts(ps3, reference, temporary)

    def absent(warm: bool = False) -> Practice:
        raise OSError("not on this machine")

    with pytest.raises(NoSandbox, match=r"not on this machine; .*it let through: read solution\.py"):
        choose({"A": absent, "B": open_door}, facts)


def open_door(warm: bool = False) -> Practice:
    """A tier that lets everything through."""
    return Practice()


class Flaky:
    """A tier whose first start fails, as on a machine that is busy."""

    def __init__(self, tier: Callable[..., Sandbox], error: Exception) -> None:
        self.tier, self.error, self.asked = tier, error, 0

    def __call__(self, warm: bool = False) -> Sandbox:
        self.asked += 1
        if self.asked == 1:
            raise self.error
        return self.tier(warm=warm)


@pytest.mark.slow
def test_a_tier_that_the_machine_kept_from_starting_is_tried_once_more(
    ps3: Rubric, reference: Reference, temporary: Path
):
    tiers = confinement.tiers(ps3, reference)
    needs("B", ps3, reference, temporary)
    flaky = Flaky(tiers["B"], OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)))
    chosen = choose({"A": flaky, "B": open_door}, confinement.facts(ps3, reference, temporary))
    assert (chosen.sandbox.tier[0], chosen.passed_over) == ("B", ())  # what stands at A here is tier B


@pytest.mark.slow
def test_a_tier_that_is_passed_over_is_named_with_the_reason(
    ps3: Rubric, reference: Reference, temporary: Path
):
    needs("B", ps3, reference, temporary)

    def absent(warm: bool = False) -> Practice:
        raise OSError("not on this machine")

    tiers = {"A": absent, "B": confinement.tiers(ps3, reference)["B"]}
    chosen = choose(tiers, confinement.facts(ps3, reference, temporary))
    assert chosen.passed_over == ("tier A: not on this machine",)


@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EDQUOT]
)
def test_a_machine_that_is_short_of_something_is_no_machine_without_a_sandbox(
    ps3: Rubric, reference: Reference, temporary: Path, number: int
):
    def short(warm: bool = False) -> Practice:
        raise OSError(number, os.strerror(number))

    facts = confinement.facts(ps3, reference, temporary)
    with pytest.raises(NotTried, match=re.escape(os.strerror(number))):
        choose({"A": short, "B": short}, facts)


def test_no_room_for_the_canary_is_said_as_that(ps3: Rubric, reference: Reference, temporary: Path):
    facts = replace(confinement.facts(ps3, reference, temporary), workspace=Path("/dev/full"))
    with pytest.raises(NoSandbox, match="Not a directory"):
        choose({"B": open_door}, facts)


# ---- on the command line ------------------------------------------------------------------------------


def needs(tier: str, ps3: Rubric, reference: Reference, temporary: Path) -> None:
    found = probe(confinement.tiers(ps3, reference)[tier], confinement.facts(ps3, reference, temporary))
    if not found.holds:
        not_possible(f"tier {tier} does not hold on this machine: {found.reason}")


@pytest.mark.slow
def test_the_doctor_shows_that_every_attempt_failed(
    grade: Grade, ps3: Rubric, reference: Reference, temporary: Path
):
    needs("A", ps3, reference, temporary)
    done = grade("doctor", COLUMNS="200")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Hand-ins run in tier A." in done.stdout
    assert "NOT HELD" not in done.stdout
    assert "BROKEN" not in done.stdout
    rows = [line for line in done.stdout.splitlines() if line.rstrip().endswith(("held", "works"))]
    assert len(rows) > 50
    for what in ("read solution.py of the answers", "fork", "connect by TCP", "a plot with matplotlib"):
        assert any(row.startswith(what) for row in rows)
    said = " ".join(done.stdout.split())
    in_a, in_b = (said.partition(f"in tier {tier} this can be seen: ")[2][:250] for tier in "AB")
    assert "that the grader runs" in in_b
    assert "size and times of the answers" not in in_a.partition("tier B")[0]
    assert "install bubblewrap" not in done.stdout


@pytest.mark.slow
def test_without_bubblewrap_the_doctor_takes_tier_b_and_says_what_to_install(
    grade: Grade, ps3: Rubric, reference: Reference, temporary: Path
):
    needs("B", ps3, reference, temporary)
    done = grade("doctor", COLUMNS="200", PATH="/nonexistent")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Hand-ins run in tier B." in done.stdout
    assert "Tier A cannot be used: bubblewrap" in done.stdout
    assert done.stdout.rstrip().splitlines()[-1] == one_advice(replace(Machine.this(), bubblewrap=False))


@pytest.fixture
def no_tier(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which no sandbox can be made; the command line runs in this process."""

    def broken(*_: object, **__: object) -> Practice:
        raise OSError("the kernel has no such thing")

    monkeypatch.setattr(confinement, "TIERS", dict.fromkeys(TIERS, broken))
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def exit_code(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr("sys.argv", ["grade", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


@pytest.mark.usefixtures("no_tier")
def test_where_no_tier_holds_grading_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    before = psutil.Process().children()
    code = exit_code(monkeypatch, str(SUBMISSIONS / "import_error"), "--dataset", "digits")
    said = [line for line in capsys.readouterr().err.splitlines() if "prepar" not in line]
    assert code == 3
    assert len(said) == 1
    for words in (
        "no sandbox holds",
        "tier A: the kernel has no such thing",
        "`grade doctor`",
        "`--practice`",
    ):
        assert words in said[0]
    assert not list(tmp_path.rglob("report.*"))
    assert not set(psutil.Process().children()) - set(before)


@pytest.mark.usefixtures("no_tier")
def test_where_no_tier_holds_the_doctor_says_so_and_ends_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(doctor, "advice", lambda *_: ("what to do",))
    assert exit_code(monkeypatch, "doctor") == 3
    said = capsys.readouterr().out
    assert "No tier holds: hand-ins are refused." in said
    assert said.rstrip().endswith("what to do")


@pytest.mark.slow
def test_practice_is_stamped_on_every_output(grade: Grade, tmp_path: Path):
    done = grade(SUBMISSIONS / "import_error", "--dataset", "digits", "--practice")
    assert done.returncode == 0
    folder = tmp_path / "reports" / "import_error"
    assert json.loads((folder / "report.json").read_text())["host"]["tier"] == "practice"
    for text in (done.stdout, (folder / "report.html").read_text(), (folder / "report.md").read_text()):
        assert "without a sandbox" in " ".join(text.split()).lower()


@pytest.mark.slow
def test_a_run_in_a_sandbox_is_not_stamped(
    grade: Grade, tmp_path: Path, ps3: Rubric, reference: Reference, temporary: Path
):
    needs("B", ps3, reference, temporary)
    done = grade(SUBMISSIONS / "import_error", "--dataset", "digits", PATH="/nonexistent")
    folder = tmp_path / "reports" / "import_error"
    assert json.loads((folder / "report.json").read_text())["host"]["tier"] == "B: Landlock and seccomp"
    for text in (done.stdout, (folder / "report.html").read_text(), (folder / "report.md").read_text()):
        assert "without a sandbox" not in " ".join(text.split()).lower()
