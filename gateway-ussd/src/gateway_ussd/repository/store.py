"""Redis for thousands of steps a second: what is asked at one moment goes in one pipeline.

A command of its own costs five times as much of the process as one in a batch, and a batch forms by itself:
while one is under way the next one gathers.
"""

import asyncio
import time
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostConnectionError
from redis.exceptions import NoScriptError, RedisError

from chassis.settings import RedisSettings
from gateway_ussd.errors import RedisAwayError
from gateway_ussd.metrics import REDIS_UP

_FAILURES: Final = 2
"""In a row; one alone may be this process that was late itself."""
_REST_SECONDS: Final = 1.0
"""After them nobody waits for Redis again for so long."""
_LARGEST_BATCH: Final = 256
_log = structlog.get_logger()
_Waiter = tuple[tuple[Any, ...], "asyncio.Future[Any]"]


class RedisStore:
    """A part that is always ready: whoever uses it knows what to do without it."""

    name = "redis"

    def __init__(self, settings: RedisSettings, longest_wait: float) -> None:
        """`longest_wait`: seconds for a batch, where the settings do not say less."""
        wait = min(settings.timeout_seconds, longest_wait)
        self._redis: Redis = Redis.from_url(
            settings.url.get_secret_value(),
            socket_timeout=wait,
            socket_connect_timeout=wait,
            # A connection from before Redis was started anew shows only when it is used.
            retry=Retry(NoBackoff(), 1, supported_errors=(LostConnectionError,)),
        )
        self._longest_wait = wait
        self._queue: list[_Waiter] = []
        self._sending: asyncio.Task[None] | None = None
        self._up = True
        self._in_a_row = 0
        self._rest_until = 0.0

    async def start(self) -> None:
        """Connections are made when they are needed."""
        REDIS_UP.set(1)

    async def stop(self) -> None:
        """Finish what was asked, then close."""
        if self._sending is not None:
            await asyncio.wait({self._sending})
        await self._redis.aclose()

    def health(self) -> str | None:
        """Whether it answers; without it people get the safe screen."""
        return None if self._up else "Redis does not answer"

    def run(self, *command: Any) -> "asyncio.Future[Any]":  # noqa: ANN401  (whatever Redis takes and gives)
        """What Redis answers to a command: bytes, a number or None.

        Raises:
            RedisAwayError: it is resting after a failure; the future raises it when the failure comes now.
        """
        if time.monotonic() < self._rest_until:
            raise RedisAwayError
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.append((command, future))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send(), name="redis-batches")
        return future

    async def script(self, sha: str, source: str, *rest: Any) -> Any:  # noqa: ANN401  (as above)
        """Run a script by its digest; a Redis that was started anew is taught it first."""
        try:
            return await self.run("EVALSHA", sha, *rest)
        except NoScriptError:
            return await self.run("EVAL", source, *rest)

    async def _send(self) -> None:
        try:
            await asyncio.sleep(0)  # whoever is ready at this moment comes along
            while self._queue:
                batch, self._queue = self._queue[:_LARGEST_BATCH], self._queue[_LARGEST_BATCH:]
                await self._send_batch(batch)
        finally:
            self._sending = None

    async def _send_batch(self, batch: list[_Waiter]) -> None:
        try:
            async with asyncio.timeout(self._longest_wait):
                answers = await self._asked(batch)
        except (RedisError, OSError, TimeoutError) as error:
            self._turned(up=False, error=type(error).__name__)
            self._give_up(batch)
            return
        self._in_a_row = 0
        self._turned(up=True)
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    async def _asked(self, batch: list[_Waiter]) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for command, _ in batch:
                pipe.execute_command(*command)
            return await pipe.execute(raise_on_error=False)

    def _give_up(self, batch: list[_Waiter]) -> None:
        """They, and those who have come meanwhile, are not kept waiting."""
        self._in_a_row += 1
        if self._in_a_row >= _FAILURES:
            self._rest_until = time.monotonic() + _REST_SECONDS
        waiting, self._queue = [*batch, *self._queue], []
        for _, future in waiting:
            if not future.done():
                future.set_exception(RedisAwayError())

    def _turned(self, *, up: bool, error: str | None = None) -> None:
        if up is self._up:
            return
        self._up = up
        REDIS_UP.set(int(up))
        if up:
            _log.info("redis_back")
        else:
            _log.warning("redis_away", error=error)
