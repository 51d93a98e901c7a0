"""What students hand in code as: the file, and the class or the functions in it that are asked for."""

from __future__ import annotations

import msgspec


class EntryPoint(msgspec.Struct, frozen=True):
    """Where the grader enters a hand-in's code."""

    module: str
    """Name of the file, such as `layers.py`."""
    names: tuple[str, ...]
    """The class, or else the functions, that it has to define; never empty."""
    is_class: bool = True
    """Whether it is a class."""

    @property
    def stem(self) -> str:
        """The module's name as `import` takes it."""
        return self.module.removesuffix(".py")

    @property
    def class_name(self) -> str:
        """The class; empty where functions are asked for."""
        return self.names[0] if self.is_class else ""

    @property
    def said(self) -> str:
        """The names, for a sentence."""
        *others, last = self.names
        return f"{', '.join(others)} and {last}" if others else last

    @property
    def verb(self) -> str:
        """What the module does with them, for a sentence: `defines` or, of several, `define`."""
        return "is" if len(self.names) == 1 else "are"
