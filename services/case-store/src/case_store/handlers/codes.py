"""Lease tracking codes to gateways, and mint the few that the store needs itself."""

import asyncio
from collections import deque
from datetime import UTC, datetime
from typing import Final

import structlog

from case_store.repository import leases
from case_store.repository.database import Database
from case_store.repository.leases import Lease
from envelope.tracking import mint

_OWN_LEASE: Final = 1_000
_log = structlog.get_logger()


class TrackingCodes:
    """The one place where sequence numbers come from."""

    def __init__(self, database: Database, key: bytes) -> None:
        """Hold no numbers yet."""
        self._database = database
        self._key = key
        self._numbers: deque[int] = deque()
        self._turn = asyncio.Lock()

    async def lease(self, size: int) -> Lease:
        """Give away the next `size` sequence numbers."""
        async with self._database.transaction() as tx:
            leased = await leases.lease(tx, size, datetime.now(UTC))
        _log.info("tracking_codes_leased", size=size, first=leased.first)
        return leased

    async def mint(self, count: int) -> list[str]:
        """New codes of our own."""
        async with self._turn:
            if len(self._numbers) < count:
                leased = await self.lease(max(_OWN_LEASE, count))
                self._numbers.extend(range(leased.first, leased.last + 1))
            return [mint(self._numbers.popleft(), self._key) for _ in range(count)]
