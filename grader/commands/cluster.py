"""`grade cluster`: what a cluster takes before `grade PATH --cluster` can use it."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from . import common


@click.group("cluster", options_metavar="", subcommand_metavar="COMMAND [ARGS]...")
def cluster() -> None:
    """Prepare a cluster for `grade PATH --cluster`; docs/cluster.md says how one is started."""


@cluster.command("keys", options_metavar="[OPTIONS]")
@click.argument("folder", type=common.PathType, metavar="DIR")
@click.option(
    "--days",
    default=180,
    type=click.IntRange(1, 3650),
    help="Days until the keys end [180].",
)
def keys(folder: Path, days: int) -> None:
    """Make keys for a scheduler, its workers and who grades, each in a folder below DIR.

    Whoever has one of them can run programs as the owner of the scheduler and of the workers: copy `scheduler` and
    `worker` to where these run, over a channel that you trust, and nothing else.
    """
    try:
        from ..cluster import keys as making
    except ImportError as error:
        raise common.missing_for_clusters(error) from None
    making.write(making.make(days), folder)
    for role, command in (
        ("scheduler", "dask scheduler --protocol tls --port 8786 --no-dashboard"),
        (
            "worker",
            "dask worker tls://HOST:8786 --nworkers 1 --nthreads JOBS --memory-limit 0 --no-dashboard",
        ),
    ):
        at = folder / role
        files = {"--tls-ca-file": "ca.pem", "--tls-cert": "cert.pem", "--tls-key": "key.pem"}
        options = " ".join(f"{option} {shlex.quote(str(at / name))}" for option, name in files.items())
        click.echo(f"{command} {options}")
    client = shlex.quote(str(folder / "client"))
    click.echo(f"grade PATH --cluster tls://HOST:8786 --cluster-keys {client}")
