"""What somebody has added to a case and the store has not got yet, in Redis: for the page alone, for an hour.

It is safe elsewhere already: by this people see at once what they sent. No name in Redis tells whose it is.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from pydantic import ValidationError

from gateway_portal.model import Said
from gateway_portal.repository.redis import RedisStore
from gateway_portal.schemas import Enclosed, Entry, Side

_PREFIX: Final = "payam:portal:under-way:"
_SECONDS: Final = 3_600
_MOST: Final = 20
"""Kept of one case; whoever sends more sees the first of them."""
_PUT: Final = """
if redis.call('HLEN', KEYS[1]) < tonumber(ARGV[3]) then redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) end
redis.call('EXPIRE', KEYS[1], ARGV[4])
"""


class UnderWay:
    """By person and case; sent twice, the first time counts."""

    def __init__(self, store: RedisStore, key: bytes) -> None:
        """`key`: 32 bytes, for the names in Redis."""
        self._store = store
        self._key = key

    async def put(self, msisdn: str, code: str, said: Said) -> None:
        """Remember what was said.

        Raises:
            RedisAwayError: it could not be kept; so for every method here.
        """
        files = [
            Enclosed(sha256=file.sha256, media_type=file.media_type, size=file.size, seconds=file.seconds)
            for file in said.attachments
        ]
        entry = Entry.model_validate(
            {"at": said.at, "from": Side.YOU, "text": said.text, "attachments": files}
        )
        told = entry.model_dump_json(by_alias=True)
        await self._store.script(_PUT, [self._name(msisdn, code)], said.id, told, _MOST, _SECONDS)

    async def of(self, msisdn: str, code: str) -> dict[str, Entry]:
        """What is remembered, by the id under which it was said."""
        kept = await self._store.run("HGETALL", self._name(msisdn, code))
        found: dict[str, Entry] = {}
        for said_id, told in kept.items():
            try:
                found[str(said_id, "ascii")] = Entry.model_validate_json(told)
            except ValidationError:
                continue
        return found

    async def forget(self, msisdn: str, code: str, said_ids: Sequence[str]) -> None:
        """It has arrived."""
        await self._store.run("HDEL", self._name(msisdn, code), *said_ids)

    def _name(self, msisdn: str, code: str) -> str:
        return _PREFIX + hmac.new(self._key, f"{msisdn}|{code}".encode(), sha256).hexdigest()
