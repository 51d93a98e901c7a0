"""Eight processes of 600 MB each, all inside the limit of one."""

import os
import time

from attempts import attempt


def eight():
    for _ in range(8):
        if os.fork() == 0:
            hoard = bytearray(b"x") * (600 << 20)
            time.sleep(1)
            os._exit(len(hoard) & 1)
    return 8


attempt("eight processes of 600 MB", eight)
