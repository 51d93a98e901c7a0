"""Prove the grader: grade solutions of which it is known what they are worth."""

from __future__ import annotations

from .bank import Bank, load
from .prove import Row, Settings, prove, without

__all__ = ["Bank", "Row", "Settings", "load", "prove", "without"]
