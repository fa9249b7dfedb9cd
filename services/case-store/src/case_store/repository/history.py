"""What happened to a case since somebody read it."""

from typing import Any, Final
from uuid import UUID

from case_store.repository.database import Transaction

_SINCE: Final = """
    SELECT type, actor, message_id, occurred_at FROM case_event
    WHERE case_id = $1 AND seq > coalesce(
        (SELECT max(seq) FROM case_event WHERE case_id = $1 AND case_version <= $2), 0
    )
    ORDER BY seq DESC LIMIT 20
"""


async def since(tx: Transaction, case_id: UUID, version: int) -> list[dict[str, Any]]:
    """Who did what when after that version, the oldest first, twenty at most; no words of anybody."""
    rows = await tx.raw.fetch(_SINCE, case_id, version)
    return [dict(row) for row in reversed(rows)]
