"""Clocks as rows: set with intake's COPY, stopped, paused and set anew with what happens to a case."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from asyncpg import Record as Row

from case_store.model import AllowanceUnit, Case, Tier, storable
from case_store.repository.database import Transaction
from case_store.worktime.allowances import Terms
from case_store.worktime.clock import Clock

COLUMNS: Final = (
    "id", "case_id", "referral_id", "tier", "desk", "province", "allowance", "unit", "warn_share",
    "opened_at", "started_at", "pauses", "paused_at", "warn_at", "due_at", "warned_at", "breached_at",
    "stopped_at", "reckoned",
)  # fmt: skip
_CHANGED: Final = {
    **dict.fromkeys(("desk", "province", "unit"), "text"),
    **dict.fromkeys(("paused_at", "warn_at", "due_at", "warned_at", "breached_at"), "timestamptz"),
    "allowance": "integer",
    "warn_share": "float8",
    "pauses": "jsonb",
    "reckoned": "bigint",
}
"""What may change while a clock runs, and its type."""
_SELECT: Final = f"SELECT {', '.join(COLUMNS)} FROM clock"  # noqa: S608  (column names of ours)
# Only keys in the conditions: a predicate of a partial index invites a plan that reads the whole of it.
_OF_CASES: Final = f"{_SELECT} WHERE case_id = ANY($1)"
_BY_ID: Final = f"{_SELECT} WHERE id = ANY($1)"
_OF_CASE: Final = f"{_SELECT} WHERE case_id = $1 ORDER BY started_at, id"
_CHANGE: Final = f"""
    UPDATE clock SET {", ".join(f"{name} = new.{name}" for name in _CHANGED)}
    FROM unnest($1::uuid[], {", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_CHANGED.values(), 2))})
        AS new (id, {", ".join(_CHANGED)})
    WHERE clock.id = new.id
"""  # noqa: S608  (column names of ours)
_STOP: Final = """
    UPDATE clock SET stopped_at = $3
    WHERE case_id = $1 AND referral_id IS NOT DISTINCT FROM $2 AND stopped_at IS NULL
    RETURNING tier, due_at
"""
_NEAREST: Final = """
    SELECT case_id, min(due_at) FILTER (WHERE stopped_at IS NULL) AS due_at FROM clock
    WHERE case_id = ANY($1) GROUP BY case_id
"""
_LAW_BEGAN: Final = """
    SELECT opened_at FROM clock WHERE case_id = $1 AND referral_id IS NULL ORDER BY started_at DESC LIMIT 1
"""


class Stopped(NamedTuple):
    """A clock that was stopped just now."""

    tier: Tier
    due_at: datetime


async def add(tx: Transaction, clocks: Iterable[Clock]) -> None:
    """Keep new clocks."""
    await tx.copy("clock", COLUMNS, [_row(clock) for clock in clocks])


async def own(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, Clock]:
    """Each case's own clock, if it runs or waits."""
    rows = await tx.raw.fetch(_OF_CASES, case_ids)
    return {
        row["case_id"]: clock_of(row)
        for row in rows
        if row["referral_id"] is None and row["stopped_at"] is None
    }


async def running(tx: Transaction, ids: Collection[UUID]) -> list[Clock]:
    """Those of these clocks that nobody has stopped."""
    return [clock_of(row) for row in await tx.raw.fetch(_BY_ID, ids) if row["stopped_at"] is None]


async def of_case(tx: Transaction, case_id: UUID) -> list[Clock]:
    """Every clock that a case has had, the oldest first."""
    return [clock_of(row) for row in await tx.raw.fetch(_OF_CASE, case_id)]


async def change(tx: Transaction, clocks: Sequence[Clock]) -> None:
    """Write what has changed of clocks that run."""
    if clocks:
        rows = [(clock.id, *(_value(clock, name) for name in _CHANGED)) for clock in clocks]
        await tx.raw.execute(_CHANGE, *zip(*rows, strict=True))


async def stop(tx: Transaction, case_id: UUID, referral_id: UUID | None, at: datetime) -> Stopped | None:
    """Stop a case's own clock, or a referral's; None if it does not run."""
    row = await tx.raw.fetchrow(_STOP, case_id, referral_id, at)
    return Stopped(Tier(row["tier"]), row["due_at"]) if row else None


async def tell_cases(tx: Transaction, cases: Collection[Case]) -> None:
    """Set `due_at` of each case to its nearest deadline that runs, or None; the cases are not written."""
    rows = await tx.raw.fetch(_NEAREST, [case.id for case in cases])
    nearest = {row["case_id"]: row["due_at"] for row in rows}
    for case in cases:
        case.due_at = nearest.get(case.id)


async def law_began(tx: Transaction, case_id: UUID) -> datetime | None:
    """From when the law's ten working days count: the beginning of the case's newest own clock."""
    found: datetime | None = await tx.raw.fetchval(_LAW_BEGAN, case_id)
    return found


def clock_of(row: Row) -> Clock:
    """A row of `clock`."""
    return Clock(
        id=row["id"],
        case_id=row["case_id"],
        referral_id=row["referral_id"],
        tier=Tier(row["tier"]),
        desk=row["desk"],
        province=row["province"],
        terms=Terms(row["allowance"], AllowanceUnit(row["unit"]), row["warn_share"]),
        opened_at=row["opened_at"],
        started_at=row["started_at"],
        warn_at=row["warn_at"],
        due_at=row["due_at"],
        reckoned=row["reckoned"],
        pauses=tuple(
            (datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in row["pauses"] or ()
        ),
        paused_at=row["paused_at"],
        warned_at=row["warned_at"],
        breached_at=row["breached_at"],
        stopped_at=row["stopped_at"],
    )


def _row(clock: Clock) -> tuple[Any, ...]:
    terms = clock.terms
    return (
        clock.id, clock.case_id, clock.referral_id, clock.tier, clock.desk, storable(clock.province),
        terms.allowance, terms.unit, terms.warn_share, clock.opened_at, clock.started_at, _pauses(clock),
        clock.paused_at, clock.warn_at, clock.due_at, clock.warned_at, clock.breached_at, clock.stopped_at,
        clock.reckoned,
    )  # fmt: skip


def _value(clock: Clock, name: str) -> Any:  # noqa: ANN401  (a column's)
    if name == "pauses":
        return _pauses(clock)
    return getattr(clock.terms if name in Terms._fields else clock, name)


def _pauses(clock: Clock) -> str | None:
    if not clock.pauses:
        return None
    return json.dumps([[begin.isoformat(), end.isoformat()] for begin, end in clock.pauses])
