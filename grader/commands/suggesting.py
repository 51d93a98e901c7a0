"""A group of commands that offers the nearest one for a word that is none, and for which `help` helps."""

from __future__ import annotations

import difflib

import click

from ..errors import UsageError


class Suggesting(click.Group):
    """`grade makr` offers `mark`; `grade help mark` is `grade mark --help`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] == "help" and "help" not in self.commands:
            args = [*args[1:], "--help"]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            near = nearest(args[0], self)
            offered = f"did you mean {near}?" if near else f"there are {', '.join(sorted(self.commands))}"
            raise UsageError(f"{ctx.command_path} {args[0]}: no such command; {offered}")
        return super().resolve_command(ctx, args)


def nearest(word: str, group: click.Group) -> str:
    """The name of the command that a word is most like; empty where it is like none."""
    found = difflib.get_close_matches(word.casefold(), [*group.commands, "help"], n=1, cutoff=0.6)
    return found[0] if found else ""
