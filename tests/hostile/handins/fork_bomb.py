"""Start processes: fork, spawn, multiprocessing. Itself it makes 200 at most, which end after five seconds."""

import multiprocessing
import os
import subprocess
import time

from attempts import attempt


def bomb():
    for count in range(200):
        try:
            if os.fork() == 0:
                time.sleep(5)
                os._exit(0)
        except OSError:
            if count == 0:
                raise
            return count
    return 200


attempt("fork", bomb)
attempt("spawn", lambda: os.posix_spawn("/bin/true", ["true"], {}))
attempt("subprocess", lambda: subprocess.run(["/bin/true"], check=False, timeout=1))
attempt(
    "multiprocessing",
    lambda: multiprocessing.get_context("fork").Process(target=time.sleep, args=(5,)).start(),
)
