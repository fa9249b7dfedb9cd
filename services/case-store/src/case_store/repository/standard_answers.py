"""Standard answers and their versions, as rows: written, decided, counted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from case_store.repository.database import Transaction
from case_store.repository.tables import answer_use, answer_version, standard_answer

_LOADING: Final = 1420_0017
_answer, _version = standard_answer.c, answer_version.c
_ANY: Final = "SELECT EXISTS (SELECT FROM standard_answer)"
_USED: Final = "UPDATE standard_answer SET uses = uses + 1 WHERE id = $1"


async def lock(tx: Transaction, answer_id: UUID) -> dict[str, Any] | None:
    """An answer, held until the end of the transaction."""
    return await tx.row(sa.select(standard_answer).where(_answer.id == answer_id).with_for_update())


async def find(tx: Transaction, answer_id: UUID) -> dict[str, Any] | None:
    """An answer with all its versions, the newest first."""
    row = await tx.row(sa.select(standard_answer).where(_answer.id == answer_id))
    if row is None:
        return None
    query = sa.select(answer_version).where(_version.answer_id == answer_id)
    return {**row, "versions": await tx.rows(query.order_by(_version.number.desc()))}


async def find_version(tx: Transaction, answer_id: UUID, number: int) -> dict[str, Any] | None:
    """One version."""
    return await tx.row(
        sa.select(answer_version).where(_version.answer_id == answer_id, _version.number == number)
    )


async def add(tx: Transaction, fields: Mapping[str, Any]) -> None:
    """A new answer, without a version yet."""
    await tx.connection.execute(sa.insert(standard_answer).values(**fields))


async def add_version(tx: Transaction, answer_id: UUID, fields: Mapping[str, Any]) -> int:
    """The next version of an answer that is held; its number."""
    newest = sa.select(sa.func.max(_version.number)).where(_version.answer_id == answer_id)
    number = ((await tx.connection.execute(newest)).scalar_one() or 0) + 1
    row = {**fields, "answer_id": answer_id, "number": number}
    await tx.connection.execute(sa.insert(answer_version).values(**row))
    return int(number)


async def change_version(tx: Transaction, answer_id: UUID, number: int, fields: Mapping[str, Any]) -> None:
    """Write a decision."""
    one = (_version.answer_id == answer_id) & (_version.number == number)
    await tx.connection.execute(sa.update(answer_version).where(one).values(**fields))


async def touch(tx: Transaction, answer_id: UUID, **fields: object) -> None:
    """Change an answer, and say so by its version."""
    query = sa.update(standard_answer).where(_answer.id == answer_id)
    await tx.connection.execute(query.values(**fields, version=_answer.version + 1))


async def is_first(tx: Transaction) -> bool:
    """Whether there is no answer at all; then held, so that two processes do not both fill the table."""
    if await tx.raw.fetchval(_ANY):
        return False
    await tx.raw.execute("SELECT pg_advisory_xact_lock($1)", _LOADING)
    return not await tx.raw.fetchval(_ANY)


async def count_use(
    tx: Transaction, answer_id: UUID, number: int, case_id: UUID, by: str, now: datetime
) -> None:
    """Write down that a reply was made from a version."""
    await tx.connection.execute(
        sa.insert(answer_use).values(
            id=uuid4(), answer_id=answer_id, number=number, case_id=case_id, staff_name=by, used_at=now
        )
    )
    await tx.raw.execute(_USED, answer_id)
