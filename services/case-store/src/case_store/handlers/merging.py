"""Two contacts that are one person: made one, and parted again.

Everything about a person is decided with their contact held, so a merge holds both, in the order in which
everybody takes them. A message that waits for one of them finds the address where the merge has put it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import structlog

from case_store.errors import NotFoundError, StateError
from case_store.handlers.people import held, no_contact
from case_store.model import named, storable
from case_store.repository import audit, cases, merges, outbox, people, tallies, writes
from case_store.repository.database import Database, Transaction
from case_store.repository.merges import Merge
from case_store.repository.people import Person
from case_store.staffing import Actor, Right
from envelope.models import CaseEvent, CaseEventType, Channel
from envelope.taxonomy import Kind, Topic

_FILLED: Final = ("name", "national_id", "bulk_refused_at", "read_aloud_at")
"""What the kept one takes over where it has nothing."""
_log = structlog.get_logger()


class Merging:
    """The verbs on two people."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def merge(self, actor: Actor, kept_id: UUID, merged_id: UUID, reason: str) -> UUID:
        """Everything of the other one is this one's from now on; the merge's id.

        Raises:
            NotFoundError: one of them is not there, or not within reach.
            StateError: one of them was merged before, or they are the same contact.
        """
        actor.demand(Right.EDIT_PEOPLE)
        if kept_id == merged_id:
            message = "they are the same contact"
            raise StateError(message)
        now, merge_id = datetime.now(UTC), uuid4()
        async with self._database.transaction() as tx:
            kept, merged = await held(tx, actor, [kept_id, merged_id])
            moved, joined = await merges.move(tx, merged_id, kept_id)
            moved.filled = _fill(kept, merged)
            merged.merged_into = kept_id
            await people.change(tx, kept)
            await people.change(tx, merged)
            by = storable(actor.name)
            await merges.put(tx, Merge(merge_id, kept_id, merged_id, moved, storable(reason), by, now))
            await _tell(tx, actor, CaseEventType.PERSON_MERGED, merge_id, joined, now)
            detail = {"merge": str(merge_id), "merged": str(merged_id), "cases": len(joined)}
            await audit.record(tx, actor, "person_merged", f"contact:{kept_id}", now, detail)
        _log.info("person_merged", merge_id=str(merge_id), cases=len(joined))
        return merge_id

    async def undo(self, actor: Actor, merge_id: UUID) -> Merge:
        """Part them: what still is where the merge put it goes back, what came since stays.

        Raises:
            NotFoundError: no such merge.
            StateError: it was undone before, or the kept one was merged further: undo that one first.
        """
        actor.demand(Right.EDIT_PEOPLE)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            found = await merges.find(tx, merge_id)
            if found is None or not await cases.reaches_contact(tx, actor, found.kept_id):
                message = "no merge has this id"
                raise NotFoundError(message)
            both = await people.lock(tx, [found.kept_id, found.merged_id])
            kept, merged = both[found.kept_id], both[found.merged_id]
            # Read again: whoever held them before us may have undone it.
            merge = await merges.find(tx, merge_id) or found
            _demand_undoable(merge, kept)
            undone = replace(merge, undone_by=storable(actor.name), undone_at=now)
            parted = await merges.move_back(tx, merge)
            _unfill(kept, merged, merge.moved.filled)
            merged.merged_into = None
            await people.change(tx, kept)
            await people.change(tx, merged)
            await merges.note_undone(tx, undone)
            await _tell(tx, actor, CaseEventType.PERSON_PARTED, merge_id, parted, now)
            detail = {"merge": str(merge_id), "merged": str(merge.merged_id), "cases": len(parted)}
            await audit.record(tx, actor, "person_parted", f"contact:{merge.kept_id}", now, detail)
        _log.info("person_parted", merge_id=str(merge_id), cases=len(parted))
        return undone

    async def of(self, actor: Actor, contact_id: UUID) -> Sequence[Merge]:
        """The merges that a person was in, the newest first."""
        actor.demand(Right.EDIT_PEOPLE)
        async with self._database.transaction() as tx:
            if not await cases.reaches_contact(tx, actor, contact_id):
                raise no_contact()
            return await merges.of(tx, contact_id)


def _fill(kept: Person, merged: Person) -> list[str]:
    """Give the kept one what it has not; the names of what it was given."""
    filled = [name for name in _FILLED if getattr(kept, name) is None and getattr(merged, name) is not None]
    for name in filled:
        setattr(kept, name, getattr(merged, name))
    return filled


def _unfill(kept: Person, merged: Person, filled: Iterable[str]) -> None:
    """Take it away again where it is still what was given."""
    for name in filled:
        if getattr(kept, name) == getattr(merged, name):
            setattr(kept, name, None)


def _demand_undoable(merge: Merge, kept: Person) -> None:
    message = None
    if merge.undone_at is not None:
        message = "this merge is undone already"
    elif kept.merged_into is not None:
        message = "the kept one was merged into another one since; undo that first"
    if message:
        raise StateError(message)


async def _tell(
    tx: Transaction,
    actor: Actor,
    kind: CaseEventType,
    merge_id: UUID,
    told: Sequence[Mapping[str, Any]],
    now: datetime,
) -> None:
    """Into the history of every case that changed hands, and to whoever listens."""
    events = [
        CaseEvent(
            id=named(f"{merge_id}|{row['id']}|{kind}"),
            type=kind,
            case_id=row["id"],
            tracking_code=row["tracking_code"],
            channel=Channel(row["channel"]),
            topic=Topic(row["topic"]),
            kind=Kind(row["kind"]),
            desk=row["desk"],
            actor=storable(actor.name),
            occurred_at=now,
        )
        for row in told
    ]
    await writes.write_events(tx, events, versions={row["id"]: row["version"] for row in told})
    await outbox.put(tx, now, events=events)
    if actor.staff_id is not None and events:
        await tallies.count(tx, actor.staff_id, [kind], now)
