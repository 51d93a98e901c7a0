"""Which packages a hand-in imports, found without running or parsing it."""

from __future__ import annotations

import textwrap
import tracemalloc
from pathlib import Path

import pytest

from grader.handin import imports
from grader.handin.imports import MAX_TOKENISED
from tests.hangs import no_hang

ALLOWED = ("numpy",)


def foreign(tmp_path: Path, source: str | bytes, **siblings: str) -> tuple[str, ...]:
    """Foreign imports of a hand-in; `msgspec`, `click` and `jinja2` are installed wherever the grader is."""
    content = source if isinstance(source, bytes) else textwrap.dedent(source).encode()
    (tmp_path / "mlp.py").write_bytes(content)
    for name, text in siblings.items():
        (tmp_path / f"{name}.py").write_text(text)
    return imports.foreign(imports.imported(tmp_path, "mlp.py"), ALLOWED)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import click", ["click"]),
        ("import numpy, click as c, os, jinja2.ext", ["click", "jinja2"]),
        ("from click.testing import (CliRunner,\n  Result)", ["click"]),
        ("from click import *", ["click"]),
        ("import os; import click", ["click"]),
        ("if True: import click", ["click"]),
        ("def f():\n    import click", []),
        (
            "def f(x=1):\n    # why\n    if x:\n        import click\n    return 1\nimport msgspec",
            ["msgspec"],
        ),
        ("def f(): import click\nimport msgspec", ["msgspec"]),
        ("async def f():\n\n    import click\n", []),
        ("class A:\n    def f(self):\n        import click\n    import msgspec", ["msgspec"]),
        ("class A:\n    import click", ["click"]),
        (
            "def f():\n    def g():\n        import click\n    import click\nif 1:\n    import msgspec",
            ["msgspec"],
        ),
        ("try:\n    import click\nexcept ImportError:\n    pass", ["click"]),
        ("import numpy as np, \\\n  click", ["click"]),
        ("import numpy # , click", []),
        ("from . import click", []),
        ("from .click import x", []),
        ("from ... import click", []),
        ("from os import click", []),
        ("'''\nimport click\n'''", []),
        ("def f():\n    yield from click\n    raise A from click\nimport os", []),
        ("import numpy as click", []),
        ("x = f'import {1} click'", []),
        ("import surely_not_installed", []),
        ("", []),
    ],
)
def test_what_counts_as_a_foreign_import(tmp_path: Path, source: str, found: list[str]):
    assert list(foreign(tmp_path, source)) == found


def test_siblings_are_followed_also_in_a_circle_and_are_not_foreign(tmp_path: Path):
    assert foreign(tmp_path, "import one", one="from two import x", two="import one, click, mlp") == (
        "click",
    )


def test_a_sibling_hides_the_package_of_its_name(tmp_path: Path):
    assert foreign(tmp_path, "import click", click="x = 1") == ()


def test_a_sibling_that_nobody_imports_does_not_count(tmp_path: Path):
    assert foreign(tmp_path, "x = 1", other="import click") == ()


@pytest.mark.parametrize(
    "source",
    [
        b"import numpy\nx = (\n",
        b"import numpy\n  y\n z\n",
        b"\xff\xfe\x00",
        b"# coding: nonsense\nimport numpy",
        b"# coding: zlib\nimport numpy",
        b"# coding: utf-16\nimport numpy",
        b"import numpy\0",
        b"'''",
        b"import",
        b"from",
        b"from import import from",
        b"import ,,,;;from.",
        b"print 'hello'\n",
    ],
)
def test_a_file_that_is_no_python_is_left_to_the_import_itself(tmp_path: Path, source: bytes):
    assert foreign(tmp_path, source) == ()


def test_a_byte_order_mark_hides_nothing(tmp_path: Path):
    assert foreign(tmp_path, b"\xef\xbb\xbfimport click\n") == ("click",)


@pytest.mark.slow
@pytest.mark.parametrize("size", [MAX_TOKENISED, 2 << 20])
@pytest.mark.parametrize(
    "piece",
    [b"[", b"-", b"1,", b"1+", b"a.", b"(lambda:", b"'''\n", b"\\\n", b"\n ", b"if x:", b"'", b"\x0c", b"0_"],
)
def test_no_source_takes_long_or_much_memory(tmp_path: Path, piece: bytes, size: int):
    source = (b"import click\nx = " + piece * size)[:size]
    with no_hang():
        assert foreign(tmp_path, source) == ("click",)


@pytest.mark.slow
def test_memory_stays_in_proportion_to_the_source(tmp_path: Path):
    source = b"import click\nx = [" + b"1," * 10_000
    tracemalloc.start()
    try:
        foreign(tmp_path, source)
        assert tracemalloc.get_traced_memory()[1] < 20 * len(source)
    finally:
        tracemalloc.stop()


def test_in_an_endless_file_whatever_looks_like_an_import_counts(tmp_path: Path):
    padding = "# " + "x" * MAX_TOKENISED + "\n"
    assert foreign(tmp_path, padding + "try:\n    import click\nexcept E: pass\n") == ("click",)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"mlp.py": "from layers.act import f", "layers/act.py": "import torch"}, ("torch",)),
        ({"mlp.py": "import layers.act as a", "layers/__init__.py": "import pandas", "layers/act.py": ""}, ("pandas",)),
        ({"mlp.py": "import layers", "layers/act.py": "import torch"}, ()),
        ({"mlp.py": "from a.b.c import d", "a/b/c.py": "import jax"}, ("jax",)),
        ({"mlp.py": "if __name__ == '__main__':\n    import torch\nimport numpy"}, ("numpy",)),
        ({"mlp.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\nx = 1"}, ()),
        ({"mlp.py": "if __name__ == '__main__': import torch\nimport jax"}, ("jax",)),
        ({"mlp.py": "import utils", "utils.py": "def f():\n    from sklearn.x import y\n    return y"}, ()),
        ({"mlp.py": "class A:\n    def f(self):\n        import torch\n    import jax"}, ("jax",)),
        ({"mlp.py": "try:\n    import torch\nexcept ImportError:\n    pass"}, ("torch",)),
    ],
)  # fmt: skip
def test_only_what_is_imported_with_the_module_counts(
    tmp_path: Path, files: dict[str, str], expected: tuple[str, ...]
):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert imports.imported(tmp_path, "mlp.py") == expected
