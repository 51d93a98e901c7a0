"""The samples of docs/cluster run: the job of Slurm, and what the containers of Kubernetes run, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.classes import Books
from tests.cluster.faults import differences
from tests.cluster.hosts import ROOT, Hosts
from tests.hangs import LATE

SAMPLES = ROOT / "docs" / "cluster"
SRUN = """#!/bin/sh
for task in 1 2; do "$@" & pids="$pids $!"; done
trap 'kill $pids' TERM
wait
"""
"""Two tasks on this machine."""


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    base = tmp_path_factory.mktemp("books")
    base.chmod(0o711)
    return Books(base, 4)


@pytest.mark.slow
def test_the_job_of_slurm_grades_a_class(books: Books, tmp_path: Path):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "srun").write_text(SRUN)
    (programs / "srun").chmod(0o755)
    path = f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SLURM_CPUS_PER_TASK": "1"}
    out = tmp_path / "out"
    line = ["bash", str(SAMPLES / "slurm.sh"), str(books.folder), *books.options, "--out", str(out)]
    done = subprocess.run(
        line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=2 * LATE
    )
    assert done.returncode == 0, done.stderr
    assert differences(books.undisturbed, out) == []
    assert list(tmp_path.glob(".grade-cluster-*")) == [], "keys are of no use afterwards"


def containers() -> dict[str, dict[str, Any]]:
    found = {}
    for document in yaml.safe_load_all((SAMPLES / "kubernetes.yaml").read_text()):
        for one in document["spec"].get("template", {}).get("spec", {}).get("containers", []):
            found[one["name"]] = one
    return found


def test_no_container_has_another_ones_key_or_more_than_an_ordinary_ones_rights():
    for document in yaml.safe_load_all((SAMPLES / "kubernetes.yaml").read_text()):
        pod = document["spec"].get("template", {}).get("spec")
        if pod is None:
            continue
        (one,) = pod["containers"]
        role = {"grade": "client"}.get(one["name"], one["name"])
        secrets = [volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume]
        assert [name for name in secrets if name != "grade-course-secret"] == [f"grade-{role}"]
        assert not {"securityContext"} & {*pod, *one}
        assert pod["automountServiceAccountToken"] is False


@pytest.fixture
def pods(tmp_path: Path) -> Iterator[Hosts]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Hosts(tmp_path, 1, False, dict(os.environ), port)
    try:
        made.set_up()
        yield made
    finally:
        made.tear_down()


@pytest.mark.slow
def test_what_the_containers_run_grades_a_class(books: Books, pods: Hosts, tmp_path: Path):
    """With the keys of each, at other paths."""
    shutil.copytree(books.folder, tmp_path / "class" / "submissions")

    def arguments(name: str) -> list[str]:
        role = {"grade": "client"}.get(name, name)
        program, *rest = containers()[name]["args"]
        changed = [
            part.replace("/keys", str(tmp_path / "keys" / role))
            .replace("/class", str(tmp_path / "class"))
            .replace("grade-scheduler:8786", f"127.0.0.1:{pods.port}")
            for part in rest
        ]
        changed = [str(pods.port) if part == "8786" else part for part in changed]
        return [str(Path(sys.executable).parent / program), *changed]

    pods.start("s", *arguments("scheduler"))
    pods.start("w1", *arguments("worker"))
    code = pods.start("c", *arguments("grade"), *books.options).wait(2 * LATE)
    assert code == 0, pods.log("c") + pods.log("w1")
    assert differences(books.undisturbed, tmp_path / "class" / "reports") == []
