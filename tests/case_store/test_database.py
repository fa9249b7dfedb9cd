"""The pool of connections: what PostgreSQL closed is not used again, and none is left in a transaction."""

import asyncio

import asyncpg
import pytest

from case_store.errors import StoreUnavailableError
from case_store.repository.database import Database

_END_ALL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()
"""


async def end_all_connections(url: str) -> None:
    """What a restart of PostgreSQL does to everybody."""
    plain = await asyncpg.connect(url.replace("+asyncpg", ""))
    await plain.execute(_END_ALL)
    await plain.close()
    await asyncio.sleep(0.1)


@pytest.mark.parametrize("way", ["transaction", "reading"])
async def test_connections_that_postgresql_closed_are_not_used_again(database: Database, url: str, way: str):
    async def ask() -> int:
        async with getattr(database, way)() as tx:
            return await tx.raw.fetchval("SELECT 1")

    assert await asyncio.gather(*(ask() for _ in range(5))) == [1] * 5
    await end_all_connections(url)
    assert await asyncio.gather(*(ask() for _ in range(5))) == [1] * 5


async def test_a_transaction_cut_off_in_the_middle_is_ours_to_try_again(database: Database, url: str):
    async def cut_off() -> None:
        async with database.transaction() as tx:
            await tx.raw.execute("SELECT 1")
            await end_all_connections(url)
            await tx.raw.execute("SELECT 1")

    with pytest.raises(StoreUnavailableError):
        await cut_off()
    async with database.transaction() as tx:
        assert await tx.raw.fetchval("SELECT 1") == 1


async def test_what_raises_is_rolled_back_for_both_views_of_the_connection(database: Database):
    async with database.transaction() as tx:
        await tx.raw.execute("CREATE TABLE half_done (n int)")
        await tx.raw.execute("INSERT INTO half_done VALUES (1)")

    async def half() -> None:
        async with database.transaction() as tx:
            await tx.raw.execute("INSERT INTO half_done VALUES (2)")
            await tx.connection.exec_driver_sql("INSERT INTO half_done VALUES (3)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await half()
    async with database.reading() as tx:
        assert await tx.raw.fetchval("SELECT sum(n) FROM half_done") == 1


async def test_whoever_gives_up_waiting_leaves_no_transaction_open_behind_them(database: Database):
    async def stay() -> None:
        async with database.transaction() as tx:
            await tx.raw.execute("SELECT pg_sleep(10)")

    staying = [asyncio.create_task(stay()) for _ in range(12)]
    await asyncio.sleep(0.3)
    for task in staying:
        task.cancel()
    await asyncio.gather(*staying, return_exceptions=True)
    for _ in range(12):
        async with database.reading() as tx:
            assert not tx.raw.is_in_transaction()
            assert await tx.raw.fetchval("SELECT 1") == 1


async def test_a_connection_that_is_left_in_a_transaction_is_given_to_nobody(database: Database):
    async with database.reading() as tx:
        await tx.raw.execute("BEGIN")
    async with database.reading() as tx:
        assert not tx.raw.is_in_transaction()


async def test_nobody_waits_for_a_lock_for_ever(database: Database):
    async with database.reading() as tx:
        assert await tx.raw.fetchval("SHOW lock_timeout") == "10s"
