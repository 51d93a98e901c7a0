"""Can the hand-in be used at all: it imports, and it defines the class that the assignment asks for."""

from __future__ import annotations

from typing import ClassVar

from grader.checks import coerce
from grader.checks.base import Bench, Verdict, failed, passed

from .activations import NetworkCheck
from .cases import NAMES


class Module(NetworkCheck, frozen=True):
    """`mlp.py` imports and its class can be built with the notebook's arguments."""

    kind: ClassVar[str] = "module"
    opens: ClassVar[bool] = True
    activations: tuple[str, ...]
    """Every activation that the class must accept."""

    def run(self, bench: Bench) -> Verdict:
        """Import, look for the class, build one object of each activation and read its parameters."""
        name = bench.rubric.entry.class_name
        classes = bench.student.load()
        if name not in classes:
            there = ", ".join(classes[:8]) if classes else "no class at all"
            return failed(f"mlp.py defines no class {name}; it defines {there}.", broken=True)
        notes: list[str] = []
        for activation in self.activations:
            params = bench.student.new(4, 10, 3, std=0.1, activation=activation).params
            shapes = {"W1": (4, 10), "b1": (10,), "W2": (10, 3), "b2": (3,)}
            for key in NAMES:
                coerce.array(coerce.entry(params, key, "params"), shapes[key], f"params[{key!r}]", notes)
        return passed(f"mlp.py imports, and {name} can be built.", notes=tuple(notes))
