"""A frame whose header claims four gigabytes."""

from attempts import sockets, write_all


def attack():
    for sock in sockets():
        write_all(sock, b"\xff\xff\xff\xff" + bytes(1 << 20))
