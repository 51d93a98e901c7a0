"""Types that several threads meet for the first time in the same moment."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

MEETING = """
import sys, threading, types
import msgspec
from grader.known_types import known

fields = lambda i: "".join(f"    a{k}: tuple[C{k}, ...] = ()\\n" for k in range(i)) + "    z: int = 0\\n"
source = "from __future__ import annotations\\nimport msgspec\\n" + "".join(
    f"class C{i}(msgspec.Struct):\\n{fields(i)}" for i in range(12)
)
sys.setswitchinterval(1e-6)
for n in range(30):
    module = sys.modules[f"m{n}"] = types.ModuleType(f"m{n}")
    exec(source, module.__dict__)
    whole = module.C11(a0=(module.C0(),))
    content = msgspec.msgpack.encode(whole)
    barrier = threading.Barrier(4)

    def meet():
        barrier.wait()
        assert msgspec.msgpack.decode(content, type=known(module.C11)) == whole

    threads = [threading.Thread(target=meet) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_threads_that_meet_a_type_at_once_do_not_end_the_process():
    """Without `known`, this ends with a segmentation fault."""
    command = [sys.executable, "-c", MEETING]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
