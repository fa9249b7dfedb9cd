"""One desk that hears of live changes: what of them it reaches, and what waits while its line is slow."""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Final

from case_store import metrics
from case_store.repository.changes import Change
from case_store.staffing import Actor, Right

Told = Mapping[str, list[str]]
"""`cases`, `desks` and `types`, as the API tells it."""
LOOK_AGAIN: Final[Told] = {"cases": [], "desks": [], "types": []}
"""Something was missed: look at everything."""
_KEPT: Final = 16
"""Changes that wait for a slow desk; the oldest go first."""
_MOST_NAMED: Final = 200


class Subscription:
    """What waits for one listener."""

    def __init__(self, actor: Actor) -> None:
        """Nothing waits yet."""
        self.actor = actor
        self.ended = False
        self._waiting: deque[Told] = deque()
        self._woken = asyncio.Event()

    def tell(self, change: Told) -> None:
        """Let it know; of too many the oldest are dropped, and that is told in their place."""
        self._waiting.append(change)
        if len(self._waiting) > _KEPT:
            self._waiting.popleft()
            self._waiting[0] = LOOK_AGAIN
            metrics.CHANGES_DROPPED.inc()
        self._woken.set()

    def end(self) -> None:
        """There will be nothing more."""
        self.ended = True
        self._woken.set()

    async def next(self, seconds: float) -> Told | None:
        """The next change; None when none came in that time, or it has ended."""
        if not self._waiting and not self.ended:
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), seconds)
            except TimeoutError:
                return None
        return self._waiting.popleft() if self._waiting else None


def within(actor: Actor, gathered: Mapping[str, Change], asked: Mapping[str, set[str]]) -> Told | None:
    """What of it somebody reaches, as the API tells it; None where that is nothing."""
    theirs = {code for unit in actor.units for code in asked.get(unit, ())}
    everything = actor.may(Right.READ_ALL)
    told, desks = Change(), set()
    for desk, change in gathered.items():
        if everything or desk in actor.queues:
            told.add(change)
            desks.add(desk)
        elif change.cases & theirs:
            told.add(Change(change.cases & theirs, change.types))
            desks.add(desk)
    if not desks:
        return None
    named = sorted(told.cases) if len(told.cases) <= _MOST_NAMED else []
    return {"cases": named, "desks": sorted(desks), "types": sorted(told.types)}
