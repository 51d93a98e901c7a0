"""How much of a hand-in is looked at, and which of its files are copied beside the code."""

from __future__ import annotations

MAX_ENTRIES = 10_000
"""Names in any one folder; a fuller one is not read at all, so that no name is left out by chance."""
MAX_FILES = 200
"""Python files looked at in a hand-in."""
MAX_FILE = 2 << 20
"""Bytes of one Python file."""
MAX_TOTAL = 16 << 20
"""Bytes of all Python files of a hand-in."""
MAX_NOTEBOOK = 64 << 20
"""Bytes of a notebook."""

MAX_DATA = 4 << 20
"""Bytes of one file of data."""
MAX_DEPTH = 16
"""Folders within folders."""

IGNORED = frozenset({"__MACOSX", "__pycache__", "node_modules"})
TOOLS = IGNORED | {"dist-packages", "site-packages", "venv"}
"""Folders that programs fill, whatever is in them."""
DATA = (
    ".bin", ".csv", ".dat", ".h5", ".hdf5", ".idx", ".joblib", ".mat", ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pth",
    ".tsv",
)  # fmt: skip
"""What code may read, and people do not: copied beside the module."""
TEXTS = (".cfg", ".ini", ".json", ".md", ".toml", ".txt", ".yaml", ".yml")
"""What both may read: copied too, and spoken of as not used for marks."""
