"""Partners and the hashes of their keys, as rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from case_store.repository.database import Transaction
from case_store.repository.tables import partner, partner_key, submission

_key = partner_key.c
_GOOD: Final = """
    (key.expires_at IS NULL OR key.expires_at > $1) AND (key.revoked_at IS NULL OR key.revoked_at > $1)
"""
_BOOK: Final = f"""
    SELECT partner.id, partner.name, partner.per_minute, partner.per_day, key.id AS key_id,
        encode(key.hash, 'hex') AS sha256, key.scopes, key.sandbox,
        least(key.expires_at, key.revoked_at) AS expires_at
    FROM partner LEFT JOIN partner_key AS key ON key.partner_id = partner.id AND {_GOOD}
    WHERE partner.state = 'active' ORDER BY partner.id, key.created_at, key.id
"""  # noqa: S608  (conditions of ours)
_MAKE: Final = """
    INSERT INTO partner (id, name, per_minute, per_day, created_at, created_by)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING RETURNING id
"""
_HOLD: Final = "SELECT version FROM partner WHERE id = $1 FOR NO KEY UPDATE"


async def book(tx: Transaction, now: datetime) -> list[dict[str, Any]]:
    """Every active partner, with one row for each key that is good now."""
    return [dict(row) for row in await tx.raw.fetch(_BOOK, now)]


async def everybody(tx: Transaction, now: datetime) -> list[dict[str, Any]]:
    """All of them, by name."""
    return await tx.rows(_shown(now).order_by(partner.c.name, partner.c.id))


async def find(tx: Transaction, partner_id: str, now: datetime) -> dict[str, Any] | None:
    """One."""
    return await tx.row(_shown(now).where(partner.c.id == partner_id))


async def make(tx: Transaction, fields: Mapping[str, Any], by: str, now: datetime) -> bool:
    """Make one → whether the id was free."""
    told = (fields["id"], fields["name"], fields["per_minute"], fields["per_day"], now, by)
    return bool(await tx.raw.fetchval(_MAKE, *told))


async def hold(tx: Transaction, partner_id: str) -> int | None:
    """Its version, which stays this one until the end of the transaction."""
    version: int | None = await tx.raw.fetchval(_HOLD, partner_id)
    return version


async def change(tx: Transaction, partner_id: str, fields: Mapping[str, Any]) -> None:
    """Change some fields."""
    query = sa.update(partner).where(partner.c.id == partner_id)
    await tx.connection.execute(query.values(**fields, version=partner.c.version + 1))


async def keys(tx: Transaction, partner_id: str, now: datetime) -> list[dict[str, Any]]:
    """A partner's keys, the newest first."""
    query = _key_shown(now).where(_key.partner_id == partner_id)
    return await tx.rows(query.order_by(_key.created_at.desc(), _key.id))


async def find_key(tx: Transaction, partner_id: str, key_id: UUID, now: datetime) -> dict[str, Any] | None:
    """One of them."""
    return await tx.row(_key_shown(now).where(_key.partner_id == partner_id, _key.id == key_id))


async def add_key(tx: Transaction, fields: Mapping[str, Any]) -> None:
    """Keep the hash of a new key; the same hash twice fails the transaction."""
    await tx.connection.execute(sa.insert(partner_key).values(**fields))


async def revoke(tx: Transaction, key_id: UUID, at: datetime) -> None:
    """A key ends then."""
    await tx.connection.execute(sa.update(partner_key).where(_key.id == key_id).values(revoked_at=at))


def _good(now: datetime) -> sa.ColumnElement[bool]:
    unexpired = sa.or_(_key.expires_at.is_(None), _key.expires_at > now)
    return sa.and_(unexpired, sa.or_(_key.revoked_at.is_(None), _key.revoked_at > now))


def _shown(now: datetime) -> sa.Select[Any]:
    good = sa.select(sa.func.count()).where(_key.partner_id == partner.c.id, _good(now))
    last = (
        sa.select(submission.c.submitted_at)
        .where(submission.c.partner_id == partner.c.id, submission.c.sandbox.is_(None))
        .order_by(submission.c.submitted_at.desc())
        .limit(1)
    )
    return sa.select(
        partner,
        good.correlate(partner).scalar_subquery().label("good_keys"),
        last.correlate(partner).scalar_subquery().label("last_submitted_at"),
    )


def _key_shown(now: datetime) -> sa.Select[Any]:
    hidden = {"hash", "partner_id"}
    return sa.select(
        *(column for column in partner_key.c if column.name not in hidden), _good(now).label("good")
    )
