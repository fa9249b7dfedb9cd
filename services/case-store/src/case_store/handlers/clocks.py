"""When a case and its referrals are due: clocks started, paused, resumed and stopped with what happens.

Every method sets `case.due_at` to the nearest deadline that runs, or None; whoever calls writes the case.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

import structlog

from case_store import metrics
from case_store.calling import CallBackState
from case_store.errors import StoreUnavailableError
from case_store.model import UNDECIDED, Case, Tier, caused
from case_store.repository import call_backs, clocks, worktime
from case_store.repository.database import Database, Transaction
from case_store.worktime.clock import Clock
from case_store.worktime.timekeeping import Timekeeping

_log = structlog.get_logger()


class Clocks:
    """A Part, and the verbs: call them with the case's person held (`acting`, intake), in that transaction.

    Each process keeps a copy of the working time. A clock set by an old copy says so by its version, and the
    sweeper sets it anew: see `handlers.deadlines`.
    """

    name = "working-time"

    def __init__(self, database: Database) -> None:
        """Begin with what ships with the service; `start` reads what the database holds."""
        self._database = database
        self.timekeeping: Timekeeping = worktime.shipped()

    async def start(self) -> None:
        """Fill an empty database with the defaults, and read it; if that fails, the sweeper tries again."""
        try:
            await self.refresh()
        except StoreUnavailableError:
            _log.warning("working_time_unread")

    async def stop(self) -> None:
        """Nothing is open."""

    def health(self) -> str | None:
        """Ready once it was read."""
        return None if self.timekeeping.version else "working time has not been read yet"

    async def refresh(self) -> None:
        """Read the working time again if it was changed."""
        async with self._database.transaction() as tx:
            loaded = await worktime.load(tx, datetime.now(UTC))
            if await worktime.version(tx) != self.timekeeping.version:
                self.timekeeping = await worktime.read(tx)
                _log.info("working_time_read", version=self.timekeeping.version, defaults=loaded)

    async def answered(self, tx: Transaction, case: Case, now: datetime) -> None:
        """Replied or closed: stop the case's own clock; nobody needs to be called about it any more."""
        await self._stop(tx, case, None, now)
        await call_backs.settle(tx, case.id, CallBackState.ANSWERED, "system", now)

    async def reopened(self, tx: Transaction, case: Case, now: datetime) -> None:
        """A new clock, from which the law's ten working days count anew; a clock that waits goes on."""
        running = (await clocks.own(tx, [case.id])).get(case.id)
        if running is None:
            await clocks.add(tx, [self._again(case, now)])
        else:
            running.resume(now)
            self.timekeeping.reset(running, case)
            await clocks.change(tx, [running])
        await clocks.tell_cases(tx, [case])

    async def waiting(self, tx: Transaction, case: Case, now: datetime) -> None:
        """Asked the citizen something: pause (instead of `answered`); the law's deadline runs on."""
        running = (await clocks.own(tx, [case.id])).get(case.id)
        if running is not None:
            running.pause(now)
            self.timekeeping.reckon(running)
            await clocks.change(tx, [running])
        await clocks.tell_cases(tx, [case])

    async def resumed(self, tx: Transaction, case: Case, now: datetime) -> None:
        """The wait is over; intake does this by itself when the citizen writes."""
        running = (await clocks.own(tx, [case.id])).get(case.id)
        if running is not None:
            running.resume(now)
            self.timekeeping.reckon(running)
            await clocks.change(tx, [running])
        await clocks.tell_cases(tx, [case])

    async def referred(
        self, tx: Transaction, case: Case, referral_id: UUID, tier: Tier, now: datetime
    ) -> datetime:
        """Start a referral's own clock; when it is due (keep it in `referral.due_at`).

        The law's days count from the case's opening: what one tier uses up is not given to the next.
        """
        opened_at = await clocks.law_began(tx, case.id) or case.opened_at
        # By the case's version: a referral that comes back from below is given a clock again.
        clock_id = caused(referral_id, f"clock at version {case.version}")
        clock = self.timekeeping.start(
            case, clock_id, now, tier=tier, referral_id=referral_id, opened_at=opened_at
        )
        await clocks.add(tx, [clock])
        await clocks.tell_cases(tx, [case])
        return clock.due_at

    async def settled(self, tx: Transaction, case: Case, referral_id: UUID, now: datetime) -> None:
        """Answered, returned, forwarded or recalled: stop the referral's clock."""
        await self._stop(tx, case, referral_id, now)

    async def reclassified(self, tx: Transaction, case: Case, now: datetime) -> None:
        """Topic, kind, desk or province of the case have changed: its new allowance, from the same start."""
        running = (await clocks.own(tx, [case.id])).get(case.id)
        if running is not None:
            self.timekeeping.reset(running, case)
            running.untell(now)
            await clocks.change(tx, [running])
        await clocks.tell_cases(tx, [case])

    async def follow(self, tx: Transaction, changed: Collection[Case]) -> None:
        """Citizens wrote to these cases: a clock that waits goes on, a case without one that runs gets one.

        It goes on, or begins, at the case's last activity: when the message came, however late it is read.
        """
        if not changed:
            return
        running = await clocks.own(tx, [case.id for case in changed])
        new: list[Clock] = []
        for case in changed:
            clock = running.get(case.id)
            if clock is None:
                if case.state in UNDECIDED:
                    new.append(self._again(case, case.last_activity_at))
            elif not self.timekeeping.fits(clock, case):
                clock.resume(case.last_activity_at)
                self.timekeeping.reset(clock, case)
                clock.untell(case.last_activity_at)
            elif clock.paused_at is not None:
                clock.resume(case.last_activity_at)
                self.timekeeping.reckon(clock)
            else:
                del running[case.id]
        await clocks.add(tx, new)
        await clocks.change(tx, [*running.values()])
        moved = {clock.case_id for clock in (*new, *running.values())}
        if moved:
            await clocks.tell_cases(tx, [case for case in changed if case.id in moved])

    def _again(self, case: Case, at: datetime) -> Clock:
        """A further clock of a case; its id follows from the version that the case is at."""
        return self.timekeeping.start(case, caused(case.id, f"clock at version {case.version}"), at)

    async def _stop(self, tx: Transaction, case: Case, referral_id: UUID | None, now: datetime) -> None:
        stopped = await clocks.stop(tx, case.id, referral_id, now)
        await clocks.tell_cases(tx, [case])
        if stopped is not None:
            metrics.CLOCKS_STOPPED.labels(stopped.tier, "late" if now > stopped.due_at else "in_time").inc()
