"""Deliveries of webhooks: claimed under a lease, settled by what was answered, logged and replayed."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from asyncpg import Record as Row

from case_store.cursors import Position
from case_store.repository.database import Transaction
from case_store.schemas.webhooks import DeliveryState

AT_ONCE: Final = 5
"""Deliveries under way to one endpoint at most."""
_ENDPOINTS_DUE: Final = """
    SELECT webhook.id FROM webhook JOIN partner ON partner.id = webhook.partner_id
    WHERE webhook.state = 'active' AND partner.state = 'active' AND EXISTS (
        SELECT FROM webhook_delivery AS due
        WHERE due.webhook_id = webhook.id AND due.state = 'pending' AND due.next_at <= $1
    )
    FOR NO KEY UPDATE OF webhook SKIP LOCKED
"""
_DUE: Final = """
    SELECT due.id FROM unnest($1::uuid[]) AS endpoint (id)
    CROSS JOIN LATERAL (
        SELECT count(*) AS under_way FROM webhook_delivery
        WHERE webhook_id = endpoint.id AND leased AND next_at > $2
    ) AS busy
    CROSS JOIN LATERAL (
        SELECT id, next_at, row_number() OVER (ORDER BY next_at, id) AS turn FROM webhook_delivery
        WHERE webhook_id = endpoint.id AND state = 'pending' AND next_at <= $2
        ORDER BY next_at, id LIMIT greatest($4 - busy.under_way, 0)
    ) AS due
    ORDER BY due.turn, due.next_at, due.id LIMIT $3
"""
_LEASE: Final = """
    UPDATE webhook_delivery AS delivery SET attempt = attempt + 1, leased = true, next_at = $3
    FROM webhook
    WHERE delivery.id = ANY ($1) AND delivery.state = 'pending' AND delivery.next_at <= $2
        AND webhook.id = delivery.webhook_id
    RETURNING delivery.id AS delivery_id, delivery.attempt, delivery.event_id, delivery.type,
        delivery.tracking_code, delivery.reference, delivery.standing, delivery.occurred_at,
        webhook.id AS webhook_id, webhook.url, webhook.sandbox, webhook.secret, webhook.old_secret,
        webhook.old_secret_until
"""
_HOLD: Final = """
    SELECT delivery.id, delivery.webhook_id, delivery.type, delivery.state, delivery.attempt, delivery.leased,
        delivery.failures, delivery.attempts, delivery.next_at, delivery.settled_at, delivery.occurred_at,
        submission.partner_id, submission.case_id
    FROM webhook_delivery AS delivery LEFT JOIN submission ON submission.message_id = delivery.message_id
    WHERE delivery.id = ANY ($1) ORDER BY delivery.id FOR UPDATE OF delivery
"""
_HOLD_ENDPOINTS: Final = """
    SELECT id FROM webhook WHERE id IN (SELECT webhook_id FROM webhook_delivery WHERE id = ANY ($1))
    ORDER BY id FOR NO KEY UPDATE
"""
_SETTLE: Final = """
    UPDATE webhook_delivery SET state = $2, next_at = $3, settled_at = $4, failures = $5, attempts = $6,
        leased = false
    WHERE id = $1
"""
_GIVE_UP: Final = """
    UPDATE webhook_delivery SET state = 'dead', next_at = NULL, settled_at = $2
    WHERE webhook_id = ANY ($1) AND state = 'pending'
"""
_ORPHANED: Final = """
    SELECT DISTINCT webhook_id FROM webhook_delivery JOIN webhook ON webhook.id = webhook_id
    WHERE webhook_delivery.state = 'pending' AND webhook.state <> 'active'
"""
_LOGGED: Final = "id, event_id, type, tracking_code, created_at, state, attempts, next_at"
_LOG: Final = f"""
    SELECT page.* FROM unnest($2::text[]) AS wanted (state) CROSS JOIN LATERAL (
        SELECT {_LOGGED} FROM webhook_delivery
        WHERE webhook_id = $1 AND state = wanted.state
            AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
        ORDER BY created_at DESC, id DESC LIMIT $5
    ) AS page ORDER BY page.created_at DESC, page.id DESC LIMIT $5
"""  # noqa: S608  (columns of ours)
_FIND: Final = f"SELECT {_LOGGED}, leased FROM webhook_delivery WHERE id = $1 AND webhook_id = $2 FOR UPDATE"  # noqa: S608  (as above)
_REPLAY: Final = f"""
    UPDATE webhook_delivery
    SET state = 'pending', next_at = $2, settled_at = NULL, failures = 0, leased = false
    WHERE id = $1 RETURNING {_LOGGED}
"""  # noqa: S608  (as above)
_FORGET: Final = """
    DELETE FROM webhook_delivery WHERE id IN (
        SELECT id FROM webhook_delivery WHERE state = $1 AND settled_at < $2 ORDER BY settled_at LIMIT $3
    )
"""


class Settled(NamedTuple):
    """What a delivery has come to."""

    id: UUID
    state: DeliveryState
    next_at: datetime | None
    settled_at: datetime | None
    failures: int
    attempts: Sequence[Mapping[str, Any]]


async def claim(tx: Transaction, now: datetime, limit: int, until: datetime) -> list[dict[str, Any]]:
    """Lease what is due, each endpoint's oldest in turn.

    The endpoints are held until the transaction ends: another claim passes them by and waits for nobody, and
    what is under way to each can be counted. The second statement sees what whoever held them before has
    committed.
    """
    endpoints = [row["id"] for row in await tx.raw.fetch(_ENDPOINTS_DUE, now)]
    if not endpoints:
        return []
    due = [row["id"] for row in await tx.raw.fetch(_DUE, endpoints, now, limit, AT_ONCE)]
    leased = {row["delivery_id"]: dict(row) for row in await tx.raw.fetch(_LEASE, due, now, until)}
    return [leased[each] for each in due if each in leased]


async def hold(tx: Transaction, delivery_ids: Collection[UUID], *, endpoints: bool) -> list[dict[str, Any]]:
    """These deliveries, held; with their endpoints first if one of those is to end."""
    if endpoints:
        await tx.raw.execute(_HOLD_ENDPOINTS, delivery_ids)
    return [_read(row) for row in await tx.raw.fetch(_HOLD, delivery_ids)]


async def settle(tx: Transaction, settled: Sequence[Settled]) -> None:
    """Write what deliveries have come to; they must be held."""
    rows = [(*each[:5], json.dumps(each.attempts)) for each in settled]
    await tx.raw.executemany(_SETTLE, rows)


async def give_up(tx: Transaction, webhook_ids: Collection[UUID], now: datetime) -> None:
    """What waits for these endpoints is dead."""
    await tx.raw.execute(_GIVE_UP, webhook_ids, now)


async def give_up_orphans(tx: Transaction, now: datetime) -> None:
    """What was written for an endpoint in the moment in which it ended."""
    ended = [row["webhook_id"] for row in await tx.raw.fetch(_ORPHANED)]
    if ended:
        await give_up(tx, ended, now)


async def log(
    tx: Transaction, webhook_id: UUID, state: DeliveryState | None, after: Position | None, limit: int
) -> list[dict[str, Any]]:
    """A page of an endpoint's deliveries, the newest first."""
    (at, last), states = after or (None, None), [state] if state else [*DeliveryState]
    return [_read(row) for row in await tx.raw.fetch(_LOG, webhook_id, states, at, last, limit)]


async def find(tx: Transaction, webhook_id: UUID, delivery_id: UUID) -> dict[str, Any] | None:
    """One delivery of this endpoint, held."""
    row = await tx.raw.fetchrow(_FIND, delivery_id, webhook_id)
    return None if row is None else _read(row)


async def replay(tx: Transaction, delivery_id: UUID, now: datetime) -> dict[str, Any]:
    """Make it due now, with every try before it again."""
    return _read(await tx.raw.fetchrow(_REPLAY, delivery_id, now))


async def forget(tx: Transaction, state: DeliveryState, before: datetime, limit: int) -> int:
    """Delete what was settled before then; how many there were."""
    return int((await tx.raw.execute(_FORGET, state, before, limit)).split()[-1])


def _read(row: Row) -> dict[str, Any]:
    """The driver gives JSON as text, unless it was told what to make of it."""
    attempts = row["attempts"]
    return {**row, "attempts": json.loads(attempts) if isinstance(attempts, str) else attempts}
