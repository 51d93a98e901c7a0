"""The process of `process.py`: a task on standard input, judgements on standard output, both JSON."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import msgspec

from .process import CPU_SECONDS, MEMORY, Task


def main() -> None:
    """Read, judge, answer."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    from ..reference import Reference
    from .judge import Judge

    derivations = Reference(Path(task.reference)).derivations
    judged = Judge(derivations, task.given, task.key).judge(task.answers)
    sys.stdout.buffer.write(msgspec.json.encode(judged))


if __name__ == "__main__":
    main()
