"""Arrays of objects, of structures and of types that do not exist."""

import json
import struct

from attempts import sockets, write_all

DTYPES = [["|O", [8]], ["V64", [1]], ["<M8[ns]", [1]], ["O", [10]], ["i4,O", [2]]]


def attack():
    header = json.dumps({"id": 1, "body": ["numbers", 0, "ndarray"], "arrays": DTYPES}).encode()
    for sock in sockets():
        write_all(sock, struct.pack("<I", len(header)) + header + bytes(4096))
