"""What waits at each desk within reach, counted at most a few times a second however many look."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from case_store.repository import queues
from case_store.repository.database import Database
from case_store.staffing import Actor, Right

_NOTHING: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("new", "triage", "open", "referred", "unclaimed", "overdue", "due_soon"), 0),
    "next_due_at": None,
}


@dataclass(frozen=True, slots=True)
class _Counted:
    at: datetime
    by_desk: Mapping[str, Mapping[str, Any]]
    desks: tuple[Mapping[str, Any], ...]
    until: float


class Queues:
    """The counts are everybody's, so everybody shares them; only what is in hand is one's own."""

    def __init__(self, database: Database, *, fresh_seconds: float = 0.25) -> None:
        """`fresh_seconds` is how old a count may be; below what live changes wait before they are told."""
        self._database = database
        self._fresh_seconds = fresh_seconds
        self._turn = asyncio.Lock()
        self._counted: _Counted | None = None

    async def standing(self, actor: Actor) -> dict[str, Any]:
        """`counted_at`, and `queues`: the desks within reach in their order, each with what waits there."""
        actor.demand(Right.READ)
        counted = await self._count()
        async with self._database.reading() as tx:
            mine = await queues.mine(tx, actor.staff_id) if actor.staff_id else {}
        known = {desk["desk"] for desk in counted.desks}
        unnamed = (
            {"desk": desk, "name": desk, "name_en": desk}
            for desk in sorted(counted.by_desk)
            if desk not in known
        )
        shown = [
            {**desk, **_NOTHING, **counted.by_desk.get(desk["desk"], {}), "mine": mine.get(desk["desk"], 0)}
            for desk in (*counted.desks, *unnamed)
            if actor.may(Right.READ_ALL) or desk["desk"] in actor.queues
        ]
        return {"counted_at": counted.at, "queues": shown}

    async def _count(self) -> _Counted:
        """One count at a time; whoever waits for it takes it too."""
        async with self._turn:
            if self._counted is None or time.monotonic() >= self._counted.until:
                now, until = datetime.now(UTC), time.monotonic() + self._fresh_seconds
                async with self._database.reading() as tx:
                    by_desk, desks = await queues.counts(tx, now), await queues.desks(tx)
                self._counted = _Counted(now, by_desk, tuple(desks), until)
            return self._counted
