"""Which messages came in lately, so that the inbox can be compared; written off the webhook's path."""

import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from redis.asyncio import Redis

from gateway_sms.metrics import DUPLICATES
from gateway_sms.recent import Recent
from gateway_sms.repository.store import RedisStore

_KEY: Final = "sms:seen:"
_LEADER: Final = "sms:reconciling"
_KEPT_LOCALLY: Final = 50_000
_MOST_WAITING: Final = 200_000


class SeenMessages:
    """The provider's ids by line. What this replica took itself it knows even while Redis is away."""

    def __init__(self, store: RedisStore, window: float) -> None:
        """`window`: how long an id is of use, in seconds."""
        self._store = store
        self._window = window
        self._waiting: dict[tuple[str, str], float] = {}
        self._local: Recent[tuple[str, str]] = Recent(_KEPT_LOCALLY)

    def note(self, line: str, provider_message_id: str) -> None:
        """It came in. A matter of memory only: the webhook does not wait for Redis."""
        entry = (line, provider_message_id)
        if entry in self._local:
            DUPLICATES.inc()
            return
        self._local.add(entry)
        if len(self._waiting) < _MOST_WAITING:
            self._waiting[entry] = time.time()

    async def flush(self) -> None:
        """Write what waits; kept for the next time when Redis is away."""
        waiting, self._waiting = self._waiting, {}
        if waiting and not await self._store.attempt(
            lambda redis: self._write(redis, waiting), otherwise=False
        ):
            self._waiting = waiting | self._waiting

    async def missing(self, line: str, ids: Sequence[str]) -> set[str]:
        """Which of the ids never came in, as far as is known."""
        unknown = [found for found in ids if (line, found) not in self._local]
        if not unknown:
            return set()

        async def work(redis: Redis) -> list[float | None]:
            return list(await redis.zmscore(_KEY + line, unknown))

        scores = await self._store.attempt(work, otherwise=None) or [None] * len(unknown)
        return {found for found, score in zip(unknown, scores, strict=True) if score is None}

    async def lead(self, seconds: float) -> bool:
        """Whether this replica is the one to reconcile now; each does while Redis is away."""

        async def work(redis: Redis) -> bool:
            return bool(await redis.set(_LEADER, 1, nx=True, px=max(1, int(seconds * 1000))))

        return await self._store.attempt(work, otherwise=True)

    async def _write(self, redis: Redis, waiting: dict[tuple[str, str], float]) -> bool:
        by_line: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for (line, found), at in waiting.items():
            by_line[line][found] = at
        async with redis.pipeline(transaction=False) as pipe:
            for line, scores in by_line.items():
                pipe.zadd(_KEY + line, scores, nx=True)
                pipe.zremrangebyscore(_KEY + line, "-inf", time.time() - self._window)
                pipe.expire(_KEY + line, int(self._window))
            added = sum((await pipe.execute())[::3])
        # What another replica had already noted was pushed twice.
        DUPLICATES.inc(max(0, len(waiting) - added))
        return True
