"""The staff as rows: who they are, where they work, how they prove it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from case_store.repository.database import Transaction
from case_store.repository.tables import desk, staff, staff_unit
from case_store.staffing import Role

_EMPLOYING: Final = 1420_0007
_SOMEBODY: Final = (
    "SELECT EXISTS (SELECT FROM staff WHERE password_hash IS NOT NULL OR sso_subject IS NOT NULL)"
)
_OF: Final = (
    *(
        staff.c[name]
        for name in ("id", "username", "name", "roles", "language", "active", "version", "extension")
    ),
    *(staff.c[name] for name in ("must_change_password", "failed_logins", "locked_until", "created_at")),
    (staff.c.totp_confirmed_at.is_not(None)).label("second_factor"),
    (staff.c.sso_subject.is_not(None)).label("single_sign_on"),
    (staff.c.password_hash.is_not(None)).label("password"),
    sa.func.array(
        sa.select(staff_unit.c.unit_id)
        .where(staff_unit.c.staff_id == staff.c.id)
        .order_by(staff_unit.c.unit_id)
        .correlate(staff)
        .scalar_subquery()
    ).label("units"),
    sa.func.array(
        sa.select(desk.c.id)
        .join(staff_unit, staff_unit.c.unit_id == desk.c.unit_id)
        .where(staff_unit.c.staff_id == staff.c.id)
        .order_by(desk.c.position, desk.c.id)
        .correlate(staff)
        .scalar_subquery()
    ).label("desks"),
)
_PROOF: Final = """
    SELECT id, name, username, active, password_hash, must_change_password, totp_secret, totp_confirmed_at,
        totp_last_step, failed_logins, locked_until, sso_subject FROM staff
"""
_SET_UNITS: Final = "INSERT INTO staff_unit (staff_id, unit_id) SELECT $1, unnest($2::text[])"
_ADMINISTRATORS: Final = """
    SELECT id FROM staff WHERE active AND roles @> '{administrator}' ORDER BY id FOR UPDATE
"""


async def find(tx: Transaction, staff_id: UUID) -> dict[str, Any] | None:
    """Somebody, with units and desks."""
    return await tx.row(sa.select(*_OF).where(staff.c.id == staff_id))


async def page(
    tx: Transaction, *, unit: str | None, role: Role | None, active: bool | None
) -> list[dict[str, Any]]:
    """Everybody who matches, by name."""
    query = sa.select(*_OF).order_by(staff.c.name, staff.c.id)
    if unit is not None:
        there = sa.exists().where(staff_unit.c.staff_id == staff.c.id, staff_unit.c.unit_id == unit)
        query = query.where(there)
    if role is not None:
        query = query.where(staff.c.roles.contains([role]))
    if active is not None:
        query = query.where(staff.c.active == active)
    return await tx.rows(query)


async def nobody_yet(tx: Transaction) -> bool:
    """Whether nobody has a way in; held until the end, so that one process makes the first.

    Invented staff (`seeding`) can never sign in, and must not keep the first administrator out.
    """
    await tx.raw.execute("SELECT pg_advisory_xact_lock($1)", _EMPLOYING)
    return not await tx.raw.fetchval(_SOMEBODY)


async def taken(tx: Transaction, username: str) -> bool:
    """Whether somebody has this user name."""
    return bool(await tx.raw.fetchval("SELECT EXISTS (SELECT FROM staff WHERE username = $1)", username))


async def add(tx: Transaction, fields: Mapping[str, Any], units: Collection[str]) -> None:
    """Employ somebody in these units."""
    await tx.connection.execute(sa.insert(staff).values(**fields))
    await tx.raw.execute(_SET_UNITS, fields["id"], sorted(units))


async def change(tx: Transaction, staff_id: UUID, fields: Mapping[str, Any]) -> None:
    """Change some fields of somebody."""
    query = sa.update(staff).where(staff.c.id == staff_id)
    await tx.connection.execute(query.values(**fields, version=staff.c.version + 1))


async def move(tx: Transaction, staff_id: UUID, units: Collection[str]) -> None:
    """Somebody works in these units from now on."""
    await tx.raw.execute("DELETE FROM staff_unit WHERE staff_id = $1", staff_id)
    await tx.raw.execute(_SET_UNITS, staff_id, sorted(units))


async def administrators(tx: Transaction) -> Sequence[UUID]:
    """Everybody employed who administers, held until the end of the transaction."""
    return [row["id"] for row in await tx.raw.fetch(_ADMINISTRATORS)]


async def proof_of(tx: Transaction, staff_id: UUID) -> Mapping[str, Any] | None:
    """What somebody's password and codes are held against, held until the end of the transaction."""
    found: Mapping[str, Any] | None = await tx.raw.fetchrow(f"{_PROOF} WHERE id = $1 FOR UPDATE", staff_id)
    return found


async def proof_for(tx: Transaction, username: str) -> Mapping[str, Any] | None:
    """The same by user name."""
    found: Mapping[str, Any] | None = await tx.raw.fetchrow(
        f"{_PROOF} WHERE username = $1 FOR UPDATE", username
    )
    return found


async def proof_by_subject(tx: Transaction, subject: str) -> Mapping[str, Any] | None:
    """The same by the name that single sign-on knows them by."""
    found: Mapping[str, Any] | None = await tx.raw.fetchrow(
        f"{_PROOF} WHERE sso_subject = $1 FOR UPDATE", subject
    )
    return found


async def note_attempts(tx: Transaction, staff_id: UUID, failed: int, locked_until: datetime | None) -> None:
    """How often somebody failed in a row, and until when nobody gets in."""
    # A crash that forgets the last count is no loss; waiting for the disk would tell who exists.
    await tx.raw.execute("SET LOCAL synchronous_commit = off")
    query = "UPDATE staff SET failed_logins = $2, locked_until = $3 WHERE id = $1"
    await tx.raw.execute(query, staff_id, min(failed, 30_000), locked_until)


async def advance_step(tx: Transaction, staff_id: UUID, step: int) -> bool:
    """Use up a code's time step → whether it was still unused."""
    query = """
        UPDATE staff SET totp_last_step = $2
        WHERE id = $1 AND (totp_last_step IS NULL OR totp_last_step < $2) RETURNING true
    """
    return bool(await tx.raw.fetchval(query, staff_id, step))
