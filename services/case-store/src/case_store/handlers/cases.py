"""What staff and other services look at: cases, people, counts; of each only what is within their reach."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from case_store.cursors import Position
from case_store.errors import NotFoundError
from case_store.handlers.covering import seen_words
from case_store.handlers.referrals.watch import shown
from case_store.handlers.witness import Witness
from case_store.identity import masked, masked_number
from case_store.lifecycle import offered
from case_store.model import CaseState, Reach, storable, way_to
from case_store.referring.sight import visible
from case_store.repository import cases, dead_letters, listing, outbox, redrive
from case_store.repository.database import Database
from case_store.repository.filters import Filters, Order
from case_store.staffing import Actor, Right
from envelope.addresses import AddressKind, sender_address
from envelope.models import Channel
from envelope.tracking import parse

NO_CASE: Final = "no case has this tracking code"
_NO_CONTACT: Final = "no contact has this id"


class Cases:
    """The questions behind the API."""

    def __init__(self, database: Database, witness: Witness, *, tries: int = 3) -> None:
        """`witness` writes down who of the staff looked at what; `tries` is what a call-back takes."""
        self._database = database
        self._witness = witness
        self._tries = tries

    async def find(self, actor: Actor, code: str, *, anywhere: bool = False) -> Mapping[str, Any]:
        """A case whole, by its code or an alias, however it was typed, as far as the actor may see it.

        `anywhere` is for who has just put it out of their own reach and is shown what became of it.

        Raises:
            NotFoundError: no such case, or none within reach.
        """
        actor.demand(Right.READ)
        now = datetime.now(UTC)
        async with self._database.reading() as tx:
            found = await cases.find(tx, actor, code_of(code), anywhere=anywhere)
        if found is None:
            raise NotFoundError(NO_CASE)
        if not anywhere:
            self._witness.saw(actor, found["tracking_code"])
        case = seen_words(actor, visible(actor, found))
        return {
            **case,
            "assignee": holder(case),
            "person": seen_person(actor, case["person"]),
            "reach": _reach(found),
            **seen_calls(actor, case, self._tries),
            "referrals": [shown(actor, row, now) for row in case["referrals"]],
            "may": offered(actor, CaseState(case["state"]), case["assignee_id"]),
        }

    async def page(
        self,
        actor: Actor,
        filters: Filters,
        after: Position | None,
        limit: int,
        order: Order = Order.NEWEST,
    ) -> list[dict[str, Any]]:
        """One page of cases within reach."""
        actor.demand(Right.READ)
        async with self._database.reading() as tx:
            rows = await listing.page(tx, actor, filters, after, limit, order)
        return [{**seen_words(actor, row), "assignee": holder(row)} for row in rows]

    async def contact(self, actor: Actor, contact_id: UUID) -> Mapping[str, Any]:
        """A person by id, if any case of theirs is within reach; of one who was merged, the other one's."""
        actor.demand(Right.READ)
        async with self._database.reading() as tx:
            found = kept = await cases.find_contact(tx, contact_id)
            while kept and kept["merged_into"]:
                kept = await cases.find_contact(tx, kept["merged_into"])
            if found is None or kept is None or not await cases.reaches_contact(tx, actor, kept["id"]):
                raise NotFoundError(_NO_CONTACT)
        self._witness.saw(actor, f"contact:{contact_id}", "contact_seen")
        return seen_person(actor, found)

    async def contact_at(self, actor: Actor, raw_address: str) -> Mapping[str, Any]:
        """A person by an address in any spelling."""
        address = sender_address(storable(raw_address))
        async with self._database.reading() as tx:
            contact_id = await cases.contact_at(tx, address.kind, address.value)
        try:
            return await self.contact(actor, contact_id or UUID(int=0))
        except NotFoundError:
            message = "no contact has this address"
            raise NotFoundError(message) from None

    async def stats(self, actor: Actor) -> dict[str, Any]:
        """What the board shows."""
        actor.demand(Right.SUPERVISE)
        now = datetime.now(UTC)
        async with self._database.reading() as tx:
            depth, age = await outbox.backlog(tx, now)
            return {
                "cases": dict.fromkeys(CaseState, 0) | await cases.count_by_state(tx),
                "outbox": {"depth": depth, "oldest_seconds": age.total_seconds()},
                "outbound_stuck": await redrive.stuck(tx),
                "dead_letters_waiting": await dead_letters.count_waiting(tx),
            }


def seen_person(actor: Actor, person: Mapping[str, Any]) -> dict[str, Any]:
    """A person as somebody may see them: whole, or with numbers that tell who only to those who know."""
    if actor.may(Right.READ_IDENTITY):
        return dict(person)
    national_id = person["national_id"]
    addresses = [{**address, "value": masked_number(address["value"])} for address in person["addresses"]]
    return {**person, "national_id": masked(national_id) if national_id else None, "addresses": addresses}


def seen_calls(actor: Actor, case: Mapping[str, Any], tries: int) -> dict[str, Any]:
    """A case's call-back and calls as somebody may see them: due when the case's own clock is."""
    due = [
        clock["due_at"]
        for clock in case["clocks"]
        if clock["referral_id"] is None and clock["stopped_at"] is None
    ]
    task = case["call_back"]
    if task is not None:
        live = task["settled_at"] is None
        task = _number_seen(actor, {**task, "tries": tries, "due_at": due[-1] if due and live else None})
    return {"call_back": task, "calls": [_number_seen(actor, call) for call in case["calls"]]}


def _number_seen(actor: Actor, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = row["number"] is None or actor.may(Right.READ_IDENTITY)
    return {**row, "number": row["number"] if shown else masked_number(row["number"])}


def _reach(case: Mapping[str, Any]) -> Reach:
    """As `repository.cases.reached` finds them, told from what was read for the page."""
    known = [row for row in case["person"]["addresses"] if row["kind"] == AddressKind.MSISDN]
    numbers = [row["sender"] for row in case["messages"][::-1] if row["sender_kind"] == AddressKind.MSISDN]
    numbers += [row["value"] for row in known]
    wrong = {row["value"] for row in known if row["wrong_at"]}
    numbers = [number for number in numbers if number not in wrong]
    if numbers:
        return Reach(way_to(numbers[0], read_aloud=case["person"]["read_aloud_at"] is not None))
    by_partner = any(message["channel"] == Channel.API for message in case["messages"])
    return Reach.PARTNER if by_partner else Reach.NONE


def code_of(typed: str) -> str:
    """The code that somebody typed.

    Raises:
        NotFoundError: it is none; that a code is not one of ours is no different from its leading nowhere.
    """
    code = parse(typed)
    if code is None:
        raise NotFoundError(NO_CASE)
    return code


def holder(case: Mapping[str, Any]) -> dict[str, Any] | None:
    """Who has a case."""
    if case["assignee_id"] is None:
        return None
    return {"id": case["assignee_id"], "name": case["assignee_name"]}
