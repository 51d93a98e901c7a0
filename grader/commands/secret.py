"""`grade secret`: the secret that hidden inputs are drawn from."""

from __future__ import annotations

from pathlib import Path

import click

from . import common
from .suggesting import Suggesting


@click.group("secret", cls=Suggesting)
def secret() -> None:
    """The secret of a course, from which hidden inputs are drawn."""


@secret.command("new", options_metavar="")
@click.argument("file", required=False, type=common.PathType)
def new(file: Path | None) -> None:
    """Make a secret in FILE [course.secret in your settings], outside of any repository and for your eyes only.

    Prints the line by which a rubric names it, in place of `secret = ...`. Give a copy to those who grade with you, and
    make another one for the next term.
    """
    import platformdirs

    from ..assignment import assets
    from ..assignment import secret as secrets

    place = file or Path(platformdirs.user_config_path("grade")) / "course.secret"
    line = secrets.new(place, closed_to=(assets.root().resolve(),))
    common.say(f"{place} holds a new secret; put this line into the rubric in place of its `secret = ...`:")
    click.echo(line)
