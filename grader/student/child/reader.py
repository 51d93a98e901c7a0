"""The process that reads what was handed in. Nothing of it is run, but what reads it may have faults.

It is confined as a worker is, and holds no answers. What it does is in the grader's own package (`reading`,
`unpacking`), of which it sees the files that this takes; it imports them before it locks itself down. Its settings are
those of a worker (see `worker`) and `package` (the folder that the grader's package is in), `work` (the module to
import) and `receives_files` (whether open files come over the connection).
"""

from __future__ import annotations

import importlib
import os
import socket
import sys

from . import lockdown, settings


def main() -> None:
    """Import, lock this process down, read."""
    config = settings.read()
    connection = socket.socket(fileno=config["socket"])
    sys.path.insert(0, config["package"])
    work = importlib.import_module(config["work"])
    sys.path.remove(config["package"])
    lockdown.lock_or_end(config, "reader")
    work.serve(connection)
    os._exit(0)
