"""Working time as administrators see and change it: rows with who entered them, by version."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from case_store.repository.database import Transaction
from case_store.repository.tables import calendar_day, ola, working_week

_OLA_ORDER = (ola.c.tier, ola.c.channel, ola.c.section, ola.c.topic, ola.c.kind, ola.c.id)


async def entered(tx: Transaction, begin: date, end: date) -> list[dict[str, Any]]:
    """Every day entered between two dates, both included."""
    query = sa.select(calendar_day).where(calendar_day.c.day.between(begin, end))
    return await tx.rows(query.order_by(calendar_day.c.day, calendar_day.c.province))


async def find_day(tx: Transaction, day: date, province: str) -> dict[str, Any] | None:
    """One entered day."""
    of_it = (calendar_day.c.day == day, calendar_day.c.province == province)
    return await tx.row(sa.select(calendar_day).where(*of_it))


async def put_day(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Enter a day, or enter it anew."""
    query = pg_insert(calendar_day).values(**row)
    changed = {**row, "version": calendar_day.c.version + 1}
    await tx.connection.execute(query.on_conflict_do_update(index_elements=["day", "province"], set_=changed))


async def remove_day(tx: Transaction, day: date, province: str) -> None:
    """Holiday and pattern speak again."""
    of_it = (calendar_day.c.day == day, calendar_day.c.province == province)
    await tx.connection.execute(sa.delete(calendar_day).where(*of_it))


async def weeks(tx: Transaction) -> list[dict[str, Any]]:
    """Every weekly pattern, a province's newest first."""
    order = (working_week.c.province, working_week.c.valid_from.desc())
    return await tx.rows(sa.select(working_week).order_by(*order))


async def find_week(tx: Transaction, week_id: UUID) -> dict[str, Any] | None:
    """One weekly pattern."""
    return await tx.row(sa.select(working_week).where(working_week.c.id == week_id))


async def put_week(tx: Transaction, week_id: UUID, row: Mapping[str, Any]) -> None:
    """Make a weekly pattern or change one."""
    query = pg_insert(working_week).values(id=week_id, **row)
    changed = {**row, "version": working_week.c.version + 1}
    await tx.connection.execute(query.on_conflict_do_update(index_elements=["id"], set_=changed))


async def remove_week(tx: Transaction, week_id: UUID) -> None:
    """The pattern before it holds on."""
    await tx.connection.execute(sa.delete(working_week).where(working_week.c.id == week_id))


async def olas(tx: Transaction) -> list[dict[str, Any]]:
    """Every allowance, active or not."""
    return await tx.rows(sa.select(ola).order_by(*_OLA_ORDER))


async def find_ola(tx: Transaction, ola_id: UUID) -> dict[str, Any] | None:
    """One allowance."""
    return await tx.row(sa.select(ola).where(ola.c.id == ola_id))


async def put_ola(tx: Transaction, ola_id: UUID, row: Mapping[str, Any]) -> None:
    """Make an allowance or change one."""
    query = pg_insert(ola).values(id=ola_id, **row)
    changed = {**row, "version": ola.c.version + 1}
    await tx.connection.execute(query.on_conflict_do_update(index_elements=["id"], set_=changed))


async def remove_ola(tx: Transaction, ola_id: UUID) -> None:
    """A less specific row speaks from now on, or the law."""
    await tx.connection.execute(sa.delete(ola).where(ola.c.id == ola_id))
