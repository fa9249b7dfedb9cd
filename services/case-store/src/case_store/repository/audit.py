"""The audit trail: append only, each entry sealed with a hash over itself and the one before it."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from case_store.cursors import Position
from case_store.repository.database import Transaction
from case_store.repository.tables import audit_entry
from case_store.staffing import Actor

_CHAIN: Final = 1420_0005
GENESIS: Final = bytes(32)
"""What the first entry's seal follows."""
_LAST: Final = "SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1"
_ADD: Final = """
    INSERT INTO audit_entry (seq, at, actor, actor_id, action, subject, detail, previous, hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_AFTER: Final = """
    SELECT seq, at, actor, actor_id, action, subject, detail::text, previous, hash FROM audit_entry
    WHERE seq > $1 ORDER BY seq LIMIT $2
"""


class Entry(NamedTuple):
    """What somebody did, before it is sealed."""

    actor: str
    actor_id: UUID | None
    action: str
    subject: str
    at: datetime
    detail: Mapping[str, Any]


class Link(NamedTuple):
    """A place in the chain."""

    seq: int
    seal: bytes


async def record(
    tx: Transaction, actor: Actor, action: str, subject: str, now: datetime, detail: Mapping[str, Any]
) -> None:
    """Write down what somebody did; never a citizen's word, number or id in it.

    The chain is held until the transaction ends: what is recorded here should be its last statement.
    """
    await record_all(tx, [Entry(actor.name, actor.staff_id, action, subject, now, detail)])


async def record_all(tx: Transaction, entries: Sequence[Entry]) -> None:
    """The same for several at once, in their order."""
    await tx.raw.execute("SELECT pg_advisory_xact_lock($1)", _CHAIN)
    seq, seal = await head(tx)
    rows = []
    for entry in entries:
        seq, previous, at = seq + 1, seal, entry.at.astimezone(UTC)
        told = json.dumps(entry.detail, ensure_ascii=False, sort_keys=True, default=str)
        who = (entry.actor, entry.actor_id, entry.action, entry.subject)
        seal = sealed(seq, at, who, told, previous)
        rows.append((seq, at, *who, told, previous, seal))
    await tx.raw.executemany(_ADD, rows)


def sealed(
    seq: int, at: datetime, who: tuple[str, UUID | None, str, str], detail: str, previous: bytes
) -> bytes:
    """The seal of an entry: SHA-256 over the seal before it and every field of its own, as they are kept.

    `who` is the actor's name and id, the action and its subject; `detail` is JSON, letter by letter.
    """
    actor, actor_id, action, subject = who
    fields = (seq, at.isoformat(), actor, actor_id and str(actor_id), action, subject, detail)
    return sha256(previous + json.dumps(fields).encode()).digest()


async def head(tx: Transaction) -> Link:
    """The newest place in the chain."""
    last = await tx.raw.fetchrow(_LAST)
    return Link(last["seq"], last["hash"]) if last else Link(0, GENESIS)


async def seal_at(tx: Transaction, seq: int) -> bytes | None:
    """The seal that an entry carries."""
    found: bytes | None = await tx.raw.fetchval("SELECT hash FROM audit_entry WHERE seq = $1", seq)
    return found


async def after(tx: Transaction, seq: int, limit: int) -> Sequence[Mapping[str, Any]]:
    """The entries after a place, in their order."""
    found: Sequence[Mapping[str, Any]] = await tx.raw.fetch(_AFTER, seq, limit)
    return found


async def page(
    tx: Transaction, wanted: Mapping[str, Any], before: Position | None, limit: int
) -> list[dict[str, Any]]:
    """The newest entries that match, or the ones before a position; `wanted` is by column."""
    query = sa.select(audit_entry).order_by(audit_entry.c.seq.desc()).limit(limit)
    for name, value in wanted.items():
        query = query.where(audit_entry.c[name] == value)
    if before is not None:
        query = query.where(audit_entry.c.seq < before.id.int)
    # The pages' cursor is made of a time and an id: here the id is the sequence number.
    return [{**row, "id": UUID(int=row["seq"])} for row in await tx.rows(query)]
