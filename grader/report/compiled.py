"""Templates, compiled once for all processes: compiling one takes longer than filling it ten times.

They are code, so they lie where Python keeps its own compiled files: beside the source, where only those write who may
change that. Nothing else that is kept is run, and a cache folder may lie beside hand-ins.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import jinja2

TEMPLATES = Path(__file__).with_name("templates")


def kept() -> jinja2.BytecodeCache | None:
    """Where they are kept; None where nothing is to be written, or nothing can be."""
    folder = TEMPLATES / "__pycache__"
    if sys.dont_write_bytecode:
        return None
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return None
    return _Kept(str(folder), f"jinja2-{jinja2.__version__}.%s.cache")


class _Kept(jinja2.FileSystemBytecodeCache):
    """A disk that is full, or a folder that cannot be written, keeps nobody from a report."""

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)
