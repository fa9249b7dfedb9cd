"""Watch the clocks: warn before a deadline, raise what is late, set anew what a new calendar moves.

In batches, each a transaction of its own over sets; several processes may do it at once.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog

from case_store import metrics
from case_store.errors import NotFoundError
from case_store.handlers.cases import NO_CASE, code_of
from case_store.handlers.clocks import Clocks
from case_store.model import UNDECIDED, Case, CaseState, caused
from case_store.repository import clocks, intake, outbox, reach, sweeping, writes
from case_store.repository.database import Database, Transaction
from case_store.repository.sweeping import Told
from case_store.staffing import Actor, Right
from case_store.worktime.clock import Clock
from case_store.worktime.explain import Explanation, explain
from case_store.worktime.line import seconds
from envelope.models import CaseEvent, CaseEventType

_BATCH: Final = 2_000
_UNTOUCHED: Final = frozenset({CaseState.NEW, CaseState.TRIAGE})
_log = structlog.get_logger()
Step = Callable[[Transaction, datetime], Awaitable[int]]


class Deadlines:
    """The sweeper of clocks, and what they explain."""

    def __init__(self, database: Database, keeper: Clocks, *, batch: int = _BATCH) -> None:
        """`batch` is how many clocks are held at once at most."""
        self._database = database
        self._clocks = keeper
        self._batch = batch
        self._complete = False
        """Every case that waits for us has a clock: asked until it is so."""

    async def sweep(self) -> None:
        """One round: what is stale, then what is late, then what is near."""
        await self._clocks.refresh()
        if not self._complete:
            self._complete = await self._all(self._adopt) == 0
        await self._all(self._renew)
        late, near = await self._all(self._breach), await self._all(self._warn)
        await self._measure()
        if late or near:
            _log.warning("deadlines_swept", breached=late, near=near)

    async def of_case(self, actor: Actor, code: str) -> tuple[Case, list[tuple[Clock, Explanation]]]:
        """Every clock that a case has had, each with its explanation by the working time of now.

        Raises:
            NotFoundError: no such case within reach.
        """
        actor.demand(Right.READ)
        wanted = code_of(code)
        await self._clocks.refresh()
        async with self._database.transaction() as tx:
            case = (await intake.cases_by_code(tx, [wanted])).get(wanted)
            if case is None or not await reach.reaches(tx, actor, case.id, case.desk):
                raise NotFoundError(NO_CASE)
            found = await clocks.of_case(tx, case.id)
        return case, [(clock, explain(self._clocks.timekeeping, clock)) for clock in found]

    async def _all(self, step: Step) -> int:
        """Batch after batch until one is not full; how many there were."""
        total = 0
        while True:
            async with self._database.transaction() as tx:
                done = await step(tx, datetime.now(UTC))
            total += done
            if done < self._batch:
                return total

    async def _breach(self, tx: Transaction, now: datetime) -> int:
        held = await sweeping.hold_late(tx, now, self._batch)
        told = await sweeping.breach(tx, held, now) if held else []
        await self._tell(tx, CaseEventType.DEADLINE_BREACHED, told, now)
        return len(held)

    async def _warn(self, tx: Transaction, now: datetime) -> int:
        held = await sweeping.hold_near(tx, now, self._batch)
        told = await sweeping.warn(tx, held, now) if held else []
        await self._tell(tx, CaseEventType.DEADLINE_NEAR, told, now)
        return len(held)

    async def _tell(self, tx: Transaction, kind: CaseEventType, told: Sequence[Told], now: datetime) -> None:
        """Into the histories and to everybody; the note says whose clock it is."""
        by_tier: dict[str, list[CaseEvent]] = {}
        for clock in told:
            by_tier.setdefault(clock.tier, []).append(_event(kind, clock, now))
        for tier, events in by_tier.items():
            await writes.write_events(tx, events, note=tier)
            await outbox.put(tx, now, events=events)
            metrics.DEADLINES.labels(kind, tier).inc(len(events))
        metrics.CASES.labels(kind).inc(len(told))

    async def _renew(self, tx: Transaction, now: datetime) -> int:
        """Set clocks anew that an older version of the working time has set; stopped ones stay."""
        keeping = self._clocks.timekeeping
        held = await sweeping.hold_stale(tx, keeping.version, self._batch)
        if not held:
            return 0
        stale = await clocks.running(tx, held)
        cases = await sweeping.cases(tx, {clock.case_id for clock in stale})
        for clock in stale:
            keeping.reset(clock, cases[clock.case_id])
            clock.untell(now)
        await clocks.change(tx, stale)
        await sweeping.spread(tx, held, [*cases])
        metrics.CLOCKS_RECKONED.inc(len(stale))
        return len(held)

    async def _adopt(self, tx: Transaction, now: datetime) -> int:
        """Give a clock to cases from before there were clocks: from their opening, or from the last word."""
        held = await sweeping.hold_clockless(tx, self._batch)
        if not held:
            return 0
        cases, running = await sweeping.cases(tx, held), await clocks.own(tx, held)
        clockless = [case for case in cases.values() if case.state in UNDECIDED and case.id not in running]
        await clocks.add(tx, [self._late_clock(case) for case in clockless])
        await sweeping.spread(tx, [], held)
        _log.info("clocks_adopted", count=len(clockless), at=now.isoformat())
        return len(held)

    def _late_clock(self, case: Case) -> Clock:
        at = case.opened_at if case.state in _UNTOUCHED else case.last_activity_at
        clock_id = caused(case.id, f"adopted at version {case.version}")
        return self._clocks.timekeeping.start(case, clock_id, at)

    async def _measure(self) -> None:
        async with self._database.transaction() as tx:
            standing = await sweeping.standing(tx)
        metrics.CLOCKS_NEAR.set(standing.near)
        metrics.CLOCKS_BREACHED.set(standing.breached)
        age = datetime.now(UTC) - standing.oldest if standing.oldest else None
        metrics.OLDEST_OVERDUE.set(max(age.total_seconds(), 0) if age else 0)


def _event(kind: CaseEventType, told: Told, now: datetime) -> CaseEvent:
    return CaseEvent(
        # The same however often this deadline of this clock is told of, another for another deadline of it.
        id=UUID(int=caused(told.clock_id, kind).int ^ seconds(told.due_at)),
        type=kind,
        case_id=told.case_id,
        tracking_code=told.tracking_code,
        channel=told.channel,
        topic=told.topic,
        kind=told.kind,
        desk=told.desk,
        actor="system",
        occurred_at=now,
    )
