"""Cases and people by what names them exactly: a code, a number, a national id; always within reach."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from case_store.cursors import Position
from case_store.repository.database import Transaction
from case_store.repository.people import by_national_id
from case_store.repository.reach import within
from case_store.repository.tables import cases, contact, contact_address, staff
from case_store.staffing import Actor, Right

_MOST_PEOPLE: Final = 10
_case = cases.c


async def by_code(tx: Transaction, actor: Actor, code: str) -> list[dict[str, Any]]:
    """The case behind a code or an alias, if it is within reach."""
    found = await tx.raw.fetchval("SELECT case_id FROM tracking_code WHERE code = $1", code)
    return await tx.rows(shown(actor).where(_case.id == found)) if found else []


async def of_people(
    tx: Transaction, actor: Actor, contact_ids: Collection[UUID], after: Position | None, limit: int
) -> list[dict[str, Any]]:
    """The newest cases of these people, among those of the actor's desks."""
    query = shown(actor, inside_alone=True).where(_case.contact_id.in_(contact_ids), *before(after))
    return await tx.rows(query.order_by(_case.opened_at.desc(), _case.id.desc()).limit(limit))


async def at_number(tx: Transaction, number: str) -> list[UUID]:
    """Whose number this is."""
    query = sa.select(contact_address.c.contact_id).where(
        contact_address.c.kind == "msisdn", contact_address.c.value == number
    )
    return list((await tx.connection.execute(query)).scalars())


async def of_national_id(tx: Transaction, national_id: str) -> list[UUID]:
    """Whose national id this is; a slip of somebody's hand may have made them several."""
    return (await by_national_id(tx, national_id))[:_MOST_PEOPLE]


async def names(tx: Transaction, contact_ids: Collection[UUID]) -> dict[UUID, str]:
    """What these people are called, of those whose name is known."""
    query = sa.select(contact.c.id, contact.c.name)
    query = query.where(contact.c.id.in_(contact_ids), contact.c.name.is_not(None))
    return {row["id"]: row["name"] for row in await tx.rows(query)}


def inside(actor: Actor) -> sa.ColumnElement[bool]:
    """The cases that are theirs, not only ones that their unit was asked about."""
    return sa.true() if actor.may(Right.READ_ALL) else _case.desk.in_(actor.queues)


def shown(actor: Actor, *, inside_alone: bool = False) -> sa.Select[Any]:
    """Cases as lists show them, within reach."""
    reached = inside(actor) if inside_alone else within(actor)
    return summaries() if reached is None else summaries().where(reached)


def summaries() -> sa.Select[Any]:
    """Cases as lists show them, of whoever's reach."""
    columns = (*cases.c, staff.c.name.label("assignee_name"), sa.null().label("excerpt"))
    return sa.select(*columns).outerjoin_from(cases, staff, staff.c.id == _case.assignee_id)


def before(position: Position | None) -> list[sa.ColumnElement[bool]]:
    """Strictly older than a position."""
    if position is None:
        return []
    return [sa.tuple_(_case.opened_at, _case.id) < sa.tuple_(position.at, position.id)]
