"""`grade data`."""

from __future__ import annotations

from pathlib import Path

import click

from . import common
from .suggesting import Suggesting


@click.group("data", cls=Suggesting)
def data() -> None:
    """The datasets on this machine."""


@data.command("status")
@click.option("--verify", is_flag=True, help="Read everything and compare with the recorded hashes.")
@click.option("--rubric", "rubric_path", type=common.PathType, help="Rubric whose datasets to look at.")
def data_status(verify: bool, rubric_path: Path | None) -> None:
    """Say which datasets are there, where, and whether they are sound."""
    from rich.table import Table

    from ..assignment import datasets

    _, reference = common.assignment(rubric_path)
    table = Table(box=None, pad_edge=False)
    for title in ("dataset", "prepared", "size", "source", "damage"):
        table.add_column(title, overflow="fold")
    rows = datasets.status(reference.datasets.SPLITS, recipe_version=reference.recipe_version, verify=verify)
    for row in rows:
        size = f"{row.size / 1e6:.0f} MB" if row.prepared else "-"
        table.add_row(
            row.name, str(row.folder) if row.prepared else "no", size, row.source, row.damage or "none"
        )
    common.console().print(table)
    raise SystemExit(3 if any(row.damage for row in rows) else 0)


@data.command("fetch")
@click.argument("name", type=click.Choice(["mnist"]))
@click.option(
    "--from",
    "source",
    type=common.PathType,
    help="Folder with the four IDX files; without it, they are downloaded from OpenML.",
)
@click.option("--rubric", "rubric_path", type=common.PathType, help="Rubric whose recipe to prepare for.")
def data_fetch(name: str, source: Path | None, rubric_path: Path | None) -> None:
    """Bring MNIST to this machine: the only command that uses the network."""
    from ..assignment import datasets

    _, reference = common.assignment(rubric_path)
    dataset = datasets.fetch(
        source, reference.datasets.SPLITS, recipe_version=reference.recipe_version, say=common.say
    )
    click.echo(f"{name} is prepared in {dataset.folder}")
