"""The client of a notebook's kernel: nbclient, for a kernel that is a child of this process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from typing import Any

import nbclient.exceptions
from jupyter_client.asynchronous.client import AsyncKernelClient
from nbclient import NotebookClient

from .notebook import COPY_ALWAYS

MAX_ERROR = 2000
"""Characters of the text of an exception, and of each part of its traceback."""
MAX_FRAMES = 20


class _Client(AsyncKernelClient):
    """A client that looks at the process to see whether the kernel lives."""

    kernel: int

    async def _async_is_alive(self) -> bool:
        return os.waitid(os.P_PID, self.kernel, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    is_alive = _async_is_alive


class _Manager:
    """All that nbclient asks of a kernel's manager once the kernel runs."""

    def __init__(self, kernel: int) -> None:
        self._kernel = kernel
        self.interrupts = 0

    async def interrupt_kernel(self) -> None:
        self.interrupts += 1
        os.kill(self._kernel, signal.SIGINT)


class Conductor(NotebookClient):
    """Executes cells one by one; each has its deadline and its share of output."""

    def __init__(self, notebook: Any, kernel: int, connection: str, cell_wall: float, most: int) -> None:
        """`connection`: the file that says where the kernel is; `most`: bytes of output of a cell that are kept."""
        super().__init__(notebook, allow_errors=True, interrupt_on_timeout=True, timeout=cell_wall)
        self.iopub_timeout = 1
        self._manager = _Manager(kernel)
        self._client = _Client()
        self._client.kernel = kernel
        self._client.load_connection_file(connection)
        self._client.session.copy_threshold = COPY_ALWAYS
        self.km: Any = self._manager
        self.kc: Any = self._client
        self._most = most
        self._left = most

    async def connect(self) -> None:
        """Open the channels, and have an answer through each: after that, none has to be opened any more."""
        client = self._client
        while not os.path.exists(f"{client.ip}-{client.hb_port}"):  # the last that the kernel makes
            await self._pause(0.005)
        client.start_channels(stdin=False, hb=False)
        for channel in (client.shell_channel, client.control_channel):
            channel.send(client.session.msg("kernel_info_request"))
            while not await channel.socket.poll(200):
                await self._pause(0)
            await channel.get_msg()
        # Of the channel on which the kernel only sends, nobody can tell when it is open.
        while not await client.iopub_channel.socket.poll(50):
            client.kernel_info()
            await self._pause(0)

    async def _pause(self, seconds: float) -> None:
        if not await self._client.is_alive():
            raise RuntimeError("the kernel did not start")
        await asyncio.sleep(seconds)

    async def run_cell(self, cell: Any, number: int) -> str:
        """Execute a cell, whose outputs are then in it: ok, error, stopped (out of time) or died (the kernel)."""
        self._left = self._most
        self._manager.interrupts = 0
        try:
            await self.async_execute_cell(cell, number)
        except nbclient.exceptions.DeadKernelError:
            return "died"
        if self._manager.interrupts:
            return "stopped"
        return "error" if any(output.output_type == "error" for output in cell.outputs) else "ok"

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """See nbclient. No widgets, and past its share of output a cell may go on, unheard."""
        kind, content = msg["msg_type"], msg["content"]
        if kind.startswith("comm"):
            return None
        if kind == "error":
            content["evalue"] = content["evalue"][:MAX_ERROR]
            content["traceback"] = [line[:MAX_ERROR] for line in content["traceback"][-MAX_FRAMES:]]
        if kind in ("stream", "display_data", "execute_result", "update_display_data"):
            self._left -= len(json.dumps(content))
            if self._left < 0:
                return None
        return super().process_message(msg, cell, cell_index)
