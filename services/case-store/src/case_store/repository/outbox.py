"""The outbox: what a transaction wants published waits here until the bus has it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from bus.port import Record
from case_store.repository import changes, webhooks
from case_store.repository.database import Transaction
from envelope import topics
from envelope.models import CaseEvent, Channel, Lane, OutboundMessage

CHANNEL: Final = "case_store_outbox"
"""The LISTEN channel that says that rows were added."""

_COLUMNS: Final = ("topic", "key", "value", "outbound_id", "created_at")
_DISPATCHER: Final = 1420_0001
_TAKE: Final = """
    DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1)
    RETURNING id, topic, key, value, outbound_id, created_at
"""
_LANES: Final = {Lane.PRIORITY: topics.OUTBOUND_SMS, Lane.BULK: topics.OUTBOUND_SMS_BULK}


async def put(
    tx: Transaction,
    now: datetime,
    *,
    events: Sequence[CaseEvent] = (),
    outbound: Sequence[OutboundMessage] = (),
    records: Sequence[Record] = (),
    left_desk: str | None = None,
) -> None:
    """Add to the outbox; when, and only if, the transaction commits, wake the dispatcher and tell the desks.

    What partners are to be told of the events is written down as well.
    `left_desk` is the desk that the case of the events has left: its viewers are told as well.
    """
    rows: list[tuple[str, bytes, bytes, UUID | None, datetime]] = [
        *((_topic_of(m), m.to.key, m.to_json(), m.id, now) for m in outbound),
        *((topics.EVENTS, event.key, event.to_json(), None, now) for event in events),
        *((record.topic, record.key, record.value, None, now) for record in records),
    ]
    if rows:
        await tx.copy("outbox", _COLUMNS, rows)
        await tx.raw.execute("SELECT pg_notify($1, '')", CHANNEL)
    if events:
        await changes.tell(tx, events, left_desk)
        await webhooks.tell(tx, now, events)


async def take(tx: Transaction, limit: int) -> tuple[list[Record], list[UUID], datetime | None] | None:
    """Take the oldest rows off; they come back by themselves if the transaction does not commit.

    Returns:
        The records in order, the outbound messages among them, and when the oldest was added;
        None while another dispatcher is at work.
    """
    if not await tx.raw.fetchval("SELECT pg_try_advisory_xact_lock($1)", _DISPATCHER):
        return None
    rows = sorted(await tx.raw.fetch(_TAKE, limit))
    records = [Record(row["topic"], row["key"], row["value"]) for row in rows]
    outbound = [row["outbound_id"] for row in rows if row["outbound_id"] is not None]
    return records, outbound, min((row["created_at"] for row in rows), default=None)


async def postpone_redrive(tx: Transaction, outbound: Sequence[UUID], until: datetime) -> None:
    """What was published late gets its full time before it counts as stuck."""
    await tx.raw.execute(
        """
        UPDATE outbound_message SET redrive_at = $2
        WHERE id = ANY($1) AND state = 'pending' AND redrive_at < $2
        """,
        outbound,
        until,
    )


async def backlog(tx: Transaction, now: datetime) -> tuple[int, timedelta]:
    """How many rows wait, and for how long the oldest of them."""
    row = await tx.raw.fetchrow("SELECT count(*) AS depth, min(created_at) AS oldest FROM outbox")
    if row is None or row["oldest"] is None:
        return 0, timedelta()
    return row["depth"], max(now - row["oldest"], timedelta())


def _topic_of(message: OutboundMessage) -> str:
    return topics.OUTBOUND_VOICE if message.channel is Channel.VOICE else _LANES[message.lane]
