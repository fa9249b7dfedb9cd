"""Keys of requests, and what was answered to each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from case_store.repository.database import Transaction

_CLAIM: Final = """
    INSERT INTO idempotency_key AS held (actor, key, fingerprint, begun_at) VALUES ($1, $2, '', $3)
    ON CONFLICT (actor, key) DO UPDATE
        SET begun_at = excluded.begun_at, status = NULL, media_type = NULL, body = NULL, etag = NULL
        WHERE held.status IS NULL AND held.begun_at < $4 OR held.begun_at < $5
    RETURNING true
"""
_HELD: Final = """
    SELECT fingerprint, status, media_type, body, etag FROM idempotency_key WHERE actor = $1 AND key = $2
"""
_KEEP: Final = """
    UPDATE idempotency_key SET fingerprint = $4, status = $5, media_type = $6, body = $7, etag = $8
    WHERE actor = $1 AND key = $2 AND begun_at = $3
"""
_RELEASE: Final = """
    DELETE FROM idempotency_key WHERE actor = $1 AND key = $2 AND begun_at = $3 AND status IS NULL
"""


class Claim(NamedTuple):
    """A request that is under way; `begun_at` tells it from one that takes over after it."""

    actor: str
    key: str
    begun_at: datetime


class Answer(NamedTuple):
    """What was answered."""

    status: int
    media_type: str | None
    body: bytes
    etag: str | None


async def claim(tx: Transaction, wanted: Claim, crashed_before: datetime, expired_before: datetime) -> bool:
    """Take a key: a new one, one whose request never came to an end, or one of yesterday."""
    return bool(await tx.raw.fetchval(_CLAIM, *wanted, crashed_before, expired_before))


async def held(tx: Transaction, actor: str, key: str) -> Mapping[str, Any] | None:
    """What is known of a key that somebody else took."""
    found: Mapping[str, Any] | None = await tx.raw.fetchrow(_HELD, actor, key)
    return found


async def keep(tx: Transaction, claimed: Claim, fingerprint: bytes, answer: Answer) -> None:
    """Keep the answer, unless another request has taken over since."""
    await tx.raw.execute(_KEEP, *claimed, fingerprint, *answer)


async def release(tx: Transaction, claimed: Claim) -> None:
    """Nothing came of it: the key may be used again."""
    await tx.raw.execute(_RELEASE, *claimed)


async def forget(tx: Transaction, begun_before: datetime) -> None:
    """Let go of old keys."""
    await tx.raw.execute("DELETE FROM idempotency_key WHERE begun_at < $1", begun_before)
