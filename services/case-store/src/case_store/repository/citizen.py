"""What a person is shown of their own cases, read by the number that they proved to be theirs.

A number leads to its person, and from there to the cases that are that person's now: somebody else's case is
not found, and takes as long not to be found as one that there is none of. What was said while two people were
taken for one stays out of sight of the one who neither said nor got it.

A page reads all of a person's cases off `cases_contact` and sorts them: they are few. An index in the order
of their last activity would have to be written with every message that joins a case.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from asyncpg import Record as Row

from case_store.cursors import Position
from case_store.repository.database import Transaction

MOST_SAID: Final = 500
"""So much of each kind is shown of a case at most, the newest."""
_PERSON: Final = (
    "SELECT contact_id FROM contact_address WHERE kind = 'msisdn' AND value = $1 AND wrong_at IS NULL"
)
_CASE: Final = """
    cases.id, cases.contact_id, cases.tracking_code, cases.state, cases.topic, cases.section, cases.kind,
    cases.opened_at, cases.last_activity_at, cases.closed_at, own.due_at, own.waits, rating.stars AS rating
"""
# The case's own clock alone, not a referral's; only the key in the condition, as in `clocks`.
_BESIDE: Final = """
    LEFT JOIN rating ON rating.case_id = cases.id
    CROSS JOIN LATERAL (
        SELECT min(due_at) FILTER (WHERE referral_id IS NULL AND stopped_at IS NULL) AS due_at,
            count(paused_at) FILTER (WHERE referral_id IS NULL AND stopped_at IS NULL) > 0 AS waits
        FROM clock WHERE clock.case_id = cases.id
    ) AS own
"""
_PAGE: Final = f"""
    SELECT {_CASE} FROM (
        SELECT * FROM cases WHERE contact_id = ({_PERSON})
            AND ($2::timestamptz IS NULL OR (last_activity_at, id) < ($2, $3::uuid))
        ORDER BY last_activity_at DESC, id DESC LIMIT $4
    ) AS cases {_BESIDE}
    ORDER BY cases.last_activity_at DESC, cases.id DESC
"""  # noqa: S608  (columns and conditions of ours)
_FIND: Final = f"""
    SELECT {_CASE} FROM tracking_code JOIN cases ON cases.id = tracking_code.case_id {_BESIDE}
    WHERE tracking_code.code = $2 AND cases.contact_id = ({_PERSON})
"""  # noqa: S608  (columns and conditions of ours)
_OWNER: Final = """
    SELECT address.value FROM tracking_code JOIN cases ON cases.id = tracking_code.case_id
    JOIN contact_address AS address ON address.contact_id = cases.contact_id
    WHERE tracking_code.code = $1 AND address.kind = 'msisdn' AND address.value LIKE '+989%'
        AND address.wrong_at IS NULL
    ORDER BY (
        SELECT max(received_at) FROM message
        WHERE case_id = cases.id AND sender_kind = 'msisdn' AND sender = address.value
    ) DESC NULLS LAST, address.created_at, address.value
    LIMIT 1
"""
_THEIRS: Final = """
    (contact_id = $2 OR ({kind}, {value}) IN (
        SELECT address.kind, address.value FROM contact_address AS address WHERE address.contact_id = $2
    ))
"""
_SAID_BY_THEM: Final = _THEIRS.format(kind="sender_kind", value="sender")
_SAID_TO_THEM: Final = _THEIRS.format(kind="to_kind", value="to_value")
_EACH: Final = "FROM unnest($1::uuid[]) AS each (case_id) CROSS JOIN LATERAL"
_SAID: Final = f"""
    SELECT said.* {_EACH} (
        SELECT case_id, message_id AS id, received_at AS at, channel, text, attachments, tracking_code
        FROM message WHERE case_id = each.case_id AND intent = ANY($3) AND {_SAID_BY_THEM}
        ORDER BY received_at DESC, message_id DESC LIMIT $4
    ) AS said
"""  # noqa: S608  (conditions of ours)
_ANSWERED: Final = f"""
    SELECT said.* {_EACH} (
        SELECT case_id, id, created_at AS at, channel, text FROM outbound_message
        WHERE case_id = each.case_id AND purpose = 'reply' AND {_SAID_TO_THEM}
        ORDER BY created_at DESC, id DESC LIMIT $3
    ) AS said
"""  # noqa: S608  (conditions of ours)
_OFFICIAL: Final = """
    SELECT case_id, id, issued_at AS at, verification_code, text, revoked_at IS NOT NULL AS revoked
    FROM official_reply WHERE case_id = ANY($1) ORDER BY issued_at DESC, id DESC LIMIT $2
"""
_HAPPENED: Final = f"""
    SELECT happened.* {_EACH} (
        SELECT case_id, occurred_at AS at, type, seq FROM case_event
        WHERE case_id = each.case_id AND type = ANY($2) ORDER BY seq DESC LIMIT $3
    ) AS happened ORDER BY happened.seq
"""  # noqa: S608  (conditions of ours)
_ALIASES: Final = """
    SELECT tracking_code.case_id, tracking_code.code FROM tracking_code
    JOIN cases ON cases.id = tracking_code.case_id
    WHERE code = ANY($1) AND case_id = ANY($2) AND code <> cases.tracking_code ORDER BY code
"""
_BESIDE_CASES: Final = """
    SELECT message_id AS id, received_at AS at, channel, text, attachments FROM message
    WHERE contact_id = $1 AND case_id IS NULL ORDER BY received_at DESC, message_id DESC LIMIT $2
"""
_RATED: Final = f"""
    SELECT cases.tracking_code, rating.stars, rating.words, rating.rated_at
    FROM rating JOIN cases ON cases.id = rating.case_id
    WHERE rating.case_id = ANY($1)
        AND EXISTS (SELECT FROM message WHERE message_id = rating.message_id AND {_SAID_BY_THEM})
    ORDER BY rating.rated_at, cases.tracking_code
"""  # noqa: S608  (conditions of ours)
_ABOUT: Final = "SELECT name, national_id, bulk_refused_at, created_at FROM contact WHERE id = $1"
_ADDRESSES: Final = """
    SELECT kind, value FROM contact_address
    WHERE contact_id = $1 AND NOT (kind = 'account' AND value LIKE 'desk:%') ORDER BY created_at, value
"""
_BROUGHT: Final = f"""
    SELECT file ->> 'media_type' AS media_type
    FROM message, jsonb_array_elements(attachments) AS file
    WHERE case_id = $1 AND {_SAID_BY_THEM} AND attachments @> $3 AND file ->> 'sha256' = $4 LIMIT 1
"""  # noqa: S608  (conditions of ours)


async def owner(tx: Transaction, code: str) -> str | None:
    """The mobile number of a case's person: the one they last wrote from in it, else the first we knew."""
    number: str | None = await tx.raw.fetchval(_OWNER, code)
    return number


async def person(tx: Transaction, msisdn: str) -> UUID | None:
    """Whose number this is."""
    found: UUID | None = await tx.raw.fetchval(_PERSON, msisdn)
    return found


async def page(tx: Transaction, msisdn: str, after: Position | None, limit: int) -> list[dict[str, Any]]:
    """The person's cases, the latest activity first."""
    at, last = after or (None, None)
    return [dict(row) for row in await tx.raw.fetch(_PAGE, msisdn, at, last, limit)]


async def find(tx: Transaction, msisdn: str, code: str) -> dict[str, Any] | None:
    """The person's case behind a code or an alias."""
    row = await tx.raw.fetchrow(_FIND, msisdn, code)
    return None if row is None else dict(row)


async def said(
    tx: Transaction, contact_id: UUID, case_ids: Collection[UUID], intents: Collection[str]
) -> list[dict[str, Any]]:
    """What the person said in these cases, with these intents."""
    rows = await tx.raw.fetch(_SAID, case_ids, contact_id, intents, MOST_SAID)
    return [_with_files(row) for row in rows]


async def answered(tx: Transaction, contact_id: UUID, case_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """What we answered them, in writing and by word of mouth."""
    return [dict(row) for row in await tx.raw.fetch(_ANSWERED, case_ids, contact_id, MOST_SAID)]


async def official(tx: Transaction, case_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """The official replies that were issued on these cases, void ones too."""
    return [dict(row) for row in await tx.raw.fetch(_OFFICIAL, case_ids, MOST_SAID * len(case_ids))]


async def happened(
    tx: Transaction, case_ids: Collection[UUID], types: Collection[str]
) -> list[dict[str, Any]]:
    """What happened to these cases, of these types, the oldest first."""
    return [dict(row) for row in await tx.raw.fetch(_HAPPENED, case_ids, types, MOST_SAID)]


async def aliases(
    tx: Transaction, case_ids: Collection[UUID], brought: Iterable[str | None]
) -> dict[UUID, list[str]]:
    """Of the codes that messages brought, those that lead to these cases beside their own."""
    codes = {code for code in brought if code is not None}
    found: dict[UUID, list[str]] = {}
    for row in await tx.raw.fetch(_ALIASES, codes, case_ids) if codes else ():
        found.setdefault(row["case_id"], []).append(row["code"])
    return found


async def rated(tx: Transaction, contact_id: UUID, case_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """What the person thinks of how these cases were answered, the oldest word first."""
    return [dict(row) for row in await tx.raw.fetch(_RATED, case_ids, contact_id)]


async def beside_cases(tx: Transaction, contact_id: UUID) -> list[dict[str, Any]]:
    """What they sent that belongs to no case."""
    return [_with_files(row) for row in await tx.raw.fetch(_BESIDE_CASES, contact_id, MOST_SAID)]


async def about(tx: Transaction, contact_id: UUID) -> dict[str, Any]:
    """The person themselves, with where they are reached."""
    addresses = await tx.raw.fetch(_ADDRESSES, contact_id)
    row: Mapping[str, Any] = await tx.raw.fetchrow(_ABOUT, contact_id)
    return {**row, "addresses": [dict(address) for address in addresses]}


async def brought(tx: Transaction, contact_id: UUID, case_id: UUID, sha256: str) -> str | None:
    """What kind of file this is, if the person sent it in this case; what staff added is not shown."""
    wanted = json.dumps([{"sha256": sha256}])
    kind: str | None = await tx.raw.fetchval(_BROUGHT, case_id, contact_id, wanted, sha256)
    return kind


def _with_files(row: Row) -> dict[str, Any]:
    """The driver gives JSON as text, unless it was told what to make of it."""
    files = row["attachments"] or []
    return {**row, "attachments": json.loads(files) if isinstance(files, str) else files}
