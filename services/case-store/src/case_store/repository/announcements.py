"""Announcements as rows: those of a moment, all of them, one held to be changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from case_store.cursors import Position
from case_store.model import Weight
from case_store.repository.database import Transaction
from case_store.repository.tables import announcement

MOST_SHOWN: Final = 50
"""More at one time nobody reads."""
_row: Final = announcement.c


async def shown_at(tx: Transaction, moment: datetime) -> list[dict[str, Any]]:
    """What is told at a moment: the important first, of each the newest first."""
    query = (
        sa.select(announcement)
        .where(_row.shown_from <= moment, sa.or_(_row.shown_until.is_(None), _row.shown_until > moment))
        .order_by((_row.weight == Weight.IMPORTANT).desc(), _row.shown_from.desc(), _row.id.desc())
    )
    return await tx.rows(query.limit(MOST_SHOWN))


async def page(tx: Transaction, after: Position | None, limit: int) -> list[dict[str, Any]]:
    """All that was ever written or is still to come, the latest beginning first."""
    query = sa.select(announcement)
    if after is not None:
        query = query.where(sa.tuple_(_row.shown_from, _row.id) < sa.tuple_(after.at, after.id))
    return await tx.rows(query.order_by(_row.shown_from.desc(), _row.id.desc()).limit(limit))


async def find(tx: Transaction, announcement_id: UUID) -> dict[str, Any] | None:
    """One of them."""
    return await tx.row(sa.select(announcement).where(_row.id == announcement_id))


async def lock(tx: Transaction, announcement_id: UUID) -> dict[str, Any] | None:
    """One of them, held until the end of the transaction."""
    return await tx.row(sa.select(announcement).where(_row.id == announcement_id).with_for_update())


async def add(tx: Transaction, fields: Mapping[str, Any]) -> None:
    """A new one."""
    await tx.connection.execute(sa.insert(announcement).values(**fields))


async def change(tx: Transaction, announcement_id: UUID, fields: Mapping[str, Any]) -> None:
    """Write what is different, and say so by its version."""
    query = sa.update(announcement).where(_row.id == announcement_id)
    await tx.connection.execute(query.values(**fields, version=_row.version + 1))
