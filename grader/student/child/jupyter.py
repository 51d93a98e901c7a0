"""The kernel in which the cells of a notebook run: IPython's, without what a locked-down process cannot do."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import ipykernel.kernelapp
from ipykernel.iostream import IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from traitlets import Type
from traitlets.config import Config

from . import headless
from .notebook import COPY_ALWAYS

REFUSED = "application/vnd.grader.refused"
"""Media type of the output that says what was refused."""
_COMMANDS = ("bash", "sh", "script", "system", "sx", "pip", "conda", "mamba", "micromamba", "uv")
"""Magics that run programs."""
_DEBUGGERS = ("pdb", "debug")
"""Magics that wait for somebody to type where an error should be shown."""


def run(connection: str, seal: Callable[[], None]) -> None:
    """Serve until killed; `seal` finishes the lock-down, before the first cell."""

    class Kernel(_Kernel):
        sealed = False

        async def execute_request(self, stream: Any, ident: Any, parent: Any) -> None:
            if not Kernel.sealed:
                seal()
                Kernel.sealed = True
            await super().execute_request(stream, ident, parent)

    headless.install()
    ipykernel.kernelapp.IOPubThread = _Printer  # type: ignore[attr-defined]
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.Session.copy_threshold = COPY_ALWAYS
    tempfile.tempdir = os.getcwd()  # it would try to write where it may not, and give up
    app = _App.instance(kernel_class=Kernel, connection_file=os.path.abspath(connection), config=config)
    app.initialize([])
    sys.path.insert(0, "")
    app.start()


class _Printer(IOPubThread):
    """Without an ear on the network for what processes that it started print: it can start none."""

    def __init__(self, socket: Any, pipe: bool = False, session: Any = False) -> None:
        super().__init__(socket, False, session)


class _App(IPKernelApp):
    def log_connection_info(self) -> None:
        """Say nothing."""


class _Shell(ZMQInteractiveShell):
    def system(self, cmd: str) -> None:
        self._refuse(f"!{cmd}")

    system_raw = system_piped = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        self._refuse(f"!{cmd}")
        return [] if split else ""

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        if magic_name in (*_COMMANDS, *_DEBUGGERS):
            return self._refuse(f"%{magic_name} {line}")
        return super().run_line_magic(magic_name, line, _stack_depth=_stack_depth + 1)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        if magic_name in (*_COMMANDS, "script", "perl", "ruby", "javascript", "js"):
            return self._refuse(f"%%{magic_name} {line}")
        return super().run_cell_magic(magic_name, line, cell)

    def enable_matplotlib(self, gui: str | None = None) -> Any:
        # `notebook`, `widget` and the like draw in a browser, with scripts.
        return super().enable_matplotlib("inline")

    def ask_exit(self) -> None:
        """Not end the kernel at `exit()`, which students leave at the end of a cell."""

    def _refuse(self, command: str) -> None:
        self.display_pub.publish({"text/plain": f"{command}: not run", REFUSED: command})


class _Kernel(IPythonKernel):
    shell_class = Type(_Shell)
