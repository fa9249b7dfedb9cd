"""Who of the staff is at work: seen lately, or with something in hand or done today."""

from datetime import date, datetime
from typing import Any, Final

from case_store.repository import queues, tallies
from case_store.repository.database import Transaction

_STAFF: Final = """
    SELECT staff.id, staff.name, staff.roles, max(staff_session.seen_at) AS seen_at
    FROM staff LEFT JOIN staff_session
        ON staff_session.staff_id = staff.id AND staff_session.ended_at IS NULL
        AND staff_session.expires_at > $1
    WHERE staff.active GROUP BY staff.id ORDER BY staff.name, staff.id
"""


async def staff(tx: Transaction, now: datetime, today: date) -> list[dict[str, Any]]:
    """Each with `claims`, `overdue`, `next_due_at` and `done`: how often what was done today, by event."""
    held = await queues.held(tx, now)
    done: dict[Any, dict[str, int]] = {}
    for row in await tallies.of_day(tx, today):
        done.setdefault(row["staff_id"], {})[row["type"]] = row["total"]
    idle = {"claims": 0, "overdue": 0, "next_due_at": None}
    people = [dict(row) for row in await tx.raw.fetch(_STAFF, now)]
    return [
        {**one, **idle, **held.get(one["id"], {}), "done": done.get(one["id"], {})}
        for one in people
        if one["seen_at"] or one["id"] in held or one["id"] in done
    ]
