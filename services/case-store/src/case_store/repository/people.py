"""People as rows: held, changed, given an address, found by their national id."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from case_store.repository.database import Transaction
from envelope.addresses import Address

_LOCK: Final = """
    SELECT id, name, national_id, bulk_refused_at, read_aloud_at, merged_into, version FROM contact
    WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE
"""
_CHANGE: Final = """
    UPDATE contact SET name = $2, national_id = $3, bulk_refused_at = $4, read_aloud_at = $5,
        merged_into = $6, version = version + 1
    WHERE id = $1
"""
_ADD_ADDRESS: Final = """
    INSERT INTO contact_address (kind, value, contact_id, created_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (kind, value) DO NOTHING
"""
_SET_WRONG: Final = """
    UPDATE contact_address SET wrong_at = $3 WHERE contact_id = $1 AND kind = 'msisdn' AND value = $2
"""
_OWNER: Final = "SELECT contact_id FROM contact_address WHERE kind = $1 AND value = $2"
_KEPT: Final = """
    WITH RECURSIVE line AS (
        SELECT id, merged_into FROM contact WHERE national_id = $1
        UNION
        SELECT contact.id, contact.merged_into FROM contact JOIN line ON contact.id = line.merged_into
    )
    SELECT contact.id FROM line JOIN contact ON contact.id = line.id
    WHERE line.merged_into IS NULL ORDER BY contact.created_at, contact.id
"""


@dataclass(slots=True)
class Person:
    """A contact while an action works on it."""

    id: UUID
    name: str | None
    national_id: str | None
    bulk_refused_at: datetime | None
    read_aloud_at: datetime | None
    merged_into: UUID | None
    version: int


async def lock(tx: Transaction, contact_ids: Collection[UUID]) -> dict[UUID, Person]:
    """These people, held until the end of the transaction; in the one order that everybody takes them in."""
    return {row["id"]: Person(**row) for row in await tx.raw.fetch(_LOCK, contact_ids)}


async def change(tx: Transaction, person: Person) -> None:
    """Write what an action did to a person."""
    await tx.raw.execute(
        _CHANGE,
        person.id,
        person.name,
        person.national_id,
        person.bulk_refused_at,
        person.read_aloud_at,
        person.merged_into,
    )
    person.version += 1


async def add_address(tx: Transaction, contact_id: UUID, address: Address, now: datetime) -> UUID:
    """Give a person an address that is nobody's; whose it is then."""
    await tx.raw.execute(_ADD_ADDRESS, address.kind, address.value, contact_id, now)
    # A statement of its own: whoever was first has committed, and is seen.
    owner: UUID = await tx.raw.fetchval(_OWNER, address.kind, address.value)
    return owner


async def set_wrong(tx: Transaction, contact_id: UUID, msisdn: str, at: datetime | None) -> None:
    """Since when a number is known to be somebody else's; None: it is theirs after all."""
    await tx.raw.execute(_SET_WRONG, contact_id, msisdn, at)


async def by_national_id(tx: Transaction, national_id: str) -> list[UUID]:
    """Whose national id this is, the oldest first; the kept one in the place of those merged into it."""
    return [row["id"] for row in await tx.raw.fetch(_KEPT, national_id)]
