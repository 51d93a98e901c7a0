"""The process of `process.py`: a task on standard input, judgements on standard output, both JSON."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import msgspec

from .process import CPU_SECONDS, MEMORY, Task


def main() -> None:
    """Read, judge, answer."""
    _limit(resource.RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS + 5)  # SIGXCPU comes first, and is nobody else's
    _limit(resource.RLIMIT_AS, MEMORY, MEMORY)
    _limit(resource.RLIMIT_CORE, 0, 0)
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    from ..assignment.reference import Reference
    from .judge import Judge

    derivations = Reference(Path(task.reference)).derivations
    judged = Judge(derivations, task.given, task.key).judge(task.answers)
    sys.stdout.buffer.write(msgspec.json.encode(judged))


def _limit(which: int, soft: int, hard: int) -> None:
    """Lower a limit; one that is lower already stays."""
    most = resource.getrlimit(which)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(which, (soft, hard))


if __name__ == "__main__":
    main()
