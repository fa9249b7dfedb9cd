"""How often each of the staff did what on a day: kept as it happens, for it is asked all the time."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from case_store.repository.database import Transaction
from persian.dates import tehran_date

_COUNT: Final = """
    INSERT INTO staff_tally (day, staff_id, type, total)
    SELECT $1, $2, type, total FROM unnest($3::text[], $4::int[]) AS new (type, total) ORDER BY type
    ON CONFLICT (day, staff_id, type) DO UPDATE SET total = staff_tally.total + EXCLUDED.total
"""
_OF_DAY: Final = "SELECT staff_id, type, total FROM staff_tally WHERE day = $1"


async def count(tx: Transaction, staff_id: UUID, types: Sequence[str], now: datetime) -> None:
    """Add what somebody has just done to their day, by the calendar of Tehran."""
    counted = Counter(str(kind) for kind in types)
    await tx.raw.execute(_COUNT, tehran_date(now), staff_id, [*counted], [*counted.values()])


async def of_day(tx: Transaction, day: date) -> list[dict[str, Any]]:
    """`staff_id`, `type` and `total` of everybody who did something that day."""
    return [dict(row) for row in await tx.raw.fetch(_OF_DAY, day)]
