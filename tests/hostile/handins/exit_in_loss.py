"""End the process with success when the loss is asked for."""

import os


def attack():
    os._exit(0)
