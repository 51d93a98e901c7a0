"""A frame of the greatest size that is allowed, full of zeros, for a request that was not made."""

import json
import struct

from attempts import sockets, write_all


def attack():
    header = json.dumps(
        {"id": 1, "body": ["numbers", 0, "ndarray"], "arrays": [["|u1", [32 << 20]]]}
    ).encode()
    for sock in sockets():
        write_all(sock, struct.pack("<I", len(header)) + header)
        for _ in range(32):
            write_all(sock, bytes(1 << 20))
