"""What the sweeper reads and writes, a batch at a time: held people, then statements over sets.

Whoever changes a case or a clock holds the case's person first (see `intake.lock_contacts`). The sweeper
does so too, but never waits: who is held by somebody else is passed over until the next sweep, and several
processes may sweep at once. None of it raises a case's version: an agent who is writing an answer need not
read the case again.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from asyncpg import Record as Row

from case_store.model import Case
from case_store.repository.database import Transaction
from case_store.repository.rows import CASE_COLUMNS, case_of
from envelope.models import Channel
from envelope.taxonomy import Kind, Topic

MOST_PRIORITY: Final = 9
_HOLD: Final = """
    SELECT clock.id FROM clock
    JOIN cases ON cases.id = clock.case_id JOIN contact ON contact.id = cases.contact_id
    WHERE clock.stopped_at IS NULL AND {} LIMIT $2
    FOR NO KEY UPDATE OF contact SKIP LOCKED
"""
_HOLD_LATE: Final = _HOLD.format("clock.breached_at IS NULL AND clock.due_at <= $1 ORDER BY clock.due_at")
_HOLD_NEAR: Final = _HOLD.format("clock.warned_at IS NULL AND clock.warn_at <= $1 ORDER BY clock.warn_at")
_HOLD_STALE: Final = _HOLD.format("clock.reckoned < $1 ORDER BY clock.reckoned")
_HOLD_CLOCKLESS: Final = """
    SELECT cases.id FROM cases JOIN contact ON contact.id = cases.contact_id
    WHERE cases.state IN ('new', 'triage', 'open', 'referred') AND cases.due_at IS NULL LIMIT $1
    FOR NO KEY UPDATE OF contact SKIP LOCKED
"""
# Found by key alone, then looked at: the predicate of a partial index invites a plan that reads all of it.
_HELD: Final = "SELECT id, stopped_at, warned_at, breached_at, warn_at, due_at FROM clock WHERE id = ANY($1)"
_TOLD: Final = """
    SELECT told.id, told.tier, told.due_at, cases.id, tracking_code, channel, topic, kind, desk
    FROM told JOIN cases ON cases.id = told.case_id
"""
_BREACH: Final = f"""
    WITH held AS MATERIALIZED ({_HELD}), told AS (
        UPDATE clock SET breached_at = $2, warned_at = coalesce(clock.warned_at, $2) FROM held
        WHERE clock.id = held.id
            AND held.stopped_at IS NULL AND held.breached_at IS NULL AND held.due_at <= $2
        RETURNING clock.id, clock.case_id, clock.tier, clock.due_at
    ), raised AS (
        UPDATE cases SET priority = priority + 1
        FROM (SELECT DISTINCT case_id FROM told) AS late
        WHERE cases.id = late.case_id AND priority < {MOST_PRIORITY}
    )
    {_TOLD}
"""  # noqa: S608  (a number and a query of ours)
_WARN: Final = f"""
    WITH held AS MATERIALIZED ({_HELD}), told AS (
        UPDATE clock SET warned_at = $2 FROM held
        WHERE clock.id = held.id
            AND held.stopped_at IS NULL AND held.warned_at IS NULL AND held.warn_at <= $2
        RETURNING clock.id, clock.case_id, clock.tier, clock.due_at
    )
    {_TOLD}
"""  # noqa: S608  (a query of ours)
_CASES: Final = f"SELECT {', '.join(CASE_COLUMNS)} FROM cases WHERE id = ANY($1)"  # noqa: S608  (ours)
_DUE_OF_CASES: Final = """
    UPDATE cases SET due_at = nearest.due_at
    FROM (
        SELECT case_id, min(due_at) FILTER (WHERE stopped_at IS NULL) AS due_at FROM clock
        WHERE case_id = ANY($1) GROUP BY case_id
    ) AS nearest
    WHERE cases.id = nearest.case_id AND cases.due_at IS DISTINCT FROM nearest.due_at
"""
_DUE_OF_REFERRALS: Final = """
    UPDATE referral SET due_at = clock.due_at FROM clock
    WHERE clock.id = ANY($1) AND referral.id = clock.referral_id
        AND referral.due_at IS DISTINCT FROM clock.due_at
"""
_STANDING: Final = """
    SELECT count(*) FILTER (WHERE breached_at IS NULL) AS near,
        count(*) FILTER (WHERE breached_at IS NOT NULL) AS breached,
        min(due_at) FILTER (WHERE breached_at IS NOT NULL) AS oldest
    FROM clock WHERE stopped_at IS NULL AND warned_at IS NOT NULL
"""


class Told(NamedTuple):
    """A clock that was marked just now, and what an event says of its case."""

    clock_id: UUID
    tier: str
    due_at: datetime
    case_id: UUID
    tracking_code: str
    channel: Channel
    topic: Topic
    kind: Kind
    desk: str


class Standing(NamedTuple):
    """How the running clocks stand."""

    near: int
    breached: int
    oldest: datetime | None
    """When the longest overdue one was due."""


async def hold_late(tx: Transaction, now: datetime, limit: int) -> list[UUID]:
    """Clocks past their deadline that nobody has told of."""
    return _ids(await tx.raw.fetch(_HOLD_LATE, now, limit))


async def hold_near(tx: Transaction, now: datetime, limit: int) -> list[UUID]:
    """Clocks past their warning that nobody has told of."""
    return _ids(await tx.raw.fetch(_HOLD_NEAR, now, limit))


async def hold_stale(tx: Transaction, version: int, limit: int) -> list[UUID]:
    """Running clocks that were set by an older version of the working time."""
    return _ids(await tx.raw.fetch(_HOLD_STALE, version, limit))


async def hold_clockless(tx: Transaction, limit: int) -> list[UUID]:
    """Cases that wait for us without any deadline: those of a store from before there were clocks."""
    return _ids(await tx.raw.fetch(_HOLD_CLOCKLESS, limit))


async def breach(tx: Transaction, ids: Sequence[UUID], now: datetime) -> list[Told]:
    """Mark those that are late indeed, now that their people are held, and raise their cases' priority."""
    return [Told(*row) for row in await tx.raw.fetch(_BREACH, ids, now)]


async def warn(tx: Transaction, ids: Sequence[UUID], now: datetime) -> list[Told]:
    """Mark those that are near indeed."""
    return [Told(*row) for row in await tx.raw.fetch(_WARN, ids, now)]


async def cases(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Case]:
    """Cases by id."""
    return {row["id"]: case_of(row) for row in await tx.raw.fetch(_CASES, ids)}


async def spread(tx: Transaction, clock_ids: Collection[UUID], case_ids: Collection[UUID]) -> None:
    """Bring the new deadlines to cases and referrals."""
    await tx.raw.execute(_DUE_OF_CASES, case_ids)
    await tx.raw.execute(_DUE_OF_REFERRALS, clock_ids)


async def standing(tx: Transaction) -> Standing:
    """For the metrics."""
    row: Any = await tx.raw.fetchrow(_STANDING)
    return Standing(**row)


def _ids(rows: Sequence[Row]) -> list[UUID]:
    return [row["id"] for row in rows]
