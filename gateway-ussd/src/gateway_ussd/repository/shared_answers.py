"""Answers of lookups that all replicas share: what one of them has asked, the others need not."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from pydantic_core import from_json, to_json

from gateway_ussd.errors import RedisAwayError
from gateway_ussd.repository.store import RedisStore

_KEY: Final = "ussd:lookup:"


class Answered(NamedTuple):
    """What a lookup brought, and when, in seconds since 1970."""

    at: float
    found: Mapping[str, Any]


class SharedAnswers:
    """A cache only: while Redis is away there is nothing in it."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    async def get(self, name: str, key: str) -> Answered | None:
        """What somebody was answered."""
        try:
            value = await self._store.run("GET", _key(name, key))
        except RedisAwayError:
            return None
        if value is None:
            return None
        at, found = from_json(value)
        return Answered(at, found)

    async def put(self, name: str, key: str, answered: Answered, seconds: float) -> None:
        """Keep it for so long."""
        try:
            await self._store.run("SET", _key(name, key), to_json(answered), "PX", str(int(seconds * 1_000)))
        except RedisAwayError:
            return


def _key(name: str, key: str) -> str:
    return f"{_KEY}{name}:{blake2b(key.encode(), digest_size=16).hexdigest()}"
