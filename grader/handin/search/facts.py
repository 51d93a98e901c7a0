"""What the bytes of a file say of what it is, without parsing them: linear in its size, whatever stands in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...entry_point import EntryPoint
from ..caps import MAX_FILE
from ..plain_files import as_utf8, read_plain
from . import names

_SAYS_NOTHING = re.compile(rb"'''.*?'''|\"\"\".*?\"\"\"|#[^\n]*+|\s++", re.DOTALL)
"""Of a template, what may be changed before anything is filled in: comments, texts of documentation, white space."""
_LONGER = 4
"""How many times as long as the template a file may be that is compared with it."""


@dataclass(frozen=True)
class Facts:
    """What a Python file says of itself."""

    refused: str = ""
    """Why it cannot be read; empty where it can."""
    digest: str = ""
    """Equal for equal files, whatever their encoding and the ends of their lines."""
    defines: bool = False
    """Whether it defines what is asked for, at its top or in a condition there."""
    mentions: bool = False
    """Whether it names that at all."""
    handed_out: bool = False
    """Whether it is as it was handed out, comments aside."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for in a hand-in, and what of it students were given."""

    entry: EntryPoint
    template: bytes = b""
    """The module as it was handed out; empty where there is none."""
    notebook: bytes = b""
    """The notebook as it was handed out; empty where there is none."""
    notebook_name: str = ""

    @classmethod
    def of(cls, entry: EntryPoint, handed_out: Path, assignment: str) -> Wanted:
        """What an assignment wants whose files were `handed_out` in that folder."""
        template, notebook = handed_out / entry.module, handed_out / f"{assignment}.ipynb"
        return cls(
            entry,
            template.read_bytes() if template.is_file() else b"",
            notebook.read_bytes() if notebook.is_file() else b"",
            notebook.name,
        )

    def may_be_code(self, name: str) -> bool:
        """Whether a file that is no `.py` may hold the module or the notebook all the same: `net.py.txt`, say."""
        return names.may_be_code(name, self.entry.stem)

    def facts(self, path: Path) -> Facts:
        """What a Python file says of itself."""
        content, refused = read_plain(path, MAX_FILE)
        if refused:
            return Facts(refused, digest=hashlib.sha256(bytes(path)).hexdigest())
        text = as_utf8(content)
        return Facts(
            "",
            hashlib.sha256(text.replace(b"\r\n", b"\n").strip()).hexdigest(),
            self._defines.search(text) is not None,
            self._mentions.search(text) is not None,
            self._is_handed_out(text),
        )

    def is_defined_in(self, content: bytes) -> bool:
        """Whether what some file holds looks as if it defined what is asked for."""
        return self._defines.search(as_utf8(content)) is not None

    def _is_handed_out(self, text: bytes) -> bool:
        if not self.template or len(text) > _LONGER * len(self.template):
            return False
        return _SAYS_NOTHING.sub(b"", text) == self._bare_template

    @cached_property
    def _bare_template(self) -> bytes:
        return _SAYS_NOTHING.sub(b"", self.template)

    @cached_property
    def _defines(self) -> re.Pattern[bytes]:
        name = b"(?:" + b"|".join(re.escape(name.encode()) for name in self.entry.names) + b")"
        word = b"class" if self.entry.is_class else b"def"
        return re.compile(
            rb"^[ \t]*+" + word + rb"[ \t]+" + name + rb"\b|^" + name + rb"[ \t]*=[^=]", re.MULTILINE
        )

    @cached_property
    def _mentions(self) -> re.Pattern[bytes]:
        return re.compile(
            rb"\b(?:" + b"|".join(re.escape(name.encode()) for name in self.entry.names) + rb")\b"
        )
