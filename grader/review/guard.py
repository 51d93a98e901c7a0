"""Who may ask at all: requests are looked at here before any page sees them.

A page elsewhere on the web can make a browser send requests to this machine (cross-site posts), or make its own name
lead here (DNS rebinding); other programs on the machine can connect as well. So each request has to name this server as
its host, each post has to come from a page of this server, and both need a cookie, which whoever has the token that
stands on the terminal gets once.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .people import Session

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with that, browsers keep back the origin of posts, too.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer. No script and no style within a page: what a student wrote could only ever be text."""
_FORM = "application/x-www-form-urlencoded"
_MOST_TARGET = 2000
"""Characters of a path with its query."""


class Guard:
    """Lets requests through to the pages that come from a browser which knows the token."""

    def __init__(
        self,
        app: ASGIApp,
        names: Iterable[str],
        port: int,
        by: str,
        say: Callable[[str], None],
        first: str = "/",
    ) -> None:
        """`names` are what this server is called in addresses; `by` is whom a session begins as.

        `say` is told a new address each time that one was used: a token is good for one browser, which is sent to the
        page `first`.
        """
        self._app, self._by, self._say, self._first = app, by, say, first
        self._hosts = [f"{name}:{port}" for name in names]
        self._cookie = f"grade-review-{port}"  # cookies of other ports of a host are sent here as well
        self._sessions: dict[str, Session] = {}
        self._token = secrets.token_urlsafe(32)
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """With a token that was not used yet."""
        return f"http://{self._hosts[0]}/?token={self._token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = MutableHeaders(scope=message)
                kept = own.get(
                    "cache-control", HEADERS["Cache-Control"]
                )  # files of ours may be; no answer is
                own.update({**HEADERS, "Cache-Control": kept})
            await send(message)

        headers = Headers(scope=scope)
        response = self._refusal(scope, headers) or self._begun(scope)
        if response is None:
            scope["state"] = {"session": self._session(headers)}
            if scope["state"]["session"] is None:
                response = _said("this needs the address that stands on the terminal: open that", 403)
        await (response or self._app)(scope, receive, dressed)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Why a request is none of a page of ours; None where it may be one."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            wanted = " or ".join(self._hosts)
            return _said(f"found another host than this server's; wanted {wanted}, with the same port", 421)
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return _said("found another method; wanted GET, HEAD or POST", 405)
        if len(scope["raw_path"]) + len(scope["query_string"]) > _MOST_TARGET:
            return _said("the address is too long", 414)
        if scope["method"] == "POST":
            origins = headers.getlist("origin")
            if (
                origins != [f"http://{hosts[0].lower()}"]
                or headers.get("sec-fetch-site", "same-origin") != "same-origin"
            ):
                return _said("this was sent from another page than ours; nothing was done", 403)
            if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
                return _said(f"found another kind of content; wanted {_FORM}", 415)
        return None

    def _begun(self, scope: Scope) -> Response | None:
        """The answer to whoever brings a token, good or bad; None where there is none."""
        if scope["path"] != "/" or scope["method"] != "GET":
            return None
        try:
            tokens = parse_qs(scope["query_string"].decode("ascii"), max_num_fields=20).get("token")
        except ValueError:
            return _said("the address is malformed", 400)
        if not tokens:
            return None
        with self._lock:
            if not hmac.compare_digest(tokens[0].encode("utf-8", "replace"), self._token.encode()):
                return _said(
                    "this address was used already, or is none of ours: the terminal shows a new one", 403
                )
            self._token = secrets.token_urlsafe(32)
            key = secrets.token_urlsafe(32)
            self._sessions[key] = Session(self._by)
        self._say(f"for another browser or person: {self.address}")
        # Not a redirect: whoever follows a link from elsewhere would be sent on without the cookie (`SameSite=Strict`).
        response = HTMLResponse(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>grade review</title>'
            f'<meta http-equiv="refresh" content="0; url={self._first}">'
            f'<p><a href="{self._first}">To the answers</a></p>'
        )
        response.set_cookie(self._cookie, key, path="/", httponly=True, samesite="strict")
        return response

    def _session(self, headers: Headers) -> Session | None:
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return None
        return self._sessions.get(found.value) if found else None


def _said(line: str, status: int) -> Response:
    return PlainTextResponse(f"grade review: {line}\n", status)
