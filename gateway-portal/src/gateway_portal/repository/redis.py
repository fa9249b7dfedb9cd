"""The connection to Redis: a part that is always ready, for the pages know what to say without it."""

from collections.abc import Sequence
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostConnectionError
from redis.exceptions import RedisError

from chassis.settings import RedisSettings
from gateway_portal.errors import RedisAwayError

_log = structlog.get_logger()


class RedisStore:
    """Commands, with one kind of failure."""

    name = "redis"

    def __init__(self, settings: RedisSettings) -> None:
        """Nothing is opened here."""
        self._redis: Redis = Redis.from_url(
            settings.url.get_secret_value(),
            socket_timeout=settings.timeout_seconds,
            socket_connect_timeout=settings.timeout_seconds,
            # A connection from before Redis was started anew shows only when it is used.
            retry=Retry(NoBackoff(), 1, supported_errors=(LostConnectionError,)),
        )
        self._up = True

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def stop(self) -> None:
        """Close them."""
        await self._redis.aclose()

    def health(self) -> str | None:
        """Whether it answered last time; without it nobody can sign in."""
        return None if self._up else "Redis does not answer"

    async def run(self, *command: str | float | bytes) -> Any:  # noqa: ANN401  (whatever Redis gives)
        """What Redis answers to a command.

        Raises:
            RedisAwayError: nothing in time.
        """
        try:
            answer = await self._redis.execute_command(*command)  # type: ignore[no-untyped-call]  # their gap
        except (RedisError, OSError, TimeoutError) as error:
            if self._up:
                _log.warning("redis_away", error=type(error).__name__)
            self._up = False
            raise RedisAwayError from None
        self._up = True
        return answer

    async def script(self, source: str, keys: Sequence[str], *told: str | float) -> Any:  # noqa: ANN401  (as above)
        """What a script gives, which nothing else comes between.

        Raises:
            RedisAwayError: nothing in time.
        """
        return await self.run("EVAL", source, len(keys), *keys, *told)
