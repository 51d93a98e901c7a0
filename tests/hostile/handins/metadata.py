"""What the kernel tells of files that cannot be opened: nothing at all where there are namespaces, and elsewhere nothing
of their content."""

import os

from attempts import attempt, read
from facts import FOLDERS, FORBIDDEN, GRADER, NAMESPACES, SIBLING

for path in FORBIDDEN:
    attempt(f"read {path}", lambda path=path: read(path))
    attempt(f"read {path} by a number", lambda path=path: read(f"/proc/self/fd/{os.open(path, os.O_PATH)}"))
    attempt(f"the target of {path}", lambda path=path: os.readlink(path))
for name in ("environ", "cmdline", "maps", "status", "stat", "stack", "wchan", "io", "mem", "fdinfo/0"):
    attempt(f"read the grader's {name}", lambda name=name: read(f"/proc/{GRADER}/{name}"))
for name in ("exe", "cwd", "root", "fd/0", "fd/1"):
    attempt(f"follow the grader's {name}", lambda name=name: os.readlink(f"/proc/{GRADER}/{name}"))
    attempt(f"stat the grader's {name}", lambda name=name: os.stat(f"/proc/{GRADER}/{name}"))
for folder in ("task", "fd", "map_files", "ns"):
    attempt(f"list the grader's {folder}", lambda folder=folder: os.listdir(f"/proc/{GRADER}/{folder}"))
# In tier B size, owner and times of what is in no closed folder do show; see docs/sandbox.md.
if NAMESPACES:
    processes = (f"/proc/{GRADER}", f"/proc/{GRADER}/task", "/proc/1", "/proc/self")
    for path in (*FORBIDDEN, FOLDERS[0], FOLDERS[-1], SIBLING, *processes, "/etc/passwd"):
        attempt(f"see {path}", lambda path=path: os.lstat(path))
    attempt("see what is in the home folder", lambda: os.listdir(os.path.expanduser("~root")))
