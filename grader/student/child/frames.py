"""Messages between the grader and a program of ours that is asked things: their length, then so many bytes.

What is in them, and what is trusted, is for those who talk.
"""

from __future__ import annotations

import os
import socket

LENGTH = 4
"""Bytes of the length before each message."""


def framed(message: bytes) -> bytes:
    """The message as it is sent."""
    return len(message).to_bytes(LENGTH, "little") + message


def received(connection: socket.socket) -> bytes | None:
    """The next message; None where the other side has closed."""
    return _rest(connection, b"")


def received_with_file(connection: socket.socket) -> tuple[bytes, int] | None:
    """The next message, and the descriptor that came with it; None where the other side has closed."""
    head, files, _, _ = socket.recv_fds(connection, LENGTH, 1)
    message = _rest(connection, head) if head else None
    if message is None or len(files) != 1:
        for file in files:
            os.close(file)
        return None
    return message, files[0]


def _rest(connection: socket.socket, head: bytes) -> bytes | None:
    more = _exactly(connection, LENGTH - len(head))
    return None if more is None else _exactly(connection, int.from_bytes(head + more, "little"))


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    found = bytearray()
    while len(found) < length:
        piece = connection.recv(min(length - len(found), 1 << 20))
        if not piece:
            return None
        found += piece
    return bytes(found)
