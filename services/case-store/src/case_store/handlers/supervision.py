"""What a supervisor sees at a glance: queues, breaches, who does what, silent channels, what is stuck."""

from datetime import UTC, datetime
from typing import Any, Final

from case_store.handlers.cases import Cases
from case_store.handlers.queues import Queues
from case_store.handlers.silence import Silence
from case_store.repository import at_work, dead_letters, outbox, redrive
from case_store.repository.database import Database
from case_store.repository.filters import Filters, Order
from case_store.repository.queues import SOON
from case_store.staffing import Actor, Right
from envelope.models import CaseEventType
from persian.dates import tehran_date

_MOST: Final = 20
"""Cases shown of each kind; the whole list is a filter away."""


class Supervision:
    """One page from the pieces that others keep."""

    def __init__(self, database: Database, cases: Cases, queues: Queues, silence: Silence) -> None:
        """Take the collaborators."""
        self._database = database
        self._cases = cases
        self._queues = queues
        self._silence = silence

    async def glance(self, actor: Actor) -> dict[str, Any]:
        """Everything at once, within reach.

        Raises:
            ForbiddenError: it is not theirs to supervise.
        """
        actor.demand(Right.SUPERVISE)
        now = datetime.now(UTC)
        breached, near = Filters(due_before=now), Filters(due_after=now, due_before=now + SOON)
        async with self._database.transaction() as tx:
            staff = await at_work.staff(tx, now, tehran_date(now))
            depth, age = await outbox.backlog(tx, now)
            stuck, letters = await redrive.stuck(tx), await dead_letters.count_waiting(tx)
        return {
            **await self._queues.standing(actor),
            "breached": await self._cases.page(actor, breached, None, _MOST, Order.DUE),
            "near": await self._cases.page(actor, near, None, _MOST, Order.DUE),
            "staff": [_told(one) for one in staff],
            "channels": await self._silence.heard(),
            "outbox": {"depth": depth, "oldest_seconds": age.total_seconds()},
            "outbound_stuck": stuck,
            "dead_letters_waiting": letters,
        }


def _told(one: dict[str, Any]) -> dict[str, Any]:
    """Today's work by the names that the API has for it."""
    done = one["done"]
    return {
        **one,
        "answered_today": done.get(CaseEventType.REPLIED, 0),
        "closed_today": done.get(CaseEventType.CLOSED, 0),
        "registered_today": done.get(CaseEventType.OPENED, 0),
        "referrals_answered_today": done.get(CaseEventType.REFERRAL_ANSWERED, 0),
    }
