"""The kernel's memory again: a lock for each byte of a file, of which it bounds neither number nor size."""

import fcntl
import os
import struct

from attempts import attempt

MANY = 4000
SET_OF_PROCESS, SET_OF_DESCRIPTOR = 6, 37


def locks(command):
    held = 0
    with open(os.__file__, "rb") as file:
        while held < MANY:
            fcntl.fcntl(file, command, struct.pack("hhqqi", fcntl.F_RDLCK, 0, 2 * held, 1, 0))
            held += 1
    return held


attempt(f"{MANY} locks of the process", lambda: locks(SET_OF_PROCESS))
attempt(f"{MANY} locks of a descriptor", lambda: locks(SET_OF_DESCRIPTOR))
