"""What stands for the settings of a run, and for the grader itself: what is found under equal ones is equal."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ..gradebook import Hashes
from . import runner
from .run import Run

_PACKAGE = Path(__file__).resolve().parent.parent


def hashes(run: Run) -> Hashes:
    """What stands for the settings of a run in the gradebook."""
    return Hashes(
        assignment=run.rubric.id,
        rubric=run.rubric.fingerprint,
        asking=run.rubric.asking,
        reference=run.reference.fingerprint,
        grader=grader_fingerprint(),
        dataset=run.dataset.name,
        dataset_hash=run.dataset.fingerprint,
        secret=run.rubric.secret_fingerprint,
        tier=run.sandbox.tier,
    )


def grader_fingerprint() -> str:
    """First 12 hex digits of the SHA-256 over the grader's own files and the versions that can move a mark."""
    digest = hashlib.sha256(json.dumps(runner.versions(), sort_keys=True).encode())
    for path in sorted(_PACKAGE.rglob("*")):
        if path.suffix in (".py", ".lark", ".j2", ".css") and "_assets" not in path.parts:
            digest.update(f"{path.relative_to(_PACKAGE)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
