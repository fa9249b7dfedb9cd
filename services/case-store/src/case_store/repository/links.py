"""Links between cases, one row a pair, seen from both ends; and the other cases of the same person."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from case_store.model import Case, CaseState
from case_store.repository.database import Transaction
from case_store.repository.reach import within
from case_store.repository.tables import case_link, cases
from case_store.staffing import Actor

_OTHERS: Final = 10
_HOLD_PAIR: Final = "SELECT pg_advisory_xact_lock(hashtextextended($1, 1420))"
_BETWEEN: Final = """
    SELECT case_id, relation FROM case_link
    WHERE (case_id = $1 AND other_id = $2) OR (case_id = $2 AND other_id = $1)
"""
_PUT: Final = (
    "INSERT INTO case_link (case_id, other_id, relation, made_by, made_at) VALUES ($1, $2, $3, $4, $5)"
)
_DROP: Final = """
    DELETE FROM case_link WHERE (case_id = $1 AND other_id = $2) OR (case_id = $2 AND other_id = $1)
"""


async def between(tx: Transaction, case_id: UUID, other_id: UUID) -> str | None:
    """How two cases are linked, whichever of them it was said of; held till the transaction ends."""
    await tx.raw.execute(_HOLD_PAIR, "|".join(sorted((str(case_id), str(other_id)))))
    row = await tx.raw.fetchrow(_BETWEEN, case_id, other_id)
    return row["relation"] if row else None


async def put(tx: Transaction, case: Case, other_id: UUID, relation: str, by: str, now: datetime) -> None:
    """Link a case to another one."""
    await tx.raw.execute(_PUT, case.id, other_id, relation, by, now)


async def drop(tx: Transaction, case_id: UUID, other_id: UUID) -> None:
    """Link them no longer."""
    await tx.raw.execute(_DROP, case_id, other_id)


async def of_case(tx: Transaction, actor: Actor, case_id: UUID) -> list[dict[str, Any]]:
    """The cases within reach that this one is linked to; `outgoing` is true where it was said of this one."""
    link = case_link.c
    ends = sa.union_all(
        sa.select(link.other_id.label("far_id"), link.relation, link.made_by, link.made_at)
        .add_columns(sa.true().label("outgoing"))
        .where(link.case_id == case_id),
        sa.select(link.case_id, link.relation, link.made_by, link.made_at, sa.false())
        .where(link.other_id == case_id),
    ).subquery("ends")  # fmt: skip
    query = sa.select(cases.c.tracking_code, cases.c.state, cases.c.topic, cases.c.kind, *ends.c)
    query = query.join(ends, ends.c.far_id == cases.c.id)
    condition = within(actor)
    query = query if condition is None else query.where(condition)
    return await tx.rows(query.order_by(ends.c.made_at, cases.c.tracking_code))


async def others(tx: Transaction, actor: Actor, contact_id: UUID, but: UUID) -> list[dict[str, Any]]:
    """The person's ten newest other cases within reach."""
    query = sa.select(cases).where(cases.c.contact_id == contact_id, cases.c.id != but)
    return await tx.rows(_newest(query, actor))


async def still_open(tx: Transaction, actor: Actor, contact_id: UUID, but: UUID) -> list[dict[str, Any]]:
    """The same, of those that are not closed."""
    query = sa.select(cases).where(cases.c.contact_id == contact_id, cases.c.id != but)
    return await tx.rows(_newest(query.where(cases.c.state != CaseState.CLOSED), actor))


def _newest(query: sa.Select[Any], actor: Actor) -> sa.Select[Any]:
    condition = within(actor)
    query = query if condition is None else query.where(condition)
    return query.order_by(cases.c.opened_at.desc(), cases.c.id.desc()).limit(_OTHERS)
