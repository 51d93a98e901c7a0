"""Files of 100 GB without content."""

import mmap
import os

from attempts import attempt
from facts import MARK


def sparse(folder, grow):
    with open(f"{folder}/{MARK}-{os.urandom(4).hex()}", "w+b") as file:
        grow(file.fileno())
        return os.fstat(file.fileno()).st_size


def far(descriptor):
    os.lseek(descriptor, 100 << 30, os.SEEK_SET)
    os.write(descriptor, b"x")


for place in (".", "/tmp", "/dev/shm", os.path.dirname(__file__)):
    attempt(f"truncate in {place}", lambda place=place: sparse(place, lambda fd: os.ftruncate(fd, 100 << 30)))
    attempt(
        f"fallocate in {place}",
        lambda place=place: sparse(place, lambda fd: os.posix_fallocate(fd, 0, 4 << 30)),
    )
    attempt(f"seek in {place}", lambda place=place: sparse(place, far))
    attempt(f"map in {place}", lambda place=place: sparse(place, lambda fd: mmap.mmap(fd, 100 << 30)))
