"""A header of the right length that is not JSON, not UTF-8, and full of brackets."""

import struct

from attempts import sockets, write_all


def attack():
    header = b"[" * 100_000 + b"\xff" * 100_000
    for sock in sockets():
        write_all(sock, struct.pack("<I", len(header)) + header)
