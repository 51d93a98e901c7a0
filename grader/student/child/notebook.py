"""The process that executes a notebook: it starts a kernel beside itself and hands it one cell after the other.

Started by the grader in a sandbox, like a worker. Nothing of the student's runs in this process, but the kernel,
in which it does, talks to it: so it is locked down too, holds no answers, and all that it says is untrusted.

Its settings are those of a worker (see `worker`), and `cells` (sources of code cells, in order), `cell_wall`
(seconds for one of them), `stop` (whether to stop at a cell that fails) and `data` (names of environment variables
to folders). To its socket it writes lines of JSON: `ready` (true); `started` (index of a cell); `finished` (the
same) with `status` (ok, error, stopped, died), `seconds` and `outputs` as nbformat 4 has them.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.metadata
import json
import os
import shutil
import signal
import socket
import sys
import time
from typing import Any

from . import lockdown, settings, syscalls

CONNECTION = "connection.json"
COPY_ALWAYS = 1 << 60
"""What is longer is sent without a copy, for which libzmq starts a thread: refused, it ends the process."""
MAX_OUTPUT = 6 << 20
"""Bytes of outputs of one cell that are handed on."""

_BELOW_MATPLOTLIB = (
    *("numpy.random", "contourpy", "dateutil.relativedelta", "dateutil.rrule", "kiwisolver", "pyparsing"),
    "PIL.PngImagePlugin",
)


def main() -> None:
    """Read the settings, and execute."""
    work(settings.read())


def import_ahead() -> None:
    """Import what any notebook needs, so that no process forked from this one has to.

    Not matplotlib, which reads its settings from the working folder when it is imported; but what it rests on.
    """
    from . import client, jupyter  # noqa: F401

    for name in _BELOW_MATPLOTLIB:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def work(config: dict[str, Any]) -> None:
    """Lock this process down but for what starting takes, start the kernel, finish the lock-down, execute."""
    sock = socket.socket(fileno=config["socket"])
    os.environ.update(config["data"])
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    scratch = config["scratch"]

    def prepare() -> None:
        for name in os.listdir(config["folder"]):
            path = os.path.join(config["folder"], name)
            if os.path.isdir(path):
                shutil.copytree(path, os.path.join(scratch, name), dirs_exist_ok=True)
            else:
                shutil.copy(path, scratch)
        _prepare_folder(scratch)
        # It reads the folders of packages, which may be closed later, and remembers what is in them.
        importlib.metadata.distribution("nbformat")

    try:
        if config["lockdown"] is None:
            lockdown.practise(config["limits"])
            prepare()
        else:
            lockdown.confine(config["lockdown"], config["limits"], scratch, prepare)
    except OSError as error:
        print(f"a notebook could not be locked down: {error}", file=sys.stderr)
        os._exit(1)
    lockdown.end_where_left_alone(config["socket"])
    kernel = _fork_kernel(config, sock)
    try:
        asyncio.run(_conduct(config, kernel, sock))
    finally:
        with contextlib.suppress(OSError):
            os.kill(kernel, signal.SIGKILL)
    sys.stderr.flush()
    os._exit(0)


def _prepare_folder(scratch: str) -> None:
    """What IPython wants to find where it may make nothing; and how kernel and client find one another."""
    for name in ("db", "log", "pid", "security", "startup", "static"):
        os.makedirs(os.path.join(scratch, ".ipython", "profile_default", name))
    ports = {f"{name}_port": i for i, name in enumerate(("shell", "iopub", "stdin", "control", "hb"), 1)}
    # By files, relative to the working folder: the path of a socket may be 107 bytes long.
    connection = {"transport": "ipc", "ip": "k", **ports, "key": "", "signature_scheme": "hmac-sha256"}
    with open(os.path.join(scratch, CONNECTION), "w") as file:
        json.dump(connection, file)


def _fork_kernel(config: dict[str, Any], sock: socket.socket) -> int:
    """Start the kernel; both import what they need at the same time."""
    parent = os.getpid()
    kernel = os.fork()
    if kernel:
        return kernel
    try:
        lockdown.die_with_the_grader()
        if os.getppid() != parent:
            os._exit(1)
        sock.close()
        from . import jupyter

        def seal() -> None:
            if config["lockdown"] is not None:
                syscalls.SystemCallFilter(os.getpid(), config["watchdog"], syscalls.OF_NOTEBOOKS).enforce()

        jupyter.run(CONNECTION, seal)
    finally:
        os._exit(1)


async def _conduct(config: dict[str, Any], kernel: int, sock: socket.socket) -> None:
    """Execute the cells and say how each went, until one ends the kernel or cannot be stopped."""
    import nbformat.v4

    from . import client

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in config["cells"]])
    conductor = client.Conductor(notebook, kernel, CONNECTION, config["cell_wall"], MAX_OUTPUT)
    await conductor.connect()
    if config["lockdown"] is not None:
        calls = {**syscalls.OF_NOTEBOOKS, **syscalls.OF_THE_CLIENT}
        syscalls.SystemCallFilter(os.getpid(), config["watchdog"], calls, child=kernel).enforce()
    _say(sock, ready=True)
    for number, cell in enumerate(notebook.cells):
        _say(sock, started=number)
        started = time.monotonic()
        status = await conductor.run_cell(cell, number)
        seconds = time.monotonic() - started
        _say(sock, finished=number, status=status, seconds=seconds, outputs=cell.outputs)
        if status == "died" or (config["stop"] and status != "ok"):
            break


def _say(sock: socket.socket, **line: Any) -> None:
    sock.sendall(json.dumps(line).encode() + b"\n")
