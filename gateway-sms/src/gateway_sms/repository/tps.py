"""The token bucket that all replicas share: one script in Redis, its twin in memory while Redis is away."""

import time
from typing import Final

from redis.asyncio import Redis

from envelope.models import Lane
from gateway_sms.lanes import TokenBucket
from gateway_sms.repository.store import RedisStore

_KEY: Final = "sms:tps:"
TAKE: Final = """
local lane, count, rate = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local now = tonumber(ARGV[4])
if not now then
  local clock = redis.call('TIME')
  now = tonumber(clock[1]) + tonumber(clock[2]) / 1e6
end
local known = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'priority_until')
local capacity = math.max(1, rate)
local tokens = tonumber(known[1]) or capacity
local at = tonumber(known[2]) or now
local priority_until = tonumber(known[3]) or 0
tokens = math.min(capacity, tokens + math.max(0, now - at) * rate)
at = math.max(at, now)
local needed = 1
if lane == 'bulk' then needed = math.min(count, capacity) end
local wait = 0
if needed - tokens > 1e-6 then wait = (needed - tokens) / rate end
if lane == 'bulk' then
  wait = math.max(wait, priority_until - now)
elseif wait > 0 then
  priority_until = math.max(priority_until, now + wait + 0.05)
end
if wait <= 0 then tokens = tokens - count end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.9f', tokens), 'at', string.format('%.9f', at),
  'priority_until', string.format('%.9f', priority_until))
redis.call('EXPIRE', KEYS[1], 600)
return string.format('%.9f', wait)
"""


class SharedBucket:
    """`take` as `TokenBucket.take`, for all replicas together."""

    def __init__(self, store: RedisStore, provider: str) -> None:
        self._store = store
        self._key = _KEY + provider
        self._alone = TokenBucket(tokens=0, at=time.monotonic())

    async def take(self, lane: Lane, count: int, rate: float, now: float | None = None) -> float:
        """Seconds to wait, 0 where the tokens were taken; `now` is for tests, else it is Redis's clock."""

        async def work(redis: Redis) -> float | None:
            at = "" if now is None else repr(now)
            return float(await redis.eval(TAKE, 1, self._key, lane.value, str(count), repr(rate), at))

        wait = await self._store.attempt(work, otherwise=None)
        return self._alone.take(time.monotonic(), lane, count, rate) if wait is None else wait
