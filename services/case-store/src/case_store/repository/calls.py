"""Calls that a gateway makes for agents: asked for, claimed under a lease, told of, ended."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from case_store.calling import SILENT_AFTER, CallResult, CallState
from case_store.repository.changes import tell_of_call
from case_store.repository.database import Transaction

_EXTENSION: Final = "SELECT extension FROM staff WHERE id = $1"
_ASK: Final = """
    INSERT INTO call_out
        (id, case_id, staff_id, made_by, extension, number, line, record, state, asked_at, heard_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'asked', $9, $9)
    ON CONFLICT (staff_id) WHERE state <> 'ended' DO NOTHING RETURNING id
"""
_HELD: Final = """
    SELECT cases.tracking_code FROM call_out JOIN cases ON cases.id = call_out.case_id
    WHERE call_out.staff_id = $1 AND call_out.state <> 'ended'
"""
_CLAIM: Final = """
    UPDATE call_out SET leased_until = $2 WHERE id IN (
        SELECT id FROM call_out
        WHERE state = 'asked' AND asked_at > $3 AND (leased_until IS NULL OR leased_until <= $1)
        ORDER BY asked_at, id LIMIT $4 FOR UPDATE SKIP LOCKED
    ) RETURNING id, extension, number, line, record, asked_at
"""
_FIND: Final = """
    SELECT call_out.*, cases.tracking_code FROM call_out JOIN cases ON cases.id = call_out.case_id
    WHERE call_out.id = $1
"""
_HOLD: Final = "SELECT state, result FROM call_out WHERE id = $1 FOR UPDATE"
_MOVE: Final = """
    UPDATE call_out SET state = $2, heard_at = $3, result = $4, seconds = $5, ended_at = $6 WHERE id = $1
"""
_HEARD: Final = "UPDATE call_out SET heard_at = $2 WHERE id = $1"
_KEEP: Final = """
    UPDATE call_out SET recording = $2
    WHERE id = $1 AND (recording IS NULL OR recording ->> 'sha256' = $2::jsonb ->> 'sha256') RETURNING case_id
"""
_LAPSE: Final = """
    UPDATE call_out SET state = 'ended', result = 'lapsed', ended_at = $1
    WHERE id IN (
        SELECT id FROM call_out
        JOIN unnest($2::text[], $3::timestamptz[]) AS silent (state, since) USING (state)
        WHERE call_out.state <> 'ended' AND call_out.heard_at <= silent.since
        FOR UPDATE OF call_out SKIP LOCKED
    ) RETURNING case_id
"""
_OF_CASE: Final = """
    SELECT id, made_by, number, state, result, seconds, asked_at, ended_at, record, recording
    FROM call_out WHERE case_id = $1 ORDER BY asked_at, id
"""


class NewCall(NamedTuple):
    """A call that an agent asks for."""

    id: UUID
    case_id: UUID
    staff_id: UUID
    made_by: str
    extension: str
    number: str
    line: str
    record: bool
    asked_at: datetime


async def extension_of(tx: Transaction, staff_id: UUID) -> str | None:
    """The telephone of somebody."""
    found: str | None = await tx.raw.fetchval(_EXTENSION, staff_id)
    return found


async def ask(tx: Transaction, call: NewCall) -> bool:
    """Keep a call to be made; False while another one of that agent is under way."""
    asked = await tx.raw.fetchval(_ASK, *call) is not None
    if asked:
        await tell_of_call(tx, [call.case_id])
    return asked


async def held(tx: Transaction, staff_id: UUID) -> str | None:
    """The code of the case about which somebody is calling."""
    code: str | None = await tx.raw.fetchval(_HELD, staff_id)
    return code


async def claim(
    tx: Transaction, now: datetime, until: datetime, asked_after: datetime, limit: int
) -> list[dict[str, Any]]:
    """Lease the oldest that nobody has; another claim passes them by."""
    rows = await tx.raw.fetch(_CLAIM, now, until, asked_after, limit)
    return sorted(map(dict, rows), key=lambda row: (row["asked_at"], row["id"]))


async def find(tx: Transaction, call_id: UUID) -> dict[str, Any] | None:
    """A call with its case's code."""
    row = await tx.raw.fetchrow(_FIND, call_id)
    return None if row is None else dict(row)


async def hold(tx: Transaction, call_id: UUID) -> tuple[CallState, CallResult | None]:
    """How far it is, held; there must be one."""
    row: Any = await tx.raw.fetchrow(_HOLD, call_id)
    return CallState(row["state"]), CallResult(row["result"]) if row["result"] else None


async def move(  # noqa: PLR0913, PLR0917  (what is told of a call)
    tx: Transaction,
    call_id: UUID,
    case_id: UUID,
    state: CallState,
    result: CallResult | None,
    seconds: float | None,
    now: datetime,
) -> None:
    """Write how far it has come; it must be held."""
    ended_at = now if state is CallState.ENDED else None
    await tx.raw.execute(_MOVE, call_id, state, now, result, seconds, ended_at)
    await tell_of_call(tx, [case_id])


async def heard(tx: Transaction, call_id: UUID, now: datetime) -> None:
    """It is still where it was."""
    await tx.raw.execute(_HEARD, call_id, now)


async def keep_recording(tx: Transaction, call_id: UUID, recording: str) -> bool:
    """Keep what was recorded, as JSON; False if it is another recording than the one that is kept."""
    case_id = await tx.raw.fetchval(_KEEP, call_id, recording)
    if case_id is not None:
        await tell_of_call(tx, [case_id])
    return case_id is not None


async def lapse(tx: Transaction, now: datetime) -> int:
    """End the calls of which nothing was heard for too long; how many."""
    since = [now - silence for silence in SILENT_AFTER.values()]
    lapsed: Collection[Any] = await tx.raw.fetch(_LAPSE, now, [*SILENT_AFTER], since)
    await tell_of_call(tx, [row["case_id"] for row in lapsed])
    return len(lapsed)


async def of_case(tx: Transaction, case_id: UUID) -> list[dict[str, Any]]:
    """Every call of a case as the API shows it, the oldest first."""
    rows = [dict(row) for row in await tx.raw.fetch(_OF_CASE, case_id)]
    for row in rows:
        if isinstance(row["recording"], str):
            row["recording"] = json.loads(row["recording"])
    return rows
