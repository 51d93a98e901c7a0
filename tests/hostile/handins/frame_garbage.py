"""Bytes that are no frame at all."""

from attempts import sockets, write_all


def attack():
    for sock in sockets():
        write_all(sock, b"\xff" * 100 + b"[" * 60000)
