"""Who a person at the counter or on the line is, and what of theirs was taken down before."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from case_store.errors import ConflictError
from case_store.repository import intake, people
from case_store.repository.database import Transaction
from case_store.repository.people import Person
from envelope.addresses import Address, AddressKind

_SAME_IDENTITY: Final = "SELECT pg_advisory_xact_lock(hashtextextended($1, 1420))"
_TAKEN: Final = """
    SELECT message.text, cases.tracking_code FROM message JOIN cases ON cases.id = message.case_id
    WHERE message.message_id = $1
"""
_NUMBER: Final = """
    SELECT value FROM contact_address WHERE contact_id = $1 AND kind = 'msisdn' AND wrong_at IS NULL
    ORDER BY created_at LIMIT 1
"""


async def taken(tx: Transaction, message_id: UUID) -> dict[str, Any] | None:
    """The text and the case of what was taken down under this id."""
    row = await tx.raw.fetchrow(_TAKEN, message_id)
    return dict(row) if row else None


async def identified(tx: Transaction, national_id: str) -> Person | None:
    """Whose national id this is, held; nobody else makes a person of it until the transaction ends."""
    await tx.raw.execute(_SAME_IDENTITY, national_id)
    found = await people.by_national_id(tx, national_id)
    return await held(tx, found[0]) if found else None


async def at(tx: Transaction, address: Address, now: datetime) -> Person:
    """Whose address this is, held; a new person's if nobody's."""
    key = (address.kind.value, address.value)
    contacts = await intake.lock_contacts(tx, [key], now)
    if contacts[key].wrong_at:  # they are here, and say that it is theirs
        await people.set_wrong(tx, contacts[key].id, address.value, None)
    return await held(tx, contacts[key].id)


async def held(tx: Transaction, contact_id: UUID) -> Person:
    """A person, held until the end of the transaction.

    Raises:
        ConflictError: they were merged into another one at this very moment; the next try finds that one.
    """
    person = (await people.lock(tx, [contact_id])).get(contact_id)
    if person is None or person.merged_into is not None:
        message = "two people were merged at the same moment; try again"
        raise ConflictError(message)
    return person


async def reached_at(tx: Transaction, contact_id: UUID) -> Address | None:
    """A number that we know of a person."""
    number = await tx.raw.fetchval(_NUMBER, contact_id)
    return Address(kind=AddressKind.MSISDN, value=number) if number else None
