"""Internal notes: for colleagues, never for the person."""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from case_store.repository.database import Transaction
from case_store.staffing import Actor

_PUT: Final = (
    "INSERT INTO note (id, case_id, author, author_id, text, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
)


async def put(tx: Transaction, case_id: UUID, actor: Actor, by: str, text: str, now: datetime) -> UUID:
    """Write one; its id."""
    note_id = uuid4()
    await tx.raw.execute(_PUT, note_id, case_id, by, actor.staff_id, text, now)
    return note_id
