"""From a request to an answer: handlers that are given a session, their pages, and what goes wrong in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from ..errors import GraderError, UsageError
from ..report.html import environment
from .answers import Gone
from .forms import Form, TooLarge, read
from .people import Session

_STYLES = ("report.css", "single.css", "review.css")
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
    text = environment().get_template(template).render(**values)
    return HTMLResponse(text.encode("utf-8", "replace"), status)


async def not_there(request: Request, error: Exception) -> Response:
    return trouble("There is no such page.", 404)


@cache
def _static(names: tuple[str, ...]) -> bytes:
    folder = resources.files("grader.report") / "templates"
    return b"\n".join((folder / name).read_bytes() for name in names)


async def style(request: Request) -> Response:
    return Response(_static(_STYLES), media_type="text/css")


async def script(request: Request) -> Response:
    return Response(_static(("review_keys.js", "review.js")), media_type="text/javascript")


def flash(session: Session) -> str:
    """What was done, once."""
    said, session.flash = session.flash, ""
    return said
