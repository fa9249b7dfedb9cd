"""Idempotency keys and quotas of partners, in Redis, in one round trip; here alone while Redis is away.

What is asked while an answer is awaited goes along with the next call, so that many requests share one. No
name in Redis tells what a partner calls anything: keys and codes are hashed.
"""

import asyncio
import json
from collections.abc import Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import Final, NamedTuple

import structlog

from gateway_portal.errors import KeyReusedError, QuotaError, RedisAwayError, UnderWayError
from gateway_portal.model import Caller
from gateway_portal.repository.once_here import PRINT, Answer, OnceHere, Told
from gateway_portal.repository.quotas import Clock, Standing, Windows
from gateway_portal.repository.redis import RedisStore

KEPT_SECONDS: Final = 86_400
"""So long the same key gives the same answer; after that the store still knows the message."""
_LEASE_SECONDS: Final = 30
"""Whoever claimed a key and died is taken over from after so long."""
_PAUSE: Final = 3.0
"""So long Redis is not asked after it did not answer."""
_MOST_AT_ONCE: Final = 500
_PREFIX: Final = "payam:api:"
_SCRIPT: Final = f"""
local function up(name, seconds)
  local used = redis.call('INCR', name)
  if used == 1 then redis.call('EXPIRE', name, seconds) end
  return used
end
local answers = {{}}
for at, told in ipairs(cjson.decode(ARGV[1])) do
  if told[1] == 'keep' then
    redis.call('SET', told[2], told[3], 'EX', {KEPT_SECONDS})
    redis.call('SET', told[4], told[5], 'EX', {KEPT_SECONDS})
    answers[at] = {{'kept'}}
  elseif told[1] == 'release' then
    redis.call('DEL', told[2])
    local day = tonumber(redis.call('GET', told[3]) or 0)
    if day > 0 then day = redis.call('DECR', told[3]) end
    answers[at] = {{'released', day}}
  else
    local minute, day = up(told[2], 120), tonumber(redis.call('GET', told[4]) or 0)
    if minute > told[3] then answers[at] = {{'minute', minute, day}}
    elseif told[1] == 'count' then answers[at] = {{'counted', minute, day}}
    else
      local kept = redis.call('GET', told[6])
      if kept and string.sub(kept, 1, {PRINT}) ~= told[7] then answers[at] = {{'reused', minute, day}}
      elseif kept and #kept == {PRINT} then answers[at] = {{'under_way', minute, day}}
      elseif kept then answers[at] = {{'known', minute, day, string.sub(kept, {PRINT + 1})}}
      elseif day >= told[5] then answers[at] = {{'day', minute, day}}
      else
        redis.call('SET', told[6], told[7], 'EX', {_LEASE_SECONDS})
        answers[at] = {{'claimed', minute, up(told[4], 172800)}}
      end
    end
  end
end
return cjson.encode(answers)
"""
_log = structlog.get_logger()
_Waiter = tuple[Told, "asyncio.Future[Answer]"]


class _Said(StrEnum):
    MINUTE = "minute"
    DAY = "day"
    REUSED = "reused"
    UNDER_WAY = "under_way"
    KNOWN = "known"


class Claim(NamedTuple):
    """An idempotency key that is ours to use, or the answer that it had."""

    once: str
    """Its name in Redis."""
    day: str
    """The name of the count that it is in."""
    fingerprint: str
    """Of the request, in hex."""
    known: str | None
    """What was kept of the first answer, if there was one."""


class Once:
    """One script claims a key and counts the request; it also keeps that it was done."""

    def __init__(self, redis: RedisStore, key: bytes, clock: Clock | None = None) -> None:
        """`key` hides what partners call things; `clock` is what replicas share."""
        self._redis = redis
        self._key = key
        self._clock = clock or Clock()
        self.standing = Standing(self._clock)
        self._here = OnceHere()
        self._away_until = 0.0
        self._waiting: list[_Waiter] = []
        self._flight: asyncio.Task[None] | None = None

    async def count(self, caller: Caller) -> None:
        """Count a request.

        Raises:
            QuotaError: more than were agreed for a minute.
        """
        windows = self._clock.windows()
        minute, day = _counts(caller, windows)
        answer = await self._ask(["count", minute, caller.per_minute, day])
        self._note(caller, windows, answer)

    async def claim(self, caller: Caller, key: str, fingerprint: bytes) -> Claim:
        """Count a request and take its idempotency key, if nobody has.

        Raises:
            QuotaError, UnderWayError, KeyReusedError: it is not to be done, or not now.
        """
        windows = self._clock.windows()
        minute, day = _counts(caller, windows)
        once, printed = self._name("once", caller, key), fingerprint.hex()
        told: Told = ["claim", minute, caller.per_minute, day, caller.per_day, once, printed]
        answer = await self._told_of(once, told)
        said = self._note(caller, windows, answer)
        if said == _Said.UNDER_WAY:
            message = "the first request with this idempotency key has not been answered yet"
            raise UnderWayError(message)
        if said == _Said.REUSED:
            message = "this idempotency key came with another payload before; take a new one"
            raise KeyReusedError(message)
        return Claim(once, day, printed, str(answer[3]) if said == _Said.KNOWN else None)

    async def keep(self, claim: Claim, value: str, caller: Caller, code: str, remembered: str) -> None:
        """It was done: `value` is the answer, and `remembered` what is known of it by its tracking code."""
        told = ["keep", claim.once, claim.fingerprint + value, self._name("code", caller, code), remembered]
        await self._told_of(claim.once, told)

    async def release(self, claim: Claim, caller: Caller) -> None:
        """Nothing has happened: the key can be used again, and nothing is counted for the day."""
        answer = await self._told_of(claim.once, ["release", claim.once, claim.day])
        self.standing.note_day(caller, int(answer[1]))

    async def recall(self, caller: Caller, code: str) -> str | None:
        """What is remembered by a tracking code; None also where nobody can say."""
        name = self._name("code", caller, code)
        if (here := self._here.recall(name)) is not None:
            return here
        try:
            kept = await self._redis.run("GET", name)
        except RedisAwayError:
            return None
        return None if kept is None else str(kept, "utf-8")

    async def forget(self, caller: Caller, code: str) -> None:
        """The store has it: what is remembered here is of no use any more."""
        name = self._name("code", caller, code)
        self._here.forget(name)
        try:
            await self._redis.run("DEL", name)
        except RedisAwayError:
            return

    def _note(self, caller: Caller, windows: Windows, answer: Answer) -> str | int:
        said, minute, day = answer[0], int(answer[1]), int(answer[2])
        self.standing.note(caller, windows, minute, day)
        if said in {_Said.MINUTE, _Said.DAY}:
            ends = windows.minute_ends if said == _Said.MINUTE else windows.day_ends
            raise QuotaError(str(said), max(1, int(ends - self._clock.now()) + 1))
        return said

    async def _told_of(self, once: str, told: Told) -> Answer:
        """What was claimed here while Redis was away is looked after here for as long as it is kept."""
        return self._here.answer(told) if self._here.holds(once) else await self._ask(told)

    async def _ask(self, told: Told) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((told, future))
        if self._flight is None:
            self._flight = asyncio.create_task(self._fly(), name="once")
        return await future

    async def _fly(self) -> None:
        """Take along all that waits, again and again until nothing does."""
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
                answers = await self._answers([told for told, _ in group])
                for (_, future), answer in zip(group, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
        finally:
            self._flight = None

    async def _answers(self, told: Sequence[Told]) -> Sequence[Answer]:
        if self._clock.now() >= self._away_until:
            try:
                answers: Sequence[Answer] = json.loads(
                    await self._redis.script(_SCRIPT, [], json.dumps(told))
                )
            except (RedisAwayError, ValueError):
                self._away_until = self._clock.now() + _PAUSE
                _log.warning("counting_here_alone")
            else:
                return answers
        return [self._here.answer(one) for one in told]

    def _name(self, kind: str, caller: Caller, whose: str) -> str:
        told = f"{kind}\0{caller.partner_id}\0{caller.sandbox}\0{whose}".encode(errors="replace")
        return f"{_PREFIX}{kind}:{blake2b(told, key=self._key, digest_size=20).hexdigest()}"


def _counts(caller: Caller, windows: Windows) -> tuple[str, str]:
    """The names of the counts of this minute and this day."""
    whose = f"{_PREFIX}{caller.partner_id}:{'sandbox' if caller.sandbox else 'live'}:"
    return f"{whose}minute:{windows.minute}", f"{whose}day:{windows.day}"
