"""Tasks to call somebody back, and every try: at most one task of a case is live."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, Final, NamedTuple
from uuid import UUID

import yaml

from case_store.calling import LIVE, CallBack, CallBackState, Terms, TryResult
from case_store.model import storable
from case_store.plan.effects import CallBackWanted
from case_store.repository.database import Transaction

_LIVE: Final = "state IN ('waiting', 'needs_number')"
_OPEN: Final = f"""
    INSERT INTO call_back (id, case_id, number, state, asked_by, asked_at)
    SELECT id, case_id, number, CASE WHEN number IS NULL THEN 'needs_number' ELSE 'waiting' END, $4, asked_at
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $5::timestamptz[]) AS new (id, case_id, number, asked_at)
    ON CONFLICT (case_id) WHERE {_LIVE} DO UPDATE
    SET number = coalesce(excluded.number, call_back.number), failures = 0, next_at = NULL,
        state = CASE WHEN excluded.number IS NULL THEN call_back.state ELSE 'waiting' END
"""  # noqa: S608  (a condition of ours)
_FIND_LIVE: Final = f"""
    SELECT id, case_id, number, state, failures, next_at FROM call_back WHERE case_id = $1 AND {_LIVE}
"""  # noqa: S608  (as above)
_CHANGE: Final = "UPDATE call_back SET number = $2, state = $3, failures = $4, next_at = $5 WHERE id = $1"
_SETTLE: Final = f"""
    UPDATE call_back SET state = $2, settled_by = $3, settled_at = $4, next_at = NULL
    WHERE case_id = $1 AND {_LIVE}
"""  # noqa: S608  (as above)
_TRY: Final = """
    INSERT INTO call_try
        (id, case_id, call_back_id, call_id, result, made_by, made_by_id, made_at, seconds, note)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_SPOKEN_WITH: Final = (
    "SELECT EXISTS (SELECT FROM call_try WHERE case_id = $1 AND call_back_id = $2 AND result = 'answered')"
)
_NEWEST: Final = """
    SELECT id, number, state, asked_by, asked_at, failures, next_at, settled_by, settled_at
    FROM call_back WHERE case_id = $1 ORDER BY asked_at DESC, id DESC LIMIT 1
"""
_TRIES: Final = """
    SELECT id, call_id, result, made_by, made_at, seconds, note
    FROM call_try WHERE case_id = $1 ORDER BY made_at, id
"""
_NUMBER: Final = """
    SELECT sender FROM message
    WHERE case_id = $1 AND sender_kind = 'msisdn' AND NOT EXISTS (
        SELECT FROM contact_address WHERE kind = 'msisdn' AND value = message.sender AND wrong_at IS NOT NULL
    ) ORDER BY received_at DESC LIMIT 1
"""
_ANY_NUMBER: Final = """
    SELECT CASE kind WHEN 'msisdn' THEN value ELSE substr(value, 10) END FROM contact_address
    WHERE contact_id = $1 AND (kind = 'msisdn' AND wrong_at IS NULL OR value LIKE 'unproven:+%')
    ORDER BY kind = 'msisdn' DESC, created_at LIMIT 1
"""


class Try(NamedTuple):
    """Somebody called, or wanted to."""

    id: UUID
    case_id: UUID
    call_back_id: UUID | None
    call_id: UUID | None
    """The call that the gateway made, if it did."""
    result: TryResult
    made_by: str
    made_by_id: UUID | None
    made_at: datetime
    seconds: float | None
    note: str | None


def shipped() -> Terms:
    """What ships with the service."""
    told = yaml.safe_load(files("case_store").joinpath("defaults", "call_backs.yaml").read_text("utf-8"))
    pauses = {TryResult(name): timedelta(minutes=minutes) for name, minutes in told["pauses"].items()}
    return Terms(told["tries"], pauses)


async def open_all(tx: Transaction, wanted: Iterable[CallBackWanted], asked_by: str) -> None:
    """Have people called back, one task a case; where one is live it is wanted anew, by the newer number."""
    rows = list(wanted)
    if rows:
        ids, cases, numbers, moments = zip(*rows, strict=True)
        await tx.raw.execute(_OPEN, ids, cases, numbers, storable(asked_by), moments)


async def live(tx: Transaction, case_id: UUID) -> CallBack | None:
    """The case's task that is still to be done."""
    row = await tx.raw.fetchrow(_FIND_LIVE, case_id)
    return None if row is None else CallBack(**{**row, "state": CallBackState(row["state"])})


async def change(tx: Transaction, task: CallBack) -> None:
    """Write a task that is live."""
    await tx.raw.execute(_CHANGE, task.id, task.number, task.state, task.failures, task.next_at)


async def settle(tx: Transaction, case_id: UUID, state: CallBackState, by: str, now: datetime) -> None:
    """End the case's live task, if it has one."""
    if state in LIVE:  # nothing of ours asks for that
        raise AssertionError(state)
    await tx.raw.execute(_SETTLE, case_id, state, storable(by), now)


async def add_try(tx: Transaction, tried: Try) -> None:
    """Keep a try."""
    await tx.raw.execute(_TRY, *tried)


async def spoken_with(tx: Transaction, task: CallBack) -> bool:
    """Whether a try of this task was answered."""
    return bool(await tx.raw.fetchval(_SPOKEN_WITH, task.case_id, task.id))


async def number_of(tx: Transaction, case_id: UUID, contact_id: UUID) -> str | None:
    """A number to call: the one last written or called from in this case, else one of the person's.

    One that the person gave without proving it will do: whoever calls finds out.
    """
    number: str | None = await tx.raw.fetchval(_NUMBER, case_id)
    if number is None:
        number = await tx.raw.fetchval(_ANY_NUMBER, contact_id)
    return number


async def newest(tx: Transaction, case_id: UUID) -> dict[str, Any] | None:
    """The case's newest task as the API shows it."""
    row = await tx.raw.fetchrow(_NEWEST, case_id)
    return None if row is None else dict(row)


async def tries(tx: Transaction, case_id: UUID) -> list[dict[str, Any]]:
    """Every try of a case, the oldest first."""
    return [dict(row) for row in await tx.raw.fetch(_TRIES, case_id)]
