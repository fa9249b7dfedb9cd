"""Cases and people as the API shows them, and what staff do to a case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from case_store.cursors import Position
from case_store.model import Case
from case_store.repository.database import Transaction
from case_store.repository.rows import CASE_COLUMNS, case_of
from case_store.repository.tables import (
    case_event,
    cases,
    contact,
    contact_address,
    message,
    outbound_message,
    tracking_code,
)

_COLUMNS: Final = ", ".join(CASE_COLUMNS)
_LOCK: Final = """
    SELECT cases.id FROM tracking_code JOIN cases ON cases.id = tracking_code.case_id
    JOIN contact ON contact.id = cases.contact_id WHERE tracking_code.code = $1 FOR NO KEY UPDATE OF contact
"""
_READ: Final = f"SELECT {_COLUMNS} FROM cases WHERE id = $1"  # noqa: S608  (column names of ours)
_REACHED_BY: Final = """
    SELECT sender, channel, line, message_id, correlation_id FROM message
    WHERE case_id = $1 AND sender_kind = 'msisdn' ORDER BY received_at DESC LIMIT 1
"""
_ANY_NUMBER: Final = (
    "SELECT value FROM contact_address WHERE contact_id = $1 AND kind = 'msisdn' ORDER BY created_at LIMIT 1"
)
_OUTBOUND: Final = (
    *(
        outbound_message.c[name]
        for name in ("id", "case_id", "purpose", "channel", "line", "text", "author", "state")
    ),
    *(outbound_message.c[name] for name in ("provider", "provider_message_id", "provider_status", "reason")),
    *(outbound_message.c[name] for name in ("parts", "cost_rial", "created_at", "state_at", "redrives")),
    (outbound_message.c.redrive_at.is_(None) & (outbound_message.c.state == "pending")).label("stuck"),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of cases may be narrowed by; None is no limit."""

    state: str | None = None
    desk: str | None = None
    topic: str | None = None
    section: str | None = None
    kind: str | None = None
    channel: str | None = None
    contact: UUID | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """Where the person of a case is written to, and what an answer follows from."""

    number: str
    line: str | None
    """Our line that they wrote to by SMS; None when they came by another door."""
    message_id: UUID | None = None
    correlation_id: UUID | None = None


async def lock(tx: Transaction, code: str) -> Case | None:
    """The case behind a code, its person held until the end of the transaction."""
    case_id = await tx.raw.fetchval(_LOCK, code)
    # Read only now: whoever held the person before us has committed, and what it wrote is seen.
    row = await tx.raw.fetchrow(_READ, case_id) if case_id else None
    return case_of(row) if row else None


async def reached(tx: Transaction, case: Case) -> Reached | None:
    """The number the person last wrote from in this case, else one that we know of them."""
    row = await tx.raw.fetchrow(_REACHED_BY, case.id)
    if row:
        line = row["line"] if row["channel"] == "sms" else None
        return Reached(row["sender"], line, row["message_id"], row["correlation_id"])
    number = await tx.raw.fetchval(_ANY_NUMBER, case.contact_id)
    return Reached(number, None) if number else None


async def outbound(tx: Transaction, outbound_id: UUID) -> dict[str, Any] | None:
    """A message out as the API shows it, with the fingerprint of the request that wrote it."""
    query = sa.select(*_OUTBOUND, outbound_message.c.fingerprint).where(outbound_message.c.id == outbound_id)
    return await tx.row(query)


async def find(tx: Transaction, code: str) -> dict[str, Any] | None:
    """A case whole: its person, messages, answers and history; an alias finds it too."""
    query = sa.select(cases).join(tracking_code, tracking_code.c.case_id == cases.c.id)
    case = await tx.row(query.where(tracking_code.c.code == code))
    if case is None:
        return None
    said = (
        sa.select(message)
        .where(message.c.case_id == case["id"])
        .order_by(message.c.received_at, message.c.message_id)
    )
    sent = (
        sa.select(*_OUTBOUND)
        .where(outbound_message.c.case_id == case["id"])
        .order_by(outbound_message.c.created_at)
    )
    history = sa.select(case_event).where(case_event.c.case_id == case["id"]).order_by(case_event.c.seq)
    messages = await tx.rows(said)
    brought = {row["tracking_code"] for row in messages} - {case["tracking_code"], None}
    return {
        **case,
        "aliases": await _aliases(tx, case["id"], brought),
        "person": await find_contact(tx, case["contact_id"]),
        "messages": messages,
        "outbound_messages": await tx.rows(sent),
        "events": await tx.rows(history),
    }


async def page(tx: Transaction, filters: Filters, after: Position | None, limit: int) -> list[dict[str, Any]]:
    """The newest cases that match, or the ones after a position."""
    query = sa.select(cases).order_by(cases.c.opened_at.desc(), cases.c.id.desc()).limit(limit)
    for name in ("state", "desk", "topic", "section", "kind", "channel"):
        if (wanted := getattr(filters, name)) is not None:
            query = query.where(cases.c[name] == wanted)
    if filters.contact is not None:
        query = query.where(cases.c.contact_id == filters.contact)
    if filters.created_after is not None:
        query = query.where(cases.c.opened_at >= filters.created_after)
    if filters.created_before is not None:
        query = query.where(cases.c.opened_at < filters.created_before)
    if after is not None:
        query = query.where(sa.tuple_(cases.c.opened_at, cases.c.id) < sa.tuple_(after.at, after.id))
    return await tx.rows(query)


async def find_contact(tx: Transaction, contact_id: UUID) -> dict[str, Any] | None:
    """A person and their addresses."""
    row = await tx.row(sa.select(contact).where(contact.c.id == contact_id))
    if row is None:
        return None
    address = contact_address.c
    query = sa.select(address.kind, address.value).where(address.contact_id == contact_id)
    return {**row, "addresses": await tx.rows(query.order_by(address.created_at, address.value))}


async def contact_at(tx: Transaction, kind: str, value: str) -> UUID | None:
    """Whose address this is."""
    query = sa.select(contact_address.c.contact_id)
    query = query.where(contact_address.c.kind == kind, contact_address.c.value == value)
    return (await tx.connection.execute(query)).scalar_one_or_none()


async def count_by_state(tx: Transaction) -> dict[str, int]:
    """How many cases are in each state."""
    rows = await tx.connection.execute(
        sa.select(cases.c.state, sa.func.count().label("total")).group_by(cases.c.state)
    )
    return {row.state: row.total for row in rows}


async def _aliases(tx: Transaction, case_id: UUID, brought: set[str]) -> list[str]:
    """Of the codes that the case's messages brought, those that lead to it."""
    query = sa.select(tracking_code.c.code).where(
        tracking_code.c.code.in_(brought), tracking_code.c.case_id == case_id
    )
    return sorted((await tx.connection.execute(query)).scalars())
