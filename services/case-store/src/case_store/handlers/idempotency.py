"""A request that is sent twice is done once: the second one gets the first one's answer."""

from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from case_store.errors import KeyReusedError, StateError
from case_store.repository import idempotency
from case_store.repository.database import Database
from case_store.repository.idempotency import Answer, Claim
from case_store.staffing import Actor
from envelope.errors import PayamError

KEPT_FOR: Final = timedelta(hours=24)
_LEASE: Final = timedelta(minutes=2)
"""A request that has not ended by then has crashed; its key may be taken over."""
_log = structlog.get_logger()


class Idempotency:
    """Keys are everybody's own: two people may use the same one."""

    def __init__(self, database: Database, *, lease: timedelta = _LEASE) -> None:
        """Take the database."""
        self._database = database
        self._lease = lease

    async def claim(self, actor: Actor, key: str) -> Claim | None:
        """Begin a request under a key; None if it has been answered already.

        Raises:
            StateError: the first one with this key is still under way.
        """
        now = datetime.now(UTC)
        wanted = Claim(str(actor.staff_id or "service"), key, now)
        async with self._database.transaction() as tx:
            if await idempotency.claim(tx, wanted, now - self._lease, now - KEPT_FOR):
                return wanted
            found = await idempotency.held(tx, wanted.actor, key)
        if found is None or found["status"] is None:
            message = "a request with this idempotency key is still under way; ask again in a moment"
            raise StateError(message)
        return None

    async def replay(self, actor: Actor, key: str, fingerprint: bytes) -> Answer:
        """What the first request was answered.

        Raises:
            KeyReusedError: it was another request.
            StateError: the answer has just expired.
        """
        async with self._database.transaction() as tx:
            found = await idempotency.held(tx, str(actor.staff_id or "service"), key)
        if found is None or found["status"] is None:
            message = "the answer to this idempotency key has expired; ask again"
            raise StateError(message)
        if found["fingerprint"] != fingerprint:
            message = "this idempotency key was used before with another payload"
            raise KeyReusedError(message)
        return Answer(found["status"], found["media_type"], found["body"], found["etag"])

    async def keep(self, claimed: Claim, fingerprint: bytes, answer: Answer) -> None:
        """Remember the answer; if that cannot be done now, the effect stands and the lease runs out."""
        try:
            async with self._database.transaction() as tx:
                await idempotency.keep(tx, claimed, fingerprint, answer)
        except PayamError as error:
            _log.warning("idempotent_answer_not_kept", error=type(error).__name__)

    async def release(self, claimed: Claim) -> None:
        """Nothing came of the request: it may be sent again at once."""
        try:
            async with self._database.transaction() as tx:
                await idempotency.release(tx, claimed)
        except PayamError as error:
            _log.warning("idempotency_key_not_released", error=type(error).__name__)

    async def forget(self) -> None:
        """Let go of what is older than a day; called now and then."""
        async with self._database.transaction() as tx:
            await idempotency.forget(tx, datetime.now(UTC) - KEPT_FOR)
