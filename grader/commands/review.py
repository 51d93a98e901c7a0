"""`grade review`."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path

import click

from ..errors import UsageError
from ..machine import clock
from . import common, completion
from .marks import draw

_EVERYWHERE = ("0.0.0.0", "::", "")


@click.command("review", options_metavar="[OPTIONS]")
@click.option(
    "--question",
    metavar="QUESTION",
    shell_complete=completion.questions,
    help="Begin with this question [at the list of all].",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port to listen at [a free one]."
)
@click.option(
    "--host",
    default="127.0.0.1",
    metavar="ADDRESS",
    help="Address to listen at [this machine alone]. What goes over a network is not encrypted.",
)
@click.option("--by", default="", metavar="NAME", help="Who marks [the user]; can be changed on the page.")
@click.option(
    "--second",
    metavar="SHARE",
    default="",
    help="Give so many of the answers that one person has decided to another one, unseen, such as 10%.",
)
@click.option("--no-browser", is_flag=True, help="Print the address only.")
@common.out_option
@common.kept_rubric_option
@common.roster_option
def review(
    question: str | None,
    port: int,
    host: str,
    by: str,
    second: str,
    no_browser: bool,
    out: Path,
    rubric_path: Path | None,
    roster_path: Path | None,
) -> None:
    """Mark answers on a page in the browser, one key each; equal ones at once.

    Shows what waits for a person, by question. The address that is printed is good for one browser; Ctrl-C ends it.
    """
    if host in _EVERYWHERE:
        raise UsageError(
            f"--host: found {host!r}, wanted the one address or name that browsers are given for it"
        )
    from ..review import Desk, of_share, serve

    share = of_share(second) if second else Decimal(0)

    with common.class_book(out, rubric_path, roster_path, read_only=False) as book:
        ids = {one.id.casefold(): one.id for one in book.rubric.questions}
        if question is not None and question.casefold() not in ids:
            raise UsageError(f"--question: found {question!r}, wanted one of: {', '.join(ids.values())}")
        first = f"/{'second' if share else 'q'}/{ids[question.casefold()]}" if question else "/"
        book.count()
        desk = Desk(book, clock.now, share)
        leading = out.resolve() / f".review-{os.getpid()}.html"

        def opened(address: str) -> None:
            click.echo(address)
            click.echo("Ctrl-C ends it; marks are saved as they are given.")
            if not no_browser and sys.stdout.isatty():
                click.launch(str(_leading_to(address, leading)))

        def redraw(ids: Collection[str]) -> None:
            from ..report.rendering import CannotRender

            try:
                draw(book.anew(), out, rubric_path, list(ids))
            except CannotRender as error:  # one of many: its marks are in the gradebook
                common.say(str(error))

        try:
            serve(desk, host, port, by or getpass.getuser(), common.say, opened, redraw, first)
        finally:
            leading.unlink(missing_ok=True)
    click.echo("ended; the reports and the class page are drawn")


def _leading_to(address: str, path: Path) -> Path:
    """A page that leads to an address, for its owner alone: others see what a browser is started with."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(
            f'<!doctype html><meta http-equiv="refresh" content="0; url={address}"><a href="{address}">go</a>'
        )
    return path
