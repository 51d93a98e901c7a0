"""What `--cluster` may name: nothing that others on the network could run code by."""

from __future__ import annotations

import json
from pathlib import Path

import dask.config
import pytest

from grader.cluster import target as targets
from grader.cluster.target import Local, Remote, target
from grader.errors import UsageError


@pytest.mark.parametrize(("text", "workers"), [("local", 0), ("local:1", 1), ("local:12", 12)])
def test_workers_of_this_machine(text: str, workers: int):
    assert target(text, None) == Local(workers)


@pytest.mark.parametrize(
    "text", ["tcp://127.0.0.1:8786", "127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786"]
)
def test_loopback_needs_no_keys(text: str):
    found = target(text, None)
    assert isinstance(found, Remote)
    assert found.address.startswith("tcp://")
    assert found.security == {}


@pytest.mark.parametrize(
    "text",
    ["tcp://10.0.0.1:8786", "10.0.0.1:8786", "tcp://cluster:8786", "tcp://[fe80::1]:8786", "tcp://0.0.0.0:1"],
)
def test_without_tls_an_address_of_a_network_is_refused_with_the_command(text: str):
    with pytest.raises(UsageError, match=r"not encrypted.*grade cluster keys DIR") as caught:
        target(text, None)
    assert "\n" not in str(caught.value)


def test_tls_without_keys_is_refused_with_the_command():
    with pytest.raises(UsageError, match="grade cluster keys DIR"):
        target("tls://10.0.0.1:8786", None)


@pytest.fixture
def client(tmp_path: Path) -> Path:
    for name in (targets.CA, targets.CERT, targets.KEY):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o600)
    return tmp_path


def test_with_keys_it_is_not(client: Path):
    found = target("10.0.0.1:8786", client)
    assert isinstance(found, Remote)
    assert found.address == "tls://10.0.0.1:8786"
    assert found.security["tls_client_key"] == str(client / "key.pem")


def test_a_key_that_others_can_read_is_refused(client: Path):
    (client / targets.KEY).chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        target("tls://10.0.0.1:8786", client)


@pytest.mark.parametrize("name", [targets.CA, targets.CERT, targets.KEY])
def test_a_key_that_is_missing_is_named(client: Path, name: str):
    (client / name).unlink()
    with pytest.raises(UsageError, match=f"found no {name}"):
        target("tls://10.0.0.1:8786", client)


def test_keys_with_an_address_that_uses_none_are_refused(client: Path):
    with pytest.raises(UsageError, match="wanted tls"):
        target("tcp://127.0.0.1:8786", client)


def test_the_keys_of_dasks_own_configuration_will_do(client: Path):
    keys = {"ca-file": "ca", "client": {"cert": "cert", "key": "key"}}
    with dask.config.set({"distributed.comm.tls": keys}):
        found = target("tls://10.0.0.1:8786", None)
    assert isinstance(found, Remote)
    assert found.security == {"tls_ca_file": "ca", "tls_client_cert": "cert", "tls_client_key": "key"}


def test_a_schedulers_file_names_its_address(tmp_path: Path):
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"type": "Scheduler", "address": "tcp://127.0.0.1:33"}))
    assert target(str(file), None) == Remote("tcp://127.0.0.1:33", {})
    file.write_text(json.dumps({"address": "tcp://10.0.0.1:33"}))
    with pytest.raises(UsageError, match="not encrypted"):
        target(str(file), None)


@pytest.mark.parametrize("content", [None, "", "[]", "{}", "{"])
def test_a_file_without_an_address_is_told(tmp_path: Path, content: str | None):
    file = tmp_path / "scheduler.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UsageError, match=r"scheduler.json: (found no address|cannot be read)"):
        target(str(file), None)


@pytest.mark.parametrize(
    "text",
    ["", "local:0", "local:x", "http://127.0.0.1:1", "ucx://127.0.0.1:1", "tcp://:1", "tcp://h", "tcp://h:x"],
)
def test_what_is_no_cluster_is_told(text: str):
    with pytest.raises(UsageError, match="--cluster"):
        target(text, None)
