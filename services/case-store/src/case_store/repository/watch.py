"""Referrals as people look at them: the watch list, nearest deadline first, and a case's own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from case_store.cursors import Position
from case_store.model import ReferralState
from case_store.repository.database import Transaction
from case_store.repository.tables import cases, referral, staff, unit
from case_store.staffing import Actor, Right

_OF_CASE: Final = ("tracking_code", "topic", "kind", "section", "desk", "province", "priority")
_SHOWN: Final = (
    sa.select(
        referral,
        unit.c.name_fa.label("unit_name_fa"),
        unit.c.name_en.label("unit_name_en"),
        staff.c.name.label("assignee_name"),
        cases.c.state.label("case_state"),
        *(cases.c[name] for name in _OF_CASE),
    )
    .join(cases, cases.c.id == referral.c.case_id)
    .join(unit, unit.c.id == referral.c.unit_id)
    .outerjoin(staff, staff.c.id == referral.c.assignee_id)
)


@dataclass(frozen=True, slots=True)
class Watched:
    """What the watch list may be narrowed by; None is no limit."""

    state: ReferralState = ReferralState.OPEN
    unit: str | None = None
    overdue_at: datetime | None = None
    """Only what was due before then."""
    mine: UUID | None = None
    """Only what is with this colleague, or what they asked."""


async def page(
    tx: Transaction, actor: Actor, watched: Watched, after: Position | None, limit: int
) -> list[dict[str, Any]]:
    """The referrals within reach that are due next, or the ones after a position."""
    query = _SHOWN.where(referral.c.state == watched.state)
    if not actor.may(Right.READ_ALL):
        query = query.where(sa.or_(referral.c.unit_id.in_(actor.units), cases.c.desk.in_(actor.queues)))
    if watched.unit is not None:
        query = query.where(referral.c.unit_id == watched.unit)
    if watched.overdue_at is not None:
        query = query.where(referral.c.due_at < watched.overdue_at)
    if watched.mine is not None:
        query = query.where(
            sa.or_(referral.c.assignee_id == watched.mine, referral.c.asked_by_id == watched.mine)
        )
    if after is not None:
        query = query.where(sa.tuple_(referral.c.due_at, referral.c.id) > sa.tuple_(after.at, after.id))
    return await tx.rows(query.order_by(referral.c.due_at, referral.c.id).limit(limit))


async def of_case(tx: Transaction, case_id: UUID) -> list[dict[str, Any]]:
    """Every referral of a case, in the order asked."""
    query = _SHOWN.where(referral.c.case_id == case_id)
    return await tx.rows(query.order_by(referral.c.asked_at, referral.c.id))
