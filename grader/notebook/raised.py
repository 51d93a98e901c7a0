"""Cells that raised when the notebook was executed again, where nothing but the hand-in's own code is to blame.

What such a cell shows in the file as handed in is not what this code does. All that the grader and its machine have a
part in is left out: packages and files that are not here, limits, names that newer versions no longer have, and
whatever comes after it, which may only have missed what was to be made there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from ..model import CellRun
from ..student.child import compat
from .file import Printed

_OF_THE_MACHINE = re.compile(
    r"\w{0,60}(?:ModuleNotFound|Import|Memory|OS|IO|FileNotFound|FileExists|Directory|Permission|Pipe|Process"
    r"|Connection|ConnectionRefused|ConnectionReset|ConnectionAborted|Timeout|URL|HTTP|Tab|StdinNotImplemented)Error\b"
    r"|KeyboardInterrupt\b|gaierror\b|BrokenProcessPool\b"
    r"|RuntimeError: can't start new thread"
)
"""Packages, memory, files, network, somebody who types. Tabs among spaces, because Python 2 took them."""
_OF_OTHER_VERSIONS = re.compile(
    r"AttributeError: module '(?P<module>[\w.]{1,80})' has no attribute"
    rf"|NameError: name '(?:{'|'.join(compat.BUILTINS)})' is not defined"
    r"|AttributeError: '\w{1,80}' object has no attribute '(?:iteritems|itervalues|iterkeys|has_key)'"
    r"|SyntaxError: (?:Missing parentheses in call|multiple exception types)"
)


class Raised(msgspec.Struct, frozen=True):
    """How a cell ended."""

    kind: str
    """Type of the exception."""
    line: int
    """The cell's line that it came out of; 0 where that is not known."""

    def __str__(self) -> str:
        return f"{self.kind} at line {self.line}" if self.line else self.kind


def by_own_code(cells: Sequence[CellRun], said: Mapping[int, Printed], own: str) -> dict[int, Raised]:
    """The cells, by number, that raised through the hand-in's own code alone.

    `cells` as `execute` gives them, `said` what each put out, by number; `own` is the name of the hand-in's module.
    """
    found: dict[int, Raised] = {}
    for cell in cells:
        if cell.status in ("ran", "refused"):
            continue
        put_out = said.get(cell.number, Printed())
        kind = put_out.error.partition(":")[0]
        # A message is the grader's: it ended the cell, or saw the process end.
        of_its_own = cell.status == "failed" and not cell.message and kind.isidentifier()
        other = _OF_OTHER_VERSIONS.match(put_out.error)
        of_versions = other is not None and other["module"] != own
        if not of_its_own or _OF_THE_MACHINE.match(put_out.error) or of_versions:
            break
        found[cell.number] = Raised(kind[:80], put_out.line)
    return found
