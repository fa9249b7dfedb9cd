"""Sessions of the staff: found by the hash of their token, never by the token."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from case_store.repository.database import Transaction
from case_store.staffing import Actor, Role, member

_WHOSE: Final = """
    SELECT staff.id, staff.name, staff.roles, staff.must_change_password, staff_session.seen_at,
        ARRAY(SELECT unit_id FROM staff_unit WHERE staff_id = staff.id) AS units,
        ARRAY(SELECT desk.id FROM staff_unit JOIN desk USING (unit_id) WHERE staff_id = staff.id) AS desks
    FROM staff_session JOIN staff ON staff.id = staff_session.staff_id
    WHERE token_hash = $1 AND ended_at IS NULL AND expires_at > $2 AND seen_at > $3 AND staff.active
"""
_SEEN: Final = "UPDATE staff_session SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2"
_BEGIN: Final = """
    INSERT INTO staff_session (token_hash, staff_id, created_at, seen_at, expires_at)
    VALUES ($1, $2, $3, $3, $4)
"""
_END: Final = "UPDATE staff_session SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL"
_END_ALL: Final = """
    UPDATE staff_session SET ended_at = $2
    WHERE staff_id = $1 AND ended_at IS NULL AND token_hash IS DISTINCT FROM $3 RETURNING token_hash
"""
_OPEN: Final = """
    SELECT token_hash, created_at, seen_at, expires_at FROM staff_session
    WHERE staff_id = $1 AND ended_at IS NULL AND expires_at > $2 AND seen_at > $3 ORDER BY created_at DESC
"""
_FORGET: Final = "DELETE FROM staff_session WHERE expires_at < $1"


class Holder(NamedTuple):
    """Whose session it is."""

    actor: Actor
    seen_at: datetime


async def holder(tx: Transaction, token_hash: bytes, now: datetime, idle_since: datetime) -> Holder | None:
    """Who holds this session, if it runs and they work here; rightless till the password is changed."""
    row = await tx.raw.fetchrow(_WHOSE, token_hash, now, idle_since)
    if row is None:
        return None
    roles = frozenset() if row["must_change_password"] else frozenset(map(Role, row["roles"]))
    actor = member(row["id"], row["name"], roles, frozenset(row["units"]), frozenset(row["desks"]))
    return Holder(actor, row["seen_at"])


async def seen(tx: Transaction, token_hash: bytes, now: datetime) -> None:
    """Somebody works in it."""
    await tx.raw.execute(_SEEN, token_hash, now)


async def begin(
    tx: Transaction, token_hash: bytes, staff_id: UUID, now: datetime, expires_at: datetime
) -> None:
    """Keep a new session."""
    await tx.raw.execute(_BEGIN, token_hash, staff_id, now, expires_at)


async def expires_at(tx: Transaction, token_hash: bytes) -> datetime | None:
    """When one ends at the latest."""
    query = "SELECT expires_at FROM staff_session WHERE token_hash = $1"
    found: datetime | None = await tx.raw.fetchval(query, token_hash)
    return found


async def end(tx: Transaction, token_hash: bytes, now: datetime) -> None:
    """End one; ending an ended one changes nothing."""
    await tx.raw.execute(_END, token_hash, now)


async def end_all(
    tx: Transaction, staff_id: UUID, now: datetime, *, but: bytes | None = None
) -> Sequence[bytes]:
    """End all of somebody's, but perhaps the one in hand → the hashes of those that ended."""
    return [row["token_hash"] for row in await tx.raw.fetch(_END_ALL, staff_id, now, but)]


async def running(
    tx: Transaction, staff_id: UUID, now: datetime, idle_since: datetime
) -> list[dict[str, Any]]:
    """Somebody's sessions that still run, the newest first."""
    return [dict(row) for row in await tx.raw.fetch(_OPEN, staff_id, now, idle_since)]


async def forget(tx: Transaction, expired_before: datetime) -> None:
    """Let go of sessions that ended by themselves long ago."""
    await tx.raw.execute(_FORGET, expired_before)
