"""Problem Set 3's own packages, as they are loaded for grading: the same modules, and so the same classes."""

from __future__ import annotations

from grader.assignment import assets
from grader.assignment.reference import Reference

_REFERENCE = Reference(assets.root() / "reference" / "ps3")

answered = _REFERENCE.own("answered")
kinds = _REFERENCE.kinds
diagnosis = _REFERENCE.own("diagnosis")
