"""Invented rows into the store, by COPY; and what a seeding must know of the store beforehand."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from case_store.repository import search_index
from case_store.repository.database import Database, Transaction

_PEOPLE: Final = "SELECT count(*) FROM contact_address WHERE kind = 'msisdn' AND value LIKE $1 || '%'"
_HASTE: Final = "SET LOCAL synchronous_commit = off"
_LAST_WAITING: Final = "SELECT last_value - (NOT is_called)::int FROM search_pending_id_seq"
_WRITTEN: Final = "DELETE FROM search_pending WHERE id > $1 AND case_id = ANY ($2)"
"""What the words made wait, and was written beside them: nobody need come back for it."""


async def is_empty(tx: Transaction) -> bool:
    """Whether nobody is in the store yet."""
    return not await tx.raw.fetchval("SELECT EXISTS (SELECT FROM contact) OR EXISTS (SELECT FROM cases)")


async def people_with(tx: Transaction, prefix: str) -> int:
    """How many people have a number that begins so."""
    return int(await tx.raw.fetchval(_PEOPLE, prefix))


async def staff_among(tx: Transaction, ids: Sequence[str]) -> bool:
    """Whether any of these is on the staff already."""
    return bool(await tx.raw.fetchval("SELECT EXISTS (SELECT FROM staff WHERE id = ANY ($1))", ids))


async def copy(tx: Transaction, rows: Mapping[str, Sequence[Any]], documents: Mapping[str, str]) -> None:
    """Write each table's rows (named tuples of its columns) in the order given, and what cases are found by.

    The commit does not wait for the disk: a power cut would cost a seeding its last batches, never its shape.
    """
    await tx.raw.execute(_HASTE)
    waiting = await tx.raw.fetchval(_LAST_WAITING)
    for table, of_table in rows.items():
        if of_table:
            await tx.copy(table, of_table[0]._fields, of_table)
    if documents:
        await search_index.write(tx, {UUID(case_id): words for case_id, words in documents.items()})
        await tx.raw.execute(_WRITTEN, waiting, [*documents])


async def settle(database: Database, tables: Sequence[str]) -> None:
    """Let PostgreSQL see what is there now: statistics for plans, and which pages everybody sees."""
    async with database.engine.connect() as pooled:
        connection = await pooled.execution_options(isolation_level="AUTOCOMMIT")
        for table in tables:
            await connection.exec_driver_sql(f"VACUUM (ANALYZE) {table}")
