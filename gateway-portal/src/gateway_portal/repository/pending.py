"""One-time codes that wait to be typed, in Redis: as hashes, for minutes, with their attempts counted.

No key and no count tells whom it is about; a code is kept as an HMAC that its handle goes into.
"""

import hmac
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway_portal.repository.redis import RedisStore

_PREFIX: Final = "payam:portal:"
_LONGER_SECONDS: Final = 600
"""For so long after its code has lapsed, a page may still ask for another one."""
_KEEP: Final = """
local now, number, counts = tonumber(ARGV[1]), ARGV[2], cjson.decode(ARGV[3])
local longest, by, withheld = 0, 0, false
for at, count in ipairs(counts) do
  local wait = 0
  for _, limit in ipairs(count.most) do
    local nth = redis.call('LINDEX', KEYS[at + 2], limit[1] - 1)
    if nth then wait = math.max(wait, tonumber(nth) + limit[2] - now) end
  end
  if wait > 0 and count.quiet then withheld = true
  elseif wait > longest then longest, by = wait, at end
end
if by > 0 then return {by, math.ceil(longest)} end
if withheld then number = '' end
for at, count in ipairs(counts) do
  if number ~= '' or not count.texts then
    local largest = count.most[#count.most]
    redis.call('LPUSH', KEYS[at + 2], ARGV[1])
    redis.call('LTRIM', KEYS[at + 2], 0, largest[1] - 1)
    redis.call('EXPIRE', KEYS[at + 2], largest[2])
  end
end
if not withheld then
  local older = redis.call('GET', KEYS[2])
  if older then redis.call('DEL', older) end
  redis.call('SET', KEYS[2], KEYS[1], 'EX', ARGV[8])
end
redis.call('HSET', KEYS[1], 'number', number, 'asked_by', ARGV[4], 'mac', ARGV[5], 'left', ARGV[6],
  'at', ARGV[1], 'until', ARGV[7])
redis.call('EXPIRE', KEYS[1], ARGV[8])
return {0, number == '' and 0 or 1}
"""
"""Count a send everywhere or nowhere; the newest code of a number or a question is the only one.

Each list holds the times of as many sends as its largest limit has, the newest first: where the n-th of them
is younger than the limit's seconds, one has to wait."""
_TRY: Final = """
local kept = redis.call('HMGET', KEYS[1], 'mac', 'left', 'until', 'number')
local left = tonumber(kept[2] or 0)
if left < 1 or tonumber(kept[3]) <= tonumber(ARGV[2]) then return {'', 0} end
if kept[1] == ARGV[1] and kept[4] ~= '' then
  redis.call('DEL', KEYS[1])
  return {kept[4], left}
end
return {'', redis.call('HINCRBY', KEYS[1], 'left', -1) + 1}
"""


class Counted(NamedTuple):
    """Sends that are counted together."""

    name: str
    """Of the limit, in the metrics."""
    who: str
    """Whose sends they are."""
    most: Sequence[tuple[int, int]]
    """So many in so many seconds, the longest last."""
    texts: bool = False
    """Only what really goes out is counted."""
    quiet: bool = False
    """Beyond it nothing goes out, and nobody is told."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A code that is about to go out."""

    handle: str
    code: str
    msisdn: str | None
    asked_by: str | None
    """The tracking code whose person is meant, where one was typed."""


class Kept(NamedTuple):
    """What came of keeping one."""

    refused_by: str | None
    """The limit; then nothing has happened."""
    seconds: int
    """Until it may be asked for again."""
    goes_out: bool
    """Whether there is somebody to text it to."""


class Waiting(NamedTuple):
    """How a code stands."""

    msisdn: str | None
    asked_by: str | None
    left: int
    """Attempts; 0 where it is spent or late."""
    sent_at: float
    good_until: float


class PendingCodes:
    """Codes by the handle that a page carries."""

    def __init__(
        self, store: RedisStore, key: bytes, seconds: int, clock: Callable[[], float] = time.time
    ) -> None:
        """`key` hides the codes; `seconds` is how long one is good; `clock` is what replicas share."""
        self._store = store
        self._key = key
        self.seconds = seconds
        self.clock = clock

    async def keep(self, pending: Pending, attempts: int, counted: Sequence[Counted]) -> Kept:
        """Keep a code, if no limit is against it; an older one of the same number is void from now on.

        Raises:
            RedisAwayError: it could not be kept.
        """
        now = self.clock()
        subject = pending.msisdn or pending.asked_by or pending.handle
        keys = [
            self._record(pending.handle),
            self._name("newest", subject),
            *(self._count(each) for each in counted),
        ]
        limits = [{"most": each.most, "texts": each.texts, "quiet": each.quiet} for each in counted]
        by, told = await self._store.script(
            _KEEP,
            keys,
            *(repr(now), pending.msisdn or "", json.dumps(limits), pending.asked_by or ""),
            *(self._mac(pending.handle, pending.code), attempts),
            *(repr(now + self.seconds), self.seconds + _LONGER_SECONDS),
        )
        if by:
            return Kept(counted[by - 1].name, told, goes_out=False)
        return Kept(None, 0, goes_out=bool(told))

    async def forget(self, pending: Pending, counted: Sequence[Counted]) -> None:
        """It never went out: it can be asked for again at once.

        Raises:
            RedisAwayError: it could not be forgotten.
        """
        await self._store.run("DEL", self._record(pending.handle))
        for each in counted:
            await self._store.run("LPOP", self._count(each))

    async def wait(self, counted: Counted) -> int:
        """Seconds until there is room for one more; nothing is counted by this.

        Raises:
            RedisAwayError: nobody can say.
        """
        longest, now = 0.0, self.clock()
        for most, seconds in counted.most:
            nth = await self._store.run("LINDEX", self._count(counted), most - 1)
            if nth is not None:
                longest = max(longest, float(nth) + seconds - now)
        return math.ceil(longest)

    async def attempt(self, handle: str, code: str) -> tuple[str | None, int]:
        """The number that this code proves, if it does, and the attempts there were; each one counts.

        Raises:
            RedisAwayError: nobody can say.
        """
        number, left = await self._store.script(
            _TRY, [self._record(handle)], self._mac(handle, code), repr(self.clock())
        )
        return number.decode("ascii") or None, left

    async def standing(self, handle: str) -> Waiting | None:
        """How a code stands; None where none is known by this handle.

        Raises:
            RedisAwayError: nobody can say.
        """
        fields = ("number", "asked_by", "left", "at", "until")
        found = await self._store.run("HMGET", self._record(handle), *fields)
        if None in found:
            return None
        number, asked_by, left, sent_at, until = (str(each, "ascii") for each in found)
        alive = float(until) > self.clock()
        return Waiting(
            number or None, asked_by or None, int(left) if alive else 0, float(sent_at), float(until)
        )

    def _record(self, handle: str) -> str:
        return self._name("code", handle)

    def _count(self, counted: Counted) -> str:
        return self._name(f"sends:{counted.name}", counted.who)

    def _name(self, kind: str, whose: str) -> str:
        told = f"{kind}\0{whose}".encode(errors="replace")
        return f"{_PREFIX}{kind}:{hmac.digest(self._key, told, 'sha256').hex()[:40]}"

    def _mac(self, handle: str, code: str) -> str:
        told = f"one-time code\0{handle}\0{code}".encode(errors="replace")
        return hmac.digest(self._key, told, "sha256").hex()
