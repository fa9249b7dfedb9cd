"""Units and desks, as rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from case_store.repository.database import Transaction
from case_store.repository.tables import desk, unit

_LOADING: Final = 1420_0006


async def load(
    tx: Transaction, units: Sequence[Mapping[str, Any]], desks: Sequence[Mapping[str, Any]]
) -> bool:
    """Write units and desks into an empty table → whether it was empty; several processes may try at once."""
    await tx.raw.execute("SELECT pg_advisory_xact_lock($1)", _LOADING)
    if await tx.raw.fetchval("SELECT EXISTS (SELECT FROM unit)"):
        return False
    await tx.connection.execute(pg_insert(unit).values([dict(row) for row in units]))
    await tx.connection.execute(
        pg_insert(desk).values([{**row, "position": place} for place, row in enumerate(desks)])
    )
    return True


async def units(tx: Transaction) -> list[dict[str, Any]]:
    """Every unit: sections first, each kind by its id."""
    return await tx.rows(sa.select(unit).order_by(unit.c.kind, unit.c.id))


async def find_unit(tx: Transaction, unit_id: str) -> dict[str, Any] | None:
    """One unit, held until the end of the transaction."""
    return await tx.row(sa.select(unit).where(unit.c.id == unit_id).with_for_update())


async def put_unit(tx: Transaction, unit_id: str, fields: Mapping[str, Any]) -> None:
    """Make a unit or change one."""
    query = pg_insert(unit).values(id=unit_id, **fields)
    changed = {**fields, "version": unit.c.version + 1}
    await tx.connection.execute(query.on_conflict_do_update(index_elements=["id"], set_=changed))


async def desks(tx: Transaction) -> list[dict[str, Any]]:
    """Every desk, in the order in which it is shown."""
    return await tx.rows(sa.select(desk).order_by(desk.c.position, desk.c.id))


async def desks_of(tx: Transaction, unit_id: str) -> bool:
    """Whether a unit has desks that work."""
    return bool(
        await tx.raw.fetchval("SELECT EXISTS (SELECT FROM desk WHERE unit_id = $1 AND active)", unit_id)
    )


async def find_desk(tx: Transaction, desk_id: str) -> dict[str, Any] | None:
    """One desk, held until the end of the transaction."""
    return await tx.row(sa.select(desk).where(desk.c.id == desk_id).with_for_update())


async def put_desk(tx: Transaction, desk_id: str, fields: Mapping[str, Any]) -> None:
    """Make a desk or change one."""
    query = pg_insert(desk).values(id=desk_id, **fields)
    changed = {**fields, "version": desk.c.version + 1}
    await tx.connection.execute(query.on_conflict_do_update(index_elements=["id"], set_=changed))


async def known_units(tx: Transaction, ids: Sequence[str]) -> frozenset[str]:
    """Of these ids, those that are units which work."""
    found = await tx.raw.fetch("SELECT id FROM unit WHERE id = ANY($1) AND active", list(ids))
    return frozenset(row["id"] for row in found)
