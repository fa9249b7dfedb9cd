"""Official replies, as rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from case_store.repository.database import Transaction
from case_store.repository.tables import cases, contact, official_reply

_reply = official_reply.c


async def add(tx: Transaction, fields: Mapping[str, Any]) -> None:
    """Keep a new one; the same code twice fails the transaction."""
    await tx.connection.execute(sa.insert(official_reply).values(**fields))


async def of_case(tx: Transaction, case_id: UUID) -> list[dict[str, Any]]:
    """A case's, the newest first."""
    query = sa.select(official_reply).where(_reply.case_id == case_id)
    return await tx.rows(query.order_by(_reply.issued_at.desc(), _reply.id))


async def find(tx: Transaction, reply_id: UUID) -> dict[str, Any] | None:
    """One, with the code of its case."""
    query = sa.select(official_reply, cases.c.tracking_code).join(cases, cases.c.id == _reply.case_id)
    return await tx.row(query.where(_reply.id == reply_id))


async def behind(tx: Transaction, verification_code: str) -> dict[str, Any] | None:
    """The one that a verification code stands on, with the name of the person it was written to."""
    query = sa.select(official_reply, contact.c.name).join(cases, cases.c.id == _reply.case_id)
    query = query.join(contact, contact.c.id == cases.c.contact_id)
    return await tx.row(query.where(_reply.verification_code == verification_code))


async def revoke(tx: Transaction, reply_id: UUID, by: str, now: datetime, reason: str) -> None:
    """Declare one void; it stays, and the public page says so."""
    query = sa.update(official_reply).where(_reply.id == reply_id)
    await tx.connection.execute(query.values(revoked_by=by, revoked_at=now, revoked_reason=reason))
