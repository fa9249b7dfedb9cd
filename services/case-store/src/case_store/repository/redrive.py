"""Messages out that were published and of which nothing was heard: due, sent again, given up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record as Row

from case_store.repository.database import Transaction
from envelope.addresses import Address, AddressKind
from envelope.models import OutboundMessage

_DUE: Final = """
    SELECT id, case_id, purpose, lane, channel, line, to_kind, to_value, text, not_before, expires_at,
        created_at, correlation_id, causation_id, redrives
    FROM outbound_message
    WHERE state = 'pending' AND redrive_at < $1
        AND id NOT IN (SELECT outbound_id FROM outbox WHERE outbound_id IS NOT NULL)
    ORDER BY redrive_at LIMIT $2
    FOR NO KEY UPDATE SKIP LOCKED
"""
_NEXT: Final = """
    UPDATE outbound_message
    SET redrive_at = new.redrive_at, redrives = redrives + (new.redrive_at IS NOT NULL)::int
    FROM unnest($1::uuid[], $2::timestamptz[]) AS new (id, redrive_at) WHERE outbound_message.id = new.id
"""
_HASTEN: Final = "UPDATE outbound_message SET redrive_at = $1 WHERE state = 'pending' AND redrive_at >= $1"
_STUCK: Final = """
    SELECT count(*) FROM outbound_message WHERE state = 'pending' AND redrive_at IS NULL AND channel <> 'api'
"""
_OURS: Final = ("to_kind", "to_value", "redrives")


async def due(tx: Transaction, now: datetime, limit: int) -> list[tuple[OutboundMessage, int]]:
    """What is due to be sent again, with how often it was; what still waits in the outbox is not."""
    return [(_message(row), row["redrives"]) for row in await tx.raw.fetch(_DUE, now, limit)]


async def hasten(tx: Transaction, now: datetime) -> None:
    """Make everything that nothing was heard of due now."""
    await tx.raw.execute(_HASTEN, now)


async def set_next(tx: Transaction, next_at: Sequence[tuple[UUID, datetime | None]]) -> None:
    """When each is due again; None gives it up."""
    if next_at:
        await tx.raw.execute(_NEXT, *zip(*next_at, strict=True))


async def stuck(tx: Transaction) -> int:
    """How many were given up."""
    return int(await tx.raw.fetchval(_STUCK))


def _message(row: Row) -> OutboundMessage:
    fields = {name: value for name, value in row.items() if name not in _OURS}
    return OutboundMessage(to=Address(kind=AddressKind(row["to_kind"]), value=row["to_value"]), **fields)
