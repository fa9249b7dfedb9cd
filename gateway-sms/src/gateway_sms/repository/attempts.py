"""Which messages the provider may already have: a mark before each call, kept as long as it remembers."""

import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from redis.asyncio import Redis

from gateway_sms.outbound import local_id
from gateway_sms.repository.store import RedisStore

_MARK: Final = "sms:attempted:"
_UNANSWERED: Final = "sms:unanswered"
_REMEMBERED_SECONDS: Final = 12 * 3_600
"""How far back the provider finds a message by our id."""


class Attempts:
    """A mark a message, and the list of those whose attempt was never answered."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    async def mark(self, ids: Sequence[UUID]) -> set[UUID]:
        """Mark them before the call; which of them had been marked before."""

        async def work(redis: Redis) -> list[bool]:
            async with redis.pipeline(transaction=False) as pipe:
                for outbound_id in ids:
                    pipe.set(_mark(outbound_id), 1, nx=True, ex=_REMEMBERED_SECONDS)
                pipe.zadd(_UNANSWERED, {str(outbound_id): time.time() for outbound_id in ids}, nx=True)
                return [bool(new) for new in await pipe.execute()]

        fresh = await self._store.attempt(work, otherwise=[True] * (len(ids) + 1))
        return {outbound_id for outbound_id, new in zip(ids, fresh, strict=False) if not new}

    async def made(self, ids: Sequence[UUID]) -> set[UUID]:
        """Which of them are marked."""
        if not ids:
            return set()

        async def work(redis: Redis) -> set[UUID]:
            marks = await redis.mget([_mark(outbound_id) for outbound_id in ids])
            return {outbound_id for outbound_id, mark in zip(ids, marks, strict=True) if mark}

        return await self._store.attempt(work, otherwise=set())

    async def answered(self, ids: Sequence[UUID]) -> None:
        """The provider told how these stand; the marks stay."""
        await self._settle(ids, forget=False)

    async def forget(self, ids: Sequence[UUID]) -> None:
        """The provider refused the call: as if it had not been made."""
        await self._settle(ids, forget=True)

    async def unanswered(self, older_than: float, limit: int) -> list[UUID]:
        """Attempts made more than so many seconds ago that nobody answered; too old ones are dropped."""
        now = time.time()

        async def work(redis: Redis) -> list[UUID]:
            await redis.zremrangebyscore(_UNANSWERED, "-inf", now - _REMEMBERED_SECONDS)
            found = await redis.zrangebyscore(_UNANSWERED, "-inf", now - older_than, start=0, num=limit)
            return [UUID(str(member)) for member in found]

        return await self._store.attempt(work, otherwise=[])

    async def _settle(self, ids: Sequence[UUID], *, forget: bool) -> None:
        if not ids:
            return

        async def work(redis: Redis) -> None:
            async with redis.pipeline(transaction=False) as pipe:
                pipe.zrem(_UNANSWERED, *map(str, ids))
                if forget:
                    pipe.delete(*map(_mark, ids))
                await pipe.execute()

        await self._store.attempt(work, otherwise=None)


def _mark(outbound_id: UUID) -> str:
    return f"{_MARK}{local_id(outbound_id)}"
