"""Put stdin over every descriptor, so that replies go nowhere."""

import os


def attack():
    for descriptor in range(1, 256):
        try:
            os.fstat(descriptor)
            os.dup2(0, descriptor)
        except OSError:
            continue
