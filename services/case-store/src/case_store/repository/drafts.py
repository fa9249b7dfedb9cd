"""Answers that are being written: one per case and member of the staff, kept until it is sent."""

from datetime import datetime
from typing import Final
from uuid import UUID

from case_store.repository.database import Transaction

_KEEP: Final = """
    INSERT INTO draft (case_id, staff_id, text, saved_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (case_id, staff_id) DO UPDATE SET text = EXCLUDED.text, saved_at = EXCLUDED.saved_at
"""
_DROP: Final = "DELETE FROM draft WHERE case_id = $1 AND staff_id = $2"


async def keep(tx: Transaction, case_id: UUID, staff_id: UUID, text: str, now: datetime) -> None:
    """Keep what has been written so far, over what was kept before."""
    await tx.raw.execute(_KEEP, case_id, staff_id, text, now)


async def drop(tx: Transaction, case_id: UUID, staff_id: UUID) -> None:
    """It was sent, or is not wanted any more."""
    await tx.raw.execute(_DROP, case_id, staff_id)
