"""What a page posts: read within limits, and checked."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Literal, cast, get_args
from urllib.parse import parse_qsl

from starlette.requests import Request

from ..errors import UsageError

MOST_BYTES = 64 << 10
_MOST_FIELDS = 100
_MOST_DIGITS = 12


class TooLarge(Exception):
    """That a post is larger than any of our pages makes it."""


class Form:
    """The fields of a post."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def text(self, name: str, most: int = 2000) -> str:
        """A field, empty where it is missing; `UsageError` where it is longer."""
        found = next((value for field, value in self._pairs if field == name), "")
        if len(found) > most:
            raise UsageError(f"{name}: found {len(found)} characters, wanted {most} at most")
        return found

    def all(self, name: str) -> list[str]:
        """Every field of that name."""
        return [value for field, value in self._pairs if field == name]

    def number(self, name: str) -> int:
        """A count; `UsageError` where it is none."""
        found = self.text(name, 30)
        if not (found.isascii() and found.isdigit() and len(found) <= _MOST_DIGITS):
            raise UsageError(f"{name}: found {found!r}, wanted a number; load the page again")
        return int(found)

    def points(self, name: str) -> Decimal:
        """Points, with a point or a comma; zero where nothing was typed. `UsageError` where it is no number."""
        found = self.text(name, 30).strip().replace(",", ".").replace("\u2212", "-")
        try:
            value = Decimal(found or "0")
        except InvalidOperation:
            raise UsageError(f"{name}: found {found!r}, wanted points, such as 1.5 or -1") from None
        if not value.is_finite() or abs(value) > 10_000:
            raise UsageError(f"{name}: found {found!r}, wanted points, such as 1.5 or -1")
        return value

    def group(self) -> Literal["one", "same", "alike"]:
        """For whom a mark is."""
        found = self.text("group", 10) or "one"
        if found not in get_args(Literal["one", "same", "alike"]):
            raise UsageError(f"group: found {found!r}, wanted one, same or alike")
        return cast(Literal["one", "same", "alike"], found)


async def read(request: Request) -> Form:
    """The form of a request; `TooLarge`, or `UsageError` where it is none."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            raise TooLarge
    try:
        pairs = parse_qsl(
            content.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise UsageError("the form is malformed; load the page again") from None
    return Form(pairs)
