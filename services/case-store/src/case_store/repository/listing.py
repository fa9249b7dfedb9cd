"""Lists of cases: the newest first, or the nearest deadline first; within reach, a page at a time.

The newest come off one index. The nearest deadlines come off `cases_due`, which begins with the desk: each
desk gives its first few, and those are merged, so that a page costs the same with a thousand cases waiting
as with a hundred thousand. What has no deadline comes last.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from case_store.cursors import NEVER, Position
from case_store.model import ReferralState
from case_store.repository.database import Transaction
from case_store.repository.reach import within
from case_store.repository.tables import cases, message, referral, staff
from case_store.repository.tables.cases import UNDECIDED
from case_store.staffing import Actor, Right

_UNDECIDED: Final = sa.literal_column(f"({UNDECIDED})", sa.Boolean)
"""As the partial indexes have it."""
_EXCERPT: Final = 140
"""Letters of the person's last word that a list shows."""
_EQUAL: Final = ("state", "desk", "topic", "section", "kind", "channel", "province")
_LIVE: Final = (ReferralState.OPEN, ReferralState.FORWARDED)
_HELD_DESKS: Final = f"""
    WITH RECURSIVE held (desk) AS (
        (SELECT desk FROM cases WHERE {UNDECIDED} ORDER BY desk LIMIT 1)
        UNION ALL
        SELECT (SELECT cases.desk FROM cases WHERE {UNDECIDED} AND cases.desk > held.desk
                ORDER BY cases.desk LIMIT 1)
        FROM held WHERE held.desk IS NOT NULL
    ) SELECT desk FROM held WHERE desk IS NOT NULL
"""  # noqa: S608  (a condition of ours)


class Order(StrEnum):
    """How a list runs."""

    NEWEST = "newest"
    """The latest opened first."""
    DUE = "due"
    """The nearest deadline first; undecided cases alone."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of cases may be narrowed by; None is no limit."""

    state: str | None = None
    desk: str | None = None
    topic: str | None = None
    section: str | None = None
    kind: str | None = None
    channel: str | None = None
    contact: UUID | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    province: str | None = None
    assignee: UUID | None = None
    unclaimed: bool = False
    """Those that nobody holds."""
    undecided: bool = False
    """Those that somebody of ours has to act on."""
    due_before: datetime | None = None
    """Undecided ones whose deadline is earlier."""
    due_after: datetime | None = None
    """Undecided ones whose deadline is then or later."""


async def page(
    tx: Transaction, actor: Actor, filters: Filters, after: Position | None, limit: int, order: Order
) -> list[dict[str, Any]]:
    """One page, each row with its `position`, who holds it and how its person's last word began."""
    if order is Order.NEWEST:
        return await tx.rows(_shown(_newest(actor, filters, after, limit), order))
    desks = await _desks(tx, actor, filters)
    return await tx.rows(_shown(_nearest(actor, filters, after, limit, desks), order))


def conditions(actor: Actor, filters: Filters) -> list[sa.ColumnElement[bool]]:
    """What the filters and the actor's reach come to."""
    column = cases.c
    wanted = {name: getattr(filters, name) for name in _EQUAL}
    found = [column[name] == value for name, value in wanted.items() if value is not None]
    for name, value in (("contact_id", filters.contact), ("assignee_id", filters.assignee)):
        if value is not None:
            found.append(column[name] == value)
    if filters.created_after is not None:
        found.append(column.opened_at >= filters.created_after)
    if filters.created_before is not None:
        found.append(column.opened_at < filters.created_before)
    if filters.unclaimed:
        found.append(column.assignee_id.is_(None))
    if filters.undecided or filters.due_before is not None or filters.due_after is not None:
        found.append(_UNDECIDED)
    if filters.due_before is not None:
        found.append(column.due_at < filters.due_before)
    if filters.due_after is not None:
        found.append(column.due_at >= filters.due_after)
    reached = within(actor)
    return found if reached is None else [*found, reached]


def _newest(actor: Actor, filters: Filters, after: Position | None, limit: int) -> sa.Subquery:
    query = sa.select(cases.c.id, cases.c.opened_at).where(*conditions(actor, filters))
    if after is not None:
        query = query.where(sa.tuple_(cases.c.opened_at, cases.c.id) < sa.tuple_(after.at, after.id))
    return query.order_by(cases.c.opened_at.desc(), cases.c.id.desc()).limit(limit).subquery("page")


def _nearest(
    actor: Actor, filters: Filters, after: Position | None, limit: int, desks: list[str] | None
) -> sa.Subquery:
    """The first few with a deadline and, in case they are not enough, without; of each desk, then of all."""
    wanted = [_UNDECIDED, *conditions(actor, filters)]
    parts = [part for phase in _phases(after) for part in _parts(actor, [*wanted, *phase], limit, desks)]
    every = sa.union_all(*parts).subquery("every")
    return sa.select(every).order_by(every.c.due_at, every.c.id).limit(limit).subquery("page")


def _phases(after: Position | None) -> list[list[sa.ColumnElement[bool]]]:
    """What comes after a position: with a deadline, and then without."""
    column = cases.c
    if after is not None and after.at == NEVER:
        return [[column.due_at.is_(None), column.id > after.id]]
    timed: sa.ColumnElement[bool] = column.due_at.is_not(None)
    if after is not None:
        timed = sa.tuple_(column.due_at, column.id) > sa.tuple_(after.at, after.id)
    return [[timed], [column.due_at.is_(None)]]


def _parts(
    actor: Actor, wanted: list[sa.ColumnElement[bool]], limit: int, desks: list[str] | None
) -> list[sa.Select[Any]]:
    # Ids alone: a column here costs SQLAlchemy more, level by level, than the look-up of the page's rows.
    first = sa.select(cases.c.id, cases.c.due_at).where(*wanted)
    first = first.order_by(cases.c.due_at, cases.c.id).limit(limit)
    if desks is None:
        return [sa.select(first.subquery())]
    each = sa.func.unnest(sa.cast(desks, ARRAY(sa.Text))).table_valued("desk").render_derived("of")
    of_desk = first.where(cases.c.desk == each.c.desk).lateral("mine")
    parts = [sa.select(of_desk).select_from(each.join(of_desk, sa.true()))]
    if not actor.may(Right.READ_ALL):
        asked = sa.select(referral.c.case_id).where(
            referral.c.unit_id.in_(actor.units), referral.c.state.in_(_LIVE)
        )
        elsewhere = first.where(cases.c.id.in_(asked), cases.c.desk.not_in(desks))
        parts.append(sa.select(elsewhere.subquery()))
    return parts


async def _desks(tx: Transaction, actor: Actor, filters: Filters) -> list[str] | None:
    """The desks to merge; None where another index leads there more directly."""
    if filters.desk or filters.assignee or filters.contact:
        return None
    if actor.may(Right.READ_ALL):
        return [row["desk"] for row in await tx.raw.fetch(_HELD_DESKS)]
    return sorted(actor.queues)


def _shown(page: sa.Subquery, order: Order) -> sa.Select[Any]:
    """The page with what a list shows beside the case."""
    said = (
        sa.select(sa.func.left(message.c.text, _EXCERPT))
        .where(message.c.case_id == cases.c.id)
        .order_by(message.c.received_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    at = page.c.opened_at if order is Order.NEWEST else sa.func.coalesce(page.c.due_at, NEVER)
    columns = (*cases.c, staff.c.name.label("assignee_name"), said.label("excerpt"), at.label("position"))
    found = page.join(cases, cases.c.id == page.c.id).outerjoin(staff, staff.c.id == cases.c.assignee_id)
    query = sa.select(*columns).select_from(found)
    if order is Order.NEWEST:
        return query.order_by(page.c.opened_at.desc(), page.c.id.desc())
    return query.order_by(page.c.due_at, page.c.id)
