"""Whose call or visit it is: by the case they named, their national id, their number, or nobody known."""

from datetime import datetime

from case_store.model import Case, named, storable
from case_store.plan.taken_down import TakenDown
from case_store.repository import people, registered
from case_store.repository.database import Transaction
from case_store.repository.people import Person
from envelope.addresses import Address, AddressKind


async def whose(
    tx: Transaction, taken: TakenDown, case: Case | None, name: str, now: datetime
) -> tuple[Person, Address]:
    """The person, held, and the address that the message is from.

    A national id beats a number: a family shares a telephone. Who gave neither gets a stand-in for an
    address, so that their next visit does not find them, yet a retry under the same `name` does.
    """
    number = Address(kind=AddressKind.MSISDN, value=taken.number) if taken.number else None
    stand_in = Address(kind=AddressKind.ACCOUNT, value=f"desk:{named(f'registered|{name}')}")
    if case is not None:
        person = await registered.held(tx, case.contact_id)
    else:
        person = await _found(tx, taken, number, stand_in, now)
        await _learn(tx, person, taken)
    return person, number or await registered.reached_at(tx, person.id) or stand_in


async def _found(
    tx: Transaction, taken: TakenDown, number: Address | None, stand_in: Address, now: datetime
) -> Person:
    known = await registered.identified(tx, taken.national_id) if taken.national_id else None
    if known is not None:
        if number is not None:
            await people.add_address(tx, known.id, number, now)
        return known
    if number is not None:
        owner = await registered.at(tx, number, now)
        if taken.national_id is None or owner.national_id in {None, taken.national_id}:
            return owner
    return await registered.at(tx, stand_in, now)


async def _learn(tx: Transaction, person: Person, taken: TakenDown) -> None:
    """What was not known of them; what was is changed at their own page alone."""
    name = person.name or (storable(taken.name) if taken.name else None)
    national_id = person.national_id or taken.national_id
    if (name, national_id) != (person.name, person.national_id):
        person.name, person.national_id = name, national_id
        await people.change(tx, person)
