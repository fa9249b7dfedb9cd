"""Tracking codes without asking anybody: minted from leased blocks, even while the case store is down."""

import asyncio
from typing import Final

import structlog
from prometheus_client import Gauge

from envelope.tracking import mint
from minting.book import CodeBook
from minting.client import CaseStoreClient
from minting.errors import LeaseUnavailableError
from minting.file import LeaseFile

_LARGEST_STEP: Final = 2_000
"""Codes granted with one fsync; at most so many are skipped by a crash."""
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_codes_left = Gauge("payam_tracking_codes_left", "Leased tracking codes not yet minted.")
_log = structlog.get_logger()


class CodeMint:
    """`take` gives a code or None; `keep_leased` runs beside it and leases when half of a block is used."""

    name = "tracking-codes"

    def __init__(self, file: LeaseFile, case_store: CaseStoreClient, key: bytes, lease_size: int) -> None:
        self._file = file
        self._case_store = case_store
        self._key = key
        self._lease_size = lease_size
        self._step = max(1, min(_LARGEST_STEP, lease_size // 10))
        self._book = CodeBook([])
        self._wanted = asyncio.Event()
        self._disk_fault = False

    async def start(self) -> None:
        """Go on behind what a run before this one may have used."""
        self._book = CodeBook(self._file.open())
        self._look_ahead()

    async def stop(self) -> None:
        """Give nothing away: what was granted and not used is written back."""
        if not self._disk_fault:
            self._file.write(self._book.ahead(0))
        self._file.close()

    def health(self) -> str | None:
        """Not ready without codes; messages are taken all the same and get theirs from the case store."""
        if self._disk_fault:
            return "the lease of tracking codes cannot be written to disk"
        return None if self._book.left else "no tracking codes are leased"

    def take(self) -> str | None:
        """The next code; None where there is none, and the case store will mint one."""
        if not self._book.granted and not self._grant():
            return None
        number = self._book.take()
        return None if number is None else mint(number, self._key)

    async def keep_leased(self) -> None:
        """For ever: lease a block when half of one is all that is left."""
        pause = _FIRST_PAUSE
        while True:
            await self._wanted.wait()
            try:
                block = await self._case_store.lease(self._lease_size)
                self._file.write(self._book.with_block(block))
            except (LeaseUnavailableError, OSError) as error:
                _log.warning("lease_failed", error=type(error).__name__, codes_left=self._book.left)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            self._book.add(block)
            self._look_ahead()
            pause = _FIRST_PAUSE
            _log.info("codes_leased", codes_left=self._book.left)

    def _grant(self) -> bool:
        """A short write on the event loop, once in many codes: cheaper than any way around it."""
        try:
            if self._book.left:
                self._file.write(self._book.ahead(self._step))
        except OSError:
            self._disk_fault = True
            return False
        self._disk_fault = False
        self._book.grant(self._step)
        self._look_ahead()
        return self._book.granted > 0

    def _look_ahead(self) -> None:
        left = self._book.left
        _codes_left.set(left)
        if left <= self._lease_size // 2:
            self._wanted.set()
        else:
            self._wanted.clear()
