"""Become another program. Where that works, nothing of the solution below is left."""

import os

from attempts import attempt
from facts import INTERPRETER

for program in ("/bin/true", "/usr/bin/true", INTERPRETER, "/lib64/ld-linux-x86-64.so.2"):
    attempt(f"exec {program}", lambda program=program: os.execv(program, [program, "--version"]))
