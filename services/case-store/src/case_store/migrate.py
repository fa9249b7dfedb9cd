"""Bring a database to the newest schema; safe to run by several processes at once and again and again.

Indexes that a seeding took off and was killed before it put them back are put back here too.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from case_store.repository import indexes
from case_store.repository.database import Database, driver_url

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_MIGRATING: Final = 1420_0003


async def migrate(database_url: str, revision: str = "head") -> None:
    """Upgrade the database at this address, one process at a time, in one transaction."""
    engine = create_async_engine(driver_url(database_url), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
            await connection.run_sync(_upgrade, revision)
    finally:
        await engine.dispose()
    if revision == "head":
        await _heal(database_url)


async def _heal(database_url: str) -> None:
    database = Database(database_url, pool_size=2)
    try:
        async with indexes.alone(database) as nobody_else:
            if nobody_else:
                async for _ in indexes.put_back(database):
                    pass
    finally:
        await database.stop()


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, revision: str) -> None:
    command.upgrade(alembic_config(connection), revision)
