"""What people think of how their cases were answered: the newest word of each case."""

from collections.abc import Collection
from typing import Final

from case_store.model import Rating
from case_store.repository.database import Transaction

_KEEP: Final = """
    INSERT INTO rating (case_id, stars, words, message_id, rated_at)
    SELECT case_id, stars, words, message_id, rated_at
    FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::uuid[], $5::timestamptz[])
        AS new (case_id, stars, words, message_id, rated_at)
    ON CONFLICT (case_id) DO UPDATE SET stars = excluded.stars, words = excluded.words,
        message_id = excluded.message_id, rated_at = excluded.rated_at
    WHERE rating.rated_at <= excluded.rated_at
"""


async def keep(tx: Transaction, ratings: Collection[Rating]) -> None:
    """Keep at most one a case; one that comes late does not take the place of a newer one."""
    if ratings:
        rows = [(one.case_id, one.stars, one.words, one.message_id, one.rated_at) for one in ratings]
        await tx.raw.execute(_KEEP, *zip(*rows, strict=True))
