"""Redis when it answers, a fallback when it does not, and one log line when that changes."""

import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from chassis.settings import RedisSettings
from gateway_sms.metrics import REDIS_UP

T = TypeVar("T")
D = TypeVar("D")
_REST_SECONDS: Final = 2.0
_log = structlog.get_logger()


class RedisStore:
    """A part that is always ready: whoever uses it says what to do without it."""

    name = "redis"

    def __init__(self, settings: RedisSettings) -> None:
        self._redis: Redis = Redis.from_url(
            settings.url.get_secret_value(),
            decode_responses=True,
            socket_timeout=settings.timeout_seconds,
            socket_connect_timeout=settings.timeout_seconds,
        )
        self._up = True
        self._rest_until = 0.0

    async def start(self) -> None:
        """Connections are made when they are needed."""
        REDIS_UP.set(1)

    async def stop(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    def health(self) -> str | None:
        """Ready: the gateway works without it."""
        return None

    async def attempt(self, work: Callable[[Redis], Awaitable[T]], *, otherwise: D) -> T | D:
        """What `work` gives, or `otherwise` while Redis is away; then it is left alone for a moment."""
        if time.monotonic() < self._rest_until:
            return otherwise
        try:
            found = await work(self._redis)
        except (RedisError, OSError, TimeoutError) as error:
            self._rest_until = time.monotonic() + _REST_SECONDS
            self._turned(up=False, error=type(error).__name__)
            return otherwise
        self._turned(up=True)
        return found

    def _turned(self, *, up: bool, error: str | None = None) -> None:
        if up is self._up:
            return
        self._up = up
        REDIS_UP.set(int(up))
        if up:
            _log.info("redis_back")
        else:
            _log.warning("redis_away", error=error)
