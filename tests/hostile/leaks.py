"""What gets out: channels between two hand-ins, and what can be seen of files that cannot be read."""

from __future__ import annotations

from .cases import Case, held

CASES: tuple[Case, ...] = (*held("channels", "metadata"),)
