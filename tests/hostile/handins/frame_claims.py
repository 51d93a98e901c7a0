"""Array headers that claim 10^15 elements, many small arrays that add up, and negative sizes."""

import json
import struct

from attempts import sockets, write_all

CLAIMS = [
    [["<f8", [10**15]]],
    [["<f8", [1 << 20, 1 << 20, 1 << 24]]],
    [["|u1", [250 << 20]]] * 200,
    [["<f8", [-1]]],
]


def attack(turn=[0]):  # noqa: B006 -- one claim a process would do; another for each call
    claim = CLAIMS[turn[0] % len(CLAIMS)]
    turn[0] += 1
    header = json.dumps({"id": 1, "body": ["numbers", 0, "ndarray"], "arrays": claim}).encode()
    for sock in sockets():
        write_all(sock, struct.pack("<I", len(header)) + header)
