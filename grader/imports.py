"""Which packages a hand-in imports, read from its source without running it.

The source is read as tokens, not parsed: a hostile file can make a parser use gigabytes, or crash it.
"""

from __future__ import annotations

import importlib.util
import io
import re
import sys
import tokenize
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

MAX_TOKENISED = 256 << 10
"""Bytes of source read as tokens, which takes a second for each megabyte; no homework is that long.

Past it, lines that look like imports count, also where they stand in a text: a person looks at those.
"""
_MOST_NAME = 200
"""Bytes of the name of a module: with its ending, that of a file may have 255."""
_LINE = re.compile(rb"^[ \t]*(?:import|from)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)


def imported(folder: Path) -> tuple[str, ...]:
    """Packages that are not Python's own, which `mlp.py`, or a sibling, imports when it is imported; sorted."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = ["mlp"]
    room = MAX_TOKENISED
    while waiting:
        name = waiting.pop()
        path = folder / f"{name}.py"
        if name in seen or not path.is_file():
            continue
        seen.add(name)
        source = path.read_bytes()
        room -= len(source)
        for package in sorted(_imported(source) if room >= 0 else _looks_imported(source)):
            if len(package.encode()) <= _MOST_NAME and (folder / f"{package}.py").is_file():
                waiting.append(package)
            elif package not in sys.stdlib_module_names:
                found.add(package)
    return tuple(sorted(found))


def foreign(packages: Sequence[str], allowed: Collection[str]) -> tuple[str, ...]:
    """Those that are installed and not allowed.

    A package that is not installed is left to the import itself: many hand-ins guard it with `try`.
    """
    return tuple(name for name in packages if name not in allowed and _installed(name))


def _imported(source: bytes) -> set[str]:
    """Names of the packages in `import a.b as c, d` and `from a.b import c`; relative ones have none."""
    names: set[str] = set()
    clause = (
        ""  # the keyword whose names are being read; a `from` may be one of `yield from` or `raise ... from`
    )
    first = True  # whether the next token begins the name of a package
    package = ""
    try:
        for token in _run_at_import(tokenize.tokenize(io.BytesIO(source).readline)):
            word = token.string if token.type == tokenize.NAME else ""
            if token.type == tokenize.NEWLINE or token.string == ";":
                clause = ""
            elif word == "from":
                clause, first = "from", True
            elif word == "import" and clause == "from":
                names.add(package)
                clause = ""
            elif word == "import":
                clause, first = "import", True
            elif clause and first:
                package, first = word, False
                if clause == "import":
                    names.add(package)
            elif clause == "import" and token.string == ",":
                first = True
    except (SyntaxError, tokenize.TokenError, LookupError, ValueError):
        pass  # the import itself says what is wrong
    return names - {""}


def _run_at_import(tokens: Iterable[tokenize.TokenInfo]) -> Iterator[tokenize.TokenInfo]:
    """Those of what runs when the module is imported: a function's lines run later, if ever.

    What these import and may not is not there then, and the check in which it happens says so.
    """
    level = body = 0  # of indentation: where we are, and that of the outermost function's body
    heading = fresh = False  # on the line of a `def`; at the beginning of a line
    for token in tokens:
        if token.type in (tokenize.NL, tokenize.COMMENT):
            continue
        if token.type == tokenize.INDENT:
            level += 1
            body = body or (level if heading else 0)
        elif token.type == tokenize.DEDENT:
            level -= 1
            body = body if level >= body else 0
        if fresh:
            heading = False
        heading = heading or (token.type == tokenize.NAME and token.string == "def")
        fresh = token.type == tokenize.NEWLINE
        if fresh or not (body or heading):
            yield token


def _looks_imported(source: bytes) -> set[str]:
    return {match.decode() for match in _LINE.findall(source)}


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
