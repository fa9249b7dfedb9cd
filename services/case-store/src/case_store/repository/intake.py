"""A batch of routed messages in about a dozen statements, however many messages it has."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from case_store.errors import ConflictError
from case_store.model import Case, Contact, dated
from case_store.plan.effects import AddressKey, Plan
from case_store.repository import call_backs, clocks, ratings, submissions
from case_store.repository.database import Transaction
from case_store.repository.rows import CASE_COLUMNS, MESSAGE_COLUMNS, case_of, case_row, message_row
from case_store.repository.writes import change_cases, write_events, write_outbound

_LOCK_CONTACTS: Final = """
    SELECT address.kind, address.value, address.wrong_at, contact.id,
        contact.read_aloud_at IS NOT NULL AS read_aloud
    FROM unnest($1::text[], $2::text[]) AS wanted (kind, value)
    JOIN contact_address AS address USING (kind, value)
    JOIN contact ON contact.id = address.contact_id
    ORDER BY contact.id
    FOR NO KEY UPDATE OF contact
"""
_MOVED: Final = """
    SELECT EXISTS (
        SELECT FROM unnest($1::text[], $2::text[], $3::uuid[]) AS held (kind, value, contact_id)
        JOIN contact_address AS address USING (kind, value) WHERE address.contact_id <> held.contact_id
    )
"""
_MAKE_CONTACTS: Final = """
    WITH made AS (
        INSERT INTO contact_address (kind, value, contact_id, created_at)
        SELECT kind, value, contact_id, $4
        FROM unnest($1::text[], $2::text[], $3::uuid[]) AS new (kind, value, contact_id)
        ON CONFLICT (kind, value) DO NOTHING
        RETURNING kind, value, contact_id
    ), people AS (
        INSERT INTO contact (id, created_at) SELECT contact_id, $4 FROM made
    )
    SELECT kind, value, contact_id AS id FROM made
"""
_KNOWN_MESSAGES: Final = "SELECT message_id FROM message WHERE message_id = ANY($1)"
_NEWEST_CASES: Final = f"""
    SELECT newest.* FROM unnest($1::uuid[]) AS wanted (contact_id)
    CROSS JOIN LATERAL (
        SELECT {", ".join(CASE_COLUMNS)} FROM cases
        WHERE cases.contact_id = wanted.contact_id ORDER BY opened_at DESC LIMIT 10
    ) AS newest
"""  # noqa: S608  (column names of ours)
_CASES_BY_CODE: Final = f"""
    SELECT tracking_code.code, {", ".join(f"cases.{column}" for column in CASE_COLUMNS)}
    FROM tracking_code JOIN cases ON cases.id = tracking_code.case_id WHERE tracking_code.code = ANY($1)
"""  # noqa: S608  (column names of ours)
_CITIZEN: Final = "citizen"
_SET_BULK_REFUSALS: Final = """
    UPDATE contact SET bulk_refused_at = new.at
    FROM unnest($1::uuid[], $2::timestamptz[]) AS new (id, at) WHERE contact.id = new.id
"""


async def lock_contacts(
    tx: Transaction, addresses: Iterable[AddressKey], now: datetime
) -> dict[AddressKey, Contact]:
    """Find or make the contact of each address, and hold them until the end of the transaction.

    The contact's row is the lock under which everything about a person is decided. Rows and keys are
    taken in one order by everybody, so that two batches wait for each other instead of killing each other.

    Raises:
        ConflictError: an address was given to another person while we waited; the next try finds whom.
    """
    wanted = sorted(set(addresses))
    found = await _locked(tx, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        found |= await _made(tx, missing, now)
        beaten = [key for key in missing if key not in found]
        if beaten:  # another transaction made them meanwhile, and has committed
            found |= await _locked(tx, beaten)
    if await _moved(tx, found):
        # Whoever held one of them before us has merged or parted them; locks are taken in one order, so anew.
        message = "a person was merged or parted meanwhile"
        raise ConflictError(message)
    return found


async def known_messages(tx: Transaction, message_ids: Collection[UUID]) -> set[UUID]:
    """Which of these messages are in the store."""
    return {row["message_id"] for row in await tx.raw.fetch(_KNOWN_MESSAGES, message_ids)}


async def newest_cases(tx: Transaction, contact_ids: Collection[UUID]) -> list[Case]:
    """The ten newest cases of each person."""
    return [case_of(row) for row in await tx.raw.fetch(_NEWEST_CASES, contact_ids)] if contact_ids else []


async def cases_by_code(tx: Transaction, codes: Collection[str]) -> dict[str, Case]:
    """The case behind each code that is taken, by alias too."""
    return {row["code"]: case_of(row) for row in await tx.raw.fetch(_CASES_BY_CODE, codes)} if codes else {}


async def write(tx: Transaction, plan: Plan, now: datetime, redrive_at: datetime) -> None:
    """Write a plan; the message's primary key decides whether it was the first."""
    await tx.copy("cases", CASE_COLUMNS, [case_row(case) for case in plan.opened])
    await clocks.add(tx, plan.clocks.values())
    await change_cases(tx, [*plan.changed.values()])
    await tx.copy("tracking_code", ("code", "case_id"), plan.codes)
    await tx.copy("message", MESSAGE_COLUMNS, [message_row(filed, now) for filed in plan.filed])
    await submissions.add(tx, plan.filed, [case.id for case in plan.opened])
    await write_outbound(tx, plan.outbound, redrive_at)
    versions = {case.id: case.version for case in plan.opened}
    versions |= {case.id: case.version + 1 for case in plan.changed.values()}
    await write_events(tx, plan.events, versions=versions)
    if plan.bulk_refusals:
        await tx.raw.execute(_SET_BULK_REFUSALS, [*plan.bulk_refusals], [*plan.bulk_refusals.values()])
    await ratings.keep(tx, plan.ratings.values())
    await call_backs.open_all(tx, plan.call_backs.values(), _CITIZEN)


async def _locked(tx: Transaction, wanted: Sequence[AddressKey]) -> dict[AddressKey, Contact]:
    rows = await tx.raw.fetch(_LOCK_CONTACTS, [kind for kind, _ in wanted], [value for _, value in wanted])
    return {
        (row["kind"], row["value"]): Contact(
            row["id"], new=False, read_aloud=row["read_aloud"], wrong_at=row["wrong_at"]
        )
        for row in rows
    }


async def _moved(tx: Transaction, held: dict[AddressKey, Contact]) -> bool:
    """Whether any of the addresses is not that person's any more."""
    old = [(kind, value, contact.id) for (kind, value), contact in held.items() if not contact.new]
    return bool(old) and bool(await tx.raw.fetchval(_MOVED, *zip(*old, strict=True)))


async def _made(tx: Transaction, missing: Sequence[AddressKey], now: datetime) -> dict[AddressKey, Contact]:
    kinds, values = [kind for kind, _ in missing], [value for _, value in missing]
    rows = await tx.raw.fetch(_MAKE_CONTACTS, kinds, values, [dated(uuid4(), now) for _ in missing], now)
    return {(row["kind"], row["value"]): Contact(row["id"], new=True) for row in rows}
