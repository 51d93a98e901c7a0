"""From a request to an answer: handlers that are given a session, their pages, and what goes wrong in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from ..errors import GraderError, UsageError
from .answers import Gone
from .forms import Form, TooLarge, read
from .people import Session

_STYLES = ("report.css", "single.css", "review.css")
_KEPT = {"Cache-Control": "private, max-age=604800, immutable"}
_SCRIPTS = ("review_keys.js", "review.js")
Handler = Callable[[Request, Session], Response]
Taker = Callable[[Request, Session, Form], Response]


async def shown(handler: Handler, request: Request) -> Response:
    return await run_in_threadpool(_told, handler, request, request.state.session)


async def taken(handler: Taker, request: Request) -> Response:
    session: Session = request.state.session
    try:
        form = await read(request)
    except TooLarge:
        return PlainTextResponse("grade review: the form is too large; nothing was saved\n", 413)
    except UsageError as error:
        return trouble(str(error), 400)

    def handle(request: Request, session: Session) -> Response:
        return handler(request, session, form)

    return await run_in_threadpool(_told, handle, request, session)


def _told(handler: Handler, request: Request, session: Session) -> Response:
    """What a handler answers; what goes wrong is said in words, on a page."""
    try:
        return handler(request, session)
    except Gone:
        return trouble(
            "There is no such answer now. It may have been graded again since: go on from the start.", 404
        )
    except UsageError as error:
        return trouble(f"Nothing was saved: {error}", 400)
    except GraderError as error:
        return trouble(f"Nothing was saved: {error}", 500)


def trouble(words: str, status: int) -> Response:
    return page("review_trouble.html.j2", status, words=words)


def page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    from ..report.html import environment  # late: nobody has to wait for it before there is an address

    text = environment().get_template(template).render(address=address, **values)
    return HTMLResponse(text.encode("utf-8", "replace"), status)


async def not_there(request: Request, error: Exception) -> Response:
    return trouble("There is no such page.", 404)


@cache
def _static(names: tuple[str, ...]) -> bytes:
    folder = resources.files("grader.report") / "templates"
    return b"\n".join((folder / name).read_bytes() for name in names)


def address(name: str) -> str:
    """Where a page finds a file of ours: elsewhere whenever it is another one, so that browsers may keep it."""
    names = {"style.css": _STYLES, "keys.js": _SCRIPTS}[name]
    return f"/{name}?{hashlib.sha256(_static(names)).hexdigest()[:12]}"


async def style(request: Request) -> Response:
    return Response(_static(_STYLES), media_type="text/css", headers=_KEPT)


async def script(request: Request) -> Response:
    return Response(_static(_SCRIPTS), media_type="text/javascript", headers=_KEPT)


def flash(session: Session) -> str:
    """What was done, once."""
    said, session.flash = session.flash, ""
    return said
