"""A daemon by double fork, that would outlive its hand-in by twenty seconds."""

import os
import time

from attempts import attempt


def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(20)
        os._exit(0)


attempt("daemon", daemon)
