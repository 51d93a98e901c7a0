"""A gigabyte of text on stdout."""

import os

block = b"held: nothing, this is the flood\n" * 31775
for _ in range(1024):
    os.write(1, block)
