"""The schema grows from nothing, may be made twice, and is what the code says it is."""

import asyncio
from pathlib import Path
from uuid import uuid4

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from case_store import migrations
from case_store.migrate import migrate
from case_store.model import CaseState, Rules
from case_store.repository.database import Database
from case_store.repository.tables import metadata
from tests.case_store.conftest import Store, admin, routed, text_of


async def test_an_empty_database_is_brought_to_the_newest_schema_by_several_at_once(postgres):
    name = f"empty_{uuid4().hex}"
    await admin(postgres, f"CREATE DATABASE {name}")
    url = text_of(postgres.set(database=name))
    await asyncio.gather(*(migrate(url) for _ in range(4)))
    await migrate(url.replace("postgresql+asyncpg", "postgresql"))
    database = Database(url)
    await Store(database, Rules()).file(routed())
    await database.stop()
    await admin(postgres, f"DROP DATABASE {name} WITH (FORCE)")


async def test_the_tables_in_code_are_those_of_the_migrations(database: Database):
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, metadata))

    async with database.transaction() as tx:
        assert await tx.connection.run_sync(differences) == []


async def test_the_checks_of_the_database_know_every_state(database: Database):
    async with database.transaction() as tx:
        query = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'cases_state_check'"
        check = (await tx.connection.execute(text(query))).scalar_one()
    assert all(f"'{state}'" in check for state in CaseState)


def test_the_migrations_follow_one_another_without_a_gap():
    versions = Path(migrations.__file__).parent / "versions"
    names = sorted(path.name[:4] for path in versions.glob("[0-9]*.py"))
    assert names == [f"{number:04}" for number in range(1, len(names) + 1)]
    config = Config()
    config.set_main_option("script_location", str(versions.parent))
    walked = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert walked == sorted(names, reverse=True)
