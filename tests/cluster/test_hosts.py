"""A cluster of several hosts with TLS between them, in namespaces of their own, and what befalls it."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cluster import keys
from tests.classes import COMMAND, Books
from tests.cluster.faults import Weather, command, differences, through
from tests.cluster.hosts import ROOT, Hosts, are_namespaces_to_be_had, hosts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    base = tmp_path_factory.mktemp("books")
    base.chmod(0o711)
    return Books(base, 6)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Hosts]:
    why = are_namespaces_to_be_had()
    if why:
        print(f"no network namespaces ({why}): processes on loopback stand for hosts, and no link is cut")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with hosts(tmp_path, 3, not why, port) as made:
        yield made


def grade(three: Hosts, books: Books, out: Path, *more: str) -> int:
    return three.start("c", *command(books, three, out), *more).wait()


def test_three_hosts_find_what_one_machine_finds(three: Hosts, books: Books, tmp_path: Path):
    for host in three.workers:
        three.start_worker(host)
    assert grade(three, books, tmp_path / "out") == 0, three.log("c")
    assert differences(books.undisturbed, tmp_path / "out") == []


def test_a_worker_that_is_not_the_same_is_refused_and_the_others_go_on(
    three: Hosts, books: Books, tmp_path: Path
):
    three.start_worker("w1")
    three.start_worker("w2", OPENBLAS_CORETYPE="Prescott")
    three.start_worker("w3", GRADE_RUBRIC=str(ROOT / "rubrics" / "ps3.toml"))
    # Not all may be there when the first has answered; in the end each has been asked.
    assert grade(three, books, tmp_path / "out") == 0, three.log("c")
    said = three.log("c")
    assert differences(books.undisturbed, tmp_path / "out") == []
    assert (
        "refused: its processor or BLAS computes something else" in said
        or "refused: the course secret" in said
    )


def test_kills_of_workers_and_of_the_coordinator_change_nothing(three: Hosts, books: Books, tmp_path: Path):
    for host in three.workers:
        three.start_worker(host)
    weather = Weather(5, 1 if three.namespaces else 0, 3.0, 1, (0.5, 2.5), 7)
    came = through(weather, three, books, tmp_path / "out")
    assert came.killed >= 1, came.said  # how many of them meet a worker at work is a matter of time
    assert came.commands >= 2
    assert came.differences == [], came.said


def test_without_the_right_keys_nobody_gets_in(three: Hosts, books: Books, tmp_path: Path):
    keys.write(keys.make(1), tmp_path / "strangers")
    strangers = ("--cluster", three.scheduler, "--cluster-keys", str(tmp_path / "strangers" / "client"))
    line = [*COMMAND, str(books.folder), *books.options, "--out", str(tmp_path / "out"), *strangers]
    assert three.start("c", *line).wait() == 3
    said = three.log("c").splitlines()[-1]
    assert "takes other keys" in said
    assert three.scheduler in said
    plain = [*line[: -len(strangers)], "--cluster", three.scheduler.replace("tls", "tcp")]
    done = subprocess.run(plain, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
    if three.namespaces:  # on loopback it is no mistake
        assert done.returncode == 2
        assert "grade cluster keys DIR" in done.stderr
