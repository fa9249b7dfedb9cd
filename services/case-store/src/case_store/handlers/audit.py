"""Read the audit trail, and say whether its chain is whole or where it first breaks."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from case_store.cursors import Position
from case_store.handlers.witness import Witness
from case_store.repository import audit
from case_store.repository.audit import GENESIS, Link, sealed
from case_store.repository.database import Database
from case_store.staffing import Actor, Right

_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Verification:
    """How far the chain was followed, and whether it holds."""

    entries: int
    """Looked at."""
    last: Link
    """Where it was left: go on from here, or keep it to ask for later."""
    total: int
    """The newest entry's number when this began."""
    first_broken: int | None = None
    """The number of the first entry that is not what was written, or is not there."""
    reason: str | None = None
    """What is wrong with it."""

    @property
    def whole(self) -> bool:
        """Nothing is wrong as far as it was followed."""
        return self.first_broken is None


class Audit:
    """For whoever may READ_AUDIT; that they read it is written down as well."""

    def __init__(self, database: Database, witness: Witness) -> None:
        """Take the collaborators."""
        self._database = database
        self._witness = witness

    async def page(
        self, actor: Actor, wanted: Mapping[str, str | None], before: Position | None, limit: int
    ) -> list[dict[str, Any]]:
        """One page, the newest first; `wanted` may name actor (a name or a staff id), subject and action."""
        actor.demand(Right.READ_AUDIT)
        by_column: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
        if (staff_id := _id(by_column.get("actor"))) is not None:
            by_column["actor_id"] = staff_id
            del by_column["actor"]
        async with self._database.transaction() as tx:
            found = await audit.page(tx, by_column, before, limit)
        self._witness.saw(actor, "audit", "audit_seen")
        return found

    async def verification(
        self, actor: Actor, *, start: Link | None = None, limit: int | None = None, known: Link | None = None
    ) -> Verification:
        """Follow the chain from its beginning or from a place on it, in batches, off the event loop.

        Args:
            actor: With the right to read the audit.
            start: Where an earlier call ended; that place is trusted.
            limit: Entries to look at; all if left out.
            known: A place somebody kept outside: an end that was cut off shows by nothing else.
        """
        actor.demand(Right.READ_AUDIT)
        last = start or Link(0, GENESIS)
        seen = 0
        async with self._database.transaction() as tx:
            total = (await audit.head(tx)).seq
        while last.seq < total and (limit is None or seen < limit):
            size = _AT_ONCE if limit is None else min(_AT_ONCE, limit - seen)
            async with self._database.transaction() as tx:
                entries = await audit.after(tx, last.seq, size)
            good, last, reason = await asyncio.to_thread(_follow, entries, last)
            seen += good
            if reason is not None:
                return Verification(seen, last, total, last.seq + 1, reason)
            if not entries:
                break
        if known is not None and last.seq >= total:
            return await self._compared(Verification(seen, last, total), known)
        return Verification(seen, last, total)

    async def _compared(self, found: Verification, known: Link) -> Verification:
        async with self._database.transaction() as tx:
            seal = await audit.seal_at(tx, known.seq)
        if seal == known.seal:
            return found
        broken = min(known.seq, found.last.seq + 1)
        reason = "the end was cut off" if seal is None else "not the entry that was kept outside"
        return Verification(found.entries, found.last, found.total, broken, reason)


def _follow(entries: Sequence[Mapping[str, Any]], last: Link) -> tuple[int, Link, str | None]:
    """How many entries are good, the last good place, and what is wrong with the next one."""
    good = 0
    for entry in entries:
        if reason := _fault(entry, last):
            return good, last, reason
        good, last = good + 1, Link(entry["seq"], entry["hash"])
    return good, last, None


def _fault(entry: Mapping[str, Any], last: Link) -> str | None:
    if entry["seq"] != last.seq + 1:
        return "it is missing"
    if entry["previous"] != last.seal:
        return "it does not follow the entry before it"
    who = (entry["actor"], entry["actor_id"], entry["action"], entry["subject"])
    if sealed(entry["seq"], entry["at"], who, entry["detail"], entry["previous"]) != entry["hash"]:
        return "it is not what was written"
    return None


def _id(actor: str | None) -> UUID | None:
    try:
        return UUID(actor) if actor else None
    except ValueError:
        return None
