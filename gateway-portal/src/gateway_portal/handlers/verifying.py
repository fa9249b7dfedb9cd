"""Check a code from a letter, not too often for one address."""

import time

import structlog

from gateway_portal.clients.case_store import CaseStore
from gateway_portal.errors import TooManyError
from gateway_portal.limiter import Limiter
from gateway_portal.schemas import Verdict

LONGEST_CODE = 60
_log = structlog.get_logger()


class Verifying:
    """The one use case."""

    def __init__(self, store: CaseStore, limiter: Limiter) -> None:
        """Take the collaborators."""
        self._store = store
        self._limiter = limiter

    async def check(self, address: str, typed: str) -> Verdict:
        """What stands behind a code.

        Raises:
            TooManyError: the address must wait.
            StoreAwayError: nobody can say just now.
        """
        if seconds := self._limiter.wait(address, time.monotonic()):
            _log.info("verification_limited")
            raise TooManyError(seconds)
        verdict = await self._store.verify(typed[:LONGEST_CODE])
        _log.info("verification_answered", known=verdict.known, genuine=verdict.genuine)
        return verdict
