"""The partners and their keys by hash: asked of the case store now and then, and kept for when it is away."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from pydantic import ValidationError

from chassis.parts import Task
from gateway_portal.clients.partners import PartnerStore
from gateway_portal.errors import KeyRefusedError, StoreAwayError
from gateway_portal.model import Caller, Scope
from gateway_portal.schemas.partners import Book, BookKey, BookPartner

_SCOPES: Final[Mapping[str, Scope]] = {scope.value: scope for scope in Scope}
_WHILE_EMPTY_SECONDS: Final = 0.5
"""A portal that knows nobody yet has just been set up, and its first partner is at the door."""
_log = structlog.get_logger()


class _Entry(NamedTuple):
    caller: Caller
    until: datetime | None


class PartnerBook:
    """A part of the service: it knows every key without asking anybody."""

    name = "partner-book"

    def __init__(
        self,
        store: PartnerStore,
        file: Path,
        *,
        refresh_seconds: float = 5,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`file` keeps the last copy (hashes alone), for a start while the store is away."""
        self._store = store
        self._file = file
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._entries: Mapping[bytes, _Entry] | None = None
        self._tag: str | None = None
        self._trouble: str | None = None
        self._asking = Task(self.name, self._ask_for_ever)

    async def start(self) -> None:
        """Read the last copy, ask for a newer one, and go on asking."""
        await asyncio.to_thread(self._recall)
        await self.refresh()
        await self._asking.start()

    async def stop(self) -> None:
        """Ask no more."""
        await self._asking.stop()

    def health(self) -> str | None:
        """Why the book may be old, if it may."""
        return self._trouble

    def failure(self) -> BaseException | None:
        """What ended the asking, if anything did."""
        return self._asking.failure()

    def whose(self, key: str) -> Caller:
        """The service that holds this key.

        Raises:
            KeyRefusedError: no such key, or one that has expired, was revoked, or whose partner is suspended.
            StoreAwayError: nobody has ever told this portal who its partners are.
        """
        if self._entries is None:
            message = "the keys of partners are not known yet"
            raise StoreAwayError(message)
        entry = self._entries.get(sha256(key.encode(errors="replace")).digest())
        if entry is None or (entry.until is not None and entry.until <= self._clock()):
            message = "send a key of yours that is good as `Authorization: Bearer …`"
            raise KeyRefusedError(message)
        return entry.caller

    async def refresh(self) -> None:
        """Ask once; what is known stays where there is no answer."""
        try:
            copy = await self._store.book(self._tag)
        except StoreAwayError:
            if self._trouble is None:
                _log.warning("partner_book_not_told", known=self._entries is not None)
            self._trouble = "the case store does not say who the partners are"
            return
        self._trouble = None
        if copy is None:
            return
        self._entries, self._tag = _by_hash(copy.book), copy.tag
        _log.info("partner_book_read", keys=len(self._entries))
        try:
            await asyncio.to_thread(self._keep, copy.told)
        except OSError as error:
            _log.warning("partner_book_not_kept", error=error.strerror)

    async def _ask_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._refresh_seconds if self._entries else _WHILE_EMPTY_SECONDS)
            await self.refresh()

    def _recall(self) -> None:
        try:
            book = Book.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return
        except (OSError, ValidationError) as error:
            _log.warning("partner_book_not_recalled", error=type(error).__name__)
            return
        self._entries = _by_hash(book)

    def _keep(self, told: bytes) -> None:
        """Whole or not at all, and for nobody else to read: a temporary file has mode 600."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".partners-", dir=self._file.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(told)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def _by_hash(book: Book) -> Mapping[bytes, _Entry]:
    return {
        bytes.fromhex(key.sha256): _Entry(_caller(partner, key), key.expires_at)
        for partner in book.partners
        for key in partner.keys
    }


def _caller(partner: BookPartner, key: BookKey) -> Caller:
    return Caller(
        partner_id=partner.id,
        key_id=key.id,
        scopes=frozenset(_SCOPES[scope] for scope in key.scopes if scope in _SCOPES),
        sandbox=key.sandbox,
        per_minute=partner.per_minute,
        per_day=partner.per_day,
    )
