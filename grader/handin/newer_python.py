"""Syntax of a newer Python than the one that grades: valid where the student wrote it, and no syntax here."""

from __future__ import annotations

import re
import sys

_QUOTES_WITHIN = r"""(?i:\b(?:f|rf|fr))(["'])(?:(?!\1)[^\n\\]|\\.)*\{[^}\n]*\1[^\n]*\}"""
_BACKSLASH_WITHIN = r"""(?i:\b(?:f|rf|fr))(["'])[^\n]*\{[^}\n"']*(?:"[^"\n}]*\\|'[^'\n}]*\\)[^\n]*\}"""
_OPEN_AT_THE_END = r"""(?i:\b(?:f|rf|fr))["'](?!["']{2})[^\n]*\{[^}"'\n]*\Z"""
_KINDS: tuple[tuple[tuple[int, int], re.Pattern[str]], ...] = (
    ((3, 12), re.compile(r"\s*(?:async\s+)?def\s+\w+\s*\[")),
    ((3, 12), re.compile(r"\s*class\s+\w+\s*\[")),
    ((3, 12), re.compile(r"\s*type\s+\w+\s*(?:\[[^=]*\]\s*)?=[^=]")),
    ((3, 12), re.compile(rf".*(?:{_QUOTES_WITHIN})")),
    ((3, 12), re.compile(rf".*(?:{_BACKSLASH_WITHIN})")),
    ((3, 12), re.compile(rf".*(?:{_OPEN_AT_THE_END})")),
    ((3, 14), re.compile(r"\s*except\s*\*?\s*[A-Z][\w.]*(?:\s*,\s*[A-Z][\w.]*)+\s*:")),
    ((3, 14), re.compile(r""".*\b(?:t|rt|tr)["']""", re.IGNORECASE)),
    ((3, 15), re.compile(r"\s*lazy\s+(?:import|from)\s")),
)
"""What a line with such syntax looks like, and since which Python it is valid (the "What's New" of each)."""
_MOST = 200


def since(line: str, running: tuple[int, int] = sys.version_info[:2]) -> tuple[int, int] | None:
    """The Python, newer than the one `running`, of whose syntax a line seems to be; None where of none."""
    return next((version for version, kind in _KINDS if version > running and kind.match(line[:_MOST])), None)


def name(version: tuple[int, int] = sys.version_info[:2]) -> str:
    """As people call it: `3.11`."""
    return f"{version[0]}.{version[1]}"
