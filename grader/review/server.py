"""Run the pages on this machine until somebody stops them; draw the reports of what was marked meanwhile."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Collection, Iterator

import uvicorn

from ..errors import GraderError
from .desk import Desk
from .guard import Guard
from .pages import app

LOOPBACK = "127.0.0.1"
_QUIET_S = 5
"""How long nothing was saved before reports are drawn: whoever marks does not wait for that."""


def serve(
    desk: Desk,
    host: str,
    port: int,
    by: str,
    say: Callable[[str], None],
    opened: Callable[[str], None],
    draw: Callable[[Collection[str]], None],
    first: str = "/",
) -> None:
    """Show the pages at an address of this machine, until Ctrl-C; then the last reports are drawn.

    `say` is told lines for the terminal, `opened` the first address, `draw` which hand-ins have other marks now.
    `first` is the page that a new browser is sent to.
    `GraderError` where nobody can listen there.
    """
    with contextlib.closing(_listening(host, port)) as listening:
        port = listening.getsockname()[1]
        loopback = host in (LOOPBACK, "localhost")
        own = f"[{host}]" if ":" in host else host.lower()
        names = [LOOPBACK, "localhost"] if loopback else [own, LOOPBACK, "localhost"]
        guard = Guard(app(desk), names, port, by, say, first)
        config = uvicorn.Config(
            guard, log_config=None, access_log=False, server_header=False, ws="none", lifespan="off", http="h11",
            loop="asyncio", limit_concurrency=100, timeout_graceful_shutdown=5,
        )  # fmt: skip
        server, ended = uvicorn.Server(config), threading.Event()
        beside = threading.Thread(target=_beside, args=(desk, draw, ended, say), name="reports")
        with _stopping(server):
            beside.start()
            try:
                opened(guard.address)
                server.run(sockets=[listening])
            finally:
                ended.set()
                beside.join()
    if left := desk.saving.to_draw():
        draw(left)


@contextlib.contextmanager
def _stopping(server: uvicorn.Server) -> Iterator[None]:
    """End the server by Ctrl-C or SIGTERM, whenever that comes. (It raises both again after its end.)"""

    def stop(*_: object) -> None:
        server.should_exit = True

    is_main = threading.current_thread() is threading.main_thread()
    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)} if is_main else {}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # With the protocol named, or asyncio leaves small answers waiting for each other (Nagle).
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind((host, port))
            found.listen(100)  # so that a browser that is opened at once waits, and is not refused
        except BaseException:
            found.close()
            raise
        return found
    except OSError as error:
        raise GraderError(
            f"{host}, port {port}: cannot be listened at ({error.strerror}); name another --port, or leave it out"
        ) from None


def _beside(
    desk: Desk, draw: Callable[[Collection[str]], None], ended: threading.Event, say: Callable[[str], None]
) -> None:
    """Read the class, again where somebody has graded, and draw reports when nobody saves."""
    trouble = ""
    while not ended.is_set():
        try:
            if not desk.answers.is_read.is_set() or desk.answers.is_old():
                desk.answers.read_class(ended.is_set)
                desk.attention.read(ended.is_set)
            if due := desk.saving.to_draw(_QUIET_S):
                draw(due)
            trouble = ""
        except GraderError as error:  # which the next page says, too: the marks are in the gradebook
            if str(error) != trouble:
                say(str(error))
            trouble = str(error)
        ended.wait(1)
