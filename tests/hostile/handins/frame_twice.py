"""The right reply, with the right id, twice: the second would answer the next request."""

import json
import struct
import sys

from attempts import sockets, write_all


def attack():
    frame = sys._getframe()
    while frame is not None and "request_id" not in frame.f_locals:
        frame = frame.f_back
    request = frame.f_locals["request_id"] if frame else 0
    body = ["dict", [["ok", ["dict", [["result", ["none"]], ["args", ["none"]]]]]]]
    header = json.dumps({"id": request, "body": body, "arrays": []}).encode()
    for sock in sockets():
        write_all(sock, (struct.pack("<I", len(header)) + header) * 2)
