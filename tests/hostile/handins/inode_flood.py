"""Empty files and folders, which cost no space but the file system's names. It stops at 25,000 of them."""

import os

from attempts import attempt
from facts import INODES, MARK

made = 0


def flood(folder):
    global made
    before = made
    try:
        while made < 25_000:
            os.close(os.open(f"{folder}/{MARK}-{made}", os.O_CREAT | os.O_WRONLY))
            made += 1
    except OSError:
        if made == before:
            raise
    return f"{made} files in all"


for place in (".", "/tmp", "/var/tmp", "/dev/shm", os.path.dirname(__file__)):
    attempt(
        f"more than {INODES} files, in {place}", lambda place=place: flood(place), lambda _: made > INODES
    )
