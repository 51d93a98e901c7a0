"""What a shell completes: ids of hand-ins and of questions, as the gradebook in the folder of the reports has them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from ..errors import GraderError

if TYPE_CHECKING:
    from ..gradebook import Gradebook


def ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids that begin so."""
    return [
        CompletionItem(id) for id in _read(context, _ids) if id.casefold().startswith(incomplete.casefold())
    ]


def questions(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids of the questions of the last run's rubric that begin so, with their titles."""
    wanted = incomplete.casefold().removeprefix("q")
    return [
        CompletionItem(id, help=title)
        for id, _, title in (line.partition("\t") for line in _read(context, _questions))
        if id.casefold().removeprefix("q").startswith(wanted)
    ]


def _read(context: click.Context, query: Callable[[Gradebook], list[str]]) -> list[str]:
    """Whatever is wrong with the gradebook, a key press is not where to say it."""
    from ..gradebook import Gradebook

    try:
        with Gradebook(Path(context.params.get("out") or "reports"), create=False, read_only=True) as book:
            return query(book)
    except (GraderError, OSError, sqlite3.Error):
        return []


def _ids(book: Gradebook) -> list[str]:
    return book.ids()


def _questions(book: Gradebook) -> list[str]:
    runs = book.runs()
    content = book.rubric(runs[-1].rubric) if runs else {}
    return [f"{one['id']}\t{one['title']}" for one in content.get("questions", ())]
