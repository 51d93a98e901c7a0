"""A well-formed reply to a request that it makes up, before its own."""

import json
import struct

from attempts import sockets, write_all


def attack():
    body = ["dict", [["ok", ["dict", [["result", ["text", "passed"]], ["args", ["none"]]]]]]]
    header = json.dumps({"id": 12345, "body": body, "arrays": []}).encode()
    for sock in sockets():
        write_all(sock, struct.pack("<I", len(header)) + header)
