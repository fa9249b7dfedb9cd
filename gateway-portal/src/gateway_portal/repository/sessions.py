"""Whose a cookie is: a proved number behind a random token, for as long as it is used."""

import secrets
from hashlib import sha256
from typing import Final

from gateway_portal.errors import RedisAwayError
from gateway_portal.repository.redis import RedisStore

_KEY: Final = "payam:portal:session:"


class Sessions:
    """Sign-ins in Redis; who reads it finds no token that would open one."""

    def __init__(self, store: RedisStore, seconds: int) -> None:
        """`seconds`: how long a session lasts without a click."""
        self._store = store
        self._seconds = seconds

    async def begin(self, msisdn: str) -> str:
        """A token for whoever has proved this number.

        Raises:
            RedisAwayError: it could not be kept.
        """
        token = secrets.token_urlsafe(32)
        await self._store.run("SET", _key(token), msisdn, "EX", self._seconds)
        return token

    async def whose(self, token: str | None) -> str | None:
        """The number behind a token, E.164; None where there is none, or Redis cannot tell."""
        if not token:
            return None
        try:
            kept = await self._store.run("GETEX", _key(token), "EX", self._seconds)
        except RedisAwayError:
            return None
        return None if kept is None else str(kept, "ascii")

    async def end(self, token: str | None) -> None:
        """Sign out; a Redis that is away forgets by itself."""
        if token:
            try:
                await self._store.run("DEL", _key(token))
            except RedisAwayError:
                return


def _key(token: str) -> str:
    return _KEY + sha256(token.encode(errors="replace")).hexdigest()
