"""What people look at: the watch list, and one referral with its line."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from case_store.cursors import Position
from case_store.errors import NotFoundError
from case_store.handlers.covering import seen_words
from case_store.handlers.witness import Witness
from case_store.model import Case, ReferralState
from case_store.referring import sight
from case_store.repository import reach, referrals, watch
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Right


class Watch:
    """The questions about referrals behind the API."""

    def __init__(self, database: Database, witness: Witness) -> None:
        """`witness` writes down who of the staff looked at what."""
        self._database = database
        self._witness = witness

    async def page(  # noqa: PLR0913  (one parameter a filter)
        self,
        actor: Actor,
        *,
        state: ReferralState,
        unit: str | None,
        overdue: bool,
        mine: bool,
        after: Position | None,
        limit: int,
    ) -> list[dict[str, Any]]:
        """The watch list: what is within reach, the nearest deadline first."""
        actor.demand(Right.READ)
        now = datetime.now(UTC)
        watched = watch.Watched(state, unit, now if overdue else None, actor.staff_id if mine else None)
        async with self._database.transaction() as tx:
            rows = await watch.page(tx, actor, watched, after, limit)
        return [shown(actor, row, now) for row in rows]

    async def find(self, actor: Actor, referral_id: UUID) -> Mapping[str, Any]:
        """A referral with those above and below it that the actor sees.

        Raises:
            NotFoundError: there is none within their sight.
        """
        actor.demand(Right.READ)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            case = await case_behind(tx, actor, referral_id)
            rows = await watch.of_case(tx, case.id)
        family = [sight.Row.of(row) for row in rows]
        seen = sight.chain(actor, case.desk, family)
        if referral_id not in seen:
            raise no_referral()
        self._witness.saw(actor, case.tracking_code, "referral_seen")
        given = {row["id"]: shown(actor, row, now) for row in rows if row["id"] in seen}
        beneath = (one.id for one in family if referral_id in sight.above(one.id, family))
        return {
            **given[referral_id],
            "above": [given[one] for one in reversed(sight.above(referral_id, family)) if one in given],
            "below": [given[one] for one in beneath if one in given],
        }


def shown(actor: Actor, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A row as the API gives it to somebody: whether it is late, and what they could do with it."""
    late = row["state"] == ReferralState.OPEN and row["due_at"] < now
    return {**seen_words(actor, row), "overdue": late, "may": sight.verbs(actor, sight.Row.of(row))}


async def case_behind(tx: Transaction, actor: Actor, referral_id: UUID) -> Case:
    """The case that a referral is about.

    Raises:
        NotFoundError: no such referral, or its case is out of reach.
    """
    case = await referrals.case_behind(tx, referral_id)
    if case is None or not await reach.reaches(tx, actor, case.id, case.desk):
        raise no_referral()
    return case


def no_referral() -> NotFoundError:
    """There is none, or none that the caller may see: the same words."""
    return NotFoundError("no referral has this id")
