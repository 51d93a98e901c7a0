"""What students hand in that is hardly code: two who share it are found, the others stay found, bytes stay the same."""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec
import pytest

from grader.model import spell_text
from grader.similar import Similar, Work, compare, of_report, page
from tests.conftest import ROOT
from tests.report import report_samples as samples
from tests.similar.sources import SHARED, class_of, own, work

TWO = SHARED.replace("return", "print 'done', `x`; exec 'x' in y\n    raise E, 'x'\n    return").replace(
    "!=", "<>"
)
LONG = "one line of 100 kB"
WEIRD = {
    LONG: ";".join(line.strip() for line in own(7777, 4000).split("\n")[1:])[:100_000],
    "tabs": SHARED.replace("    ", "\t"),
    "tabs and blanks": SHARED.replace("        ", "\t"),
    "Python 2": TWO,
    "syntax errors": SHARED.replace("def shared(", "def shared((").replace("return {", "return {{ ]"),
    "a text that is never closed": SHARED + "'''" + "x" * 1000,
    "a comment of 100 kB before it": "#" + "why " * 25_000 + "\n" + SHARED,
    "stray bytes": (SHARED + "naïve = 'é'\n").encode("latin-1").decode("utf-8", "replace"),
    "half a character": SHARED + "\ud800 = '\udfff'\n",
    "zeros": "\0".join(SHARED.split("\n")),
    "CR alone": "# why\r" + SHARED.replace("\n", "\r"),
    "form feeds": SHARED.replace("\n", "\n\f"),
    "a mark of byte order": "\ufeff" + SHARED,
    "other letters": SHARED.replace("total", "итог").replace("rate", "率"),
}


def handed_in(id: str, *code: str) -> Work:
    """As it comes out of a report."""
    made = samples.report()
    return of_report(msgspec.structs.replace(made, submission=id, sources={"mlp.py": "\n".join(code)}))


def rendered(found: Similar) -> bytes:
    return page.render(found).encode("utf-8", "replace") + msgspec.json.encode(
        spell_text(msgspec.to_builtins(found))
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", [LONG, *list(WEIRD)[1:]])
def test_two_who_share_something_weird(name: str):
    works = [*class_of(12), *(handed_in(f"t{i}", WEIRD[name], own(100 + i)) for i in range(2))]
    works += [work(f"u{i}", own(200 + i), own(300)) for i in range(2)]
    found = compare("Test", works)
    above = {(p.left, p.right) for p in found.pairs if p.is_above and "code" in p.amounts}
    assert above == {("t0", "t1"), ("u0", "u1")}
    assert rendered(found) == rendered(compare("Test", works[::-1]))


@pytest.mark.parametrize(
    "content", ["", "\n", "\0" * 9, "\ufffd\x01" * 900, "#", "'", "(", "x", "\ud800", "¤" * 900]
)
def test_two_who_have_nothing_are_no_pair(content: str):
    works = [*class_of(12), *(handed_in(f"t{i}", content) for i in range(2))]
    assert not [p for p in compare("Test", works).pairs if p.is_above]


@pytest.mark.parametrize("count", [2, 3, 5, 40])
def test_a_class_in_which_all_is_the_same(count: int):
    found = compare("Test", [work(f"s{i:02}", SHARED) for i in range(count)])
    assert not found.pairs
    assert not found.clusters


@pytest.mark.slow
def test_bytes_hang_on_no_seed_of_hashes():
    program = (
        "from tests.similar.test_weird import *\n"
        "works = [handed_in(f'{n:02}-{i}', text, own(n)) for n, text in enumerate(WEIRD.values()) for i in range(2)]\n"
        "import hashlib; print(hashlib.sha256(rendered(compare('Test', [*class_of(20), *works]))).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1
