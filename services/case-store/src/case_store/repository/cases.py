"""A case and its person as the API shows them, and a case held for what staff do to it."""

import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from asyncpg import Record as Row

from case_store.model import Case, way_to
from case_store.repository import call_backs, calls, links, transcripts, watch
from case_store.repository.database import Transaction
from case_store.repository.reach import reaches, within
from case_store.repository.rows import CASE_COLUMNS, case_of
from case_store.repository.tables import cases, contact_address
from case_store.staffing import Actor
from envelope.addresses import Address, AddressKind
from envelope.models import Channel

_LOCK: Final = """
    SELECT cases.id, cases.contact_id FROM tracking_code JOIN cases ON cases.id = tracking_code.case_id
    JOIN contact ON contact.id = cases.contact_id WHERE tracking_code.code = $1 FOR NO KEY UPDATE OF contact
"""
_READ: Final = f"SELECT {', '.join(CASE_COLUMNS)} FROM cases WHERE id = $1"  # noqa: S608  (columns of ours)
_REACHED_BY: Final = """
    SELECT sender, channel, line, message_id, correlation_id,
        (SELECT read_aloud_at IS NOT NULL FROM contact WHERE id = $2) AS read_aloud
    FROM message WHERE case_id = $1 AND sender_kind = 'msisdn' AND NOT EXISTS (
        SELECT FROM contact_address WHERE kind = 'msisdn' AND value = message.sender AND wrong_at IS NOT NULL
    ) ORDER BY received_at DESC LIMIT 1
"""
_REACHED_BY_PARTNER: Final = """
    SELECT sender, line, message_id, correlation_id FROM message
    WHERE case_id = $1 AND sender_kind = 'account' AND channel = 'api' ORDER BY received_at DESC LIMIT 1
"""
_ANY_NUMBER: Final = """
    SELECT value, (SELECT read_aloud_at IS NOT NULL FROM contact WHERE id = $1) AS read_aloud
    FROM contact_address WHERE contact_id = $1 AND kind = 'msisdn' AND wrong_at IS NULL
    ORDER BY created_at LIMIT 1
"""
_OUTBOUND: Final = """
    SELECT id, case_id, purpose, channel, line, text, author, state, provider, provider_message_id,
        provider_status, reason, parts, cost_rial, not_before, created_at, state_at, redrives, fingerprint,
        redrive_at IS NULL AND state = 'pending' AND channel <> 'api' AS stuck
    FROM outbound_message
"""
_SENT: Final = f"{_OUTBOUND} WHERE case_id = $1 ORDER BY created_at, id"
_ONE_SENT: Final = f"{_OUTBOUND} WHERE id = $1"
_SAID: Final = "SELECT * FROM message WHERE case_id = $1 ORDER BY received_at, message_id"
_HISTORY: Final = "SELECT * FROM case_event WHERE case_id = $1 ORDER BY seq"
_ALIASES: Final = "SELECT code FROM tracking_code WHERE code = ANY($1) AND case_id = $2 ORDER BY code"
_NOTES: Final = "SELECT * FROM note WHERE case_id = $1 ORDER BY created_at, id"
_CLOCKS: Final = "SELECT * FROM clock WHERE case_id = $1 ORDER BY opened_at, started_at, id"
_CORRECTIONS: Final = "SELECT * FROM correction WHERE case_id = $1 ORDER BY corrected_at, id"
_ATTACHMENTS: Final = "SELECT * FROM attachment WHERE case_id = $1 ORDER BY created_at, id"
_RATING: Final = "SELECT stars, words, rated_at FROM rating WHERE case_id = $1"
_DRAFT: Final = "SELECT text, saved_at FROM draft WHERE case_id = $1 AND staff_id = $2"
_ADDRESSES: Final = """
    SELECT kind, value, wrong_at FROM contact_address
    WHERE contact_id = $1 AND NOT (kind = 'account' AND value LIKE 'desk:%') ORDER BY created_at, value
"""
_PERSON: Final = "SELECT * FROM contact WHERE id = $1"
_SELDOM: Final = {
    "note": "note WHERE case_id = cases.id",
    "correction": "correction WHERE case_id = cases.id",
    "attachment": "attachment WHERE case_id = cases.id",
    "referral": "referral WHERE case_id = cases.id",
    "link": "case_link WHERE case_id = cases.id OR other_id = cases.id",
    "rating": "rating WHERE case_id = cases.id",
    "call_back": "call_back WHERE case_id = cases.id",
    "try": "call_try WHERE case_id = cases.id",
    "call": "call_out WHERE case_id = cases.id",
    "other": "cases AS other WHERE other.contact_id = cases.contact_id AND other.id <> cases.id",
}
"""What most cases have none of, and then is not asked for."""
_FIND: Final = f"""
    SELECT {", ".join(f"cases.{column.name}" for column in cases.c)}, staff.name AS assignee_name,
        {", ".join(f"EXISTS (SELECT FROM {where}) AS has_{kind}" for kind, where in _SELDOM.items())}
    FROM tracking_code JOIN cases ON cases.id = tracking_code.case_id
    LEFT JOIN staff ON staff.id = cases.assignee_id
    WHERE tracking_code.code = $1
"""  # noqa: S608  (columns and conditions of ours)
_JSON: Final = ("declared", "session", "attachments", "pauses")


@dataclass(frozen=True, slots=True)
class Reached:
    """Where the person of a case is written to, and what an answer follows from."""

    to: Address
    """Their number; the account by which a partner knows them where there is none."""
    line: str | None
    """Our line that they wrote to by SMS, or of the API; None when they came by another door."""
    by: Channel
    """The way that goes: by SMS, by voice, or by the API to the partner who reads it there."""
    message_id: UUID | None = None
    correlation_id: UUID | None = None


async def lock(tx: Transaction, code: str) -> Case | None:
    """The case behind a code, its person held until the end of the transaction."""
    while True:
        held = await tx.raw.fetchrow(_LOCK, code)
        # Read only now: whoever held the person before us has committed, and what it wrote is seen.
        row = await tx.raw.fetchrow(_READ, held["id"]) if held else None
        if row is None:
            return None
        if row["contact_id"] == held["contact_id"]:
            return case_of(row)
        # It was a merge: the case is another person's by now, and that one is to be held.


async def reached(tx: Transaction, case: Case) -> Reached | None:
    """The number the person last wrote from in this case, else one that we know of them.

    Without any, the account for which a partner last handed something in here.
    """
    row = await tx.raw.fetchrow(_REACHED_BY, case.id, case.contact_id)
    if row:
        line = row["line"] if row["channel"] == "sms" else None
        by = way_to(row["sender"], read_aloud=row["read_aloud"])
        return Reached(_number(row["sender"]), line, by, row["message_id"], row["correlation_id"])
    row = await tx.raw.fetchrow(_ANY_NUMBER, case.contact_id)
    if row:
        return Reached(_number(row["value"]), None, way_to(row["value"], read_aloud=row["read_aloud"]))
    row = await tx.raw.fetchrow(_REACHED_BY_PARTNER, case.id)
    if row is None:
        return None
    account = Address(kind=AddressKind.ACCOUNT, value=row["sender"])
    return Reached(account, row["line"], Channel.API, row["message_id"], row["correlation_id"])


async def outbound(tx: Transaction, outbound_id: UUID) -> dict[str, Any] | None:
    """A message out as the API shows it, with the fingerprint of the request that wrote it."""
    row = await tx.raw.fetchrow(_ONE_SENT, outbound_id)
    return None if row is None else dict(row)


async def find(tx: Transaction, actor: Actor, code: str, *, anywhere: bool = False) -> dict[str, Any] | None:
    """A case whole, as one statement a kind; an alias finds it too. None out of reach, unless `anywhere`."""
    found = await tx.raw.fetchrow(_FIND, code)
    if found is None or not (anywhere or await reaches(tx, actor, found["id"], found["desk"])):
        return None
    case = dict(found)
    has = {kind: case.pop(f"has_{kind}") for kind in _SELDOM}
    case_id = case["id"]
    messages = [_plain(row) for row in await tx.raw.fetch(_SAID, case_id)]
    await _add_heard(tx, messages)
    brought = {row["tracking_code"] for row in messages} - {case["tracking_code"], None}
    draft = await tx.raw.fetchrow(_DRAFT, case_id, actor.staff_id) if actor.staff_id else None
    rating = await tx.raw.fetchrow(_RATING, case_id) if has["rating"] else None

    async def rows(query: str, *told: object) -> list[dict[str, Any]]:
        return [_plain(row) for row in await tx.raw.fetch(query, *(told or (case_id,)))]

    return {
        **case,
        "aliases": [row["code"] for row in await rows(_ALIASES, [*brought], case_id)] if brought else [],
        "person": await find_contact(tx, case["contact_id"]),
        "messages": messages,
        "outbound_messages": await rows(_SENT),
        "events": await rows(_HISTORY),
        "clocks": await rows(_CLOCKS),
        "notes": await rows(_NOTES) if has["note"] else [],
        "corrections": await rows(_CORRECTIONS) if has["correction"] else [],
        "attachments": await rows(_ATTACHMENTS) if has["attachment"] else [],
        "referrals": await watch.of_case(tx, case_id) if has["referral"] else [],
        "links": await links.of_case(tx, actor, case_id) if has["link"] else [],
        "other_cases": await links.others(tx, actor, case["contact_id"], case_id) if has["other"] else [],
        "call_back": await call_backs.newest(tx, case_id) if has["call_back"] else None,
        "tries": await call_backs.tries(tx, case_id) if has["try"] else [],
        "calls": await calls.of_case(tx, case_id) if has["call"] else [],
        "draft": dict(draft) if draft else None,
        "rating": dict(rating) if rating else None,
    }


async def _add_heard(tx: Transaction, messages: list[dict[str, Any]]) -> None:
    """Beside each message what a machine took its recordings for; asked of those that brought something."""
    recorded = [row["message_id"] for row in messages if row["attachments"]]
    heard = await transcripts.of(tx, recorded) if recorded else {}
    for row in messages:
        row["transcripts"] = heard.get(row["message_id"], [])


async def find_contact(tx: Transaction, contact_id: UUID) -> dict[str, Any] | None:
    """A person and their addresses; the stand-in of whoever came without any is not shown."""
    row = await tx.raw.fetchrow(_PERSON, contact_id)
    if row is None:
        return None
    return {**row, "addresses": [dict(address) for address in await tx.raw.fetch(_ADDRESSES, contact_id)]}


async def reaches_contact(tx: Transaction, actor: Actor, contact_id: UUID) -> bool:
    """Whether any case of a person is within reach."""
    condition = within(actor)
    if condition is None:
        return True
    query = sa.select(sa.exists().where(cases.c.contact_id == contact_id, condition))
    return bool((await tx.connection.execute(query)).scalar_one())


async def contact_at(tx: Transaction, kind: str, value: str) -> UUID | None:
    """Whose address this is."""
    query = sa.select(contact_address.c.contact_id)
    query = query.where(contact_address.c.kind == kind, contact_address.c.value == value)
    return (await tx.connection.execute(query)).scalar_one_or_none()


async def count_by_state(tx: Transaction) -> dict[str, int]:
    """How many cases are in each state."""
    rows = await tx.connection.execute(
        sa.select(cases.c.state, sa.func.count().label("total")).group_by(cases.c.state)
    )
    return {row.state: row.total for row in rows}


def _number(value: str) -> Address:
    return Address(kind=AddressKind.MSISDN, value=value)


def _plain(row: Row) -> dict[str, Any]:
    """A row with its JSON read: the driver gives it as text."""
    return {
        name: json.loads(value) if name in _JSON and isinstance(value, str) else value
        for name, value in row.items()
    }
