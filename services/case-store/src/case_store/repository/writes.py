"""What a batch, a staff action or a command writes: cases changed, messages out, history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from case_store.model import Case
from case_store.plan.effects import Addressed
from case_store.repository.database import Transaction
from case_store.repository.rows import EVENT_COLUMNS, OUTBOUND_COLUMNS, event_row, outbound_row
from envelope.models import CaseEvent, DeliveryState

_CHANGED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("state", "topic", "section", "kind", "audience", "province", "desk"), "text"),
    **dict.fromkeys(("last_activity_at", "closed_at", "assigned_at", "due_at"), "timestamptz"),
    "contact_id": "uuid",
    "assignee_id": "uuid",
    "priority": "smallint",
}
"""What may change in a case, and its type."""
_CHANGE_CASES: Final = f"""
    UPDATE cases SET {", ".join(f"{name} = new.{name}" for name in _CHANGED)}, version = cases.version + 1
    FROM unnest($1::uuid[], {", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_CHANGED.values(), 2))})
        AS new (id, {", ".join(_CHANGED)})
    WHERE cases.id = new.id
"""  # noqa: S608  (column names of ours)


async def change_cases(tx: Transaction, changed: Sequence[Case]) -> None:
    """Write the state of cases that exist."""
    if not changed:
        return
    rows = [
        (case.id, *(getattr(case, name) for name in _CHANGED))
        for case in sorted(changed, key=lambda case: case.id)
    ]
    await tx.raw.execute(_CHANGE_CASES, *zip(*rows, strict=True))


async def write_outbound(
    tx: Transaction,
    outbound: Sequence[Addressed],
    redrive_at: datetime | None,
    *,
    author: str | None = None,
    fingerprint: bytes | None = None,
) -> None:
    """Keep messages out, before they go: delivery is matched to them; None for those that nothing sends."""
    rows = [outbound_row(addressed, redrive_at, author, fingerprint) for addressed in outbound]
    await tx.copy("outbound_message", OUTBOUND_COLUMNS, rows)


async def write_spoken(tx: Transaction, addressed: Addressed, author: str) -> None:
    """Keep what somebody was told by voice: they have it, and nothing is sent."""
    row = outbound_row(addressed, None, author, None, DeliveryState.DELIVERED)
    await tx.copy("outbound_message", OUTBOUND_COLUMNS, [row])


async def write_events(
    tx: Transaction,
    events: Sequence[CaseEvent],
    note: str | None = None,
    versions: Mapping[UUID, int] | None = None,
) -> None:
    """Append to the cases' histories, with the version that each case has come to by it, where it has."""
    reached = versions or {}
    rows = [event_row(event, note, reached.get(event.case_id)) for event in events]
    await tx.copy("case_event", EVENT_COLUMNS, rows)
