"""Endpoints: where partners want to be told, as rows; their secrets only as they are sealed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from case_store.repository.database import Transaction
from case_store.repository.tables import webhook

_SHOWN: Final = tuple(column for column in webhook.c if column.name not in {"secret", "old_secret"})
_END: Final = """
    UPDATE webhook SET state = 'gone', version = version + 1 WHERE id = ANY ($1) AND state = 'active'
    RETURNING id, partner_id
"""


async def of_partner(tx: Transaction, partner_id: str, *, sandbox: bool | None) -> list[dict[str, Any]]:
    """A partner's, the oldest first; of one world, or of both."""
    query = sa.select(*_SHOWN).where(webhook.c.partner_id == partner_id)
    if sandbox is not None:
        query = query.where(webhook.c.sandbox == sandbox)
    return await tx.rows(query.order_by(webhook.c.created_at, webhook.c.id))


async def find(
    tx: Transaction, partner_id: str, webhook_id: UUID, *, sandbox: bool | None, hold: bool
) -> dict[str, Any] | None:
    """One of a partner's; held until the end of the transaction if it is to be changed."""
    query = sa.select(*_SHOWN).where(webhook.c.partner_id == partner_id, webhook.c.id == webhook_id)
    if sandbox is not None:
        query = query.where(webhook.c.sandbox == sandbox)
    return await tx.row(query.with_for_update(key_share=True) if hold else query)


async def add(tx: Transaction, fields: Mapping[str, Any]) -> None:
    """Keep a new one."""
    await tx.connection.execute(sa.insert(webhook).values(**fields))


async def change(tx: Transaction, webhook_id: UUID, fields: Mapping[str, Any]) -> None:
    """Change some fields."""
    query = sa.update(webhook).where(webhook.c.id == webhook_id)
    await tx.connection.execute(query.values(**fields, version=webhook.c.version + 1))


async def renew(tx: Transaction, webhook_id: UUID, sealed: bytes, old_until: datetime) -> None:
    """Give it another secret; the one that it has signs too till then."""
    fields = {"secret": sealed, "old_secret": webhook.c.secret, "old_secret_until": old_until}
    await change(tx, webhook_id, fields)


async def remove(tx: Transaction, webhook_id: UUID) -> None:
    """Take it away, with its log."""
    await tx.connection.execute(sa.delete(webhook).where(webhook.c.id == webhook_id))


async def end(tx: Transaction, webhook_ids: set[UUID]) -> list[dict[str, Any]]:
    """They answered 410; those of them that were told anything until now."""
    return [dict(row) for row in await tx.raw.fetch(_END, webhook_ids)]
