"""Keys of a cluster: both sides of a connection are checked, and nobody but their owner reads them."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest

from grader.cluster import keys
from grader.cluster.target import CA, CERT, KEY, ROLES
from grader.errors import UsageError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys") / "ours"
    keys.write(keys.make(10), folder)
    return folder


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys") / "theirs"
    keys.write(keys.make(10), folder)
    return folder


def test_only_their_owner_can_read_them(folder: Path):
    assert folder.stat().st_mode & 0o777 == 0o700
    for role in ROLES:
        for name in (CA, CERT, KEY):
            assert (folder / role / name).stat().st_mode & 0o777 == 0o600


def test_the_authoritys_own_key_is_nowhere(folder: Path):
    private = [path for path in folder.rglob("*") if path.is_file() and "PRIVATE" in path.read_text()]
    assert sorted(path.parent.name for path in private) == sorted(ROLES)
    assert len({path.read_text() for path in private}) == 3


def test_keys_that_are_in_use_are_never_replaced(folder: Path):
    before = (folder / "client" / KEY).read_text()
    with pytest.raises(UsageError, match="is there already"):
        keys.write(keys.make(10), folder)
    assert (folder / "client" / KEY).read_text() == before


def context(folder: Path | None, authority: Path, purpose: ssl.Purpose) -> ssl.SSLContext:
    """As Dask makes one: a certificate of the authority is wanted, whatever name it has."""
    made = ssl.create_default_context(purpose, cafile=str(authority / CA))
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED
    if folder is not None:
        made.load_cert_chain(str(folder / CERT), str(folder / KEY))
    return made


def connect(server: ssl.SSLContext, client: ssl.SSLContext) -> bytes:
    """What a client hears of a server; `ssl.SSLError` or `ConnectionError` where they do not get on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            accepted, _ = listening.accept()
            with accepted:
                try:
                    with server.wrap_socket(accepted, server_side=True) as secure:
                        secure.sendall(b"welcome")
                except (ssl.SSLError, ConnectionError):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            with (
                socket.create_connection(listening.getsockname()) as plain,
                client.wrap_socket(plain) as secure,
            ):
                return secure.recv(100) or pytest.fail("it was closed")
        finally:
            thread.join()


@pytest.mark.parametrize(
    ("serves", "asks"), [("scheduler", "client"), ("scheduler", "worker"), ("worker", "scheduler")]
)
def test_roles_of_one_cluster_speak(folder: Path, serves: str, asks: str):
    server = context(folder / serves, folder / serves, ssl.Purpose.CLIENT_AUTH)
    assert connect(server, context(folder / asks, folder / asks, ssl.Purpose.SERVER_AUTH)) == b"welcome"


REFUSED = (ssl.SSLError, ConnectionError)


def test_whoever_has_no_key_is_refused(folder: Path):
    server = context(folder / "scheduler", folder / "scheduler", ssl.Purpose.CLIENT_AUTH)
    with pytest.raises(REFUSED):
        connect(server, context(None, folder / "client", ssl.Purpose.SERVER_AUTH))


def test_keys_of_another_authority_are_refused_by_both_sides(folder: Path, strangers: Path):
    ours = context(folder / "scheduler", folder / "scheduler", ssl.Purpose.CLIENT_AUTH)
    with pytest.raises(REFUSED):  # a client of theirs that trusts us
        connect(ours, context(strangers / "client", folder / "client", ssl.Purpose.SERVER_AUTH))
    theirs = context(strangers / "scheduler", folder / "scheduler", ssl.Purpose.CLIENT_AUTH)
    with pytest.raises(REFUSED):  # a scheduler of theirs that trusts us
        connect(theirs, context(folder / "client", folder / "client", ssl.Purpose.SERVER_AUTH))


def test_a_clients_key_makes_no_scheduler(folder: Path):
    server = context(folder / "client", folder / "client", ssl.Purpose.CLIENT_AUTH)
    with pytest.raises(REFUSED):
        connect(server, context(folder / "worker", folder / "worker", ssl.Purpose.SERVER_AUTH))
