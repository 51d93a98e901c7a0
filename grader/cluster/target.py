"""What `--cluster` names, and whether it may be spoken to: encrypted and checked, or on this machine alone."""

from __future__ import annotations

import ipaddress
import json
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import UsageError

ROLES = ("scheduler", "worker", "client")
"""Of keys."""
CA, CERT, KEY = "ca.pem", "cert.pem", "key.pem"
"""Files in the folder of a role."""
_LOCAL = re.compile(r"local(?::(\d{1,4}))?")
_WANTED = "wanted an address such as tls://HOST:8786, a scheduler's FILE.json, or local:N"
HOW = (
    "make keys with `grade cluster keys DIR`, start the scheduler and the workers with them, and give "
    "--cluster tls://HOST:PORT --cluster-keys DIR/client"
)


@dataclass(frozen=True)
class Local:
    """Workers on this machine, for this run."""

    workers: int
    """0 for as many as there are cores."""


@dataclass(frozen=True)
class Remote:
    """A scheduler that runs."""

    address: str
    security: dict[str, str]
    """Arguments of Dask's `Security`; empty for an address that only this machine has."""


def target(text: str, keys: Path | None) -> Local | Remote:
    """What is meant; `UsageError` where it is nothing, or whoever is on the network could run code by it."""
    if found := _LOCAL.fullmatch(text):
        workers = found[1]
        if workers is not None and int(workers) == 0:
            raise UsageError("--cluster local:0: found no workers, wanted one or more")
        return Local(int(workers or 0))
    address = _of_file(Path(text)) if text.endswith(".json") else text
    if "://" not in address:
        address = f"{'tls' if keys else 'tcp'}://{address}"
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:
        known = None
    if not known:
        raise UsageError(f"--cluster: found {text!r}, {_WANTED}")
    if parts.scheme == "tcp":
        if keys is not None:
            raise UsageError(
                f"--cluster: found {address} with keys, which tcp does not use; wanted tls://..."
            )
        if not is_loopback(str(parts.hostname)):
            raise UsageError(
                f"--cluster: {address} is not encrypted, and whoever reaches a scheduler runs code as its owner; {HOW}"
            )
        return Remote(address, {})
    return Remote(address, _client(keys) if keys else _configured(address))


def is_loopback(host: str) -> bool:
    """Whether an address never leaves this machine. A name may mean anything, but for `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _of_file(path: Path) -> str:
    """The address in a scheduler's file."""
    try:
        found: Any = json.loads(path.read_bytes())
        return str(found["address"])
    except OSError as error:
        raise UsageError(f"--cluster: {path}: cannot be read ({error.strerror}); {_WANTED}") from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(
            f"--cluster: {path}: found no address in it, wanted what `dask scheduler --scheduler-file` writes"
        ) from None


def _client(folder: Path) -> dict[str, str]:
    for name in (CA, CERT, KEY):
        if not (folder / name).is_file():
            raise UsageError(
                f"--cluster-keys: {folder}: found no {name}, wanted the folder `client` that `grade cluster keys DIR` "
                "makes"
            )
    if mode := stat.S_IMODE((folder / KEY).stat().st_mode) & 0o077:
        raise UsageError(
            f"--cluster-keys: {folder / KEY}: others on this machine can read or change it (mode {mode:04o}); close it "
            f"with: chmod 600 {folder / KEY}"
        )
    return {
        "tls_ca_file": str(folder / CA),
        "tls_client_cert": str(folder / CERT),
        "tls_client_key": str(folder / KEY),
    }


def _configured(address: str) -> dict[str, str]:
    """The keys of Dask's own configuration."""
    import dask.config
    import distributed  # noqa: F401  (adds its part)

    names = {
        "tls_ca_file": "distributed.comm.tls.ca-file",
        "tls_client_cert": "distributed.comm.tls.client.cert",
        "tls_client_key": "distributed.comm.tls.client.key",
    }
    found = {name: dask.config.get(place, None) for name, place in names.items()}
    if not (found["tls_ca_file"] and found["tls_client_cert"]):
        raise UsageError(f"--cluster: {address} takes keys, and there are none; {HOW}")
    return {name: str(value) for name, value in found.items() if value}
