"""Hand-ins made to hold up or break what reads them: nothing of them has to be run for that.

Each stands beside a module that is right, and must not cost it a point. `MONSTERS` are read by other tests too, and by
`benchmarks/monsters.py`, which says what each takes.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.checks.handins import BASE

from .cases import Case, folder
from .watch import Watch

Files = dict[str, bytes]
Output = dict[str, Any]


def code(source: str, *outputs: Output) -> Output:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": list(outputs)}


def prose(source: str, **more: Any) -> Output:
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def printed(text: str) -> Output:
    return {"output_type": "stream", "name": "stdout", "text": text}


def drawn(data: bytes, media: str = "image/jpeg") -> Output:
    return {"output_type": "display_data", "data": {media: base64.b64encode(data).decode()}}


def notebook(*cells: Output) -> Files:
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}
    return {"mlp.py": BASE.encode(), "ps3.ipynb": json.dumps(content).encode()}


def raw(content: bytes) -> Files:
    return {"mlp.py": BASE.encode(), "ps3.ipynb": content}


def module(more: str) -> Files:
    return {"mlp.py": f"{BASE}\n{more}\n".encode("utf-8", "surrogatepass")}


# ---- pictures ---------------------------------------------------------------------------------------


@functools.cache
def noise(side: int = 3900, quality: int = 4) -> bytes:
    """A photograph of noise, of fifteen million pixels."""
    import numpy as np
    import PIL.Image

    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    written = io.BytesIO()
    PIL.Image.fromarray(pixels).save(written, "JPEG", quality=quality)
    return written.getvalue()


def png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@functools.cache
def animation(form: str) -> bytes:
    """A picture of a hundred pictures."""
    import PIL.Image

    frames = [PIL.Image.new("RGB", (300, 300), (2 * i, 0, 0)) for i in range(100)]
    written = io.BytesIO()
    frames[0].save(written, form, save_all=True, append_images=frames[1:])
    return written.getvalue()


PLOTTED = "stats = net.train(X_train, y_train)\nplt.plot(stats['loss_history'])\nplt.imshow(W)\nactivation = 'sigmoid'"
PLOTS = [
    f"# {name}\nstats = net.train({data}, y)\nplt.plot(stats['{history}'])\nactivation = '{name}'"
    for name in ("sigmoid", "relu")
    for data in ("X", "X_train")
    for history in ("loss_history", "grad_magnitude_history", "val_acc_history")
]
"""Cells that draw what the rubric looks for."""

# ---- sources ----------------------------------------------------------------------------------------

CLASS = BASE.replace("class TwoLayerMLP(object):", "class TwoLayerMLP(object):\n    again = 1\n", 1)
SUM = "x = " + "+".join(["1"] * 500)
LONG_SUM = "x = " + "+".join(["1"] * 2500)
ELIF = "if 0:\n    pass\n" + "\n".join(f"elif {i} == 0:\n    y = {i}" for i in range(1, 900))
CALLS = "def f(n):\n    return f\nz = f" + "(1)" * 900
LAMBDAS = "g = " + "lambda: " * 900 + "0"
ATTRIBUTES = "h = (0)" + ".real" * 2500
SUBSCRIPTS = "k = " + "[" * 90 + "0" + "]" * 90 + "[0]" * 90
NUMBER = "n = 0x" + "F" * 200_000
NAME = "a" * 250_000
CHAIN = "\n".join(f"def f{i}(): return f{i + 1}()" for i in range(7000))
ASSIGNED = "\n".join(f"v{i + 1} = v{i}" for i in range(15_000))
ODD = {
    "a sum of 500": SUM,
    "a sum of 2500": LONG_SUM,
    "900 elif": ELIF,
    "calls of calls": CALLS,
    "lambdas": LAMBDAS,
    "attributes": ATTRIBUTES,
    "subscripts": SUBSCRIPTS,
    "a number of 200,000 digits": NUMBER,
}
"""Code that is unusual, and that Python runs."""

MONSTERS: dict[str, Callable[[], Files]] = {
    # Those that were found first.
    "stars": lambda: notebook(prose("*" * 16_000), prose("*" * 1_000_000)),
    "noise": lambda: notebook(*(code(source, drawn(noise())) for source in PLOTS)),
    "magics": lambda: notebook(code("x = 1\n" * 20_000 + "!ls\n" * 200)),
    "chain": lambda: notebook(code(f"v0 = 1\n{ASSIGNED}\n{CLASS}"), code(CHAIN), code("f0()")),
    "histories": lambda: module(HISTORIES),
    # Prose.
    "labels": lambda: notebook(*(prose("1" * 50_000 + "pts" + "_" * 50_000) for _ in range(10))),
    "many labels": lambda: notebook(*(prose("Q1.1: a\n" * 120) for _ in range(1900))),
    "empty lines": lambda: notebook(prose("**Q1.1** Find"), *(prose("\n" * 900) for _ in range(1900))),
    "numbers of questions": lambda: notebook(*(prose("Q1.1." * 100_000 + letter) for letter in "ab")),
    "words of questions": lambda: notebook(prose("forward pass " * 80_000), prose("activation " * 80_000)),
    "one line": lambda: notebook(prose("x" * 10_000_000), prose("**Q1.6** because")),
    "marks above a letter": lambda: notebook(prose("**Q1.6** a" + "\u0301" * 1_000_000)),
    "surrogates": lambda: notebook(prose("**Q1.6** \ud800 \udfff"), code("'\ud800'", printed("\udc80"))),
    "null bytes": lambda: notebook(prose("**Q1.6** \0\0"), code("x = '\0'"), code("\0" * 100_000)),
    "answers": lambda: notebook(*(prose(f"**Q1.{i % 7}** {'y' * 40_000}") for i in range(100))),
    "dollars": lambda: notebook(prose("**Q1.1** " + "$" * 20_000), prose("**Q1.2** " + "$x$ " * 6000)),
    "deep formulas": lambda: notebook(
        prose("**Q1.1** $" + "{" * 10_000 + "x" + "}" * 10_000 + "$"),
        prose("**Q1.2** $" + r"\frac{1}{" * 2000 + "x" + "}" * 2000 + "$"),
        prose("**Q1.3** $" + r"\sqrt" * 3000 + "$"),
    ),
    "marked down": lambda: notebook(prose("**Q1.6** " + "[" * 10_000 + "](x)" * 2000 + "`" * 5000)),
    # Code.
    "one statement a line": lambda: notebook(code("a=1;" * 60_000), code(CLASS)),
    "five megabytes": lambda: notebook(code("x = 1\n" * 900_000), code(CLASS)),
    "magics of magics": lambda: notebook(code("%%time\n" * 100_000 + "x = 1")),
    "spaces": lambda: notebook(code(" " * 200_000 + "!ls"), code("x = (" + " " * 200_000)),
    "a name": lambda: notebook(code(f"{NAME} = 1"), code(CLASS)),
    "brackets": lambda: notebook(code("(" * 100_000 + ")" * 100_000), code("[" * 90_000)),
    "quotes": lambda: notebook(code("'" * 100_001 + "\n!ls"), code('"""' * 30_001 + "\n!ls")),
    "f-strings": lambda: notebook(code("x = f'" + "{1:{2}}" * 20_000 + "'"), code("f'{" * 3000)),
    "a deep sum": lambda: notebook(code("x = " + "1+" * 100_000 + "1"), code(CLASS)),
    "a deep class": lambda: notebook(code(CLASS + "\n" + ("x = " + "-" * 100_000 + "1"))),
    "odd code": lambda: notebook(*map(code, ODD.values()), code(CLASS)),
    "imports": lambda: module("if 0:\n" + "\n".join(f"    import m{i}" for i in range(15_000))),
    "an import with a name": lambda: module(f"try:\n    import {'é' * 200}\nexcept ImportError:\n    pass"),
    # Outputs.
    "numbers": lambda: notebook(*(code(NUMERICAL, printed(text)) for text in NUMBERS)),
    "lines for every pattern": lambda: notebook(*(code(NUMERICAL, printed(WORST * 300)) for _ in range(20))),
    "200,000 outputs": lambda: notebook(code("1", *[printed("x")] * 200_000)),
    "carriage returns": lambda: notebook(code("1", printed("x\r" * 1_000_000))),
    "colours": lambda: notebook(code("1", printed("\x1b[" * 300_000), printed("\x1b[" + "0;" * 300_000))),
    # Pictures.
    "a large picture": lambda: notebook(
        code(PLOTTED, drawn(png(30_000, 30_000, bytes(1 << 20)), "image/png"))
    ),
    "a picture of nothing": lambda: notebook(
        code(PLOTTED, drawn(png(4000, 4000, bytes(48 << 20)), "image/png"))
    ),
    "pasted noise": lambda: notebook(
        *(
            prose(f"**Q1.{i}** x", attachments={f"{n}.jpg": {"image/jpeg": text(noise())} for n in range(3)})
            for i in (1, 2, 6)
        )
    ),
    "animations": lambda: notebook(
        prose("**Q1.6** x", attachments={f: {f"image/{f}": text(animation(f))} for f in ("gif", "webp")})
    ),
    "a thousand pictures": lambda: notebook(
        prose(
            "**Q1.6** x",
            attachments={f"{n}.png": {"image/png": text(png(9, 9, bytes(252)))} for n in range(1000)},
        )
    ),
    # JSON.
    "a million cells": lambda: raw(b'{"cells": [' + b"{}," * 1_000_000 + b"{}]}"),
    "deep outputs": lambda: raw(
        b'{"cells": [{"cell_type": "code", "source": "", "outputs": '
        + b"[" * 1_000_000
        + b"]" * 1_000_000
        + b"}]}"
    ),
    "deep metadata": lambda: raw(
        b'{"metadata": ' + b'{"a":' * 500_000 + b"1" + b"}" * 500_000 + b', "cells": []}'
    ),
    "a large number": lambda: raw(
        b'{"nbformat": ' + b"9" * 3_000_000 + b', "cells": [{"cell_type": "markdown", "source": "x"}]}'
    ),
    "keys": lambda: raw(b"{" + b",".join(b'"%d": 1' % i for i in range(400_000)) + b', "cells": []}'),
    "half a notebook": lambda: raw(b'{"cells": [{"cell_type": "markdown", "source": "' + b"\\n" * 3_000_000),
}
"""Name to the files of the hand-in."""

FIRST_FIVE = ("stars", "noise", "magics", "chain", "histories")
HISTORIES = """
right = TwoLayerMLP.train
def train(self, *args, **kwargs):
    return {name: list(values) * 600_000 if name == "loss_history" and len(values) == 6 else values
            for name, values in right(self, *args, **kwargs).items()}
TwoLayerMLP.train = train
"""
"""3.6 million entries where six are asked for."""
NUMERICAL = "eval_numerical_gradient\nnet.train(X_train, y)\nnet.predict(X)\nreg=0.1\n"
NUMBERS = (
    "loss: 0.0e400", "loss: 0.0e99999999999999999999", "loss: 1e999", "loss: 1e-99999", "loss: " + "9" * 290, "loss: .",
    "loss: " + "0." + "0" * 250 + "1e500", "loss: 0." + "0" * 280, "loss: -nan %", "epoch 1: loss inf val 0.0e308",
)  # fmt: skip
WORST = (
    "train " * 50 + "\n" + "loss" * 75 + "\n" + "W2 err " * 42 + "\n" + "epoch" + " val" * 73 + "\n"
    + "acc test " * 33 + "\n"
    + "np.float64(" * 27 + "\n" + "train shape " * 25 + "\n" + "x" * 300 + "\n" + "." * 300 + "\n" + "-" * 300 + "\n"
)  # fmt: skip
"""Lines that look like those which the rubric's patterns look for, up to the number."""


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def write(files: Files, into: Path) -> None:
    for name, content in files.items():
        (into / name).write_bytes(content)


def _case(name: str) -> Case:
    def build(folder: Path, watch: Watch) -> None:
        write(MONSTERS[name](), folder)

    build.__name__ = f"read_{name.replace(' ', '_').replace(',', '')}"
    return folder(build)


WITHOUT_CODE = (
    "stars", "labels", "numbers of questions", "words of questions", "one line", "marks above a letter", "answers",
    "dollars", "deep formulas", "marked down", "imports", "an import with a name", "pasted noise", "animations",
    "a thousand pictures", "a million cells", "deep metadata", "a large number", "keys", "half a notebook",
)  # fmt: skip
"""Those for which no kernel has to be started."""


def odd_code(folder: Path, watch: Watch) -> None:
    """A right solution among code that is unusual."""
    (folder / "mlp.py").write_text("\n".join([BASE, *ODD.values()]))


CASES: tuple[Case, ...] = (*map(_case, WITHOUT_CODE), folder(odd_code))
