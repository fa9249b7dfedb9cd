"""Lists of cases: the newest first, or the nearest deadline first; within reach, a page at a time.

The newest come off one index. The nearest deadlines come off `cases_due`, which begins with the desk: each
desk gives its first few, and those are merged, so that a page costs the same with a thousand cases waiting
as with a hundred thousand. What has no deadline comes last.
"""

from dataclasses import fields
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from case_store.cursors import NEVER, Position
from case_store.model import ReferralState
from case_store.repository.database import Transaction
from case_store.repository.filters import WAITING, Filters, Order, conditions
from case_store.repository.reach import QUEUES, UNITS, limited
from case_store.repository.tables import cases, message, referral, staff
from case_store.repository.tables.base import MOMENT
from case_store.repository.tables.cases import UNDECIDED
from case_store.staffing import Actor, Right

EXCERPT: Final = 140
"""Letters of the last message that a list shows."""
"""Letters of the person's last word that a list shows."""
_LIVE: Final = (ReferralState.OPEN, ReferralState.FORWARDED)
_FLAGS: Final = frozenset({"unclaimed", "undecided"})
_MOST: Final = sa.bindparam("most", type_=sa.Integer)
_AFTER_ID: Final = sa.bindparam("after_id", type_=sa.Uuid)
_AFTER: Final = sa.tuple_(sa.bindparam("after_at", type_=MOMENT), _AFTER_ID)
"""The position of the last case of the page before."""
_HELD_DESKS: Final = f"""
    WITH RECURSIVE held (desk) AS (
        (SELECT desk FROM cases WHERE {UNDECIDED} ORDER BY desk LIMIT 1)
        UNION ALL
        SELECT (SELECT cases.desk FROM cases WHERE {UNDECIDED} AND cases.desk > held.desk
                ORDER BY cases.desk LIMIT 1)
        FROM held WHERE held.desk IS NOT NULL
    ) SELECT desk FROM held WHERE desk IS NOT NULL
"""  # noqa: S608  (a condition of ours)


class _Shape(NamedTuple):
    """What a statement depends on beside its values: composing one costs more than running it."""

    order: Order
    given: frozenset[str]
    """The filters that are told."""
    begins: str
    """`first`, or `timed` or `timeless` after a case with a deadline or without."""
    by_desk: bool
    limited: bool
    """The actor does not reach everything."""


async def page(
    tx: Transaction, actor: Actor, filters: Filters, after: Position | None, limit: int, order: Order
) -> list[dict[str, Any]]:
    """One page, each row with its `position`, who holds it and how its person's last word began."""
    desks = await _desks(tx, actor, filters) if order is Order.DUE else None
    told = {name: value for name, value in _values(filters).items() if value not in (None, False)}
    begins = "first" if after is None else "timeless" if after.at == NEVER else "timed"
    everything = actor.may(Right.READ_ALL)
    shape = _Shape(order, frozenset(told), begins, desks is not None, not everything)
    values = {name: value for name, value in told.items() if value is not True} | {"most": limit}
    if after is not None:
        values |= {"after_at": after.at, "after_id": after.id}
    if desks is not None:
        values["desks"] = desks
    if not everything:
        values |= {"queues": [*actor.queues], "units": [*actor.units]}
    return await tx.rows(_statement(shape), values)


@lru_cache(maxsize=512)
def _statement(shape: _Shape) -> sa.Select[Any]:
    """The page of a shape; its values come when it is sent."""
    told: dict[str, Any] = {name: sa.bindparam(name) for name in shape.given}
    told |= dict.fromkeys(shape.given & _FLAGS, True)
    wanted = conditions(Filters(**told))
    if shape.limited:
        wanted.append(limited(QUEUES, UNITS))
    compose = _newest if shape.order is Order.NEWEST else _nearest
    return _shown(compose(shape, wanted), shape.order)


def _values(filters: Filters) -> dict[str, Any]:
    return {field.name: getattr(filters, field.name) for field in fields(filters)}


def _newest(shape: _Shape, wanted: list[sa.ColumnElement[bool]]) -> sa.Subquery:
    query = sa.select(cases.c.id, cases.c.opened_at).where(*wanted)
    if shape.begins != "first":
        query = query.where(sa.tuple_(cases.c.opened_at, cases.c.id) < _AFTER)
    return query.order_by(cases.c.opened_at.desc(), cases.c.id.desc()).limit(_MOST).subquery("page")


def _nearest(shape: _Shape, wanted: list[sa.ColumnElement[bool]]) -> sa.Subquery:
    """The first few with a deadline and, in case they are not enough, without; of each desk, then of all."""
    wanted = [WAITING, *wanted]
    parts = [part for phase in _phases(shape.begins) for part in _parts(shape, [*wanted, *phase])]
    every = sa.union_all(*parts).subquery("every")
    return sa.select(every).order_by(every.c.due_at, every.c.id).limit(_MOST).subquery("page")


def _phases(begins: str) -> list[list[sa.ColumnElement[bool]]]:
    """What comes after a position: with a deadline, and then without."""
    column = cases.c
    if begins == "timeless":
        return [[column.due_at.is_(None), column.id > _AFTER_ID]]
    timed: sa.ColumnElement[bool] = column.due_at.is_not(None)
    if begins == "timed":
        timed = sa.tuple_(column.due_at, column.id) > _AFTER
    return [[timed], [column.due_at.is_(None)]]


def _parts(shape: _Shape, wanted: list[sa.ColumnElement[bool]]) -> list[sa.Select[Any]]:
    # Ids alone: a column here costs SQLAlchemy more, level by level, than the look-up of the page's rows.
    first = sa.select(cases.c.id, cases.c.due_at).where(*wanted)
    first = first.order_by(cases.c.due_at, cases.c.id).limit(_MOST)
    if not shape.by_desk:
        return [sa.select(first.subquery())]
    desks = sa.bindparam("desks", type_=ARRAY(sa.Text))
    each = sa.func.unnest(desks).table_valued("desk").render_derived("of")
    of_desk = first.where(cases.c.desk == each.c.desk).lateral("mine")
    parts = [sa.select(of_desk).select_from(each.join(of_desk, sa.true()))]
    if shape.limited:
        asked = sa.select(referral.c.case_id).where(
            referral.c.unit_id.in_(UNITS), referral.c.state.in_(_LIVE)
        )
        elsewhere = first.where(cases.c.id.in_(asked), cases.c.desk != sa.all_(desks))
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
        sa.select(sa.func.left(message.c.text, EXCERPT))
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
