"""Dead letters and who sent them again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bus.dead_letters import DeadLetter
from bus.port import Record
from case_store.cursors import Position
from case_store.model import DeadLetterState, named, storable
from case_store.repository.database import Transaction
from case_store.repository.tables import dead_letter, dead_letter_replay

_COLUMNS: Final = (
    *(dead_letter.c[name] for name in ("id", "topic", "partition", "offset", "reason", "state", "failed_at")),
    sa.func.length(dead_letter.c.value).label("size"),
)


async def keep(tx: Transaction, letters: Sequence[DeadLetter], now: datetime) -> list[DeadLetter]:
    """Keep the letters that are new; one read twice from its topic is one row."""
    rows = {
        identity(letter): {
            "id": identity(letter),
            "topic": storable(letter.topic),
            "partition": letter.partition,
            "offset": letter.offset,
            "key": letter.key,
            "value": letter.value,
            "reason": storable(letter.reason),
            "state": DeadLetterState.WAITING,
            "failed_at": letter.failed_at,
            "stored_at": now,
        }
        for letter in letters
    }
    insert = pg_insert(dead_letter).on_conflict_do_nothing()
    result = await tx.connection.execute(insert.returning(dead_letter.c.id), [*rows.values()])
    new = set(result.scalars())
    return [letter for letter in letters if identity(letter) in new]


async def page(
    tx: Transaction, *, topic: str | None, state: DeadLetterState | None, after: Position | None, limit: int
) -> list[dict[str, Any]]:
    """The newest letters, or the ones after a position."""
    query = (
        sa.select(*_COLUMNS).order_by(dead_letter.c.failed_at.desc(), dead_letter.c.id.desc()).limit(limit)
    )
    if topic is not None:
        query = query.where(dead_letter.c.topic == topic)
    if state is not None:
        query = query.where(dead_letter.c.state == state)
    if after is not None:
        query = query.where(
            sa.tuple_(dead_letter.c.failed_at, dead_letter.c.id) < sa.tuple_(after.at, after.id)
        )
    return await tx.rows(query)


async def find(tx: Transaction, letter_id: UUID) -> dict[str, Any] | None:
    """One letter whole, with who sent it again and when."""
    query = sa.select(*_COLUMNS, dead_letter.c.key, dead_letter.c.value).where(dead_letter.c.id == letter_id)
    row = await tx.row(query)
    if row is None:
        return None
    replays = (
        sa.select(dead_letter_replay.c.actor, dead_letter_replay.c.replayed_at)
        .where(dead_letter_replay.c.dead_letter_id == letter_id)
        .order_by(dead_letter_replay.c.id)
    )
    return {**row, "replays": await tx.rows(replays)}


async def take_one(tx: Transaction, letter_id: UUID) -> Record | None:
    """One letter's record, its row held; None if there is no such letter."""
    chosen = sa.select(dead_letter.c.id).where(dead_letter.c.id == letter_id).with_for_update()
    return next((record for _, record in await _take(tx, chosen)), None)


async def take_waiting(
    tx: Transaction, topic: str | None, failed_before: datetime, limit: int
) -> list[tuple[UUID, Record]]:
    """The oldest waiting letters of a topic (or of all), their rows held."""
    chosen = sa.select(dead_letter.c.id).where(
        dead_letter.c.state == DeadLetterState.WAITING, dead_letter.c.failed_at < failed_before
    )
    if topic is not None:
        chosen = chosen.where(dead_letter.c.topic == topic)
    return await _take(tx, chosen.order_by(dead_letter.c.failed_at).limit(limit).with_for_update())


async def count_waiting(tx: Transaction) -> int:
    """How many letters nobody has sent again."""
    query = (
        sa.select(sa.func.count())
        .select_from(dead_letter)
        .where(dead_letter.c.state == DeadLetterState.WAITING)
    )
    return int((await tx.connection.execute(query)).scalar_one())


async def note_replay(tx: Transaction, letter_ids: Sequence[UUID], actor: str, now: datetime) -> None:
    """Write down who sent them again, and when."""
    await tx.connection.execute(
        dead_letter.update().where(dead_letter.c.id.in_(letter_ids)).values(state=DeadLetterState.REPLAYED)
    )
    rows = [{"dead_letter_id": letter_id, "actor": actor, "replayed_at": now} for letter_id in letter_ids]
    await tx.connection.execute(dead_letter_replay.insert(), rows)


def identity(letter: DeadLetter) -> UUID:
    """The same letter read twice from its topic is one letter; a second failure of one record is another."""
    return named(f"{letter.topic}|{letter.partition}|{letter.offset}|{letter.failed_at.isoformat()}")


async def _take(tx: Transaction, chosen: sa.Select[tuple[UUID]]) -> list[tuple[UUID, Record]]:
    ids = (await tx.connection.execute(chosen)).scalars().all()
    table = dead_letter.c
    query = (
        sa.select(table.id, table.topic, table.key, table.value)
        .where(table.id.in_(ids))
        .order_by(table.failed_at)
    )
    rows = (await tx.connection.execute(query)).all()
    return [(row.id, Record(row.topic, row.key, row.value)) for row in rows]
