"""Chromium, driven through the pipe that it offers for this: no package, no port."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Chromium:
    """A running browser: starting one costs more than most tests that look at a page, so that they share it."""

    def __init__(self, program: str, folder: Path) -> None:
        to_browser, ours = os.pipe()
        mine, from_browser = os.pipe()
        # The browser reads from descriptor 3 and answers on 4; only a shell can put them there.
        line = f'exec "$0" --remote-debugging-pipe "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", line, program, *OPTIONS, f"--user-data-dir={folder / 'profile'}"],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._out, self._in = os.fdopen(ours, "wb"), os.fdopen(mine, "rb")
        self._number, self._rest = 0, b""

    @contextlib.contextmanager
    def tab(self) -> Iterator[Browser]:
        """A tab that knows no cookie and no setting of others; what it opens ends with it."""
        context = self.call("", "Target.createBrowserContext")["browserContextId"]
        target = self.call("", "Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("", "Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        try:
            yield Browser(self, session)
        finally:
            self.call("", "Target.disposeBrowserContext", browserContextId=context)

    def call(self, session: str, method: str, **parameters: Any) -> Any:
        """Ask the browser, or a tab where its session is named."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._out.write(json.dumps(message).encode() + b"\0")
        self._out.flush()
        while (answer := self.read()).get("id") != self._number:
            pass
        assert "result" in answer, answer
        return answer["result"]

    def read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._in.fileno(), 1 << 16)
            assert part, "the browser has gone"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def close(self) -> None:
        self._out.close()
        self._process.kill()
        self._process.wait()
        self._in.close()


class Browser:
    """One tab: real keys, a phone's width, scripts off."""

    def __init__(self, chromium: Chromium, session: str) -> None:
        self._chromium, self._session = chromium, session
        self.call("Page.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        return self._chromium.call(self._session, method, **parameters)

    def open(self, page: Path, width: int = 1280, script: bool = True) -> None:
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=False
        )
        self.call("Page.navigate", url=page.as_uri())
        loaded = {"method": "Page.loadEventFired", "sessionId": self._session}
        while not loaded.items() <= self._chromium.read().items():
            pass

    def ask(self, expression: str) -> Any:
        """The value of an expression, or of what it promises."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def prefer(self, scheme: str) -> None:
        """Be asked for "light" or "dark" colours."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def press(self, key: str, code: int, text: str = "") -> None:
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **more)


@contextlib.contextmanager
def opened(program: str, folder: Path) -> Iterator[Browser]:
    """A tab of a browser that is started for it."""
    running = Chromium(program, folder)
    try:
        with running.tab() as tab:
            yield tab
    finally:
        running.close()
