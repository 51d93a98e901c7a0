"""A loss that fails on purpose, and a train that writes questions by hand: an id, and then nothing that was agreed."""

import json
import struct
import sys

from attempts import sockets, write_all

BODIES = (
    ["dict", [["ask", ["numbers", 0, "ndarray"]]]],
    ["dict", [["ask", ["opaque", "x" * 2000]]]],
    ["dict", [["ask", ["dict", [["params", ["reference", "X_train"]]]]]]],
    ["dict", [["ask", ["none"]], ["ok", ["none"]]]],
)


def attack(net, X, y):
    net.loss(X, y)
    frame = sys._getframe()
    while frame is not None and "request_id" not in frame.f_locals:
        frame = frame.f_back
    for body in BODIES:
        header = json.dumps({"id": frame.f_locals["request_id"], "body": body, "arrays": [["<f8", [0, 4]]]})
        for sock in sockets():
            write_all(sock, struct.pack("<I", len(header)) + header.encode())
