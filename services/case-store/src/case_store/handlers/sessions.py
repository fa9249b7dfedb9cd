"""Whose token it is: sessions begin with a sign-in, go on while they are used, and end."""

import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from case_store.errors import ForbiddenError, UnauthenticatedError
from case_store.repository import audit, sessions
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Lifetime

_TRUSTED_SECONDS: Final = 2.0
"""An end in another process (or by SQL) is felt after so long at most; in this one at once."""
_TRUSTED_AT_MOST: Final = 10_000
_SEEN_EVERY: Final = timedelta(minutes=1)
_TOKEN_BYTES: Final = 32


class Sessions:
    """What a token opens. Only hashes are kept: who reads the table signs in as nobody."""

    def __init__(self, database: Database, lifetime: Lifetime) -> None:
        """Take the database; nothing is known yet."""
        self._database = database
        self._lifetime = lifetime
        self._trusted: dict[bytes, tuple[Actor, float]] = {}

    async def who(self, token: str) -> Actor:
        """The member of the staff behind a token; one query, or none for the next two seconds.

        Raises:
            UnauthenticatedError: no such session, or it has ended, or its holder was let go.
        """
        key = hash_of(token)
        trusted = self._trusted.get(key)
        if trusted is not None and time.monotonic() < trusted[1]:
            return trusted[0]
        self._trusted.pop(key, None)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            holder = await sessions.holder(tx, key, now, now - self._lifetime.idle)
            if holder is not None and now - holder.seen_at >= _SEEN_EVERY:
                await sessions.seen(tx, key, now)
        if holder is None:
            raise _nobodys()
        if len(self._trusted) >= _TRUSTED_AT_MOST:
            self._trusted.clear()
        self._trusted[key] = (holder.actor, time.monotonic() + _TRUSTED_SECONDS)
        return holder.actor

    async def still(self, token: str) -> None:
        """Go on only while a session runs; to look is not to use it, so it may end of idleness meanwhile.

        Raises:
            UnauthenticatedError: it has ended.
        """
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            if await sessions.holder(tx, hash_of(token), now, now - self._lifetime.idle) is None:
                raise _nobodys()

    async def begin(self, tx: Transaction, staff_id: UUID, now: datetime) -> tuple[str, datetime]:
        """A new session → its token, told this once, and when it ends at the latest."""
        token, expires_at = secrets.token_urlsafe(_TOKEN_BYTES), now + self._lifetime.whole
        await sessions.begin(tx, hash_of(token), staff_id, now, expires_at)
        return token, expires_at

    async def expires_at(self, token: str) -> datetime:
        """When a session ends at the latest."""
        async with self._database.transaction() as tx:
            found = await sessions.expires_at(tx, hash_of(token))
        if found is None:
            raise _nobodys()
        return found

    async def end(self, actor: Actor, token: str) -> None:
        """Sign out."""
        now, staff_id = datetime.now(UTC), own_id(actor)
        async with self._database.transaction() as tx:
            await sessions.end(tx, hash_of(token), now)
            await audit.record(tx, actor, "signed_out", f"staff:{staff_id}", now, {})
        self.distrust([hash_of(token)])

    async def running(self, actor: Actor) -> list[dict[str, Any]]:
        """The caller's own sessions, the newest first."""
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            return await sessions.running(tx, own_id(actor), now, now - self._lifetime.idle)

    async def end_others(self, actor: Actor, token: str) -> int:
        """Sign out everywhere else → how many sessions that ended."""
        async with self._database.transaction() as tx:
            ended = await sessions.end_all(tx, own_id(actor), datetime.now(UTC), but=hash_of(token))
        self.distrust(ended)
        return len(ended)

    def distrust(self, hashes: Sequence[bytes]) -> None:
        """Look these up again: they ended, or their holder changed."""
        for key in hashes:
            self._trusted.pop(key, None)

    def distrust_member(self, staff_id: UUID) -> None:
        """Look all of somebody's up again: their rights changed."""
        self.distrust([key for key, (actor, _) in self._trusted.items() if actor.staff_id == staff_id])

    async def forget(self) -> None:
        """Let go of what ended by itself a day ago; called now and then."""
        async with self._database.transaction() as tx:
            await sessions.forget(tx, datetime.now(UTC) - timedelta(days=1))


def hash_of(token: str) -> bytes:
    """What is kept of a token."""
    return sha256(token.encode()).digest()


def own_id(actor: Actor) -> UUID:
    """The id of the member of the staff who calls.

    Raises:
        ForbiddenError: a service calls.
    """
    if actor.staff_id is None:
        message = "a service has no session and no account"
        raise ForbiddenError(message)
    return actor.staff_id


def _nobodys() -> UnauthenticatedError:
    return UnauthenticatedError("send a service token or the token of a session as `Authorization: Bearer …`")
