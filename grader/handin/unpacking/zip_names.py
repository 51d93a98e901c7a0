"""What the names in a zip file say, where the program that made it did not say in what they are written.

Decided of all names together, and only where one answer fits them all: a wrong guess would give a student another name.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence

_SAYS_UTF8 = 0x800
_DOS = 0
"""The system that entries of Windows programs name."""
_LETTERS = frozenset({*range(0x80, 0x9B), *range(0xA0, 0xA6)})
"""Bytes that are letters with accents in cp437, and in cp850 too."""
UNKNOWN = "its name is in no encoding that is certain; pack it again with names in UTF-8, or in plain letters"


def reader(infos: Sequence[zipfile.ZipInfo]) -> Callable[[zipfile.ZipInfo], tuple[str, str]]:
    """A function for the name of each entry as text, and why it is refused, if it is."""
    raw = [info.orig_filename.encode("cp437") for info in infos if not info.flag_bits & _SAYS_UTF8]
    encoding = _encoding([name for name in raw if not name.isascii()])
    names = [info.orig_filename for info in infos]
    # As old versions of PowerShell pack: Windows' own separator, in all of the names.
    backslashes = (
        all(info.create_system == _DOS for info in infos)
        and any("\\" in name for name in names)
        and not any("/" in name for name in names)
    )

    def read(info: zipfile.ZipInfo) -> tuple[str, str]:
        name, refused = info.orig_filename, ""
        if not info.flag_bits & _SAYS_UTF8 and not name.isascii():
            if encoding:
                name = name.encode("cp437").decode(encoding)
            else:
                refused = UNKNOWN
        return (name.replace("\\", "/") if backslashes else name), refused

    return read


def _encoding(names: Sequence[bytes]) -> str:
    """The one in which all these names make sense; empty where there is none."""
    if all(_is(name, "utf-8") for name in names):
        return "utf-8"
    if all({byte for byte in name if byte >= 0x80} <= _LETTERS for name in names):
        return "cp437"
    return "gb2312" if all(_is_chinese(name) for name in names) else ""


def _is(name: bytes, encoding: str) -> bool:
    try:
        name.decode(encoding)
    except UnicodeError:
        return False
    return True


def _is_chinese(name: bytes) -> bool:
    """Whether each of its letters beyond ASCII is a character of GB 2312, the common part of GBK."""
    if not _is(name, "gb2312"):
        return False
    return all(c.isascii() or "\u4e00" <= c <= "\u9fff" for c in name.decode("gb2312"))
