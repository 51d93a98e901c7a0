"""A module made of a notebook: what the class needs is in it, and nothing else."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.entry_point import EntryPoint
from grader.notebook.code import plain
from grader.notebook.definitions import read, same_definitions
from grader.notebook.file import Cell
from tests.conftest import SUBMISSIONS
from tests.hangs import no_hang

ALICE = (SUBMISSIONS / "alice" / "mlp.py").read_text()


def code(*sources: str) -> list[Cell]:
    return [Cell("code", source) for source in sources]


def kept(*sources: str) -> list[str]:
    return read(code(*sources), EntryPoint("mlp.py", ("Net",))).source.splitlines()


NET = "class Net:\n    def f(self):\n        return np.zeros(N)"


@pytest.mark.parametrize(
    "needed",
    [
        "import numpy as np",
        "from numpy import zeros as np",
        "try:\n    import cupy as np\nexcept ImportError:\n    import numpy as np",
        "def np(x):\n    return x",
        "@decorated\ndef np(x):\n    return x",
        "np = 5",
        "np = 28 * 28",
        "np: int = 5",
        "np, b = 1, [2, {'c': 3}]",
        "np = float('inf')",
        "import math\nnp = math.sqrt(2)",
        "import numpy\nnp = numpy.finfo(float).eps",
        "np = lambda x: x",
        "if True:\n    np = 1\nelse:\n    np = 2",
        "class np(object):\n    pass",
    ],
)
def test_what_the_class_needs_is_kept(needed: str):
    source = kept("print(1)", needed, "N = 3", NET, "Net().f()")
    for line in [*needed.splitlines(), "N = 3", *NET.splitlines()]:
        assert line in source
    assert "print(1)" not in source and "Net().f()" not in source


@pytest.mark.parametrize(
    "other",
    [
        "import seaborn",
        "def plot():\n    pass",
        "B = 5",
        "print('x')",
        "net = Net()",
        "for i in range(3):\n    print(i)",
        "with open('x') as f:\n    B = f.read()",
        "if __name__ == '__main__':\n    B = 1",
        "!pip install numpy",
        "%matplotlib inline",
        "%%bash\nls",
        "B?",
        "this is no Python",
        "print 'two'",
        "\x00",
        "(" * 5000,
    ],
)
def test_what_the_class_does_not_need_is_left_out(other: str):
    assert kept("import numpy as np", other, "N = 3", NET, other) == [
        "import numpy as np",
        "N = 3",
        *NET.splitlines(),
    ]


@pytest.mark.parametrize(
    "made",
    [
        "N = int(input())",
        "N = np.random.randint(3)",
        "N = np.load('x.npy')",
        "N = open('x').read()",
        "for N in range(3): pass",
        "with open('x') as N: pass",
        "N = train()",
    ],
)
def test_what_takes_running_code_is_said_to_be_missing(made: str):
    found = read(code("import numpy as np", made, NET), EntryPoint("mlp.py", ("Net",)))
    assert found.missing == (("N", 2),)
    assert made not in found.source


def test_parameters_and_locals_are_not_missing():
    net = "class Net:\n    def f(self, X, y):\n        loss = X\n        return loss, y, [k for k in X], undefined"
    assert (
        read(code("X, y = data()\nloss = run()\nk = run()", net), EntryPoint("mlp.py", ("Net",))).missing
        == ()
    )


def test_methods_may_be_attached_later():
    source = kept(
        "class Net: pass", "def f(self): return 1", "Net.f = f", "setattr(Net, 'g', f)", "Net.h = run()"
    )
    assert source == ["class Net: pass", "def f(self): return 1", "Net.f = f", "setattr(Net, 'g', f)"]


def test_the_last_definition_counts():
    namespace: dict[str, type] = {}
    exec(read(code("class Net: x = 1", "class Net: x = 2"), EntryPoint("mlp.py", ("Net",))).source, namespace)
    assert namespace["Net"].x == 2


def test_an_import_of_the_module_that_is_being_made_is_left_out():
    assert kept("from mlp import Net", "import mlp", "class Net: pass") == ["class Net: pass"]


def test_future_imports_come_first_and_stay():
    assert kept("import a", "from __future__ import division\nclass Net:\n    x = a") == [
        "from __future__ import division",
        "import a",
        "class Net:",
        "    x = a",
    ]


def test_statements_may_share_a_line():
    assert kept("import numpy as np; print(1); N = 3", NET) == [
        "import numpy as np",
        "N = 3",
        *NET.splitlines(),
    ]


def test_a_module_written_by_a_magic_is_one():
    cells = code("%%writefile mlp.py\nimport numpy as np\nN = 3\n" + NET)
    assert read(cells, EntryPoint("mlp.py", ("Net",))).source
    assert read(cells, EntryPoint("mlp.py", ("Net",))).lines[0] == (1, 2)


def test_a_class_that_is_no_python_is_kept_for_its_error():
    broken = "class Net:\n    def f(self:\n        pass"
    assert read(code(broken), EntryPoint("mlp.py", ("Net",))).source
    assert kept("x = 1", broken) == broken.splitlines()


def test_no_class_no_module():
    assert read(code("x = 1", "# class Net:"), EntryPoint("mlp.py", ("Net",))).source == ""
    assert not read(code("s = '''\nclass Net:\n'''"), EntryPoint("mlp.py", ("Net",))).source


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("if x:\n    !ls\ny = 1", "if x:\n    pass\ny = 1"),
        ("x = (7\n % 4)\n!ls", "x = (7\n % 4)\npass"),
        ('s = """\n!ls\n%x\n"""', 's = """\n!ls\n%x\n"""'),
        ("x = %time f(1)", "x = f(1)"),
        ("files = !ls", "pass"),
        ("%%time\nx = 1", "\nx = 1"),
        ("\n%%capture out\nx = 1", "\n\nx = 1"),
        ("%%html\n<b>", ""),
        ("np.zeros?", "pass"),
        ("this is\nno Python", "this is\nno Python"),
    ],
)
def test_magics_become_python_line_for_line(source: str, python: str):
    assert [line.strip() for line in plain(source).split("\n")] == [
        line.strip() for line in python.split("\n")
    ]


@pytest.mark.slow
def test_hostile_cells_take_bounded_time():
    with no_hang():
        cells = code("%x\n" * 20_000, "(" * 100_000, "x = [" * 20_000, "a" * (2 << 20), NET)
        assert "class Net:" in read(cells, EntryPoint("mlp.py", ("Net",))).source


JUNK = [
    "%matplotlib inline",
    "print('hello')",
    "!ls",
    "net = TwoLayerMLP(4, 10, 3)",
    "X = load()",
    "# nothing",
    "",
]


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_however_a_module_is_cut_into_cells_its_class_computes_the_same(chance: random.Random):
    tree = ast.parse(ALICE)
    lines = ALICE.splitlines()
    pieces = ["\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in tree.body]
    cells = [Cell("code", chance.choice(JUNK))]
    for piece in pieces:
        if chance.random() < 0.5:
            cells.append(Cell("code", piece))
        else:
            cells[-1] = Cell("code", f"{cells[-1].source}\n{piece}")
        if chance.random() < 0.5:
            cells.append(Cell("markdown", "class TwoLayerMLP: pass"))
            cells.append(Cell("code", chance.choice(JUNK)))
    found = read(cells, EntryPoint("mlp.py", ("TwoLayerMLP",)))
    assert found.missing == ()
    assert same_definitions(found.source, ALICE, EntryPoint("mlp.py", ("TwoLayerMLP",)))
    assert loss_of(found.source) == loss_of(ALICE)
    sources = [cell.source.split("\n") for cell in cells if cell.kind == "code"]
    for line, (cell, number) in zip(found.source.split("\n"), found.lines, strict=False):
        assert line == sources[cell - 1][number - 1]


def loss_of(source: str) -> float:
    namespace: dict[str, type] = {"__name__": "mlp"}
    exec(source, namespace)
    np.random.seed(0)
    net = namespace["TwoLayerMLP"](4, 10, 3, 0.1, "sigmoid")
    return float(net.loss(np.ones((2, 4)), np.array([0, 2]), 0.1)[0])


@pytest.mark.parametrize("path", sorted(SUBMISSIONS.glob("*/mlp.py")), ids=lambda path: path.parent.name)
def test_the_class_of_every_example_is_found_whole(path: Path):
    source = path.read_text(errors="replace")
    found = read(code("print(1)", source), EntryPoint("mlp.py", ("TwoLayerMLP",)))
    assert same_definitions(source, found.source, EntryPoint("mlp.py", ("TwoLayerMLP",)))
    assert found.missing == ()


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (NET, True),
        (NET + "  # done\n\n\n", True),
        (NET.replace("    def", '    """What it is."""\n    def'), True),
        (NET.replace("zeros", "ones"), False),
        (NET.replace("f(self)", "g(self)"), False),
        ("N = 4\n" + NET, False),
        ("", False),
    ],
)
def test_same_definitions(other: str, same: bool):
    assert same_definitions(NET, other, EntryPoint("mlp.py", ("Net",))) is same
