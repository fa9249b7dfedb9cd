"""How many cases wait at each desk: counted from `cases_due` alone, which holds no case that was answered."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from case_store.repository.database import Transaction
from case_store.repository.tables.cases import UNDECIDED

SOON: Final = timedelta(hours=4)
"""A deadline that near is told apart."""

COUNTS: Final = f"""
    SELECT desk,
        count(*) FILTER (WHERE state = 'new') AS new,
        count(*) FILTER (WHERE state = 'triage') AS triage,
        count(*) FILTER (WHERE state = 'open') AS open,
        count(*) FILTER (WHERE state = 'referred') AS referred,
        count(*) FILTER (WHERE assignee_id IS NULL AND state <> 'referred') AS unclaimed,
        count(*) FILTER (WHERE due_at < $1) AS overdue,
        count(*) FILTER (WHERE due_at >= $1 AND due_at < $2) AS due_soon,
        min(due_at) AS next_due_at
    FROM cases WHERE {UNDECIDED} GROUP BY desk
"""  # noqa: S608  (a condition of ours)
_DESKS: Final = "SELECT id AS desk, name_fa AS name, name_en FROM desk WHERE active ORDER BY position, id"
_MINE: Final = f"""
    SELECT desk, count(*) AS total FROM cases
    WHERE assignee_id = $1 AND {UNDECIDED} GROUP BY desk
"""  # noqa: S608  (a condition of ours)
_HELD: Final = f"""
    SELECT cases.assignee_id AS staff_id, count(*) AS claims, min(cases.due_at) AS next_due_at,
        count(*) FILTER (WHERE cases.due_at < $1) AS overdue
    FROM cases WHERE cases.assignee_id IS NOT NULL AND {UNDECIDED} GROUP BY cases.assignee_id
"""  # noqa: S608  (a condition of ours)


async def counts(tx: Transaction, now: datetime) -> dict[str, dict[str, Any]]:
    """What waits at each desk that has anything waiting."""
    return {row["desk"]: dict(row) for row in await tx.raw.fetch(COUNTS, now, now + SOON)}


async def desks(tx: Transaction) -> list[dict[str, Any]]:
    """The desks in use, in the order that staff see them."""
    return [dict(row) for row in await tx.raw.fetch(_DESKS)]


async def mine(tx: Transaction, staff_id: UUID) -> dict[str, int]:
    """What somebody has in hand, by desk."""
    return {row["desk"]: row["total"] for row in await tx.raw.fetch(_MINE, staff_id)}


async def held(tx: Transaction, now: datetime) -> dict[UUID, dict[str, Any]]:
    """What everybody has in hand."""
    return {row["staff_id"]: dict(row) for row in await tx.raw.fetch(_HELD, now)}
