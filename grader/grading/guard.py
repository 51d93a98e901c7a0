"""Carry out what is done of a hand-in beside its checks, so that where one stage fails the others go on."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from ..machine.shortage import shortage
from ..marking.findings import Unread
from ..reading.process import TooMuch
from ..student.process import Cancelled

T = TypeVar("T")
OURS = "the grader itself failed there, which costs no points"
"""What is said of a stage that failed by a fault of ours."""


@dataclass
class Guard:
    """Carries out stages, and keeps what there is to say of those that fail."""

    errors: dict[str, str] = field(default_factory=dict)
    """Name of a stage to the traceback of a fault of ours."""
    why: dict[str, Unread] = field(default_factory=dict)
    """Name of a stage to why it gave nothing."""
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def stage(self, name: str, without: str, work: Callable[[], T], otherwise: T) -> T:
        """What `work` gives; `otherwise` where it fails. `without` is what is then left undone, as a sentence."""
        try:
            return work()
        except Cancelled:
            raise
        except TooMuch as reason:
            self._keep(name, Unread(f"{without}: it {reason}"))
        except Exception as error:  # our own fault: no zero for the student, the traceback for us
            if shortage(error):
                raise  # of the machine's, for the whole hand-in, which is graded when there is room
            self._keep(name, Unread(f"{without}: {OURS}", ours=True), traceback.format_exc())
        return otherwise

    def _keep(self, name: str, why: Unread, trace: str = "") -> None:
        with self._mutex:
            self.why[name] = why
            if trace:
                self.errors[name] = trace

    @property
    def notes(self) -> tuple[str, ...]:
        """A remark for the report on each stage that gave nothing."""
        with self._mutex:
            return tuple(self.why[name].why for name in sorted(self.why))
