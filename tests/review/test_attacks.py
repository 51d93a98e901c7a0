"""Attacks on the running server: from other pages, other names, other programs, and students' texts."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from grader.gradebook import Gradebook
from tests.desks import Desk
from tests.review.conftest import HOSTILE, members
from tests.review.serving import FORM, Answer, Client, Server, serving


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("attacked"))
    desk.grade(*members())
    return desk


@pytest.fixture(scope="module")
def server(desk: Desk) -> Iterator[Server]:
    with serving(desk.out) as running:
        yield running


@pytest.fixture(scope="module")
def kim(server: Server) -> Client:
    client = Client(server)
    client.begin()
    return client


@pytest.fixture(autouse=True)
def nothing_happens(desk: Desk, server: Server) -> Iterator[None]:
    yield
    assert server.process.poll() is None
    with Gradebook(desk.out, create=False, read_only=True) as book:
        assert book.all_marks() == []
    assert "Traceback" not in server.said.read_text()


def body(kim: Client, path: str, **more: str) -> bytes:
    """A save that is right but for how it is sent."""
    fields = kim.form(path) | {"do": "save", "none": "1"} | more
    return "&".join(f"{name}={value}" for name, value in fields.items()).encode()


def sent(kim: Client, headers: dict[str, str]) -> Answer:
    path = kim.first("Q1.6")
    own = {"Origin": f"http://{kim.server.host}", "Content-Type": FORM} | headers
    return kim.ask("POST", path, body(kim, path), {name: value for name, value in own.items() if value})


def raw(server: Server, request: bytes) -> bytes:
    """What comes back of bytes on the wire."""
    parts = urlsplit(server.address)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        found = b""
        while part := connection.recv(1 << 16):
            found += part
    return found


ATTACKS: dict[str, Callable[[Client], Answer]] = {
    "another host: a name that leads here": lambda kim: kim.ask("GET", "/", headers={"Host": "evil.example"}),
    "another host that begins as ours does": lambda kim: kim.ask(
        "GET", "/", headers={"Host": f"{kim.server.host}.evil.example"}
    ),
    "our host with another port": lambda kim: kim.ask("GET", "/", headers={"Host": "127.0.0.1:1"}),
    "a post from another page": lambda kim: sent(kim, {"Origin": "http://evil.example"}),
    "a post from a page of another port": lambda kim: sent(kim, {"Origin": "http://127.0.0.1:1"}),
    "a post from nowhere": lambda kim: sent(kim, {"Origin": "null"}),
    "a post that does not say from where": lambda kim: sent(kim, {"Origin": ""}),
    "a post that the browser calls cross-site": lambda kim: sent(kim, {"Sec-Fetch-Site": "cross-site"}),
    "a post of a form of another kind": lambda kim: sent(kim, {"Content-Type": "text/plain"}),
    "a post without the cookie": lambda kim: sent(kim, {"Cookie": "x=y"}),
    "a cookie that was guessed": lambda kim: sent(kim, {"Cookie": f"{kim.cookie[:-4]}AAAA"}),
    "a page without the cookie": lambda kim: kim.ask("GET", "/q/Q1.6", headers={"Cookie": "x=y"}),
    "the token a second time": lambda kim: Client(kim.server).get(f"/?{urlsplit(kim.server.address).query}"),
    "a token that was guessed": lambda kim: Client(kim.server).get("/?token=" + "A" * 43),
    "a change by a GET": lambda kim: kim.get("/undo"),
    "another method": lambda kim: kim.ask("DELETE", kim.first("Q1.6")),
    "a path of the file system": lambda kim: kim.get("/q/..%2f..%2f..%2fetc/passwd"),
    "a path of the file system as it is": lambda kim: kim.get("/../../../../etc/passwd"),
    "a file of the reports": lambda kim: kim.get("/gradebook.sqlite"),
    "an answer of another question": lambda kim: kim.get(kim.first("Q1.6").replace("Q1.6", "Q2.5")),
    "an address without end": lambda kim: kim.get("/?" + "a" * 5000),
    "a form without end": lambda kim: kim.post(kim.first("Q1.6"), {"do": "save", "note": "a" * 100_000}),
    "fields without end": lambda kim: kim.post(kim.first("Q1.6"), [("item", str(n)) for n in range(2000)]),
    "an item that is none": lambda kim: kim.post(
        (path := kim.first("Q1.6")), {**kim.form(path), "do": "save", "item": "'; DROP TABLE mark; --"}
    ),
    "points without end": lambda kim: kim.save(kim.first("Q1.6"), "1", adjust="1e999999"),
    "points that are none": lambda kim: kim.save(kim.first("Q1.6"), "1", adjust="NaN"),
    "a version that is none": lambda kim: kim.save(kim.first("Q1.6"), "1", seen="-1"),
    "another answer than was seen": lambda kim: kim.save(kim.first("Q1.6"), "1", answer="000000000000"),
    "a second opinion that was not asked for": lambda kim: kim.post(
        (path := kim.first("Q1.6")).replace("/q/", "/second/"),
        {**kim.form(path), "do": "save", "none": "1"},
    ),
    "a path of the file system as a hand-in": lambda kim: kim.get("/failed/..%2f..%2f..%2fetc%2fpasswd"),
    "a name without end": lambda kim: kim.post("/me", {"name": "a" * 1000}),
    "bytes that are no text": lambda kim: kim.ask(
        "POST",
        kim.first("Q1.6"),
        b"do=save&note=\xff%ff",
        {"Origin": f"http://{kim.server.host}", "Content-Type": FORM},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_refused(name: str, kim: Client):
    answer = ATTACKS[name](kim)
    assert 400 <= answer.status < 500, answer.text
    assert "root:" not in answer.text and "SQLite" not in answer.text and "Traceback" not in answer.text


def test_there_are_twenty_and_more():
    assert len(ATTACKS) >= 20


def test_two_hosts_in_one_request(server: Server, kim: Client):
    answer = raw(
        server,
        f"GET / HTTP/1.1\r\nHost: {server.host}\r\nHost: evil.example\r\nCookie: {kim.cookie}\r\n\r\n".encode(),
    )
    assert re.match(rb"HTTP/1.1 4\d\d ", answer)


def test_a_socket_for_messages_is_closed(server: Server, kim: Client):
    answer = raw(
        server,
        f"GET / HTTP/1.1\r\nHost: {server.host}\r\nCookie: x=y\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode(),
    )
    assert b" 101 " not in answer.partition(b"\r\n")[0]


def test_what_is_no_request_is_refused(server: Server):
    assert raw(server, b"\x16\x03\x01\x02\x00 hello\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_it_listens_on_this_machine_alone(server: Server):
    port = int(server.host.rpartition(":")[2])
    found = [
        one.address for own in psutil.net_if_addrs().values() for one in own if one.family is socket.AF_INET
    ]
    for address in found:
        if not address.startswith("127."):
            with pytest.raises(OSError), socket.create_connection((address, port), timeout=2):
                pass


def test_every_answer_forbids_scripts_within_it_frames_and_guessing(kim: Client):
    path = kim.first("Q1.6")
    for answer in (
        kim.get("/"),
        kim.get(path),
        kim.get("/nothing"),
        kim.ask("GET", "/", headers={"Host": "x"}),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert "script-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers
        assert not re.search(
            r"<script(?![^>]*\bsrc=\"/keys.js\?\w+\")|<style|\bstyle=|\bon\w+=\"|javascript:", answer.text
        )


def test_the_cookie_is_kept_from_scripts_and_other_sites(server: Server):
    parts = urlsplit(server.new_address())
    client = Client(server)
    cookie = client.get(f"/?{parts.query}").headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Domain" not in cookie
    assert "token" not in client.get("/").text


def test_what_a_student_wrote_is_text(kim: Client):
    path, seen = kim.first("Q1.6"), 0
    for _ in range(len(members())):
        page = kim.get(path).text
        if "alert(1)" in page:
            seen += 1
            inside = page.partition('<div class="prose">')[2].partition("</section>")[0]
            assert set(re.findall(r"<(\w+)", inside)) <= {"p", "span", "details", "summary", "pre"}
            assert "&lt;script&gt;" in inside
            assert not re.search(r"<[^>]*(?:onerror|onload|href|src)", inside)
        found = re.search(r'href="([^"?]+)\?[^"]*" data-key="n"', page)
        if found is None:
            break
        path = found[1]
    assert seen == 1
    assert HOSTILE.startswith("<script>")


def test_what_a_person_typed_is_text_too(kim: Client):
    kim.post("/me", {"name": '"><script>alert(1)</script>'})
    page = kim.get("/").text
    kim.post("/me", {"name": "kim"})
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_no_page_names_a_file_of_this_machine(kim: Client, desk: Desk):
    for page in ("/", "/q/none", kim.first("Q1.6"), f"{kim.first('Q1.6')}?code=1&who=1", "/items/Q1.6"):
        assert str(Path(desk.folder)) not in kim.get(page).text
