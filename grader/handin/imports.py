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
_ELSEWHERE = frozenset({"__name__", "TYPE_CHECKING"})
"""What the condition of a block is about that does not run when the module is imported."""
_MOST_PARTS = 8
"""Packages within packages."""
_LINE = re.compile(rb"^[ \t]*(?:import|from)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)


def imported(folder: Path, module: str) -> tuple[str, ...]:
    """Packages, not Python's own, that the `module` in a folder imports when imported, or what it imports there."""
    found: set[str] = set()
    seen: set[Path] = set()
    waiting = [folder / module]
    room = MAX_TOKENISED
    while waiting:
        path = waiting.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        source = path.read_bytes()
        room -= len(source)
        for name in sorted(_imported(source) if room >= 0 else _looks_imported(source)):
            package = name.partition(".")[0]
            if len(package.encode()) <= _MOST_NAME and _is_own(folder, package):
                waiting += _files(folder, name)
            elif package not in sys.stdlib_module_names:
                found.add(package)
    return tuple(sorted(found))


def _is_own(folder: Path, package: str) -> bool:
    """Whether a module or package of that name was handed in."""
    return (folder / f"{package}.py").is_file() or (folder / package).is_dir()


def _files(folder: Path, name: str) -> list[Path]:
    """The files that are read when a module of that name is imported: those of the packages around it, and its own."""
    found = []
    for part in name.split(".")[:_MOST_PARTS]:
        if len(part.encode()) > _MOST_NAME:
            break
        found += [folder / f"{part}.py", folder / part / "__init__.py"]
        folder /= part
    return found


def foreign(packages: Sequence[str], allowed: Collection[str]) -> tuple[str, ...]:
    """Those that are installed and not allowed.

    A package that is not installed is left to the import itself: many hand-ins guard it with `try`.
    """
    return tuple(name for name in packages if name not in allowed and _installed(name))


def _imported(source: bytes) -> set[str]:
    """Names of the modules in `import a.b as c, d` and `from a.b import c`; relative ones have none."""
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
                names.add(package.rstrip("."))
                clause = ""
            elif word == "import":
                clause, first = "import", True
            elif clause and first:
                package, first = word, False
                if clause == "import":
                    names.add(package)
            elif clause and token.string == "." and package:
                package += "."
            elif clause and word and package.endswith("."):
                package += word
                if clause == "import":
                    names.add(package)
            elif clause == "import" and token.string == ",":
                first = True
    except (SyntaxError, tokenize.TokenError, LookupError, ValueError):
        pass  # the import itself says what is wrong
    return names - {""}


def _run_at_import(tokens: Iterable[tokenize.TokenInfo]) -> Iterator[tokenize.TokenInfo]:
    """Those of what runs when the module is imported: a function's lines run later, if ever.

    What these import and may not is not there then, and the check in which it happens says so. Nor do the lines run
    that are for a module which is the program, or for a checker of types.
    """
    level = body = 0  # of indentation: where we are, and that of the outermost block that does not run
    heading = fresh = False  # on the line that begins such a block; at the beginning of a line
    first = ""  # the word that the line begins with
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
            heading, first = False, ""
        if token.type == tokenize.NAME:
            first = first or token.string
            heading = heading or token.string == "def" or (first == "if" and token.string in _ELSEWHERE)
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
