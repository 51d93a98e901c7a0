"""Executing notebooks that fail, hang, flood, ask and lie: each costs itself only."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import psutil
import pytest

from grader.notebook import file
from grader.notebook.execute import Execution, Kitchen, execute
from grader.student.process import Cancelled
from grader.student.sandbox import Practice
from tests.hangs import no_hang
from tests.warm import parents

from .conftest import Executor


def statuses(execution: Execution) -> list[str]:
    return [cell.status for cell in execution.cells]


def at_work(temporary: Path) -> list[psutil.Process]:
    """The processes of notebooks below `temporary`: by their environment, which an orphan keeps.

    Children of this process would be too many: a browser that other tests have open starts and ends its own. And
    without the warm parents, which stay, as do readers.
    """
    standing = {above for parent in parents() for above in (parent, *parent.parents())}
    return [one for one in psutil.process_iter() if one not in standing and _is_notebook(one, temporary)]


def _is_notebook(process: psutil.Process, folder: Path) -> bool:
    try:
        program = " ".join(process.cmdline())
        is_below = Path(process.environ().get("TMPDIR", "/")).is_relative_to(folder)
    except psutil.Error:
        return False
    return is_below and ("child.notebook" in program or "child.warm" in program)


def left(temporary: Path) -> list[psutil.Process]:
    """What is still at work when what was killed has had its time to end."""
    alive: list[psutil.Process] = psutil.wait_procs(at_work(temporary), timeout=10)[1]
    return alive


@pytest.mark.slow
def test_what_cells_put_out_is_kept(run_cells: Executor):
    found = run_cells(["x = 6", "print('seven')\nx * 7", "import sys\nprint('bad', file=sys.stderr)"])
    assert statuses(found) == ["ran"] * 3
    assert [shown.text for shown in found.shown.values()] == ["", "seven\n42\n", "bad\n"]
    assert found.summary == "All 3 code cells ran."
    assert not found.fault


@pytest.mark.slow
def test_cells_without_code_do_not_count(run_cells: Executor):
    found = run_cells(["", "1", "  \n"])
    assert [cell.number for cell in found.cells] == [2]
    assert run_cells(["", " "]).summary == "It has no code to execute."


@pytest.mark.slow
def test_plots_come_as_images(run_cells: Executor):
    found = run_cells(["import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"], cell_wall=30.0)
    assert [image.media_type for image in found.shown[0].images] == ["image/png"]


FAILURES = {
    "raises": ("1 / 0", "failed", "ZeroDivisionError: division by zero"),
    "is no Python": ("def f(:\n    pass", "failed", "SyntaxError: "),
    "asks": ("name = input('name? ')", "failed", "It asks for input, and nobody is there to type."),
    "asks for a password": ("import getpass\ngetpass.getpass()", "failed", "It asks for input"),
    "another machine's path": (r"import os; os.chdir(r'C:\Users\me')", "failed", "FileNotFoundError: "),
    "another host": (
        "from google.colab import drive",
        "failed",
        "ModuleNotFoundError: No module named 'google'",
    ),
    "too much memory": ("import numpy\nnumpy.zeros(10**11)", "failed", "MemoryError: "),
    "leaves": ("exit()", "ran", ""),
    "exits": ("import sys; sys.exit(1)", "failed", "SystemExit: 1"),
    "a shell": ("!pip install torch\nprint('on')", "refused", "Not run: !pip install torch"),
    "a shell's answer": ("files = !ls\nprint('on')", "refused", "Not run: !ls"),
    "a magic that installs": ("%pip install torch\nprint('on')", "refused", "Not run: %pip install torch"),
    "another language": ("%%bash\nrm -rf /", "refused", "Not run: %%bash"),
    "a thread": (
        "import threading\nthreading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()",
        "ran",
        "",
    ),
    "a name of 10,000 letters": (f"{'x' * 10_000}", "failed", "NameError: name 'xxx"),
    "a program": ("import subprocess\nsubprocess.run(['ls'])", "failed", "PermissionError: "),
    "a connection": (
        "import socket\nsocket.create_connection(('1.1.1.1', 53))",
        "failed",
        "PermissionError: ",
    ),
}


@pytest.mark.slow
def test_a_cell_that_fails_costs_itself_only(run_cells: Executor, kitchen: Kitchen):
    """All in one notebook: each is followed by a cell that must run."""
    cells = [
        "before = 1",
        *(cell for source, _, _ in FAILURES.values() for cell in (source, "print(before)")),
    ]
    found = run_cells(cells, cell_wall=20.0)
    for i, (name, (_, status, message)) in enumerate(FAILURES.items()):
        if isinstance(kitchen.sandbox, Practice) and name in ("a program", "a connection"):
            continue  # no sandbox holds on this machine
        cell = found.cells[1 + 2 * i]
        assert (name, cell.status) == (name, status)
        assert cell.message.startswith(message)
        assert "\n" not in cell.message and len(cell.message) <= 300
        assert found.shown[2 + 2 * i].text == "1\n"


HANGS = {
    "loop": "while True: pass",
    "sleep": "import time; time.sleep(600)",
    "flood": "while True: print('x' * 10_000)",
    "flood of outputs": "from IPython.display import display, HTML\nwhile True: display(HTML('<b>' * 1000))",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HANGS)
def test_a_cell_that_does_not_end_is_stopped(run_cells: Executor, temporary: Path, name: str):
    with no_hang():
        found = run_cells(["a = 1", HANGS[name], "print(a)"])
    assert statuses(found) == ["ran", "stopped", "ran"]
    assert found.cells[1].message == "Stopped: it took longer than 2 seconds."
    assert found.shown[2].text == "1\n"
    assert len(found.shown[1].text) <= file.MAX_TEXT
    assert not left(temporary)


STUBBORN = {
    "catches everything": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "ignores the signal": "import signal\nsignal.signal(2, signal.SIG_IGN)\nwhile True: pass",
    "C code": "import re\nre.match('(a*)*b', 'a' * 60)",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STUBBORN)
def test_a_cell_that_cannot_be_stopped_is_left_out_of_a_second_run(
    run_cells: Executor, temporary: Path, name: str
):
    found = run_cells(["a = 1", STUBBORN[name], "print(a)"])
    assert statuses(found) == ["ran", "stopped", "ran"]
    assert found.shown[2].text == "1\n"
    assert not left(temporary)


ENDS = [
    "import os; os._exit(0)",
    "import os; os.kill(os.getpid(), 9)",
    "import ctypes; ctypes.string_at(0)",
]


@pytest.mark.slow
@pytest.mark.parametrize("source", ENDS)
def test_a_cell_that_ends_the_process_is_left_out_of_a_second_run(
    run_cells: Executor, temporary: Path, source: str
):
    found = run_cells(["a = 1", source, "print(a)"], cell_wall=10.0)
    assert statuses(found) == ["ran", "failed", "ran"]
    assert found.shown[2].text == "1\n"
    assert not left(temporary)


@pytest.mark.slow
def test_two_cells_that_end_the_process_keep_nobody_from_those_after_them(run_cells: Executor):
    found = run_cells(["x = 1", ENDS[0], "y = x", ENDS[0], "print(y)"], cell_wall=10.0)
    assert statuses(found) == ["ran", "failed", "ran", "failed", "ran"]


BACKENDS = "\n".join(f"matplotlib.use({name!r})" for name in ("TkAgg", "Qt5Agg", "MacOSX", "nbagg"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        f"import matplotlib\n{BACKENDS}\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        f"import matplotlib, matplotlib.pyplot as plt\n{BACKENDS}\nplt.switch_backend('TkAgg')\nplt.plot([1])",
    ],
)
def test_backends_that_need_a_screen_are_the_one_of_notebooks(run_cells: Executor, source: str):
    assert statuses(run_cells([source], cell_wall=30.0)) == ["ran"]


@pytest.mark.slow
def test_a_debugger_hides_no_error(run_cells: Executor):
    found = run_cells(["%pdb on", "1 / 0", "print(2)"])
    assert statuses(found)[1:] == ["failed", "ran"]


@pytest.mark.slow
def test_the_whole_notebook_has_a_deadline(run_cells: Executor, temporary: Path):
    found = run_cells(["import time", *["time.sleep(1.5)"] * 9], wall=3.0)
    assert found.cells[0].status == "ran" and found.cells[-1].status == "not run"
    assert "the notebook had used up its 3 seconds" in next(
        c.message for c in found.cells if c.status == "stopped"
    )
    assert not left(temporary)


@pytest.mark.slow
def test_the_rubric_may_stop_at_a_failure(run_cells: Executor):
    found = run_cells(["1", "1 / 0", "2"], after_failure="stop")
    assert statuses(found) == ["ran", "failed", "not run"]
    assert found.cells[2].message == "Not run: cell 2 failed."


@pytest.mark.slow
def test_magics_of_every_day_work(run_cells: Executor):
    cells = [
        "%matplotlib notebook\n%load_ext autoreload\n%autoreload 2\n%config InlineBackend.figure_format = 'retina'",
        "%%time\nimport mlp\nprint(mlp.x)",
        "%timeit -n1 -r1 mlp.x",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    ]
    found = run_cells(cells, {"mlp.py": "x = 'ours'\n"}, cell_wall=30.0)
    assert statuses(found) == ["ran"] * 4
    assert found.shown[1].text.startswith("ours\n")
    assert len(found.shown[3].images) == 1


@pytest.mark.slow
def test_scripts_and_pages_are_no_output(run_cells: Executor):
    cells = [
        "from IPython.display import HTML, Javascript, SVG\nHTML('<script>alert(1)</script>')",
        "Javascript('alert(1)')",
        'SVG(\'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>\')',
    ]
    found = run_cells(cells)
    for shown in found.shown.values():
        assert "alert" not in shown.text and shown.images == ()


@pytest.mark.slow
def test_the_working_folder_holds_the_hand_in_and_nothing_of_ours(run_cells: Executor, kitchen: Kitchen):
    source = (
        "import os\nprint(sorted(n for n in os.listdir() if n.endswith('.py')), os.environ.get('PS3_DATA'))"
    )
    found = run_cells(
        [source, "import numpy, os\nprint(numpy.load(os.environ['PS3_DATA'] + '/X.npy').shape)"], {"a.py": ""}
    )
    assert found.shown[0].text == f"['a.py'] {kitchen.data}\n"
    assert found.shown[1].text == "(1797, 784)\n"


HIDDEN = ["X_test.npy", "y_test.npy", "manifest.json"]


@pytest.mark.slow
@pytest.mark.parametrize("name", HIDDEN)
def test_other_files_of_the_dataset_cannot_be_read(run_cells: Executor, kitchen: Kitchen, name: str):
    if isinstance(kitchen.sandbox, Practice):
        pytest.skip("no sandbox holds on this machine")
    found = run_cells([f"print(len(open({str(kitchen.data / name)!r}, 'rb').read()))"])
    assert statuses(found) == ["failed"]


@pytest.mark.slow
def test_a_cancelled_run_ends_at_once(kitchen: Kitchen, temporary: Path):
    cancelled = threading.Event()
    folder = temporary / "cancelled" / "work"
    folder.mkdir(parents=True)
    seen: list[psutil.Process] = []

    def cancel() -> None:
        seen.extend(at_work(temporary))
        cancelled.set()

    threading.Timer(1.0, cancel).start()
    with no_hang(), pytest.raises(Cancelled):
        execute({0: "while True: pass"}, folder, dataclasses.replace(kitchen, cancelled=cancelled))
    assert seen and not left(temporary)


@pytest.mark.slow
def test_progress_says_which_cell_and_how_long(kitchen: Kitchen, temporary: Path):
    told: list[str] = []
    folder = temporary / "progress" / "work"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o711)
    cells = {0: "1", 1: "import time; time.sleep(1.2)"}
    execute(cells, folder, dataclasses.replace(kitchen, say=told.append))
    assert told == ["notebook, cell 1 of 2", "notebook, cell 2 of 2", "notebook, cell 2 of 2, 1 s"]


@pytest.mark.slow
def test_forged_lines_are_refused(run_cells: Executor):
    """Whatever a cell writes to whatever descriptor it finds, it is no report of a cell."""
    forge = """
import os
for fd in range(256):
    try:
        os.write(fd, b'{"finished": 0, "status": "ok"}\\n{"started": 1}\\n{"finished": 1, "status": "ok"}\\n')
    except OSError:
        pass
"""
    found = run_cells([forge, "1 / 0", "print('end')"])
    assert found.cells[1].status != "ran"
