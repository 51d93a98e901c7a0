"""`grade review` as a process of its own, and somebody who asks it as a browser would."""

from __future__ import annotations

import contextlib
import html
import http.client
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.conftest import ROOT
from tests.hangs import LATE

FORM = "application/x-www-form-urlencoded"
Fields = Mapping[str, str] | list[tuple[str, str]]


@dataclass
class Answer:
    """What came back."""

    status: int
    text: str
    headers: http.client.HTTPMessage

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


@dataclass
class Server:
    """A running one."""

    process: subprocess.Popen[str]
    address: str
    said: Path

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc

    def new_address(self) -> str:
        """The one that was printed last."""
        found = [self.address, *re.findall(r"http://\S+", self.said.read_text())]
        return found[-1]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, how: int = signal.SIGINT) -> tuple[int, str]:
        """End it as Ctrl-C does; its exit code, and what it said on standard output."""
        self.process.send_signal(how)
        out, _ = self.process.communicate(timeout=LATE)
        return self.process.returncode, out


@contextlib.contextmanager
def serving(out: Path, *options: str) -> Iterator[Server]:
    said = out.parent / f"said-{time.monotonic_ns()}"
    with said.open("w") as errors:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "grader",
                "review",
                "--no-browser",
                "--out",
                str(out),
                "--by",
                "kim",
                *options,
            ],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
        )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://"), said.read_text()
        yield Server(process, address, said)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@dataclass
class Client:
    """A browser without a page: it keeps the cookie, and says where its posts come from."""

    server: Server
    cookie: str = ""

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request as it is given, but for the cookie and the host where none is named."""
        host = urlsplit(self.server.address)
        connection = http.client.HTTPConnection(str(host.hostname), host.port, timeout=LATE)
        try:
            own = dict(headers or {})
            if self.cookie and "Cookie" not in own:
                own["Cookie"] = self.cookie
            connection.putrequest(method, path, skip_host="Host" in own, skip_accept_encoding=True)
            for name, value in own.items():
                connection.putheader(name, value)
            if body is not None and "Content-Length" not in own:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            text = response.read().decode()
            if found := response.getheader("set-cookie"):
                self.cookie = found.partition(";")[0]
            return Answer(response.status, text, response.headers)
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, fields: Fields, **headers: str) -> Answer:
        own = {"Origin": f"http://{self.server.host}", "Content-Type": FORM, **headers}
        return self.ask("POST", path, urlencode(fields).encode(), own)

    def begin(self, address: str = "") -> Answer:
        """Use a token, and wait until the class is read."""
        parts = urlsplit(address or self.server.new_address())
        begun = self.get(f"/?{parts.query}")
        assert begun.status == 200, begun.text
        deadline = time.monotonic() + LATE
        while "being read" in (start := self.get("/")).text:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return start

    def first(self, question: str) -> str:
        """The path of the first answer of a question that waits; empty where none does."""
        found = self.get(f"/q/{question}")
        assert found.status == 303, found.text
        return found.location if found.location.startswith("/q/") else ""

    def form(self, path: str) -> dict[str, str]:
        """What a save from that page carries beside what a person says."""
        page = self.get(path)
        assert page.status == 200, page.text
        return hidden(page.text)

    def items(self, path: str) -> dict[str, str]:
        """The ids of the items of a page, by key."""
        text = self.get(path).text
        return {
            key: id for id, key in re.findall(r'name="item" value="([\w.-]+)"[^>]*data-item="(\w)"', text)
        }

    def save(self, path: str, *keys: str, **more: str) -> Answer:
        """What a person does with keys."""
        known = self.items(path)
        fields = [*(self.form(path) | {"do": "save"} | more).items(), *(("item", known[key]) for key in keys)]
        return self.post(path, fields)


def hidden(page: str) -> dict[str, str]:
    """The fields of the form for marking that nobody sees."""
    form = page.partition('id="marking"')[2]
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    }
