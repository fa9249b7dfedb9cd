"""Every report is kept; the ones whose message is not known yet wait for it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from asyncpg import Record as Row

from case_store.deliveries import Delivery
from case_store.model import dated, named, storable
from case_store.repository.database import Transaction
from envelope.models import DeliveryReport, DeliveryState

_KEEP: Final = """
    INSERT INTO delivery_report (id, outbound_id, provider, provider_message_id, state, provider_status,
        reason, parts, cost_rial, reported_at, stored_at)
    SELECT id, outbound_id, provider, provider_message_id, state, provider_status, reason, parts, cost_rial,
        reported_at, $11
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[],
        $9::bigint[], $10::timestamptz[]) WITH ORDINALITY
        AS new (id, outbound_id, provider, provider_message_id, state, provider_status, reason, parts,
            cost_rial, reported_at, place)
    ORDER BY place
    ON CONFLICT (id) DO NOTHING
    RETURNING id, outbound_id
"""
_MATCH: Final = """
    UPDATE delivery_report AS orphan SET outbound_id = known.outbound_id
    FROM delivery_report AS known
    WHERE {which} AND orphan.outbound_id IS NULL AND known.outbound_id IS NOT NULL
        AND known.provider_message_id = orphan.provider_message_id AND known.provider = orphan.provider
    RETURNING orphan.id
"""
_MATCH_THESE: Final = _MATCH.format(which="orphan.provider_message_id = ANY($1)")
_MATCH_RECENT: Final = _MATCH.format(which="orphan.stored_at > $1")
_REPORTS: Final = """
    SELECT outbound_id, provider, provider_message_id, state, provider_status, reason, parts, cost_rial,
        reported_at
    FROM delivery_report WHERE id = ANY($1) AND outbound_id IS NOT NULL ORDER BY seq
"""
_LOCK: Final = """
    SELECT id, state, state_at, created_at, provider, provider_message_id, provider_status, reason, parts,
        cost_rial
    FROM outbound_message WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE
"""
_WRITE: Final = """
    UPDATE outbound_message SET state = new.state, state_at = new.state_at, provider = new.provider,
        provider_message_id = new.provider_message_id, provider_status = new.provider_status,
        reason = new.reason, parts = new.parts, cost_rial = new.cost_rial
    FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::int[], $9::bigint[])
        AS new (id, state, state_at, provider, provider_message_id, provider_status, reason, parts, cost_rial)
    WHERE outbound_message.id = new.id
"""


class Kept(NamedTuple):
    """The reports of a batch that were not in the store yet."""

    ids: list[UUID]
    orphans: int


async def keep(tx: Transaction, reports: Sequence[DeliveryReport], now: datetime) -> Kept:
    """Keep the reports that are new; a redelivered one is the same row."""
    rows = [_row(report) for report in reports]
    kept = await tx.raw.fetch(_KEEP, *zip(*rows, strict=True), now)
    return Kept([row["id"] for row in kept], sum(row["outbound_id"] is None for row in kept))


async def match(tx: Transaction, provider_message_ids: Collection[str]) -> list[UUID]:
    """Give the waiting reports of these provider ids their message, if some report has told which it is."""
    return [row["id"] for row in await tx.raw.fetch(_MATCH_THESE, provider_message_ids)]


async def match_recent(tx: Transaction, since: datetime) -> list[UUID]:
    """The same for every waiting report stored since then."""
    return [row["id"] for row in await tx.raw.fetch(_MATCH_RECENT, since)]


async def reports(tx: Transaction, ids: Collection[UUID]) -> list[tuple[UUID, DeliveryReport]]:
    """These reports with the message of each, in the order they were stored; orphans are left out."""
    return [(row["outbound_id"], DeliveryReport(**dict(row))) for row in await tx.raw.fetch(_REPORTS, ids)]


async def lock(tx: Transaction, outbound_ids: Collection[UUID]) -> dict[UUID, Delivery]:
    """Where these messages stand, held until the end of the transaction."""
    return {row["id"]: _delivery(row) for row in await tx.raw.fetch(_LOCK, outbound_ids)}


async def write(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
    """Write how far they have come."""
    if deliveries:
        rows = [
            (d.outbound_id, d.state, d.state_at, d.provider, d.provider_message_id, d.provider_status,
             d.reason, d.parts, d.cost_rial)
            for d in deliveries
        ]  # fmt: skip
        await tx.raw.execute(_WRITE, *zip(*rows, strict=True))


def _row(report: DeliveryReport) -> tuple[Any, ...]:
    texts = (report.provider, report.provider_message_id, report.state, report.provider_status, report.reason)
    return (
        dated(named(report.to_json().decode()), report.reported_at),
        report.outbound_id,
        *(None if text is None else storable(text) for text in texts),
        report.parts,
        report.cost_rial,
        report.reported_at,
    )


def _delivery(row: Row) -> Delivery:
    fields = dict(row)
    return Delivery(outbound_id=fields.pop("id"), **fields | {"state": DeliveryState(fields["state"])})
