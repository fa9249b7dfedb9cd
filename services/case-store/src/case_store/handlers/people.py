"""People: what they are called, their national id, where they are reached.

A person is within reach of whoever reaches one of their cases, and not there for anybody else.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from uuid import UUID

import structlog

from case_store.errors import NotFoundError, StateError
from case_store.handlers.action import demand_version
from case_store.model import storable
from case_store.repository import audit, cases, people
from case_store.repository.database import Database, Transaction
from case_store.repository.people import Person
from case_store.staffing import Actor, Right
from envelope.addresses import sender_address

_log = structlog.get_logger()


class People:
    """The verbs on one person."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def change(
        self, actor: Actor, contact_id: UUID, fields: Mapping[str, str | bool | None], version: int | None
    ) -> None:
        """Set `name`, `national_id` or `read_aloud`, whichever is given; None takes it away.

        Raises:
            NotFoundError: no such person.
            StateError: they were merged into another one.
            VersionMismatchError: they are not as the caller read them.
        """
        actor.demand(Right.EDIT_PEOPLE)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            (person,) = await held(tx, actor, [contact_id])
            demand_version(person.version, version)
            changed = [name for name, value in fields.items() if _set(person, name, value, now)]
            if not changed:
                return
            await people.change(tx, person)
            await audit.record(
                tx, actor, "person_changed", f"contact:{contact_id}", now, {"fields": sorted(changed)}
            )
        _log.info("person_changed", contact_id=str(contact_id))

    async def add_address(
        self, actor: Actor, contact_id: UUID, raw_address: str, version: int | None
    ) -> None:
        """Give a person an address in any spelling; one that is theirs already changes nothing.

        Raises:
            StateError: it is another person's; they may be the same one, then merge them.
        """
        actor.demand(Right.EDIT_PEOPLE)
        now, address = datetime.now(UTC), sender_address(storable(raw_address))
        async with self._database.transaction() as tx:
            (person,) = await held(tx, actor, [contact_id])
            demand_version(person.version, version)
            owner = await people.add_address(tx, contact_id, address, now)
            if owner != contact_id:
                message = "this address is another person's; if they are the same one, merge them"
                raise StateError(message).telling(contact_id=owner)
            await people.change(tx, person)
            detail = {"kind": address.kind}
            await audit.record(tx, actor, "address_added", f"contact:{contact_id}", now, detail)
        _log.info("address_added", contact_id=str(contact_id))


def _set(person: Person, name: str, value: str | bool | None, now: datetime) -> bool:  # noqa: FBT001  (as given)
    """Whether that changed anything."""
    if isinstance(value, bool) or name == "read_aloud":
        if bool(value) is (person.read_aloud_at is not None):
            return False
        person.read_aloud_at = now if value else None
        return True
    kept = storable(value) if value else None
    if getattr(person, name) == kept:
        return False
    setattr(person, name, kept)
    return True


async def held(tx: Transaction, actor: Actor, contact_ids: Collection[UUID]) -> list[Person]:
    """People within reach who are nobody else, in the order given, held until the end of the transaction.

    Raises:
        NotFoundError: no such person, or none within reach.
        StateError: one was merged into another; `contact_id` tells into whom.
    """
    found = await people.lock(tx, contact_ids)
    for contact_id in contact_ids:
        person = found.get(contact_id)
        if person is None:
            raise no_contact()
        if person.merged_into is not None:
            message = "this person was merged into another one; open that one"
            raise StateError(message).telling(contact_id=person.merged_into)
        if not await cases.reaches_contact(tx, actor, contact_id):
            raise no_contact()
    return [found[contact_id] for contact_id in contact_ids]


def no_contact() -> NotFoundError:
    """There is none, or none within reach: the same words."""
    return NotFoundError("no contact has this id")
