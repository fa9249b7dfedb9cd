"""Secondary indexes taken off while a great deal is copied in, and put back whatever happens meanwhile.

Their definitions wait in a table that is made and emptied with the same commits as the indexes: a process
that is killed half-way leaves the list behind, and the next migration (or seeding) puts them back.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from case_store.repository.database import Database, Transaction

_WORKING: Final = 1420_0018
_LIST: Final = "CREATE TABLE IF NOT EXISTS index_taken_off (definition text PRIMARY KEY)"
_SECONDARY: Final = """
    SELECT quote_ident(class.relname) AS name, pg_get_indexdef(index.indexrelid) AS definition
    FROM pg_index AS index JOIN pg_class AS class ON class.oid = index.indexrelid
    WHERE index.indrelid = ANY ($1::regclass[]) AND NOT index.indisunique
    ORDER BY class.relname
"""
_WAITING: Final = "SELECT definition FROM index_taken_off ORDER BY definition"
_IS_LISTED: Final = "SELECT to_regclass('index_taken_off') IS NOT NULL"
_ROOM: Final = "SET LOCAL maintenance_work_mem = '512MB'"
_PATIENCE: Final = "SET LOCAL lock_timeout = 0"


@asynccontextmanager
async def alone(database: Database) -> AsyncIterator[bool]:
    """Whether nobody else takes off or puts back indexes; nobody will while the block runs."""
    async with database.engine.connect() as pooled:
        connection = await pooled.execution_options(isolation_level="AUTOCOMMIT")
        got = await connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_WORKING})")
        try:
            yield bool(got.scalar_one())
        finally:
            await connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_WORKING})")


async def take_off(tx: Transaction, tables: Sequence[str]) -> list[str]:
    """Drop the secondary indexes of these tables and remember them; their names."""
    await tx.raw.execute(_LIST)
    found = await tx.raw.fetch(_SECONDARY, tables)
    await tx.raw.executemany(
        "INSERT INTO index_taken_off VALUES ($1) ON CONFLICT DO NOTHING",
        [(row["definition"],) for row in found],
    )
    for row in found:
        await tx.raw.execute(f"DROP INDEX {row['name']}")
    return [row["name"] for row in found]


async def taken_off(tx: Transaction) -> list[str]:
    """The definitions of the indexes that are to be put back."""
    if not await tx.raw.fetchval(_IS_LISTED):
        return []
    return [row["definition"] for row in await tx.raw.fetch(_WAITING)]


async def put_back(database: Database) -> AsyncIterator[str]:
    """Build again what was taken off, each in its own transaction; its definition when it stands."""
    async with database.transaction() as tx:
        waiting = await taken_off(tx)
    for definition in waiting:
        async with database.transaction() as tx:
            await tx.raw.execute(_PATIENCE)
            await tx.raw.execute(_ROOM)
            await tx.raw.execute(definition.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1))
            await tx.raw.execute("DELETE FROM index_taken_off WHERE definition = $1", definition)
        yield definition
    async with database.transaction() as tx:
        await tx.raw.execute("DROP TABLE IF EXISTS index_taken_off")
