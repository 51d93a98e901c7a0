"""A question for a right loss where there is nobody to answer it: in the middle of the hand-in's own."""

import json
import struct
import sys

from attempts import sockets, write_all


def attack():
    frame = sys._getframe()
    while frame is not None and "request_id" not in frame.f_locals:
        frame = frame.f_back
    request = frame.f_locals["request_id"] if frame else 0
    body = ["dict", [["ask", ["dict", [["X", ["none"]], ["y", ["none"]]]]]]]
    header = json.dumps({"id": request, "body": body, "arrays": []}).encode()
    for sock in sockets():
        write_all(sock, struct.pack("<I", len(header)) + header)
