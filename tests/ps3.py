"""Problem Set 3's own packages, as they are loaded for grading: the same modules, and so the same classes."""

from __future__ import annotations

from grader.assignment import assets
from grader.assignment.importing import imported

FOLDER = assets.root() / "reference" / "ps3"

answered = imported(FOLDER, "answered")
kinds = imported(FOLDER, "kinds")
diagnosis = imported(FOLDER, "diagnosis")
