"""Templates, compiled once for all processes: compiling one takes longer than filling it ten times."""

from __future__ import annotations

import os
from contextlib import suppress

import jinja2

from ..machine.cache import cache_folder


def kept() -> jinja2.BytecodeCache | None:
    """Where they are kept, in a folder for this version of the engine; None where nothing can be written there."""
    folder = cache_folder(os.environ) / "templates" / f"jinja2-{jinja2.__version__}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return _Kept(str(folder))


class _Kept(jinja2.FileSystemBytecodeCache):
    """A disk that is full keeps nobody from a report."""

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)
