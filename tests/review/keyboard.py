"""Somebody at the keyboard of a real browser, before the pages of `grade review`."""

from __future__ import annotations

import time

from grader.commands.review import _leading_to
from tests.hangs import LATE
from tests.report.browser import Browser
from tests.review.serving import Server

CODES = {"Enter": (13, "\r"), "Escape": (27, "")}


class Person:
    """Somebody at the keyboard."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server
        self.script = True

    def go(self, path: str, width: int = 1280, height: int = 844) -> None:
        call = self.browser.call
        call("Emulation.setScriptExecutionDisabled", value=not self.script)
        call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.browser.ask("window.old = true")
        call("Page.navigate", url=f"http://{self.server.host}{path}")
        self.loaded()

    def loaded(self) -> None:
        """Wait for another page than the one that was marked as old."""
        self.wait("!window.old && document.readyState == 'complete' && !!document.querySelector('main')")

    def wait(self, expression: str) -> None:
        deadline = time.monotonic() + LATE
        while True:
            try:
                if self.browser.ask(expression):
                    return
            except AssertionError:  # between two pages there is nothing to ask
                pass
            assert time.monotonic() < deadline, (expression, self.text())
            time.sleep(0.02)

    def begin(self) -> None:
        """Follow the address from a page of a file, as a browser that the command opens does."""
        page = _leading_to(self.server.new_address(), self.server.said.with_name("leading.html"))
        assert page.stat().st_mode & 0o077 == 0
        self.browser.call("Page.navigate", url=page.as_uri())
        self.wait("!!document.querySelector('main') && !document.body.textContent.includes('being read')")

    def key(self, key: str, control: bool = False) -> None:
        code, text = CODES[key] if key in CODES else (ord(key.upper()), key)
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" and not control else {}
            self.browser.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                windowsVirtualKeyCode=code,
                modifiers=2 * control,
                **more,
            )

    def leads_on(self, key: str, control: bool = False) -> None:
        """A key that leads to another page."""
        self.browser.ask("window.old = true")
        self.key(key, control)
        self.loaded()

    def type(self, text: str) -> None:
        self.browser.call("Input.insertText", text=text)

    def text(self) -> str:
        return str(self.browser.ask("document.body.innerText"))

    def path(self) -> str:
        return str(self.browser.ask("location.pathname"))
