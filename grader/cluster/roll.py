"""Which workers there are, and which of them grade: each is asked once, and refused in one line."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import work
from .handshake import wrong_tier
from .messages import Changed, Hello, Settings, opened, sealed

_EARLY = 1_000
"""Priority of a question: before hand-ins that wait."""


@dataclass
class Member:
    """A worker."""

    address: str
    threads: int
    last_seen: float = 0.0
    """By the scheduler's clock."""
    hello: Hello | None = None
    """None as long as it has not answered."""
    out: bool = False
    """Whether it grades nothing any more."""

    @property
    def grades(self) -> bool:
        return self.hello is not None and not self.hello.refused and not self.out


@dataclass
class Roll:
    """The workers of a scheduler, as they are now. For one event loop."""

    client: Any
    """Dask's."""
    settings: Settings
    say: Callable[[str], None]
    tier: str = ""
    """In which all hand-ins of the run are; empty before that is known."""
    is_lost: bool = False
    """Whether the scheduler does not answer any more."""
    members: dict[str, Member] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever there are others."""
    on_gone: Callable[[str], None] = lambda address: None
    on_change: Callable[[], None] = lambda: None
    _asking: set[asyncio.Task[None]] = field(default_factory=set)

    async def look(self) -> None:
        """See who is there; newcomers are asked. `OSError` where the scheduler does not answer."""
        found = (await self.client.scheduler.identity(n_workers=-1))["workers"]
        for address in set(self.members) - set(found):
            del self.members[address]
            self.on_gone(address)
            self._tell()
        for address, about in found.items():
            if address in self.members:
                self.members[address].last_seen = about["last_seen"]
                continue
            member = Member(address, about["nthreads"], about["last_seen"])
            self.members[address] = member
            asking = asyncio.create_task(self._ask(member))
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)

    async def _ask(self, member: Member) -> None:
        future = self.client.submit(
            work.hello,
            sealed(self.settings),
            workers=[member.address],
            allow_other_workers=False,
            pure=False,
            priority=_EARLY,
        )
        try:
            hello = opened(await future, Hello)
        except Changed as why:
            hello = Hello(f"its answer was changed on its way: {why}")
        except (asyncio.CancelledError, OSError):
            future.cancel()
            raise
        except Exception as error:  # of Dask, or of a worker without this grader
            hello = Hello(
                f"it cannot be asked ({type(error).__name__}: {error}); is this grader installed there?"
            )
        if self.members.get(member.address) is not member:
            return
        member.hello = hello
        if self.tier and hello.tier and hello.tier != self.tier:
            member.hello = Hello(wrong_tier(hello.tier, self.tier))
        if member.hello.refused:
            self._say_of(member, f"refused: {member.hello.refused}")
        for remark in hello.remarks:
            self._say_of(member, remark)
        self._tell()

    def refuse(self, address: str, why: str) -> None:
        """Let a worker grade nothing any more."""
        member = self.members.get(address)
        if member is not None and not member.out:
            member.out = True
            self._say_of(member, f"refused: {why}")
            self._tell()

    def choose_tier(self) -> None:
        """Settle on the tier that most have, of two as frequent on the stronger; the others are refused."""
        tiers = Counter(one.hello.tier for one in self.members.values() if one.grades and one.hello)
        self.tier = min(tiers, key=lambda tier: (-tiers[tier], tier))
        for one in self.members.values():
            if one.grades and one.hello and one.hello.tier != self.tier:
                self.refuse(one.address, wrong_tier(one.hello.tier, self.tier))

    @property
    def grading(self) -> dict[str, Member]:
        """Those that grade."""
        return {one.address: one for one in self.members.values() if one.grades}

    @property
    def are_all_asked(self) -> bool:
        """Whether there are any, and all have answered."""
        return bool(self.members) and all(one.hello is not None for one in self.members.values())

    @property
    def room(self) -> int:
        """Hand-ins that are sent at once: one for each thread, and one that waits at each worker for the next."""
        return sum(one.threads + 1 for one in self.members.values() if one.grades)

    def silent(self, seconds: float) -> set[str]:
        """Those that were not heard of for so long, while another one was."""
        newest = max((one.last_seen for one in self.members.values()), default=0.0)
        return {one.address for one in self.members.values() if newest - one.last_seen > seconds}

    def _tell(self) -> None:
        self.changed.set()
        self.on_change()

    def _say_of(self, member: Member, what: str) -> None:
        self.say(f"worker {member.address}: {what}")
