"""Messages whose fate is not known yet, by the time their state is next to be asked for."""

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from redis.asyncio import Redis

from gateway_sms.repository.store import RedisStore

_DUE: Final = "sms:outstanding"
_FACTS: Final = "sms:outstanding:facts"
_CLAIMED_SECONDS: Final = 120
_CLAIM: Final = """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[3], id) end
return due
"""
"""Takes what is due out of the other replicas' sight for a while; who dies meanwhile gives it back."""


class Outstanding(NamedTuple):
    """One message out, as far as it is known."""

    provider_message_id: str
    outbound_id: UUID | None
    sent_at: float
    status: str


class OutstandingMessages:
    """Added when sent, asked for again and again, dropped when final."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store
        self._final: set[str] = set()

    def done(self, provider_message_id: str) -> None:
        """A webhook brought a final state; taken off at the next flush, off the webhook's path."""
        self._final.add(provider_message_id)

    async def flush(self) -> None:
        """Take off what webhooks ended since the last flush."""
        ended, self._final = self._final, set()
        await self.drop(ended)

    async def put(self, messages: Sequence[Outstanding], next_at: Sequence[float]) -> None:
        """Ask for each at its time."""
        if not messages:
            return
        due = {message.provider_message_id: at for message, at in zip(messages, next_at, strict=True)}
        facts: dict[Any, Any] = {message.provider_message_id: _written(message) for message in messages}

        async def work(redis: Redis) -> None:
            async with redis.pipeline(transaction=True) as pipe:
                pipe.zadd(_DUE, due)
                pipe.hset(_FACTS, mapping=facts)
                await pipe.execute()

        await self._store.attempt(work, otherwise=None)

    async def claim(self, limit: int, due_by: float) -> list[Outstanding]:
        """What was due then, for this replica alone."""
        now = time.time()

        async def work(redis: Redis) -> list[Outstanding]:
            ids = await redis.eval(_CLAIM, 1, _DUE, str(due_by), str(limit), str(now + _CLAIMED_SECONDS))
            if not ids:
                return []
            facts = await redis.hmget(_FACTS, ids)
            return [
                _read(str(found), None if fact is None else str(fact), now)
                for found, fact in zip(ids, facts, strict=True)
            ]

        return await self._store.attempt(work, otherwise=[])

    async def drop(self, ids: Iterable[str]) -> None:
        """Their fate is known, or never will be."""
        names = list(ids)
        if not names:
            return

        async def work(redis: Redis) -> None:
            async with redis.pipeline(transaction=True) as pipe:
                pipe.zrem(_DUE, *names)
                pipe.hdel(_FACTS, *names)
                await pipe.execute()

        await self._store.attempt(work, otherwise=None)


def _written(message: Outstanding) -> str:
    return f"{message.sent_at:.0f}|{message.outbound_id or ''}|{message.status}"


def _read(provider_message_id: str, fact: str | None, now: float) -> Outstanding:
    if fact is None:
        return Outstanding(provider_message_id, None, now, "")
    sent_at, outbound_id, status = fact.split("|", 2)
    return Outstanding(
        provider_message_id, UUID(outbound_id) if outbound_id else None, float(sent_at), status
    )
