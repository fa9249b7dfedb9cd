"""What partners handed in, as rows: a live one stands beside its case, a sandbox one by itself.

A code leads to a partner's own submission in two ways: it was shown for that submission, or it is the code of
the case that the submission is kept with. Another partner's is not found, nor one of the other world.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record as Row

from case_store.cursors import Position
from case_store.plan.effects import Filed
from case_store.repository.database import Transaction
from envelope.models import Channel

_OWN: Final = """
    submission.message_id, submission.partner_id, submission.tracking_code, submission.opened,
    submission.reference, submission.submitted_at, submission.withdrawn_at, submission.sandbox
"""
_LIVE: Final = f"""
    SELECT {_OWN}, cases.id AS case_id, cases.tracking_code AS case_code, cases.state, cases.section,
        cases.last_activity_at, cases.closed_at, cases.version, own.due_at, own.waits,
        CASE WHEN theirs.opened THEN cases.topic ELSE message.topic END AS topic,
        CASE WHEN theirs.opened THEN cases.kind ELSE message.kind END AS kind,
        theirs.opened AS owned
    FROM {{found}} AS submission
    JOIN cases ON cases.id = submission.case_id
    JOIN message ON message.message_id = submission.message_id
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT FROM submission AS first WHERE first.case_id = submission.case_id
                AND first.partner_id = submission.partner_id AND first.opened
        ) AS opened
    ) AS theirs
    CROSS JOIN LATERAL (
        SELECT min(due_at) FILTER (WHERE referral_id IS NULL AND stopped_at IS NULL) AS due_at,
            count(paused_at) FILTER (WHERE referral_id IS NULL AND stopped_at IS NULL) > 0 AS waits
        FROM clock WHERE clock.case_id = cases.id
    ) AS own
"""  # noqa: S608  (columns and conditions of ours)
_SANDBOX: Final = f"SELECT {_OWN} FROM {{found}} AS submission"  # noqa: S608  (columns of ours)
_NEWEST: Final = """(
    SELECT * FROM submission WHERE partner_id = $1 AND {world}
        AND ($2::timestamptz IS NULL OR (submitted_at, message_id) < ($2, $3::uuid)) {which}
    ORDER BY submitted_at DESC, message_id DESC LIMIT $4
)"""
_REFERRED_TO: Final = "AND reference = $5"
_ORDER: Final = "\nORDER BY submission.submitted_at DESC, submission.message_id DESC"
_BY_CODE: Final = """(
    SELECT * FROM submission WHERE partner_id = $1 AND {world} AND (
        tracking_code = $2 OR case_id = (SELECT case_id FROM tracking_code WHERE code = $2)
    ) ORDER BY tracking_code = $2 DESC, opened DESC, submitted_at DESC LIMIT 1
)"""
_IN_LIVE, _IN_SANDBOX = "sandbox IS NULL", "sandbox IS NOT NULL"
_PAGES: Final[Mapping[tuple[bool, bool], str]] = {
    (sandbox, referred): (_SANDBOX if sandbox else _LIVE).format(
        found=_NEWEST.format(
            world=_IN_SANDBOX if sandbox else _IN_LIVE, which=_REFERRED_TO if referred else ""
        )
    )
    + _ORDER
    for sandbox in (False, True)
    for referred in (False, True)
}
_FIND: Final[Mapping[bool, str]] = {
    sandbox: (_SANDBOX if sandbox else _LIVE).format(
        found=_BY_CODE.format(world=_IN_SANDBOX if sandbox else _IN_LIVE)
    )
    for sandbox in (False, True)
}
_HOLD: Final = """
    SELECT message_id FROM submission
    WHERE partner_id = $1 AND tracking_code = $2 AND sandbox IS NOT NULL FOR UPDATE
"""
_ANSWERS: Final = """
    SELECT * FROM (
        SELECT id, created_at AS at, text, NULL AS code, false AS revoked,
            channel = 'api' AND state = 'pending' AS untold
        FROM outbound_message WHERE case_id = $1 AND purpose = 'reply'
        UNION ALL
        SELECT id, issued_at, CASE WHEN revoked_at IS NULL THEN text ELSE '' END, verification_code,
            revoked_at IS NOT NULL, false
        FROM official_reply WHERE case_id = $1
        ORDER BY at DESC, id DESC LIMIT $2
    ) AS newest ORDER BY at, id
"""
_TOLD: Final = """
    UPDATE outbound_message SET state = 'delivered', state_at = $3
    WHERE case_id = $1 AND channel = 'api' AND state = 'pending' AND created_at <= $4
        AND starts_with(to_value, $2 || ':')
    RETURNING id
"""
_ADD: Final = """
    INSERT INTO submission AS known
        (message_id, partner_id, case_id, opened, tracking_code, reference, submitted_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bool[], $5::text[], $6::text[],
        $7::timestamptz[])
    ON CONFLICT (message_id) DO UPDATE SET case_id = excluded.case_id, opened = excluded.opened,
        tracking_code = excluded.tracking_code, reference = excluded.reference,
        submitted_at = excluded.submitted_at, sandbox = NULL, withdrawn_at = NULL, due_at = NULL
"""
_FIRST_CODES: Final = """
    SELECT message.message_id, message.case_id FROM message
    WHERE message.message_id = ANY($1) AND message.case_id IS NOT NULL
"""
_ADD_ALIASES: Final = """
    INSERT INTO tracking_code (code, case_id) SELECT code, case_id
    FROM unnest($1::text[], $2::uuid[]) AS new (code, case_id) ON CONFLICT (code) DO NOTHING
"""
_OTHERS_WROTE: Final = """
    SELECT EXISTS (
        SELECT FROM message WHERE case_id = $1 AND NOT (channel = 'api' AND provider = $2)
    )
"""
_WITHDRAW: Final = """
    UPDATE submission SET withdrawn_at = $3 WHERE case_id = $1 AND partner_id = $2
"""
_WITHDRAW_SANDBOX: Final = "UPDATE submission SET withdrawn_at = $2, due_at = NULL WHERE message_id = $1"
_TRY_OUT: Final = """
    INSERT INTO submission
        (message_id, partner_id, opened, tracking_code, reference, sandbox, submitted_at, due_at)
    VALUES ($1, $2, true, $3, $4, $5, $6, $7) ON CONFLICT (message_id) DO NOTHING RETURNING message_id
"""
_COPY_OF: Final = f"""
    SELECT {_OWN} FROM submission WHERE message_id = $1 AND partner_id = $2 AND sandbox IS NOT NULL
"""  # noqa: S608  (columns of ours)
_DUE: Final = f"""
    UPDATE submission SET due_at = NULL WHERE message_id IN (
        SELECT message_id FROM submission WHERE due_at <= $1
        ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ) RETURNING {_OWN}
"""  # noqa: S608  (columns of ours)
MOST_ANSWERS: Final = 200
"""So many answers are given of a case at most, the newest."""


async def add(tx: Transaction, filed: Sequence[Filed], opened: Collection[UUID]) -> None:
    """What partners handed in among these messages; `opened` are the cases that were made by them.

    One of the sandbox that took the same id gives way: what is real is never held up by what was tried out.
    """
    unmade, rows = set(opened), []
    for message, _, case_id in filed:
        envelope, made = message.envelope, case_id in unmade
        unmade.discard(case_id)  # the first message of a case is the one that made it
        if envelope.channel is Channel.API and case_id is not None and envelope.tracking_code is not None:
            rows.append(
                (envelope.message_id, envelope.provider, case_id, made, envelope.tracking_code,
                 envelope.reference, envelope.received_at)
            )  # fmt: skip
    if rows:
        await tx.raw.execute(_ADD, *zip(*rows, strict=True))


async def resolve(tx: Transaction, brought: Sequence[tuple[UUID, str]]) -> None:
    """Codes that further copies of stored messages brought: each leads to the case of the first copy.

    A code that leads somewhere already stays what it is.
    """
    stored = await tx.raw.fetch(_FIRST_CODES, [message_id for message_id, _ in brought]) if brought else ()
    cases = {row["message_id"]: row["case_id"] for row in stored}
    aliases = [(code, cases[message_id]) for message_id, code in brought if message_id in cases]
    if aliases:
        await tx.raw.execute(_ADD_ALIASES, *zip(*aliases, strict=True))


async def page(
    tx: Transaction,
    partner_id: str,
    *,
    sandbox: bool,
    reference: str | None,
    after: Position | None,
    limit: int,
) -> list[dict[str, Any]]:
    """A partner's own, the newest first."""
    at, last = after or (None, None)
    asked = (partner_id, at, last, limit, *(() if reference is None else (reference,)))
    rows = await tx.raw.fetch(_PAGES[sandbox, reference is not None], *asked)
    return [_read(row) for row in rows]


async def find(tx: Transaction, partner_id: str, code: str, *, sandbox: bool) -> dict[str, Any] | None:
    """A partner's own behind a code."""
    row = await tx.raw.fetchrow(_FIND[sandbox], partner_id, code)
    return None if row is None else _read(row)


async def hold_sandbox(tx: Transaction, partner_id: str, code: str) -> None:
    """Of two who take the same back at once, the second one waits."""
    await tx.raw.fetchval(_HOLD, partner_id, code)


async def answers(tx: Transaction, case_id: UUID) -> list[dict[str, Any]]:
    """What we answered on a case; of a void official one the text is kept back."""
    return [dict(row) for row in await tx.raw.fetch(_ANSWERS, case_id, MOST_ANSWERS)]


async def told(tx: Transaction, partner_id: str, case_id: UUID, now: datetime, until: datetime) -> list[UUID]:
    """A partner has what was answered till then to a person whom it alone reaches: those are delivered.

    Returns:
        The messages out that this was news of.
    """
    return [row["id"] for row in await tx.raw.fetch(_TOLD, case_id, partner_id, now, until)]


async def others_wrote(tx: Transaction, case_id: UUID, partner_id: str) -> bool:
    """Whether anybody but this partner has said something in a case."""
    return bool(await tx.raw.fetchval(_OTHERS_WROTE, case_id, partner_id))


async def withdraw(tx: Transaction, case_id: UUID, partner_id: str, now: datetime) -> None:
    """Everything of a partner's in a case was taken back; `now` is when the case was closed by it."""
    await tx.raw.execute(_WITHDRAW, case_id, partner_id, now)


async def withdraw_sandbox(tx: Transaction, message_id: UUID, now: datetime) -> None:
    """One in the sandbox was taken back; nothing more happens to it."""
    await tx.raw.execute(_WITHDRAW_SANDBOX, message_id, now)


async def try_out(tx: Transaction, given: Mapping[str, Any], due_at: datetime) -> bool:
    """Keep one in the sandbox → whether it was the first copy; `due_at` is when it is answered."""
    about = json.dumps({"topic": given["topic"], "kind": given["kind"]})
    row = (
        given["message_id"], given["partner_id"], given["tracking_code"], given["reference"], about,
        given["submitted_at"], due_at,
    )  # fmt: skip
    return bool(await tx.raw.fetchval(_TRY_OUT, *row))


async def copy_of(tx: Transaction, partner_id: str, message_id: UUID) -> dict[str, Any] | None:
    """A partner's own in the sandbox by its message's id."""
    row = await tx.raw.fetchrow(_COPY_OF, message_id, partner_id)
    return None if row is None else _read(row)


async def due(tx: Transaction, now: datetime, limit: int) -> list[dict[str, Any]]:
    """Those of the sandbox whose answer is due, taken: nobody else takes them."""
    return [_read(row) for row in await tx.raw.fetch(_DUE, now, limit)]


def _read(row: Row) -> dict[str, Any]:
    """The driver gives JSON as text, unless it was told what to make of it."""
    about = row["sandbox"]
    return {**row, "sandbox": json.loads(about) if isinstance(about, str) else about}
