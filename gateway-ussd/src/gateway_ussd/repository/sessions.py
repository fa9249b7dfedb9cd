"""Sessions in Redis, one a number: read once, then written only where nobody else has written since.

What this process wrote last it still has in memory, so that most steps ask Redis once. Each value begins
with a token; the script refuses to write over another one and gives what it found instead.
"""

import secrets
from hashlib import sha1
from itertools import count
from typing import Final, NamedTuple

from pydantic import ValidationError

from gateway_ussd.repository.kept import Kept
from gateway_ussd.repository.record import Record, name_of
from gateway_ussd.repository.store import RedisStore

_KEY: Final = b"ussd:number:"
_TOKEN_BYTES: Final = 8
_LARGEST_TOKEN: Final = 0xFFFF_FFFF
_NOBODY: Final = b""
_IN_MEMORY: Final = 5_000
WRITE: Final = """
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, 8) ~= ARGV[1] then return held end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""
_SHA: Final = sha1(WRITE.encode(), usedforsecurity=False).hexdigest()


class Held(NamedTuple):
    """What Redis has of a number; `record` is None where it cannot be read."""

    token: bytes
    record: Record | None


class Sessions:
    """The one session of each number."""

    def __init__(self, store: RedisStore, keep_seconds: float) -> None:
        """`keep_seconds`: how long a session without its end is kept."""
        self._store = store
        self._keep_ms = str(int(keep_seconds * 1_000))
        self._known: Kept[str, Held] = Kept(_IN_MEMORY)
        self._numbers: Kept[str, str] = Kept(_IN_MEMORY)
        # Begun by chance, so that no two replicas write the same one; chance each time is a system call.
        self._tokens = count(secrets.randbits(31))

    def known(self, msisdn: str) -> Held | None:
        """What this process wrote last; another one may have written since, which shows at `write`."""
        return self._known.get(msisdn)

    def number_of(self, provider: str, session_id: str) -> str | None:
        """Whose session it is, where an operator does not say so at its end."""
        return self._numbers.get(name_of(provider, session_id))

    async def read(self, msisdn: str) -> Held | None:
        """What Redis has.

        Raises:
            RedisAwayError: it does not answer.
        """
        held = _held(await self._store.run("GET", _KEY + msisdn.encode()))
        if held is not None:
            self._known.put(msisdn, held)
        return held

    async def write(self, msisdn: str, over: Held | None, record: Record) -> Held:
        """Keep `record` in the place of what is known; what is held now, which may be another's.

        Raises:
            RedisAwayError: it does not answer; the record may have been kept.
        """
        token = b"%08x" % (next(self._tokens) & _LARGEST_TOKEN)
        found = await self._store.script(
            _SHA,
            WRITE,
            1,
            _KEY + msisdn.encode(),
            over.token if over else _NOBODY,
            token + record.__pydantic_serializer__.to_json(record),
            self._keep_ms,
        )
        held = _held(found) if isinstance(found, bytes) else None
        held = held or Held(token, record)
        self._known.put(msisdn, held)
        self._numbers.put(record.name, msisdn)
        return held


def _held(value: bytes | None) -> Held | None:
    if value is None:
        return None
    try:
        record = Record.model_validate_json(value[_TOKEN_BYTES:])
    except ValidationError:  # of another version of the gateway: begun anew
        record = None
    return Held(value[:_TOKEN_BYTES], record)
