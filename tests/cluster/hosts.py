"""Several hosts on one machine: network namespaces with veth pairs, or else processes on loopback.

All traffic is within namespaces that are made here, on a bridge in the scheduler's own, or on loopback.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from grader.cluster import keys

ROOT = Path(__file__).resolve().parent.parent.parent
PORT = 8786
_SUBNET = "10.77.31"
_LINK_S = 30


def are_namespaces_to_be_had() -> str:
    """Why not; empty where they are."""
    for program in ("ip", "nsenter"):
        if shutil.which(program) is None:
            return f"there is no `{program}` (Debian: iproute2, util-linux)"
    if os.geteuid() != 0:
        return "that takes root"
    name = f"gt{os.getpid()}x"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode:
        return f"`ip netns add`: {made.stderr.strip()}"
    linked = subprocess.run(
        ["ip", "-n", name, "link", "add", "v0", "type", "veth", "peer", "name", "v1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    subprocess.run(["ip", "netns", "del", name], check=True)
    return f"`ip link add type veth`: {linked.stderr.strip()}" if linked.returncode else ""


@dataclass
class Hosts:
    """A scheduler's host, that of the coordinator, and those of workers; TLS between them."""

    folder: Path
    count: int
    namespaces: bool
    environment: dict[str, str]
    port: int = PORT
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    """By host; the scheduler's is `s`, the coordinator's `c`, the workers' `w1`, `w2`, ..."""

    @property
    def names(self) -> list[str]:
        return ["s", "c", *self.workers]

    @property
    def workers(self) -> list[str]:
        return [f"w{n}" for n in range(1, self.count + 1)]

    def space(self, host: str) -> str:
        """The namespace of a host. Named after this process: several tests may run at once."""
        return f"gt{os.getpid()}{host}"

    def address(self, host: str) -> str:
        return f"{_SUBNET}.{self.names.index(host) + 1}" if self.namespaces else "127.0.0.1"

    @property
    def scheduler(self) -> str:
        return f"tls://{self.address('s')}:{self.port}"

    def set_up(self) -> None:
        keys.write(keys.make(2), self.folder / "keys")
        if not self.namespaces:
            return
        for host in self.names:
            _ip("netns", "add", self.space(host))
            _ip("-n", self.space(host), "link", "set", "lo", "up")
        _ip("-n", self.space("s"), "link", "add", "br0", "type", "bridge")
        _ip("-n", self.space("s"), "addr", "add", f"{self.address('s')}/24", "dev", "br0")
        _ip("-n", self.space("s"), "link", "set", "br0", "up")
        for host in self.names[1:]:
            peer = ("peer", "name", "eth0", "netns", self.space(host))
            _ip("-n", self.space("s"), "link", "add", f"to{host}", "type", "veth", *peer)
            _ip("-n", self.space("s"), "link", "set", f"to{host}", "master", "br0", "up")
            _ip("-n", self.space(host), "addr", "add", f"{self.address(host)}/24", "dev", "eth0")
            _ip("-n", self.space(host), "link", "set", "eth0", "up")

    def tear_down(self) -> None:
        for host in list(self.running):
            self.stop(host)
        if self.namespaces:
            for host in self.names:
                subprocess.run(["ip", "netns", "del", self.space(host)], check=False, capture_output=True)

    def start(self, host: str, *command: str) -> subprocess.Popen[bytes]:
        """Run a program on a host."""
        inside = ["nsenter", f"--net=/run/netns/{self.space(host)}"] if self.namespaces else []
        with (self.folder / f"{host}.log").open("ab") as log:
            self.running[host] = subprocess.Popen(
                [*inside, *command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.running[host]

    def start_scheduler(self) -> None:
        where = ("--host", f"tls://{self.address('s')}", "--port", str(self.port))
        self.start("s", *_dask("scheduler"), *where, "--no-dashboard", "--no-show", *self._tls("scheduler"))

    def start_worker(self, host: str, **environment: str) -> None:
        before, self.environment = self.environment, {**self.environment, **environment}
        scratch = ("--local-directory", str(self.folder / host))
        options = ("--nworkers", "1", "--nthreads", "1", "--memory-limit", "0", "--no-dashboard", *scratch)
        where = ("--host", f"tls://{self.address(host)}")
        self.start(host, *_dask("worker"), self.scheduler, *where, *options, *self._tls("worker"))
        self.environment = before

    def _tls(self, role: str) -> tuple[str, ...]:
        at = self.folder / "keys" / role
        return ("--tls-ca-file", f"{at}/ca.pem", "--tls-cert", f"{at}/cert.pem", "--tls-key", f"{at}/key.pem")

    @property
    def options(self) -> tuple[str, ...]:
        """Of `grade`, on the coordinator's host."""
        return ("--cluster", self.scheduler, "--cluster-keys", str(self.folder / "keys" / "client"))

    def stop(self, host: str) -> None:
        """Kill what runs on a host, and all that it started."""
        process = self.running.pop(host)
        for one in [*_children(process.pid), process.pid]:
            with contextlib.suppress(psutil.Error):
                psutil.Process(one).kill()
        process.wait()

    def kill_a_worker(self, choose: random.Random) -> bool:
        """SIGKILL a worker, of whichever host has one just now; its nanny starts another."""
        for host in choose.sample(self.workers, self.count):
            for one in _children(self.running[host].pid, recursive=False):
                if any("spawn_main" in part for part in _command_line(one)):
                    with contextlib.suppress(psutil.Error):
                        psutil.Process(one).kill()
                        return True
        return False

    def cut(self, host: str, seconds: float) -> None:
        """No traffic to and from a host for so long."""
        _ip("-n", self.space("s"), "link", "set", f"to{host}", "down")
        time.sleep(seconds)
        _ip("-n", self.space("s"), "link", "set", f"to{host}", "up")

    def log(self, host: str) -> str:
        path = self.folder / f"{host}.log"
        return path.read_text(errors="replace") if path.exists() else ""


@contextlib.contextmanager
def hosts(folder: Path, count: int, namespaces: bool, port: int = PORT) -> Iterator[Hosts]:
    """Hosts with a scheduler that runs; workers are for the caller to start."""
    made = Hosts(folder, count, namespaces, dict(os.environ), port)
    try:
        made.set_up()
        made.start_scheduler()
        yield made
    finally:
        made.tear_down()


def _dask(what: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"distributed.cli.dask_{what}")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=_LINK_S)


def _children(pid: int, recursive: bool = True) -> list[int]:
    try:
        return [one.pid for one in psutil.Process(pid).children(recursive=recursive)]
    except psutil.Error:
        return []


def _command_line(pid: int) -> list[str]:
    try:
        return list(psutil.Process(pid).cmdline())
    except psutil.Error:
        return []
