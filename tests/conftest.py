"""Real engines for every test that needs one: started once, on free ports, in folders of their own."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser
from sqlalchemy import URL

from bus.settings import KafkaSettings
from case_store.migrate import migrate
from payam.engines import Engines, running_engines
from tests.browser.stage import chromium, demand_chromium
from tests.postgres_server import admin, running_postgres, text_of
from tests.redis_server import RedisServer


@pytest.fixture(scope="session")
def broker(tmp_path_factory) -> Iterator[Engines]:
    """The embedded broker; `broker.kill("kafka")` and `broker.restart("kafka")` break it on purpose."""
    with running_engines(tmp_path_factory.mktemp("broker"), postgres=False, redis=False) as engines:
        yield engines


@pytest.fixture
def kafka_settings(broker: Engines) -> KafkaSettings:
    """How services reach the embedded broker."""
    return embedded(broker.urls.kafka)


def embedded(bootstrap_servers: str) -> KafkaSettings:
    """The settings that the embedded broker asks for."""
    return KafkaSettings(
        bootstrap_servers=bootstrap_servers,
        idempotent_producer=False,
        forgetful=True,
        partitions=1,
        fetch_max_wait_ms=20,
        session_timeout_ms=3000,
        publish_timeout_seconds=1,
    )


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """The embedded server, with an empty database to connect to."""
    with running_postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
def template(postgres: URL) -> str:
    """A migrated database that every test copies."""

    async def make() -> str:
        await admin(postgres, "CREATE DATABASE template_case_store")
        await migrate(text_of(postgres.set(database="template_case_store")))
        return "template_case_store"

    return asyncio.run(make())


@pytest.fixture(scope="session")
def one_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis(one_redis: RedisServer) -> RedisServer:
    """One for every test, emptied before each."""
    with one_redis.client() as client:
        client.flushall()
    return one_redis


@pytest.fixture
def mortal_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """One that a test may kill."""
    server = RedisServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; one a module, for while it runs there is an event loop that asynchronous tests would meet."""
    demand_chromium()
    with chromium() as browser:
        yield browser


def pytest_configure(config: pytest.Config) -> None:
    """The machine's own engines do not count, and a property holds however slow the machine is."""
    settings.register_profile("payam", deadline=None)
    settings.load_profile("payam")
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
