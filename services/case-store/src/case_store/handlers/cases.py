"""What staff and other services look at: cases, people, counts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from case_store.cursors import Position
from case_store.errors import NotFoundError
from case_store.model import CaseState, storable
from case_store.repository import cases, dead_letters, outbox, redrive
from case_store.repository.cases import Filters
from case_store.repository.database import Database
from envelope.addresses import sender_address
from envelope.tracking import parse

NO_CASE: Final = "no case has this tracking code"


class Cases:
    """The questions behind the API."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def find(self, code: str) -> Mapping[str, Any]:
        """A case whole, by its code or an alias, however it was typed."""
        async with self._database.transaction() as tx:
            found = await cases.find(tx, code_of(code))
        if found is None:
            raise NotFoundError(NO_CASE)
        return found

    async def page(self, filters: Filters, after: Position | None, limit: int) -> list[dict[str, Any]]:
        """One page of cases, the newest first."""
        async with self._database.transaction() as tx:
            return await cases.page(tx, filters, after, limit)

    async def contact(self, contact_id: UUID) -> Mapping[str, Any]:
        """A person by id."""
        async with self._database.transaction() as tx:
            found = await cases.find_contact(tx, contact_id)
        if found is None:
            message = "no contact has this id"
            raise NotFoundError(message)
        return found

    async def contact_at(self, raw_address: str) -> Mapping[str, Any]:
        """A person by an address in any spelling."""
        address = sender_address(storable(raw_address))
        async with self._database.transaction() as tx:
            contact_id = await cases.contact_at(tx, address.kind, address.value)
        if contact_id is None:
            message = "no contact has this address"
            raise NotFoundError(message)
        return await self.contact(contact_id)

    async def stats(self) -> dict[str, Any]:
        """What the board shows."""
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            depth, age = await outbox.backlog(tx, now)
            return {
                "cases": dict.fromkeys(CaseState, 0) | await cases.count_by_state(tx),
                "outbox": {"depth": depth, "oldest_seconds": age.total_seconds()},
                "outbound_stuck": await redrive.stuck(tx),
                "dead_letters_waiting": await dead_letters.count_waiting(tx),
            }


def code_of(typed: str) -> str:
    """The code that somebody typed.

    Raises:
        NotFoundError: it is none; that a code is not one of ours is no different from its leading nowhere.
    """
    code = parse(typed)
    if code is None:
        raise NotFoundError(NO_CASE)
    return code
