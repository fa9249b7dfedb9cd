"""Which cases somebody reaches, as SQL: their units' desks, and what was referred to their units."""

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from case_store.repository.database import Transaction
from case_store.repository.tables import cases, referral, tracking_code
from case_store.staffing import Actor, Right

QUEUES: Final[sa.BindParameter[str]] = sa.bindparam("queues", expanding=True)
UNITS: Final[sa.BindParameter[str]] = sa.bindparam("units", expanding=True)
"""An actor's desks and units, for a statement that is composed once and told whose it is when it is sent."""
_REFERRED: Final = "SELECT EXISTS (SELECT FROM referral WHERE case_id = $1 AND unit_id = ANY($2))"


def within(actor: Actor) -> sa.ColumnElement[bool] | None:
    """The condition on `cases`; None when there is no limit."""
    return None if actor.may(Right.READ_ALL) else limited(actor.queues, actor.units)


def limited(queues: Any, units: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401  (values, or what they are bound to)
    """The same for whoever reaches these desks' cases, and what was referred to these units."""
    asked = sa.exists().where(referral.c.case_id == cases.c.id, referral.c.unit_id.in_(units))
    return sa.or_(cases.c.desk.in_(queues), asked)


async def reaches(tx: Transaction, actor: Actor, case_id: UUID, desk: str) -> bool:
    """Whether this case, at this desk, is within reach."""
    if actor.may(Right.READ_ALL) or desk in actor.queues:
        return True
    found: Any = await tx.raw.fetchval(_REFERRED, case_id, list(actor.units))
    return bool(found)


async def case_behind(tx: Transaction, actor: Actor, code: str) -> UUID | None:
    """The id of the case behind a code, nothing held; None if there is none within reach."""
    query = sa.select(cases.c.id).join(tracking_code, tracking_code.c.case_id == cases.c.id)
    condition = within(actor)
    query = query.where(tracking_code.c.code == code, sa.true() if condition is None else condition)
    return (await tx.connection.execute(query)).scalar_one_or_none()
