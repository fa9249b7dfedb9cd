"""Live changes: what a commit changed, told by NOTIFY and heard on one connection a process.

What is told is a hint to look again, never the data itself: codes, desks and kinds of events.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self, cast
from uuid import UUID

from case_store.repository.database import Database, Transaction, translated
from envelope.models import CaseEvent

CHANNEL: Final = "case_store_changes"
_MOST_NAMED: Final = 300
"""More cases than this in one commit are told by their desks alone."""
_LONGEST: Final = 7_900
"""PostgreSQL takes 8,000 bytes."""
DELIVERY_MOVED: Final = "delivery_moved"
"""Told of an answer on its way, in the place of an event's type: the case's page shows it, no list does."""
CALL_MOVED: Final = "call_moved"
"""The same of a call that is under way."""
TRANSCRIPT_KEPT: Final = "transcript_kept"
"""Told of a recording that a machine has understood: for its case's page alone, too."""
_CASES: Final = "SELECT tracking_code, desk FROM cases WHERE id = ANY($1)"
_ANSWERED: Final = """
    SELECT DISTINCT cases.tracking_code, cases.desk
    FROM outbound_message JOIN cases ON cases.id = outbound_message.case_id
    WHERE outbound_message.id = ANY($1) AND outbound_message.purpose IN ('reply', 'closed')
"""
_HEARD: Final = """
    SELECT DISTINCT cases.tracking_code, cases.desk
    FROM message JOIN cases ON cases.id = message.case_id WHERE message.message_id = ANY($1)
"""
_REACHED: Final = """
    SELECT DISTINCT tracking_code.code, referral.unit_id
    FROM tracking_code JOIN referral ON referral.case_id = tracking_code.case_id
    WHERE tracking_code.code = ANY($1) AND referral.unit_id = ANY($2)
"""


@dataclass(slots=True)
class Change:
    """What changed at one desk."""

    cases: set[str] = field(default_factory=set)
    """Their codes; none where there are too many to name."""
    types: set[str] = field(default_factory=set)

    def add(self, other: Self) -> None:
        """Take another one in."""
        self.cases |= other.cases
        self.types |= other.types


async def tell(tx: Transaction, events: Sequence[CaseEvent], left_desk: str | None) -> None:
    """Tell every listener when the transaction commits."""
    await tx.raw.execute("SELECT pg_notify($1, $2)", CHANNEL, written(events, left_desk))


async def tell_of_deliveries(tx: Transaction, outbound_ids: Collection[UUID]) -> None:
    """Tell the cases whose answers have come further when the transaction commits.

    Of what goes out by itself nobody is told: on a campaign day that is a thousand a second.
    """
    await _tell_of(tx, DELIVERY_MOVED, await tx.raw.fetch(_ANSWERED, outbound_ids))


async def tell_of_transcripts(tx: Transaction, message_ids: Collection[UUID]) -> None:
    """Tell the cases of these messages when the transaction commits; of one that is not here, nobody."""
    await _tell_of(tx, TRANSCRIPT_KEPT, await tx.raw.fetch(_HEARD, message_ids))


async def tell_of_call(tx: Transaction, case_ids: Collection[UUID]) -> None:
    """Tell the cases whose calls have come further when the transaction commits."""
    if case_ids:
        await _tell_of(tx, CALL_MOVED, await tx.raw.fetch(_CASES, case_ids))


async def referred(tx: Transaction, codes: Collection[str], units: Collection[str]) -> dict[str, set[str]]:
    """Which of these cases were referred to each of the units."""
    asked: dict[str, set[str]] = {}
    for row in await tx.raw.fetch(_REACHED, list(codes), list(units)):
        asked.setdefault(row["unit_id"], set()).add(row["code"])
    return asked


def read(payload: str) -> dict[str, Change]:
    """What was told, by desk."""
    told = json.loads(payload)
    return {desk: Change({*codes}, {*types}) for desk, (codes, types) in told.items()}


@asynccontextmanager
async def listening(
    database: Database, heard: Callable[[str], None], lost: Callable[[], None]
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Hold one connection that hears the channel; gives a way to ask whether it still lives.

    `heard` gets each payload; `lost` is called when PostgreSQL ends the connection.
    """
    with translated():
        async with database.engine.connect() as connection:
            ear = cast("Any", (await connection.get_raw_connection()).driver_connection)
            ear.add_termination_listener(lambda *_: lost())
            await ear.add_listener(CHANNEL, lambda *told: heard(told[-1]))

            async def ask() -> None:
                with translated():
                    await ear.execute("SELECT 1")

            try:
                yield ask
            finally:
                # Not back into the pool: it would go on listening there.
                await connection.invalidate()


def written(events: Sequence[CaseEvent], left_desk: str | None) -> str:
    """What is told of these events, in 8,000 bytes at most."""
    named = len(events) <= _MOST_NAMED
    desks: dict[str, Change] = {}
    for event in events:
        for desk in {event.desk, left_desk or event.desk}:
            change = desks.setdefault(desk, Change())
            change.types.add(event.type)
            if named:
                change.cases.add(event.tracking_code)
    return _payload(desks)


async def _tell_of(tx: Transaction, what: str, rows: Sequence[Mapping[str, Any]]) -> None:
    desks: dict[str, Change] = {}
    for row in rows:
        desks.setdefault(row["desk"], Change(types={what})).cases.add(row["tracking_code"])
    if desks:
        await tx.raw.execute("SELECT pg_notify($1, $2)", CHANNEL, _payload(desks))


def _payload(desks: Mapping[str, Change]) -> str:
    told = {desk: (sorted(change.cases), sorted(change.types)) for desk, change in desks.items()}
    written = json.dumps(told, separators=(",", ":"))
    return written if len(written) <= _LONGEST else json.dumps(dict.fromkeys(told, ([], [])))
