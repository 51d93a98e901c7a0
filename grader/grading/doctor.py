"""`grade doctor`: try each sandbox tier, show what was tried and what held, and say how to get what is missing."""

from __future__ import annotations

import functools
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..assignment.reference import Reference
from ..assignment.rubric import Rubric
from ..gradebook import network_name
from ..student.canary import Probe, probe
from ..student.child.syscalls import ARCHITECTURE, landlock_abi
from . import confinement

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Findings:
    """What was found out about this machine."""

    probes: Mapping[str, Probe]
    """Tier to what became of the attempts in it."""
    advice: tuple[str, ...]
    network: str = ""
    """The network file system that reports are to be on; empty on any other."""
    warm: Mapping[str, Probe] = field(default_factory=dict)
    """The same where workers are forked from a warm parent: what hand-ins run in where that holds as well."""

    @property
    def tier(self) -> str:
        """The tier that hand-ins will run in; empty where none holds."""
        return next((name for name, found in self.probes.items() if found.holds), "")

    @property
    def all(self) -> dict[str, Probe]:
        """Every probe by its name, the warm ones beside those of their tiers."""
        named = [(name, "", one) for name, one in self.probes.items()]
        named += [(name, ", warm", one) for name, one in self.warm.items()]
        return {f"{name}{kind}": one for name, kind, one in sorted(named, key=lambda part: part[:2])}

    @property
    def starts(self) -> str:
        """How the workers of the tier that is used come to be, in a sentence."""
        found = self.warm[self.tier]
        if found.holds:
            return "Workers are forked from a warm parent."
        return f"Each worker starts by itself, which takes longer: a warm parent cannot be used ({found.reason})."


def examine(rubric: Rubric, reference: Reference, workspace: Path, out: Path) -> Findings:
    """Run the canary in every tier; `out` is the folder of reports."""
    facts = confinement.facts(rubric, reference, workspace)
    makers = confinement.tiers(rubric, reference)
    probes = {name: probe(make, facts, libraries=True) for name, make in makers.items()}
    warm = {
        name: probe(functools.partial(makers[name], warm=True), facts, libraries=True)
        for name, found in probes.items()
        if found.holds
    }
    wanted = () if probes["A"].holds else advice(Machine.this(), probes["A"].problem)
    return Findings(probes, wanted, network_name(out), warm)


def show(found: Findings, console: Console) -> None:
    """Print the table, the tier, and the advice."""
    from rich.table import Table

    tried = {name: one for name, one in found.all.items() if not one.problem}
    if tried:
        table = Table(box=None, pad_edge=False)
        for title in ("what was tried", *(f"tier {name}" for name in tried)):
            table.add_column(title, overflow="fold")
        for trials in zip(*(one.trials for one in tried.values()), strict=True):
            table.add_row(
                trials[0].what, *("held" if t.held else f"[bold red]NOT HELD[/]: {t.how}" for t in trials)
            )
        for works in zip(*(one.works for one in tried.values()), strict=True):
            table.add_row(
                works[0].what, *("works" if w.held else f"[bold red]BROKEN[/]: {w.how}" for w in works)
            )
        console.print(table)
        console.print()
    for name, one in found.all.items():
        held = sum(trial.held for trial in one.trials)
        verdict = f"holds, {held} of {len(one.trials)} attempts failed" if one.holds else one.reason
        console.print(f"Tier {name} {'' if one.holds else 'cannot be used: '}{verdict}", markup=False)
    for name, one in tried.items():
        if seen := [trial.what for trial in one.visible if not trial.held]:
            console.print(
                f"Though it cannot be read, in tier {name} this can be seen: {', '.join(seen)}", markup=False
            )
    used = f"Hand-ins run in tier {found.tier}." if found.tier else "No tier holds: hand-ins are refused."
    console.print(used, style="bold green" if found.tier else "bold red")
    if found.tier in found.warm:
        console.print(found.starts, markup=False)
    for line in found.advice:
        console.print(line, markup=False)
    if found.network:
        console.print(
            f"Reports are on a network file system ({found.network}), where SQLite's write-ahead log is unsafe: the "
            "gradebook there has a rollback journal.",
            markup=False,
        )


@dataclass(frozen=True)
class Machine:
    """What decides which advice helps."""

    architecture: str
    system: str
    distribution: str
    """`ID` and `ID_LIKE` of os-release(5)."""
    container: bool
    bubblewrap: bool
    apparmor_restricts: bool
    """Ubuntu's restriction of user namespaces to programs with a profile."""
    namespaces: bool
    """Whether the kernel lets ordinary users make namespaces at all."""
    landlock: bool

    @staticmethod
    def this() -> Machine:
        """The one that this runs on."""
        release = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
        return Machine(
            architecture=platform.machine(),
            system=platform.system(),
            distribution=f"{release.get('ID', '')} {release.get('ID_LIKE', '')}",
            container=any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv")),
            bubblewrap=shutil.which("bwrap") is not None,
            apparmor_restricts=_setting("kernel/apparmor_restrict_unprivileged_userns") == "1",
            namespaces=_setting("kernel/unprivileged_userns_clone") != "0"
            and _setting("user/max_user_namespaces") != "0",
            landlock=landlock_abi() > 0 if platform.system() == "Linux" else False,
        )


def advice(machine: Machine, problem: str) -> tuple[str, ...]:
    """For what is missing, the one command that brings it; `problem` is what kept tier A from being tried."""
    if machine.system != "Linux":
        return (f"The sandbox needs Linux; this is {machine.system}. Grade in a Linux machine or container.",)
    if machine.architecture != ARCHITECTURE:
        return (
            f"The sandbox was tried on {ARCHITECTURE} only; this is {machine.architecture}, and is refused.",
        )
    if not machine.landlock:
        return (
            "The kernel has no Landlock: it needs 6.2 or later, with landlock among the names after lsm= on its "
            "command line (`cat /sys/kernel/security/lsm` shows them).",
        )
    if not machine.bubblewrap:
        return (f"For tier A install bubblewrap: {_install(machine)}",)
    if machine.container:
        return (
            "This is a container whose profile refuses namespaces, as Docker's default one does; tier B is what "
            "works there. For tier A start it with: docker run --security-opt seccomp=unconfined "
            "--security-opt apparmor=unconfined --cap-add SYS_ADMIN ...",
        )
    if machine.apparmor_restricts:
        return (
            "AppArmor keeps bubblewrap from making namespaces; until the next start of the machine this allows "
            "it: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        )
    if not machine.namespaces:
        return (
            "The kernel keeps ordinary users from making namespaces; this allows it: "
            "sudo sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000",
        )
    return (f"Bubblewrap is there and failed ({problem}); please report this as a bug.",) if problem else ()


def _install(machine: Machine) -> str:
    words = machine.distribution.split()
    if "debian" in words or "ubuntu" in words:
        return "sudo apt-get install bubblewrap"
    if {"fedora", "rhel", "centos"} & set(words):
        return "sudo dnf install bubblewrap"
    return "`sudo apt-get install bubblewrap` or `sudo dnf install bubblewrap`"


def _setting(name: str) -> str:
    """A kernel setting; empty where the kernel does not have it."""
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""
