"""SIGKILL for its own process."""

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
