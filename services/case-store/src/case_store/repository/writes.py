"""What a batch, a staff action or a command writes: cases changed, messages out, history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from case_store.model import Case
from case_store.plan.effects import Addressed
from case_store.repository.database import Transaction
from case_store.repository.rows import EVENT_COLUMNS, OUTBOUND_COLUMNS, event_row, outbound_row
from envelope.models import CaseEvent

_CHANGE_CASES: Final = """
    UPDATE cases SET state = new.state, topic = new.topic, section = new.section, kind = new.kind,
        audience = new.audience, desk = new.desk, last_activity_at = new.last_activity_at,
        closed_at = new.closed_at, version = cases.version + 1
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::timestamptz[], $9::timestamptz[])
        AS new (id, state, topic, section, kind, audience, desk, last_activity_at, closed_at)
    WHERE cases.id = new.id
"""


async def change_cases(tx: Transaction, changed: Sequence[Case]) -> None:
    """Write the state of cases that exist."""
    if not changed:
        return
    rows = [
        (c.id, c.state, c.topic, c.section, c.kind, c.audience, c.desk, c.last_activity_at, c.closed_at)
        for c in sorted(changed, key=lambda case: case.id)
    ]
    await tx.raw.execute(_CHANGE_CASES, *zip(*rows, strict=True))


async def write_outbound(
    tx: Transaction,
    outbound: Sequence[Addressed],
    redrive_at: datetime,
    *,
    author: str | None = None,
    fingerprint: bytes | None = None,
) -> None:
    """Keep messages out, before they go: delivery is matched to them."""
    rows = [outbound_row(addressed, redrive_at, author, fingerprint) for addressed in outbound]
    await tx.copy("outbound_message", OUTBOUND_COLUMNS, rows)


async def write_events(tx: Transaction, events: Sequence[CaseEvent], note: str | None = None) -> None:
    """Append to the cases' histories."""
    await tx.copy("case_event", EVENT_COLUMNS, [event_row(event, note) for event in events])
