"""Asks each engine and service, in its own protocol, how it is."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import asyncpg
import httpx
import redis.asyncio
from redis.exceptions import RedisError

from bus.errors import BusUnavailableError
from bus.settings import KafkaSettings
from bus.topics_admin import existing_topics

_SECONDS: Final = 3.0


@dataclass(frozen=True)
class DatabaseFacts:
    """What a PostgreSQL says of itself."""

    version: int
    """Its major version."""
    migrated_to: str | None
    """The migration that it is at; None on an empty database."""
    seconds_ahead: float
    """Its clock against ours."""


async def service_reason(client: httpx.AsyncClient, base_url: str) -> str | None:
    """None if the service's /readyz is green and nothing degrades it, else the reasons."""
    try:
        answer = await client.get(f"{base_url}/readyz", timeout=_SECONDS)
    except httpx.HTTPError as error:
        return f"it does not answer ({type(error).__name__})"
    try:
        reasons = "; ".join(f"{part}: {reason}" for part, reason in answer.json()["reasons"].items())
    except (ValueError, KeyError, AttributeError, TypeError):
        return f"/readyz answers {answer.status_code}"
    return reasons or (None if answer.is_success else "not ready, without a reason")


async def kafka_topics(bootstrap_servers: str) -> set[str] | None:
    """The topics that a Kafka has; None if it cannot be reached."""
    try:
        async with asyncio.timeout(_SECONDS * 2):
            return await existing_topics(KafkaSettings(bootstrap_servers=bootstrap_servers))
    except (TimeoutError, BusUnavailableError):
        return None


async def database_facts(url: str) -> DatabaseFacts | str:
    """What a PostgreSQL says of itself, or why it does not."""
    try:
        connection = await asyncpg.connect(plain_database_url(url), timeout=_SECONDS)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return f"it does not let us in ({type(error).__name__})"
    try:
        asked_at = time.time()
        its_time = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
        ahead = its_time - (asked_at + time.time()) / 2
        has_table = await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL")
        migrated_to = (
            await connection.fetchval("SELECT max(version_num) FROM alembic_version") if has_table else None
        )
        return DatabaseFacts(connection.get_server_version().major, migrated_to, ahead)
    finally:
        await connection.close()


async def redis_version(url: str) -> tuple[int, int] | None:
    """Major and minor version of a Redis or Valkey; None if it does not answer."""
    client = redis.asyncio.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)
    try:
        facts = await client.info("server")
        major, minor, *_ = str(facts["redis_version"]).split(".")
        return int(major), int(minor)
    except (RedisError, OSError, KeyError, ValueError):
        return None
    finally:
        await client.aclose()


def plain_database_url(url: str) -> str:
    """SQLAlchemy's `postgresql+asyncpg://…` as asyncpg itself takes it."""
    return url.replace("+asyncpg", "", 1)


async def engine_reason(name: str, url: str) -> str | None:
    """None if the engine (by its name) answers at this URL, else the reason."""
    if name == "kafka":
        return None if await kafka_topics(url) is not None else "it does not answer"
    if name == "postgres":
        facts = await database_facts(url)
        return facts if isinstance(facts, str) else None
    return None if await redis_version(url) is not None else "it does not answer, or refuses our password"
